"""A cell of Python, compiled for one kind of input."""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from typing import Any, Protocol

import keras
import numpy as np

from declspore.dataclass import dataclass
from declspore.eager.shared import is_shared
from declspore.eager.sizes import NeedsSize
from declspore.eager.tracing import NeedsParameter, NeedsValue, Trace, TracedStorage
from declspore.elaborate.flow import TensorValue
from declspore.ir.dtype import FLOAT32
from declspore.ir.network import Input, Network, ParameterSpec
from declspore.ir.shape import TensorType, symbol
from declspore.ir.term import Arguments
from declspore.language.cells import Cell as Node
from declspore.language.cells import Leaf
from declspore.lower.binding import ModelBinding, MovableStorage, binding_of
from declspore.lower.immediate import immediate, of_backend
from declspore.lower.network import compile_network
from declspore.numerics.initial import initializer
from declspore.registry.cell import CellKind
from declspore.registry.table import vocabulary
from declspore.source import Span
from declspore.tensor import Array, Parameter, Tensor


class Cell(Protocol):
    """A cell of Python, as its compilation needs it."""

    training: bool

    def construct(self, *inputs: Any, **named: Any) -> Any: ...

    @property
    def node(self) -> Node: ...

    @property
    def cls_name(self) -> str: ...

    def traced(
        self, trace: Trace, inputs: tuple[object, ...], named: dict[str, object]
    ) -> object: ...

    def children(self) -> Sequence[tuple[str, Cell]]: ...

    def name_cells(self) -> Mapping[str, Cell]: ...

    def cells_and_names(self, name_prefix: str = "") -> Iterator[tuple[str, Cell]]: ...

    def own_parameters(self) -> dict[str, Parameter]: ...

    def get_parameters(self) -> list[Parameter]: ...


Key = tuple[Hashable, ...]


@dataclass(frozen=True)
class Program:
    """A cell as a network and as a model; ``result`` is what ``construct`` gave, with the number of
    an output in the place of each tensor."""

    network: Network
    model: keras.Model
    result: object

    @property
    def binding(self) -> ModelBinding:
        found = binding_of(self.model)
        assert found is not None
        return found


