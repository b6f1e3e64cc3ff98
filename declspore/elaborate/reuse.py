"""What was worked out once is not worked out again.

Networks repeat themselves: a template called with the same arguments makes the same cells, and a
block the same tensors flow into gives the same nodes under another path. Both are kept where they
were made, on the template and on the block, as long as neither caused a diagnostic.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

from declspore.elaborate.blocks import Block
from declspore.elaborate.flow import TensorValue
from declspore.elaborate.loss_cell import LossCell
from declspore.ir.network import Node, ValueRef
from declspore.ir.shape import TensorType
from declspore.ir.term import mapped
from declspore.ir.value import CellLike
from declspore.language.arguments import Given
from declspore.language.cells import Cell, CellSequence, Leaf, OpCell
from declspore.language.scope import Scope
from declspore.language.values import Value
from declspore.source import Span

_LONGEST = 100
_PLAIN = (bool, int, str, type(None))


def plain_key(values: Iterable[Value]) -> Hashable | None:
    """A key of numbers, strings and lists of them that distinguishes ``1`` from ``true``; else
    None."""
    key: list[Hashable] = []
    for value in values:
        if isinstance(value, tuple):
            inner = plain_key(value) if len(value) <= _LONGEST else None
            if inner is None:
                return None
            key.append(inner)
        elif isinstance(value, float):
            key.append(repr(value))  # 0.0 is not -0.0
        elif isinstance(value, _PLAIN):
            key.append((type(value), value))
        else:
            return None
    return tuple(key)


class Made(NamedTuple):
    """What a template made; ``own`` are its cells by identity, without those it only mentions."""

    cell: Cell
    own: frozenset[int]


def copied(made: Made, span: Span | None, new: list[CellLike]) -> Cell:
    """The cell once more, with parameters of its own; every cell in it is added to ``new``.
    ``span`` is where a block is called now."""
    done: dict[int, Cell] = {}

    def copy(cell: Cell, at: Span) -> Cell:
        if id(cell) not in made.own:
            return cell
        if id(cell) not in done:
            done[id(cell)] = _copy(cell, at, lambda inner: copy(inner, inner.span))
            new.append(done[id(cell)])
        return done[id(cell)]

    return copy(made.cell, span or made.cell.span)


def _copy(cell: Cell, at: Span, copy: Callable[[Cell], Cell]) -> Cell:
    match cell:
        case Leaf(kind=kind, arguments=arguments):
            return Leaf(kind, arguments, at)
        case OpCell(kind=op):
            return OpCell(op, at)
        case LossCell(term=term):
            return LossCell(term, at)
        case CellSequence(kind=container, cells=cells, names=names):
            return CellSequence(container, tuple([copy(inner) for inner in cells]), at, names)
        case Block():
            return _copied_block(cell, at, copy)
    raise AssertionError(f"a cell of an unknown class: {cell!r}")


def _copied_block(block: Block, at: Span, copy: Callable[[Cell], Cell]) -> Block:
    scope = Scope(block.scope.parent)
    fields = {n: None if inner is None else copy(inner) for n, inner in block.fields.items()}
    for name, binding in block.scope.bindings.items():
        scope.bind(name, fields.get(name) or binding.value, binding.span)
    own = block.arguments, at, block.complete, block.traces
    return Block(block.declaration, scope, fields, *own)


# ---- what flows through a block


class Trace(NamedTuple):
    """The nodes of one call of a block. Values it made are counted from ``first``; ``given`` are
    those that flowed in. Cells are named by their number among the cells of the block."""

    first: int
    given: tuple[int, ...]
    nodes: tuple[tuple[Node, int | None, int | None], ...]
    types: tuple[TensorType, ...]
    result: Value


def flow_key(given: Iterable[Given]) -> Hashable | None:
    """A key of what flows into a block: types, and which tensors are the same; else None."""
    refs: dict[int, int] = {}
    key: list[Hashable] = []
    for keyword, value, _ in given:
        name = None if keyword is None else keyword.text
        if isinstance(value, TensorValue):
            key.append((name, value.type, refs.setdefault(value.ref.index, len(refs))))
            continue
        plain = plain_key((value,))
        if plain is None:
            return None
        key.append((name, plain))
    return tuple(key)


def flowing(given: Iterable[Given]) -> tuple[TensorValue, ...]:
    """The tensors among what is given, each once."""
    found = {g.value.ref: g.value for g in given if isinstance(g.value, TensorValue)}
    return tuple(found.values())


def replayed(
    trace: Trace, given: tuple[TensorValue, ...], first: int, path: Callable[[int], str]
) -> tuple[list[Node], Value]:
    """The nodes and the result of a call whose own values count from ``first``."""
    shift = first - trace.first
    outside = dict(zip(trace.given, given, strict=True))

    def ref(old: ValueRef) -> ValueRef:
        index = old.index
        return ValueRef(index + shift) if index >= trace.first else outside[index].ref

    def argument(value: Value) -> Value:
        return ref(value) if isinstance(value, ValueRef) else value

    def result(value: Value) -> Value:
        if isinstance(value, TensorValue):
            if value.ref.index < trace.first:
                return outside[value.ref.index]
            return TensorValue(ref(value.ref), value.type, value.origin)
        return value

    nodes = [
        Node(
            node.family,
            node.word,
            node.arguments if node.family in ("cell", "loss") else node.arguments.map(argument),
            tuple([ref(value) for value in node.inputs]),
            tuple([ref(value) for value in node.outputs]),
            node.path if cell is None else path(cell),
            node.named,
            node.options,
            node.block if block is None else path(block),
            node.span,
        )
        for node, cell, block in trace.nodes
    ]
    return nodes, mapped(trace.result, result)
