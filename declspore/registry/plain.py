"""What ops do with plain numbers, where there is no tensor: ``sqrt(8)``, ``max(2, 3)``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

OfNumbers = Callable[..., float]


def _of_items(function: Callable[[Iterable[Any]], float]) -> OfNumbers:
    """A function of a list, or of several numbers."""

    def of(*given: float | tuple[float, ...]) -> float:
        items = given[0] if len(given) == 1 and isinstance(given[0], tuple) else given
        return function(items)

    return of


OF_NUMBERS: Mapping[str, OfNumbers] = {
    "abs": abs,
    "acos": math.acos,
    "asin": math.asin,
    "atan": math.atan,
    "atan2": math.atan2,
    "ceil": math.ceil,
    "cos": math.cos,
    "cosh": math.cosh,
    "exp": math.exp,
    "floor": math.floor,
    "log": math.log,
    "log10": math.log10,
    "log1p": math.log1p,
    "log2": math.log2,
    "max": _of_items(max),
    "maximum": max,
    "mean": _of_items(lambda items: math.fsum(items) / len(list(items))),
    "min": _of_items(min),
    "minimum": min,
    "prod": _of_items(math.prod),
    "round": round,
    "rsqrt": lambda value: 1.0 / math.sqrt(value),
    "sign": lambda value: (value > 0) - (value < 0),
    "sin": math.sin,
    "sinh": math.sinh,
    "sqrt": math.sqrt,
    "square": lambda value: value * value,
    "sum": _of_items(sum),
    "tan": math.tan,
    "tanh": math.tanh,
    "trunc": math.trunc,
}
"""By the name of the op. Arguments are numbers, or one list of them where that makes sense."""
