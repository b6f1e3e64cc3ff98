"""Axes of tensors, as arguments name them."""

from __future__ import annotations

from typing import Any

from declspore.ir.shape import TensorType
from declspore.registry.kind import Misfit
from declspore.registry.types import Either, Integer, ListOf, Optional

AXES = Optional(Either((Integer(), ListOf(Integer()))))
"""One axis, a list of them, or none for all."""


def type_of(value: Any) -> TensorType:
    """The type of a tensor argument, which shape rules see as type and lowerings as value."""
    found: TensorType = value if isinstance(value, TensorType) else value.type
    return found


def axis_of(value: Any, axis: int, extra: int = 0) -> int:
    """An axis counted from the front; ``extra`` axes are about to be added. Raises Misfit."""
    rank = type_of(value).rank + extra
    if not -rank <= axis < rank:
        raise Misfit(f"{type_of(value)} has no axis {axis}")
    return axis % rank


def axes_of(value: Any, given: Any) -> tuple[int, ...]:
    """Axes counted from the front, in order, each once; all where ``given`` is None."""
    if given is None:
        return tuple(range(type_of(value).rank))
    listed = given if isinstance(given, tuple) else (given,)
    found = sorted(axis_of(value, axis) for axis in listed)
    if len(set(found)) < len(found):
        raise Misfit(f"axes {list(listed)} name one axis twice")
    return tuple(found)


def places_of(value: Any) -> TensorType:
    """The type of a tensor that tells places of elements. Raises Misfit where it cannot."""
    found = type_of(value)
    if not found.dtype.is_integer:
        raise Misfit(f"indices are whole numbers, found {found}", "cast(..., i32)")
    return found
