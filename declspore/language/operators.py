"""Operators on plain values: numbers, truth values, texts, lists, dimensions, element types."""

from __future__ import annotations

import operator as op
from collections.abc import Callable
from math import isfinite, isinf, isnan
from typing import Any, TypeGuard

from declspore.ir.dtype import DType
from declspore.ir.shape import Affine
from declspore.ir.term import show
from declspore.language.budget import MOST_ITEMS, weight
from declspore.language.values import Value

_LARGEST = 2**63
_LONGEST_FORM = 1000
_LARGEST_POWER = 1000


class OperandError(Exception):
    """The operator does not work on these values; the message says why, if there is more to say."""


def binary(operator: str, left: Value, right: Value) -> Value:
    """The value of ``left operator right``. Raises :class:`OperandError`."""
    if operator in ("..", "..<"):
        return _range(operator, left, right)
    if operator in _COMPARISONS:
        return _compare(operator, left, right)
    if operator == "+" and isinstance(left, tuple) and isinstance(right, tuple):
        if weight(left) + weight(right) > MOST_ITEMS:
            raise OperandError(f"a list of more than {MOST_ITEMS:,} items")
        return left + right
    if not (_is_number(left) and _is_number(right)):
        raise OperandError
    return _arithmetic(operator, left, right)


def negative(value: Value) -> Value:
    if not _is_number(value):
        raise OperandError
    return -value


def _is_number(value: Value) -> TypeGuard[int | float | Affine]:
    return isinstance(value, (int, float, Affine)) and not isinstance(value, bool)


def is_number(value: Value) -> TypeGuard[int | float]:
    """Whether a value is a plain number: no truth value, no symbolic size."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _arithmetic(operator: str, left: Any, right: Any) -> Value:
    symbolic = isinstance(left, Affine) or isinstance(right, Affine)
    if symbolic and (isinstance(left, float) or isinstance(right, float) or operator == "/"):
        raise OperandError("a symbolic dimension stays whole: use `//`")
    if operator in ("/", "//", "%") and not isinstance(right, Affine) and right == 0:
        raise OperandError("division by zero")
    if operator == "//" and isinstance(right, Affine):
        raise OperandError("a dimension can be divided by a number only")
    if symbolic and operator in ("%", "**", "@"):
        raise OperandError(f"`{operator}` does not work on a symbolic dimension")
    if operator == "@":
        raise OperandError
    if operator == "**" and (abs(right) > _LARGEST_POWER or (left == 0 and right < 0)):
        raise OperandError("the result is too large")
    if operator == "//" and symbolic and right < 0:
        raise OperandError("a dimension cannot be divided by a negative number")
    try:
        result = _ARITHMETIC[operator](left, right)
    except OverflowError:
        raise OperandError("the result is too large") from None
    if isinstance(result, int) and abs(result) >= _LARGEST:
        raise OperandError("the result is too large")
    if isinstance(result, float) and isnan(result):
        raise OperandError(f"{show(left)} {operator} {show(right)} is not a number")
    if isinstance(result, float) and isinf(result) and isfinite(left) and isfinite(right):
        raise OperandError("the result is too large")
    if isinstance(result, Affine) and len(str(result)) > _LONGEST_FORM:
        raise OperandError("the dimension has become too complicated")
    return result


def _compare(operator: str, left: Value, right: Value) -> bool:
    if operator == "==":
        return _equal(left, right)
    if operator == "!=":
        return not _equal(left, right)
    if operator in ("in", "not in"):
        return _is_within(left, right) == (operator == "in")
    comparable = (_is_number(left) and _is_number(right)) or (
        isinstance(left, str) and isinstance(right, str)
    )
    if not comparable:
        raise OperandError
    if isinstance(left, Affine) or isinstance(right, Affine):
        raise OperandError("a symbolic dimension is neither smaller nor larger")
    return _ORDER[operator](left, right)


def _is_within(item: Value, items: Value) -> bool:
    """Whether a list has an item; a string has a string."""
    if isinstance(items, str) and isinstance(item, str):
        return item in items
    if not isinstance(items, tuple):
        raise OperandError
    return any(_is_alike(item, each) and _equal(item, each) for each in items)


def _is_alike(left: Value, right: Value) -> bool:
    return isinstance(left, bool) == isinstance(right, bool) and (
        isinstance(left, DType) == isinstance(right, DType)
    )


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, bool) != isinstance(right, bool):
        raise OperandError
    if isinstance(left, DType) or isinstance(right, DType):
        if type(left) is not type(right):
            raise OperandError
        return bool(left == right)
    plain = (int, float, str, tuple, Affine, type(None))
    if not (isinstance(left, plain) and isinstance(right, plain)):
        raise OperandError
    return bool(left == right)


def _range(operator: str, left: Value, right: Value) -> tuple[int, ...]:
    if not (_is_whole(left) and _is_whole(right)):
        raise OperandError("a range goes from one integer to another")
    stop = right + (operator == "..")
    if stop - left > MOST_ITEMS:
        raise OperandError(f"a range of more than {MOST_ITEMS:,} numbers")
    return tuple(range(left, stop))


def _is_whole(value: Value) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


_ARITHMETIC = {
    "+": op.add,
    "-": op.sub,
    "*": op.mul,
    "/": op.truediv,
    "//": op.floordiv,
    "%": op.mod,
    "**": op.pow,
}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {"<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}
_COMPARISONS = ("==", "!=", "in", "not in", *_ORDER)
