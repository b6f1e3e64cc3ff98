"""The nodes and value types of one network, as they are recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from declspore.elaborate.blocks import Block, walk
from declspore.elaborate.flow import TensorValue
from declspore.elaborate.loss_cell import LossCell
from declspore.elaborate.reuse import Trace, replayed
from declspore.ir.network import Node, ValueRef
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments, Term
from declspore.language.cells import Cell, Leaf
from declspore.language.values import Value
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind
from declspore.source import Span


class Graph:
    """Nodes in an order in which each finds its inputs; ``paths`` names the cells by identity."""

    def __init__(self, paths: dict[int, str]) -> None:
        self.nodes: list[Node] = []
        self.types: list[TensorType] = []
        self._paths = paths
        self._blocks: list[str] = [""]

    def has(self, cell: Cell) -> bool:
        """Whether the network has the cell under a name."""
        return id(cell) in self._paths

    @contextmanager
    def within(self, block: Cell) -> Iterator[None]:
        """What is recorded belongs to the construct of a block."""
        self._blocks.append(self._paths[id(block)])
        try:
            yield
        finally:
            self._blocks.pop()

    def value(self, type: TensorType, origin: Span) -> TensorValue:
        """A new value of the network."""
        self.types.append(type)
        return TensorValue(ValueRef(len(self.types) - 1), type, origin)

    def constant(self, term: Term, span: Span) -> TensorValue:
        """A tensor made of numbers."""
        kind = vocabulary().of(TensorKind, term.word)
        result = self.value(kind.infer(term.arguments), span)
        word, block = (term.word, term.arguments), self._blocks[-1]
        self.nodes.append(Node("tensor", *word, (), (result.ref,), block=block, span=span))
        return result

    def op(
        self,
        kind: OpKind,
        arguments: Arguments,
        inputs: tuple[ValueRef, ...],
        types: tuple[TensorType, ...],
        span: Span,
    ) -> tuple[TensorValue, ...]:
        """The results of an op; ``arguments`` hold its tensors as references."""
        results, outputs = self._results(types, span)
        word, block = (kind.name, arguments), self._blocks[-1]
        self.nodes.append(Node("op", *word, inputs, outputs, block=block, span=span))
        return results

    def leaf(
        self,
        cell: Leaf,
        inputs: tuple[ValueRef, ...],
        named: tuple[str, ...],
        options: Arguments,
        types: tuple[TensorType, ...],
        span: Span,
    ) -> tuple[TensorValue, ...]:
        """The results of a cell; the last of the inputs are ``named``."""
        results, outputs = self._results(types, span)
        word = cell.kind.name, cell.arguments
        path, block = self._paths[id(cell)], self._blocks[-1]
        self.nodes.append(Node("cell", *word, inputs, outputs, path, named, options, block, span))
        return results

    def loss(
        self,
        cell: LossCell,
        inputs: tuple[ValueRef, ...],
        types: tuple[TensorType, ...],
        span: Span,
    ) -> tuple[TensorValue, ...]:
        """The number a loss gives within another."""
        results, outputs = self._results(types, span)
        word, path = (cell.word, cell.term.arguments), self._paths[id(cell)]
        block = self._blocks[-1]
        self.nodes.append(Node("loss", *word, inputs, outputs, path, block=block, span=span))
        return results

    def _results(
        self, types: tuple[TensorType, ...], span: Span
    ) -> tuple[tuple[TensorValue, ...], tuple[ValueRef, ...]]:
        results = tuple([self.value(type, span) for type in types])
        return results, tuple([value.ref for value in results])

    # ---- what a block was seen to do with such inputs before

    def mark(self) -> tuple[int, int]:
        """How much is recorded."""
        return len(self.types), len(self.nodes)

    def trace(
        self, block: Block, mark: tuple[int, int], given: tuple[TensorValue, ...], result: Value
    ) -> Trace:
        """What a call of a block recorded since a mark."""
        first, node = mark
        numbers: dict[str, int] = {}
        for number, (_, cell) in enumerate(walk(block)):
            numbers.setdefault(self._paths[id(cell)], number)
        nodes = [
            (made, numbers.get(made.path), numbers.get(made.block)) for made in self.nodes[node:]
        ]
        refs = tuple(value.ref.index for value in given)
        return Trace(first, refs, tuple(nodes), tuple(self.types[first:]), result)

    def replay(self, block: Block, trace: Trace, given: tuple[TensorValue, ...]) -> Value:
        """Record a call again, for other inputs of the same types; its result."""
        cells = [cell for _, cell in walk(block)]
        first = len(self.types)
        self.types += trace.types
        nodes, result = replayed(trace, given, first, lambda n: self._paths[id(cells[n])])
        self.nodes += nodes
        return result
