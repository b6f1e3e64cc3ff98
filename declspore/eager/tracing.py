"""The nodes of a network while the Python of its cells is carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import field
from typing import Any

import numpy as np

from declspore.dataclass import dataclass
from declspore.diagnostic import Label
from declspore.eager.place import caller
from declspore.eager.sizes import sized
from declspore.elaborate.errors import shape_misfit
from declspore.elaborate.flow import TensorValue, tensors, with_tensors
from declspore.elaborate.graph import Graph
from declspore.ir.dtype import DType
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments, Term
from declspore.language.cells import Cell as Node
from declspore.language.cells import Leaf
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.types import Mismatch
from declspore.report import DiagnosticError
from declspore.source import Span
from declspore.tensor import Array, Parameter, Tensor

Results = Tensor | tuple[Tensor, ...]
"""What an op or a cell gives: a tensor, or several."""
Inference = Callable[[], TensorType | tuple[TensorType, ...]]


class NeedsValue(Exception):
    """Raised where a script needs the value of a tensor while a network is traced."""


class NeedsParameter(NeedsValue):
    """Raised where a script reads a parameter past the cell it belongs to."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(f"`{parameter.name}` is a parameter of no cell of the network")
        self.parameter = parameter


class TracedStorage:
    """A value of the network: known by type alone."""

    def __init__(self, value: TensorValue) -> None:
        self.value = value

    @property
    def shape(self) -> tuple[Any, ...]:
        return tuple(map(sized, self.value.type.shape))

    @property
    def dtype(self) -> DType:
        return self.value.type.dtype

    def read(self) -> Array:
        raise NeedsValue("the value of a tensor is not known while its network is traced")

    def write(self, value: Array) -> None:
        raise NeedsValue("a tensor of a network cannot be written to")

    def train(self, whether: bool) -> None:
        pass


@dataclass
class Frame:
    """What the ``construct`` of a cell did in one call: its steps are numbers of nodes of the
    network, and frames of cells it called."""

    node: Node
    inputs: list[TensorValue]
    steps: list[int | Frame] = field(default_factory=list)
    results: list[TensorValue] = field(default_factory=list)
    read: dict[int, TensorValue] = field(default_factory=dict)
    """Parameters of its own that were used, by identity: each is one value in a call."""


_CURRENT: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current_trace() -> Trace | None:
    """The trace under way, if any."""
    return _CURRENT.get()


