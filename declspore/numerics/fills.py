"""Numbers that become elements, or bound them: each must be a value of the element type."""

from __future__ import annotations

from math import isfinite

from declspore.ir.dtype import DType
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.signature import Signature
from declspore.registry.types import takes_infinity

Types = TensorType | tuple[TensorType, ...]


def require_values(signature: Signature, arguments: Arguments, types: Types) -> Types:
    """The types of a result. Raises Misfit where they are of integers, and an argument that fills
    or bounds elements, which may be infinite for floats, is not one of their values."""
    first = next(iter(types), None) if isinstance(types, tuple) else types
    if first is None:  # a word may give no result: no parts of an empty tensor
        return types
    if first.dtype.is_integer:
        for argument in signature.arguments:
            value = arguments.get(argument.name)
            if takes_infinity(argument.type) and isinstance(value, int | float):
                require_value(value, first.dtype)
    return types


def require_value(number: float, dtype: DType) -> None:
    """Raises Misfit where a number lies beyond an integer type."""
    within = dtype.integers
    if not isfinite(number) or not within.start <= number < within.stop:
        raise Misfit(f"{number:g} is not a value of {dtype}", "cast(..., f32)")