@dataclass
class Programs:
    """What a cell was compiled to, by kind of input. ``policy`` is Keras's dtype policy under which
    it is, ``reason`` why it cannot be a network by itself, if so."""

    cell: Cell
    policy: str | None = None
    reason: str | None = None
    _known: dict[Key, Program] = field(default_factory=dict)
    _read: dict[int, Parameter] = field(default_factory=dict)
    """Parameters that construct reads past the cells they belong to, by identity."""
    _last: Trace | None = None

    @property
    def reads(self) -> list[str]:
        """The parameters that construct reads past the cells they belong to."""
        return [parameter.name for parameter in self._read.values()]

    def call(self, inputs: Sequence[object], named: dict[str, object]) -> object:
        """What the cell computes of tensors. Raises DiagnosticError, and what construct raises."""
        given = [_as_tensor(each) for each in inputs]
        tensors = list(_tensors([*given, *named.values()]))
        if self.reason is None and tensors and all(tensor.ndim for tensor in tensors):
            try:
                program = self.program(given, named)
            except NeedsValue as error:
                self.reason = str(error)
            else:
                return self._run(program, tensors)
        return self.cell.construct(*given, **named)

    def program(self, given: Sequence[object], named: dict[str, object]) -> Program:
        """The cell compiled for such inputs; its parameters live in that model from now on.

        Raises :class:`NeedsValue` where the cell is not a network by itself.
        """
        any_batch, exact = (self._key(given, named, each) for each in (True, False))
        program = self._known.get(any_batch) or self._known.get(exact)
        if program is None:
            network, result, takes_any = self.network(given, named)
            program = self._compiled(network, result)
            self._known[any_batch if takes_any else exact] = program
        for parameter in self.cell.get_parameters():
            storage = parameter.storage
            if isinstance(storage, MovableStorage):
                storage.move(program.binding[parameter.name])
        return program

    def _key(self, given: Sequence[object], named: dict[str, object], any_batch: bool) -> Key:
        """What inputs share that one model computes: all but the size of the batch, which is the
        same for all of them, where it takes any."""
        batches = {tensor.shape[0] for tensor in _tensors([*given, *named.values()])}
        free = any_batch and len(batches) == 1
        names = tuple(parameter.name for parameter in self.cell.get_parameters())
        kinds = (_kind(tuple(given), free), _kind(tuple(named.items()), free))
        return (*kinds, self.policy, names, any_batch)

    def _run(self, program: Program, tensors: Sequence[Tensor]) -> object:
        inputs = [immediate(tensor).tensor for tensor in tensors]
        entering = inputs[0] if len(inputs) == 1 else inputs
        outputs = program.model(entering, training=self.cell.training)
        several = outputs if isinstance(outputs, list | tuple) else [outputs]
        return _filled(program.result, [of_backend(output) for output in several])

    def _compiled(self, network: Network, result: object) -> Program:
        values = {parameter.name: parameter for parameter in self.cell.get_parameters()}

        def value(spec: ParameterSpec) -> Array:
            return values[spec.name].asnumpy()

        with _dtype_policy(self.policy):
            return Program(network, compile_network(network, value=value), result)

    # ---- as a network

    def traced(self, given: Sequence[object], named: dict[str, object]) -> tuple[Network, Trace]:
        """The cell as a network, with what its cells did. Raises :class:`NeedsValue`."""
        network, _, _ = self.network(given, named)
        assert self._last is not None
        return network, self._last

    def network(
        self, given: Sequence[object], named: dict[str, object]
    ) -> tuple[Network, object, bool]:
        """The cell as a network, its result, and whether it takes batches of any size, as it does
        where construct allows that. Raises :class:`NeedsValue`."""
        try:
            return self._any_batch_or_this(given, named)
        except NeedsParameter as error:
            parameter = error.parameter
            known = any(parameter is each for each in self.cell.get_parameters())
            if not known or id(parameter) in self._read:
                raise
            self._read[id(parameter)] = parameter
            return self.network(given, named)

    def _any_batch_or_this(
        self, given: Sequence[object], named: dict[str, object]
    ) -> tuple[Network, object, bool]:
        tensors = list(_tensors([*given, *named.values()]))
        firsts = {tensor.shape[0] for tensor in tensors}
        if len(firsts) == 1:
            try:
                return (*self._network(given, named, tensors, any_batch=True), True)
            except NeedsSize:
                pass
        try:
            return (*self._network(given, named, tensors, any_batch=False), False)
        except NeedsSize:
            raise NeedsValue("construct needs a size that is not known") from None

    def _network(
        self,
        given: Sequence[object],
        named: dict[str, object],
        tensors: Sequence[Tensor],
        any_batch: bool,
    ) -> tuple[Network, object]:
        layout = CompiledLayout(self.cell, self._read)
        trace = Trace(layout.paths, layout.own)
        span = self.cell.node.span
        types = [_type(tensor, any_batch) for tensor in tensors]
        inputs = tuple(
            Input(name, type) for name, type in zip(self._names(types), types, strict=True)
        )
        flowing = iter([trace.input(type, span) for type in types])
        arguments = [_replaced(each, flowing) for each in given]
        keywords = {name: _replaced(each, flowing) for name, each in named.items()}
        self._last = trace
        with trace.under_way():
            result = self.cell.traced(trace, tuple(arguments), keywords)
            values: list[TensorValue] = []
            pattern = _numbered(result, trace, values)
        if not values:
            raise NeedsValue("construct does not give a tensor that it computed")
        network = Network(
            self.cell.cls_name,
            {},
            inputs,
            tuple(trace.graph.nodes),
            tuple(value.ref for value in values),
            tuple(trace.graph.types),
            layout.table,
        )
        return network, pattern

    def _names(self, types: Sequence[TensorType]) -> list[str]:
        """Names for inputs: those of construct's arguments, where they are one each."""
        code = getattr(type(self.cell).construct, "__code__", None)
        known = () if code is None else code.co_varnames[1 : code.co_argcount]
        taken = set(self.cell.name_cells())
        if len(known) != len(types) or taken & set(known):
            return [f"input_{number}" for number in range(len(types))]
        return list(known)


class CompiledLayout:
    """The cells and parameters of a cell called by itself: their paths, and the table.

    A cell with parameters is called what their names say; the others by the attributes they are
    under, those of the outermost cell last, as MindSpore names parameters. Where a cell
    shares one of its parameters, or one is in ``read``, they are values of the network by
    themselves.
    """

    def __init__(self, cell: Cell, read: Container[int] = ()) -> None:
        self.paths: dict[int, str] = {}
        self.own: dict[int, Leaf] = {}
        table: dict[int, ParameterSpec] = {}
        for _, inner in cell.cells_and_names():
            span = inner.node.span
            owned = inner.own_parameters()
            apart = any(id(p) in read or is_shared(p) for p in owned.values())
            for name, parameter in owned.items():
                if id(parameter) in table:
                    continue
                if isinstance(inner.node, Leaf) and not apart:
                    path = parameter.name.removesuffix(name).removesuffix(".")
                    self.paths.setdefault(id(inner.node), path)
                else:
                    _check_float32(parameter)
                    leaf = parameter_leaf(parameter, span)
                    self.own[id(parameter)] = leaf
                    self.paths[id(leaf)] = parameter.name
                table[id(parameter)] = _spec(parameter, span)
        self.table = tuple(table.values())
        self._name_others(cell)

    def _name_others(self, cell: Cell) -> None:
        self.paths.setdefault(id(cell.node), "")
        for name, inner in reversed(cell.children()):
            for path, each in inner.cells_and_names(name):
                self.paths.setdefault(id(each.node), path)


