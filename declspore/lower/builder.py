"""The builder that lowers a network: what :class:`declspore.registry.builder.Builder` promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace

import keras
from keras import Variable
from keras.layers import Layer

from declspore.ir.layout import SAME, Layout
from declspore.ir.network import Network, Node, ParameterSpec
from declspore.ir.shape import Shape, TensorType
from declspore.ir.tensors import Tensor
from declspore.ir.term import Term
from declspore.lower import dynamic, layers
from declspore.lower import value as values
from declspore.lower.binding import VariableStorage
from declspore.lower.convolution import GroupedConvTranspose
from declspore.lower.initial import keras_config
from declspore.lower.random import RandomLike, RandomSlope
from declspore.lower.recurrent import RecurrentStep
from declspore.lower.value import Arrangement, Value
from declspore.registry.builder import Value as Made
from declspore.registry.cell import CellKind
from declspore.registry.table import vocabulary


class KerasBuilder:
    """Lowers nodes one after the other; ``node`` is the one at hand."""

    keras = keras
    own = SimpleNamespace(
        **vars(layers),
        RecurrentStep=RecurrentStep,
        GroupedConvTranspose=GroupedConvTranspose,
        RandomLike=RandomLike,
        RandomSlope=RandomSlope,
    )

    def __init__(self, network: Network, inputs: Sequence[Value]) -> None:
        self._inputs = inputs
        self.storages: dict[str, VariableStorage] = {}
        self.network = network
        self._specs = {spec.name: spec for spec in network.parameters}
        self._layers: dict[str, Layer] = {}
        self._node: Node | None = None
        self._parts: list[tuple[str, tuple[TensorType, ...]]] = []

    def lower(self, node: Node) -> KerasBuilder:
        """The builder, turned to a node."""
        self._node = node
        return self

    @property
    def node(self) -> Node:
        assert self._node is not None
        return self._node

    @property
    def anchor(self) -> Tensor:
        return self._inputs[0].tensor

    @property
    def output_type(self) -> TensorType:
        return self._output_types[0]

    @property
    def _output_types(self) -> tuple[TensorType, ...]:
        if self._parts:
            return self._parts[-1][1]
        return tuple(self.network.type_of(ref) for ref in self.node.outputs)

    @property
    def _path(self) -> str:
        return ".".join(filter(None, (self.node.path, *(name for name, _ in self._parts))))

    def part(self, name: str, cell: Term, *values: Value, **named: Value) -> tuple[Made, ...]:
        kind = vocabulary().of(CellKind, cell.word)
        types = [value.type for value in values]
        by_name = {key: value.type for key, value in named.items()}
        inferred = kind.infer(cell.arguments, *types, **by_name, **kind.usual)
        self._parts.append((name, inferred if isinstance(inferred, tuple) else (inferred,)))
        try:
            found = kind.lower(self, cell.arguments, *values, **named, **kind.usual)
        finally:
            self._parts.pop()
        return found if isinstance(found, tuple) else (found,)

    # ---- layers and parameters

    def layer(self, make: Callable[..., Layer], part: str = "", **config: object) -> Layer:
        name = f"{self._path}.{part}" if part else self._path
        if name not in self._layers:
            self._layers[name] = make(name=layer_name(name), **config)
        return self._layers[name]

    def bind(
        self, parameter: str, variable: Variable, layout: Layout = SAME, by_rows: bool = False
    ) -> None:
        spec = self._spec(parameter)
        expected, found = layout.shape(spec.shape), tuple(variable.shape)
        if expected != found:
            raise AssertionError(f"{spec.name}: variable {found}, layout gives {expected}")
        storage = VariableStorage(spec.shape, spec.dtype, variable, layout, by_rows)
        self.storages.setdefault(spec.name, storage)

    def initial(self, parameter: str) -> object:
        return keras_config(self._spec(parameter))

    def _spec(self, parameter: str) -> ParameterSpec:
        return self._specs[".".join(filter(None, (self._path, parameter)))]

    # ---- arrangements

    def plain(self, value: Value) -> Tensor:
        return value.plain()

    def channels_last(self, value: Value) -> Tensor:
        return value.channels_last()

    def features(self, value: Value) -> tuple[Tensor, tuple[int, ...] | None]:
        shared = self.network.uses[self.node.path] > 1
        if value.arrangement is Arrangement.FLAT and not shared:
            return value.tensor, value.flattened_from
        return value.plain(), None

    def value(self, type: TensorType, tensor: Tensor) -> Value:
        return values.plain(type, tensor)

    def from_plain(self, tensor: Tensor) -> Value:
        return values.plain(self.output_type, tensor)

    def results(self, *tensors: Tensor) -> tuple[Value, ...]:
        pairs = zip(self._output_types, tensors, strict=True)
        return tuple(values.plain(*pair) for pair in pairs)

    def reshape(self, tensor: Tensor, type: TensorType, shape: Shape) -> Tensor:
        return dynamic.reshape(tensor, type, shape, self._inputs)

    def broadcast_to(self, tensor: Tensor, type: TensorType, shape: Shape) -> Tensor:
        return dynamic.broadcast_to(tensor, type, shape, self._inputs)

    def from_channels_last(self, tensor: Tensor) -> Value:
        return values.channels_last(self.output_type, tensor)

    def flatten(self, value: Value) -> Value:
        return values.flatten(value, self.output_type)

    def axes(self, value: Value, axes: Sequence[int]) -> tuple[Tensor, tuple[int, ...]]:
        rank = value.type.rank
        wanted = [axis % rank for axis in axes]
        if value.arrangement is Arrangement.LAST:
            places = {0: 0, 1: rank - 1, **{axis: axis - 1 for axis in range(2, rank)}}
            return value.tensor, tuple(sorted(places[axis] for axis in wanted))
        return value.plain(), tuple(wanted)

    def elementwise(self, apply: Callable[..., Tensor], *operands: Value | Tensor | float) -> Value:
        given = [operand for operand in operands if isinstance(operand, Value)]
        arrangement, flattened_from = _common(given)
        tensors = [_arranged(operand, arrangement) for operand in operands]
        return Value(self.output_type, {arrangement: apply(*tensors)}, flattened_from)


def layer_name(path: str) -> str:
    """The name of the layer of a cell: its path with dashes, since PyTorch allows no dots."""
    return path.replace(".", "-")


def _common(operands: list[Value]) -> tuple[Arrangement, tuple[int, ...] | None]:
    """The arrangement in which operands of an elementwise result meet at least cost."""
    kinds = {operand.arrangement for operand in operands}
    shapes = {operand.flattened_from for operand in operands}
    if kinds == {Arrangement.FLAT} and len(shapes) == 1:
        return Arrangement.FLAT, operands[0].flattened_from
    same_rank = len({operand.type.rank for operand in operands}) == 1
    if Arrangement.LAST in kinds and Arrangement.FLAT not in kinds and same_rank:
        return Arrangement.LAST, None
    return Arrangement.PLAIN, None


def _arranged(operand: Value | Tensor | float, arrangement: Arrangement) -> Tensor | float:
    if not isinstance(operand, Value):
        return operand
    if arrangement is Arrangement.LAST:
        return operand.channels_last()
    return operand.tensor if arrangement is Arrangement.FLAT else operand.plain()
