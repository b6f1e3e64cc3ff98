"""Parameters as an optimizer holds them: by the variable's place, in the variable's layout.

An optimizer that is opened from a file gets Keras's variables in Keras's order; what is kept here
finds each parameter again, and how its axes lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeGuard

import keras
from keras import ops

from declspore.dataclass import dataclass
from declspore.ir.layout import SAME, Layout
from declspore.ir.tensors import Tensor
from declspore.lower.binding import (
    MovableStorage,
    VariableStorage,
    in_keras_order,
    in_mindspore_order,
)
from declspore.tensor import Parameter

Shape = tuple[int, ...]


class _Rows(Protocol):
    """A gradient of the rows that were looked up alone: TensorFlow's IndexedSlices."""

    @property
    def indices(self) -> Tensor: ...
    @property
    def values(self) -> Tensor: ...


@dataclass(frozen=True, slots=True)
class Optimized:
    """A parameter: its name, the place of its variable, its shape in MindSpore's layout, the way
    from that layout to the variable's, and whether its gradient has only the rows that were looked
    up.

    ``idle`` is the element type of one that no layer has, and so no model; None of all others.
    """

    name: str
    place: str
    shape: Shape
    layout: Layout = SAME
    by_rows: bool = False
    idle: str | None = None

    @classmethod
    def of(cls, parameter: Parameter) -> Optimized:
        """Of a network's parameter. Raises TypeError where it belongs to none."""
        storage = storage_of(parameter)
        place = place_of(storage.variable)
        shape = tuple(storage.shape)
        idle = storage.dtype.numpy if storage.idle else None
        return cls(parameter.name, place, shape, storage.layout, storage.by_rows, idle)

    @classmethod
    def of_variable(cls, variable: keras.Variable) -> Optimized:
        """Of a variable that belongs to no network of a spec."""
        return cls(variable.path, place_of(variable), tuple(variable.shape))

    def stand_in(self) -> object:
        """A variable in the place of the one that is idle, for a value that a file holds."""
        return keras.Variable(ops.zeros(self.shape, self.idle), name=self.place)

    def plain(self, tensor: Tensor) -> Tensor:
        """A tensor that lies as the variable does, in MindSpore's layout."""
        return in_mindspore_order(self.layout, tensor, self.shape)

    def laid(self, tensor: Tensor, like: Tensor) -> Tensor:
        """The reverse: a tensor in MindSpore's layout, as the variable ``like`` lies."""
        laid = in_keras_order(self.layout, tensor)
        if tuple(laid.shape) == tuple(like.shape):
            return laid
        raise ValueError(f"`{self.name}` is {list(like.shape)}, not {list(laid.shape)}")

    def times_met(self, gradient: Tensor) -> Tensor | None:
        """How often each row was looked up; None where the gradient is of the whole parameter.

        A backend without gradients of rows has 1 for those whose gradient is not zero.
        """
        if not self.by_rows:
            return None
        if _has_rows(gradient):
            once = ops.ones_like(gradient.indices, dtype=gradient.values.dtype)
            found = ops.scatter(gradient.indices[:, None], once, self.shape[:1])
        else:
            found = ops.cast(ops.any(gradient != 0, axis=1), gradient.dtype)
        return found[:, None]

    def encoded(self) -> list[object]:
        """As a configuration of Keras has it."""
        steps = (self.layout.order, self.layout.split, self.layout.merged)
        layout = [None if step is None else list(step) for step in steps]
        return [self.name, self.place, list(self.shape), layout, self.by_rows, self.idle]

    @classmethod
    def decoded(cls, given: Sequence[Any]) -> Optimized:
        name, place, shape, layout, by_rows, idle = given
        order, split, merged = (None if step is None else tuple(step) for step in layout)
        return cls(name, place, tuple(shape), Layout(order, split, merged), bool(by_rows), idle)


def _has_rows(gradient: Tensor) -> TypeGuard[_Rows]:
    return hasattr(gradient, "dense_shape")


def place_of(variable: keras.Variable) -> str:
    """The variable's layer and its name there: what is before depends on how it was built."""
    return "/".join(variable.path.split("/")[-2:])


def storage_of(parameter: Parameter) -> VariableStorage:
    """Where a network keeps a parameter. Raises TypeError where it belongs to none."""
    storage = parameter.storage
    if isinstance(storage, MovableStorage):
        return storage.variable_storage()
    if not isinstance(storage, VariableStorage):
        raise TypeError(
            f"`{parameter.name}` belongs to no network; an optimizer takes net.trainable_params()"
        )
    return storage
