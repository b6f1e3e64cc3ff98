"""What the compiler offers to the lowering of a cell or op.

The rooms never import Keras: they are handed a :class:`Builder`, whose ``keras`` is the module.

Networks are written in MindSpore's channels-first order; the compiler runs channels-last. A
:class:`Value` therefore says how its tensor is arranged, and a lowering asks for the arrangement
it can work on: ``plain`` is the order the spec speaks of, ``channels_last`` has axis 1 moved to
the end. Moving is free where the value already is arranged so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from declspore.ir.layout import SAME, Layout
from declspore.ir.shape import Shape, TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Term


class Value(Protocol):
    """A tensor of the model under construction, with its type in MindSpore's order."""

    @property
    def type(self) -> TensorType: ...


class Layer(Protocol):
    """A layer of Keras: called with tensors; its variables are attributes."""

    def __call__(self, *tensors: Any, **options: Any) -> Any: ...
    def __getattr__(self, name: str, /) -> Any: ...


class Builder(Protocol):
    """Makes layers and remembers which variable holds which parameter."""

    @property
    def keras(self) -> Ops:
        """The ``keras`` module."""

    @property
    def own(self) -> Ops:
        """Keras layers of our own, where MindSpore's semantics have no Keras twin."""

    @property
    def anchor(self) -> Tensor:
        """A tensor of the model, for layers that take none."""

    @property
    def output_type(self) -> TensorType:
        """Type of the (first) result of the node being lowered, as its shape rule gave it."""

    def layer(self, make: Callable[..., object], part: str = "", **config: Any) -> Layer:
        """A layer of the cell being lowered, named by the cell's path (and ``part`` of it).

        A cell that is called again gets the layer it made first.
        """

    def part(self, name: str, cell: Term, *values: Value, **named: Value) -> tuple[Value, ...]:
        """What a cell gives that is a part of the one being lowered and has the path ``name``."""

    def bind(
        self, parameter: str, variable: object, layout: Layout = SAME, by_rows: bool = False
    ) -> None:
        """Say that a variable holds a parameter of the cell, and in which layout; ``by_rows``
        where MindSpore's gradient of it holds the only rows that were looked up."""

    def initial(self, parameter: str) -> object:
        """Keras initializer (as config) with the distribution the parameter starts from."""

    def plain(self, value: Value) -> Tensor:
        """The tensor with its axes in the spec's order."""

    def channels_last(self, value: Value) -> Tensor:
        """The tensor with axis 1 moved to the end."""

    def features(self, value: Value) -> tuple[Tensor, tuple[int, ...] | None]:
        """A tensor [N, features], and the channels-first shape its features were flattened from.

        The shape is None where the features are in the spec's order; otherwise they were
        flattened channels-last, and what multiplies them must permute its weight.
        """

    def value(self, type: TensorType, tensor: Tensor) -> Value:
        """A tensor of a type, in the spec's axis order, as a part takes it."""

    def from_plain(self, tensor: Tensor) -> Value:
        """The result, given in the spec's axis order."""

    def results(self, *tensors: object) -> tuple[Value, ...]:
        """Several results, each given in the spec's axis order."""

    def reshape(self, tensor: Tensor, type: TensorType, shape: Shape) -> Tensor:
        """A tensor of a type, in the spec's order, with its elements in another shape."""

    def broadcast_to(self, tensor: Tensor, type: TensorType, shape: Shape) -> Tensor:
        """A tensor of a type repeated to a shape; symbolic sizes are those of the inputs."""

    def from_channels_last(self, tensor: Tensor) -> Value:
        """The result, given channels-last."""

    def elementwise(self, apply: Callable[..., object], *values: object) -> Value:
        """A result that depends on equal positions of the values, whatever their arrangement."""

    def flatten(self, value: Value) -> Value:
        """All axes but the first as one."""

    def axes(self, value: Value, axes: Sequence[int]) -> tuple[Tensor, tuple[int, ...]]:
        """The tensor as it lies, and where the given axes of the spec's order are in it."""