def parameter_leaf(parameter: Parameter, span: Span) -> Leaf:
    """A parameter that belongs to a cell of Python itself, as networks know it."""
    init = parameter.init if parameter.init is not None else initializer("Zero")
    arguments = Arguments(
        shape=tuple(parameter.shape), init=init, requires_grad=parameter.requires_grad
    )
    return Leaf(vocabulary().of(CellKind, "Parameter"), arguments, span)


def _check_float32(parameter: Parameter) -> None:
    if parameter.dtype != FLOAT32:
        raise NeedsValue(f"`{parameter.name}` is {parameter.dtype}, networks have Float32")


def _spec(parameter: Parameter, span: Span) -> ParameterSpec:
    init = parameter.init if parameter.init is not None else initializer("Zero")
    shape, dtype = tuple(parameter.shape), parameter.dtype
    return ParameterSpec(parameter.name, shape, dtype, init, parameter.requires_grad, span)


def _as_tensor(given: object) -> object:
    return Tensor(given) if isinstance(given, np.ndarray) else given


def _tensors(given: object) -> Iterator[Tensor]:
    if isinstance(given, Tensor):
        yield given
    elif isinstance(given, list | tuple):
        for item in given:
            yield from _tensors(item)


def _type(tensor: Tensor, any_batch: bool) -> TensorType:
    shape = tuple(tensor.shape)
    return TensorType(tensor.dtype, (symbol("B"), *shape[1:]) if any_batch else shape)


def _kind(given: object, any_batch: bool) -> Hashable:
    """What is fixed of inputs: element types and sizes of tensors, all else by its value."""
    if isinstance(given, Tensor):
        return (given.dtype.name, tuple(given.shape)[1 if any_batch else 0 :], given.ndim)
    if isinstance(given, list | tuple):
        return tuple(_kind(item, any_batch) for item in given)
    return (type(given).__name__, repr(given))


def _replaced(given: object, flowing: Iterator[Tensor]) -> object:
    if isinstance(given, Tensor):
        return next(flowing)
    if isinstance(given, list | tuple):
        return type(given)(_replaced(item, flowing) for item in given)
    return given


@dataclass(frozen=True)
class _Output:
    """The place of an output in a result."""

    number: int


def _numbered(result: object, trace: Trace, values: list[TensorValue]) -> object:
    """The result with an :class:`_Output` for each tensor, whose values are appended."""
    if isinstance(result, Tensor):
        if not isinstance(result.storage, TracedStorage) and not trace.takes([result]):
            return result
        values.append(trace.value_of(result))
        return _Output(len(values) - 1)
    if isinstance(result, list | tuple):
        return type(result)(_numbered(item, trace, values) for item in result)
    if isinstance(result, dict):
        return {key: _numbered(item, trace, values) for key, item in result.items()}
    return result


def _filled(pattern: object, outputs: Sequence[Tensor]) -> object:
    if isinstance(pattern, _Output):
        return outputs[pattern.number]
    if isinstance(pattern, list | tuple):
        return type(pattern)(_filled(item, outputs) for item in pattern)
    if isinstance(pattern, dict):
        return {key: _filled(item, outputs) for key, item in pattern.items()}
    return pattern


@contextmanager
def _dtype_policy(name: str | None) -> Iterator[None]:
    before = keras.config.dtype_policy()
    if name is not None:
        keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def compiled(cell: Cell, inputs: Iterable[Tensor]) -> Program:
    """A cell compiled for such inputs, for training and evaluation.

    Raises TypeError where it is not a network by itself.
    """
    programs: Programs = vars(cell)["_programs"]
    try:
        return programs.program(list(inputs), {})
    except NeedsValue as error:
        raise TypeError(
            f"{cell.cls_name} cannot be compiled for Model: {error}; train it in a loop of its own "
            "with ops.value_and_grad"
        ) from None
