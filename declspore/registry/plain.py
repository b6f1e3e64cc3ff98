"""What ops do with plain numbers, where there is no tensor: ``sqrt(8)``, ``max(2, 3)``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

OfNumbers = Callable[..., float]
"""Takes numbers, or one list of them where that makes sense."""


def of_items(function: Callable[[Iterable[Any]], float]) -> OfNumbers:
    """A function of a list, or of several numbers."""

    def of(*given: float | tuple[float, ...]) -> float:
        items = given[0] if len(given) == 1 and isinstance(given[0], tuple) else given
        return function(items)

    return of
