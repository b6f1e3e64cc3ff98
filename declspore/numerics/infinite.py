"""Infinity among arguments: floats have it, integers do not."""

from __future__ import annotations

from math import isfinite

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit


def finite_integers(
    arguments: Arguments, types: TensorType | tuple[TensorType, ...]
) -> TensorType | tuple[TensorType, ...]:
    """The types of a result. Raises Misfit where they are of integers and an argument, as a fill
    or a bound, is infinite."""
    first = types[0] if isinstance(types, tuple) else types
    if first.dtype.is_integer:
        for value in arguments.leaves():
            if isinstance(value, float) and not isfinite(value):
                raise Misfit(f"{value} is not a value of {first.dtype}", "cast(..., f32)")
    return types
