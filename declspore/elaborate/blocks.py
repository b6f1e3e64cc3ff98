"""Blocks: cells of a spec with cells of their own, the tree they make, and its parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import TypeGuard

from declspore.dataclass import dataclass
from declspore.ir.network import Network, ParameterSpec
from declspore.language import errors
from declspore.language.cells import Cell, CellSequence, Leaf
from declspore.language.domain import Evaluation, HasMembers
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Value
from declspore.registry.cell import OwnParameter
from declspore.source import Span
from declspore.syntax import ast


@dataclass(frozen=True, eq=False)
class Block(Cell, HasMembers):
    """A block of a spec with its arguments: named cells (None where absent) and ``construct``.

    One that is not ``complete`` has cells that are at fault; what flows through the others is
    checked all the same. ``traces`` keeps what became of which inputs
    (:mod:`declspore.elaborate.reuse`), ``networks`` what it is by itself.
    """

    declaration: ast.CellDeclaration
    scope: Scope
    fields: dict[str, Cell | None]
    arguments: dict[str, Value]
    span: Span
    complete: bool = True
    traces: dict[object, object] = field(default_factory=dict, repr=False)
    networks: list[Network] = field(default_factory=list, repr=False)

    @property
    def word(self) -> str:
        return self.declaration.name.text

    @property
    def construct(self) -> ast.Construct:
        body = self.declaration.body
        assert isinstance(body, ast.Block)
        return body.construct

    def member(self, evaluation: Evaluation, name: ast.Word) -> Value:
        binding = self.scope.bindings.get(name.text)
        if binding is None or name.text not in self.fields:
            evaluation.sink.report(
                errors.unknown_member(name.span, self.word, name.text, self.fields)
            )
            return UNKNOWN
        return binding.value

    def __str__(self) -> str:
        return f"{self.word}(...)"


def walk(cell: Cell, path: str = "") -> Iterator[tuple[str, Cell]]:
    """The cell and every cell in it with their paths, in MindSpore's order, each once."""
    return iter(_walk(cell, path, set()))


def named(network: Block) -> Iterator[tuple[str, Cell]]:
    """Every cell of a network with the path that names its parameters.

    As in MindSpore, a cell with several names is listed where it comes first, and named by the
    last field of the network it is in: each assignment to ``self`` names it again.
    """
    names = {id(network): ""}
    seen: set[int] = {id(network)}
    for name, inner in reversed(network.fields.items()):
        if inner is not None and id(inner) not in seen:
            names |= {id(cell): path for path, cell in _walk(inner, name, seen)}
    for _, cell in walk(network):
        yield names[id(cell)], cell


def parameters(network: Block) -> tuple[ParameterSpec, ...]:
    """The parameter table."""
    table: list[ParameterSpec] = []
    known: dict[int, tuple[OwnParameter, ...]] = {}
    for path, cell in named(network):
        if not isinstance(cell, Leaf):
            continue
        if id(cell.arguments) not in known:
            known[id(cell.arguments)] = cell.kind.parameters(cell.arguments)
        for own in known[id(cell.arguments)]:
            name = ".".join(filter(None, (path, own.name)))
            table.append(
                ParameterSpec(name, own.shape, own.dtype, own.init, own.trainable, cell.span)
            )
    return tuple(table)


def is_own_parameter(cell: Cell | None) -> TypeGuard[Leaf]:
    """Whether a field is a parameter of the block itself, without a cell of its own."""
    return isinstance(cell, Leaf) and not cell.kind.inputs


def _walk(cell: Cell, path: str, seen: set[int]) -> list[tuple[str, Cell]]:
    found: list[tuple[str, Cell]] = []
    _collect(cell, path, seen, found)
    return found


def _collect(cell: Cell, path: str, seen: set[int], found: list[tuple[str, Cell]]) -> None:
    seen.add(id(cell))
    found.append((path, cell))
    if isinstance(cell, CellSequence) and cell.names is not None:
        path = path.rpartition(".")[0]  # their names take the place of the field's
    for name, inner in _children(cell):
        if id(inner) not in seen:
            _collect(inner, f"{path}.{name}" if path else name, seen, found)


def _children(cell: Cell) -> Iterable[tuple[str, Cell]]:
    if isinstance(cell, CellSequence):
        names = cell.names or tuple(map(str, range(len(cell.cells))))
        return zip(names, cell.cells, strict=True)
    if isinstance(cell, Block):
        present = _present(cell.fields)
        own = [child for child in present if is_own_parameter(child[1])]
        # MindSpore lists a cell's own parameters before those of the cells in it
        return [*own, *(c for c in present if not is_own_parameter(c[1]))] if own else present
    return ()


def _present(fields: Mapping[str, Cell | None]) -> list[tuple[str, Cell]]:
    return [(name, cell) for name, cell in fields.items() if cell is not None]
