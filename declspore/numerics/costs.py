"""What calls cost: multiply-adds, and memory for sums."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from declspore.ir.dtype import FLOAT32
from declspore.ir.shape import TensorType, product
from declspore.ir.term import Arguments
from declspore.registry.multiply_adds import MultiplyAdds


def for_each_result(per_element: Callable[[Arguments], int]) -> MultiplyAdds:
    """So many for each element of the result."""
    return lambda a, inputs, outputs: product(outputs[0].shape) * per_element(a)


def for_each_input(per_element: Callable[[Arguments], int]) -> MultiplyAdds:
    """So many for each element of the input."""
    return lambda a, inputs, outputs: product(inputs[0].shape) * per_element(a)


def two_in_sums(x: TensorType) -> int:
    """The bytes of two tensors of a size, in the type of sums."""
    sizes = [size for size in x.shape if isinstance(size, int)]
    return 2 * prod(sizes) * max(x.dtype.itemsize, FLOAT32.itemsize)
