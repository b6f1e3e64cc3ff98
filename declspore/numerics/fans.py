"""Fan in and fan out of weights."""

from __future__ import annotations

from declspore.registry.initializer import Shape
from declspore.registry.kind import Misfit


def fans(shape: Shape) -> tuple[int, int]:
    """Fan in and fan out of a weight, as MindSpore counts them: axes 1 and 0 by kernel size. Raises
    Misfit where there is no axis 1."""
    if len(shape) < 2:
        raise Misfit(f"fans need a weight of at least two axes, not {list(shape)}")
    kernel = 1
    for size in shape[2:]:
        kernel *= size
    return shape[1] * kernel, shape[0] * kernel