class Trace:
    """Records what cells and ops do. ``paths`` names the nodes of cells by identity, ``own`` gives
    the node of a parameter that belongs to a cell of Python itself."""

    def __init__(self, paths: Mapping[int, str], own: Mapping[int, Leaf]) -> None:
        self._paths = dict(paths)
        self.graph = Graph(self._paths)
        self._own = own
        self._calls: list[Span] = []
        self._blocks: list[str] = [""]
        self.frames: list[Frame] = []
        """The calls under way; the first one is that of the network."""
        self.top: Frame | None = None

    @contextmanager
    def under_way(self) -> Iterator[None]:
        token = _CURRENT.set(self)
        try:
            yield
        finally:
            _CURRENT.reset(token)

    def input(self, type: TensorType, span: Span) -> Tensor:
        return _tensor(self.graph.value(type, span))

    @contextmanager
    def within(self, node: Node, given: Sequence[object]) -> Iterator[Frame]:
        """What follows belongs to the ``construct`` of a cell that is given these inputs."""
        frame = Frame(node, self.values_in(given))
        if self.frames:
            self.frames[-1].steps.append(frame)
        else:
            self.top = frame
        self.frames.append(frame)
        self._calls.append(caller())
        self._blocks.append(self._paths[id(node)])
        try:
            with self.graph.within(node):
                yield frame
        finally:
            self._blocks.pop()
            self._calls.pop()
            self.frames.pop()

    def values_in(self, given: object) -> list[TensorValue]:
        """The values of the network among what is given, in their order."""
        if isinstance(given, Tensor):
            return [self.value_of(given)] if self.takes([given]) else []
        if isinstance(given, dict):
            given = tuple(given.values())
        if isinstance(given, list | tuple):
            return [value for item in given for value in self.values_in(item)]
        return []

    def _recorded(self) -> None:
        """The node that was made last is a step of the call under way."""
        if self.frames:
            self.frames[-1].steps.append(len(self.graph.nodes) - 1)

    def takes(self, given: Sequence[object]) -> bool:
        """Whether a call with these arguments belongs to the network. Raises NeedsParameter where
        one is a parameter that the network does not have as a value yet."""
        return any(map(self._is_of_network, given))

    def reads(self, parameter: Parameter) -> bool:
        """Whether a parameter is a value of the network by itself, past the cells that have it."""
        return id(parameter) in self._own

    def _is_of_network(self, given: object) -> bool:
        if isinstance(given, list | tuple):
            return any(map(self._is_of_network, given))
        if isinstance(given, Parameter):
            if id(given) not in self._own:  # its value of today must not become a constant
                raise NeedsParameter(given)
            return True
        return isinstance(given, Tensor) and isinstance(given.storage, TracedStorage)

    def value_of(self, tensor: Tensor) -> TensorValue:
        """A tensor as a value of the network; one with numbers becomes a constant."""
        storage = tensor.storage
        if isinstance(storage, TracedStorage):
            return storage.value
        if isinstance(tensor, Parameter) and id(tensor) in self._own:
            return self._parameter(tensor)
        if isinstance(tensor, Parameter):
            raise NeedsParameter(tensor)
        value = self.graph.constant(_constant(tensor.asnumpy(), tensor.dtype), caller())
        self._recorded()
        return value

    def _parameter(self, parameter: Parameter) -> TensorValue:
        known = self.frames[-1].read if self.frames else {}
        if id(parameter) not in known:
            leaf = self._own[id(parameter)]
            (known[id(parameter)],) = self._leaf(leaf, (), (), Arguments(), caller())
        return known[id(parameter)]

    def op(self, kind: OpKind, arguments: Arguments) -> Results:
        """The results of an op. Raises DiagnosticError."""
        span = caller()
        values = tensors(arguments)
        types = with_tensors(arguments, lambda value: value.type)
        inferred = self._inferred(lambda: kind.infer(types), values, span)
        refs = with_tensors(arguments, lambda value: value.ref)
        inputs = tuple(value.ref for value in values)
        results = self.graph.op(kind, refs, inputs, inferred, span)
        self._recorded()
        return _one_or_all(results)

    def leaf(
        self, leaf: Leaf, positional: Sequence[object], keywords: Mapping[str, object]
    ) -> Results:
        """What flows out of a cell of the vocabulary. Raises DiagnosticError and TypeError."""
        kind, span = leaf.kind, caller()
        given = matched(kind.name, kind.taken, kind.inputs, positional, keywords)
        more = tuple(n for n in kind.optional_inputs if given.get(n) is not None)
        options = options_of(leaf, given)
        needed = [given[name] for name in (*kind.inputs, *more)]
        values = [self._flowing(kind.name, each) for each in needed]
        results = self._leaf(leaf, values, more, options, span)
        return _one_or_all(results)

    def _flowing(self, word: str, given: object) -> TensorValue:
        if isinstance(given, np.ndarray):
            given = Tensor(given)
        if not isinstance(given, Tensor):
            raise TypeError(f"{word} takes tensors, not {type(given).__name__}")
        return self.value_of(given)

    def _leaf(
        self,
        leaf: Leaf,
        values: Sequence[TensorValue],
        more: tuple[str, ...],
        options: Arguments,
        span: Span,
    ) -> tuple[TensorValue, ...]:
        kind, count = leaf.kind, len(leaf.kind.inputs)
        self._paths.setdefault(id(leaf), self._new_path(leaf))
        types = [value.type for value in values]
        named = dict(zip(more, types[count:], strict=True))
        inferred = self._inferred(
            lambda: kind.infer(leaf.arguments, *types[:count], **named, **options),
            *(values, span, leaf.span),
        )
        refs = tuple(value.ref for value in values)
        results = self.graph.leaf(leaf, refs, more, options, inferred, span)
        self._recorded()
        return results

    def _new_path(self, leaf: Leaf) -> str:
        """A path for a cell that is made where it is called. Raises TypeError where it has
        parameters, which would be new ones at every call."""
        if id(leaf) in self._paths:
            return self._paths[id(leaf)]
        if leaf.kind.parameters(leaf.arguments):
            raise TypeError(
                f"{leaf.kind.name} is made inside construct, so its parameters would be new at "
                "every call; make it in __init__"
            )
        names = set(self._paths.values())
        stem = ".".join(filter(None, (self._blocks[-1], leaf.kind.name.lower())))
        return next(f"{stem}_{n}" for n in range(1, len(names) + 2) if f"{stem}_{n}" not in names)

    def _inferred(
        self,
        infer: Inference,
        values: Sequence[TensorValue],
        span: Span,
        declared: Span | None = None,
    ) -> tuple[TensorType, ...]:
        try:
            inferred = infer()
        except Misfit as error:
            places = [Label(declared, "the cell")] if declared else []
            places += [Label(value.origin, f"gives {value.type}") for value in values]
            places += [Label(call, "reached from here") for call in reversed(self._calls[1:])]
            problem = shape_misfit(span, str(error), error.help, places)
            raise DiagnosticError([problem]) from None
        return inferred if isinstance(inferred, tuple) else (inferred,)


def matched(
    word: str,
    taken: Sequence[str],
    needed: Sequence[str],
    positional: Sequence[object],
    keywords: Mapping[str, object],
) -> dict[str, object]:
    """What a call of a cell gives, by name. Raises TypeError as a Python call would."""
    if len(positional) > len(taken):
        raise TypeError(f"{word} takes at most {len(taken)} inputs, found {len(positional)}")
    given = dict(zip(taken, positional, strict=False))
    for name, value in keywords.items():
        if name not in taken:
            raise TypeError(f"{word} does not have an input '{name}'; it takes {', '.join(taken)}")
        if name in given:
            raise TypeError(f"{word} is given '{name}' twice")
        given[name] = value
    missing = [name for name in needed if name not in given]
    if missing:
        raise TypeError(f"{word} needs {', '.join(missing)}")
    return given


def options_of(leaf: Leaf, given: Mapping[str, object]) -> Arguments:
    """The plain values of a call. Raises ValueError."""
    found = {}
    for option in leaf.kind.options:
        try:
            value = given.get(option.name, option.default)
            found[option.name] = option.type.accept(value)
        except Mismatch as error:
            raise ValueError(f"'{option.name}' of {leaf.kind.name}: {error}") from None
    return Arguments(found)


def _constant(array: Array, dtype: DType) -> Term:
    first = array.reshape(-1)[:1]
    uniform = array.size > 1 and bool((array == first).all())
    if uniform and dtype.is_float and np.isfinite(first[0]):
        arguments = Arguments(shape=array.shape, value=float(first[0]), dtype=dtype)
        return Term("tensor", "full", arguments)
    data = _tuples(array.tolist())
    return Term("tensor", "tensor", Arguments(data=data, dtype=dtype))


def _tuples(value: object) -> object:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _tensor(value: TensorValue) -> Tensor:
    return Tensor.stored(TracedStorage(value))


def _one_or_all(values: Sequence[TensorValue]) -> Results:
    made = tuple(map(_tensor, values))
    return made[0] if len(made) == 1 else made
