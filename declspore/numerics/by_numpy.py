"""Array forms of ops by the lowering they have: NumPy's functions under the names of ``keras.ops``.

Floats are computed in float64 and rounded once, so that machines whose mathematics differ in the
last bits give the same values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, TypeAlias

from declspore.ir.dtype import BY_NUMPY
from declspore.ir.shape import TensorType, static
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.registry.arrays import Arrays, Compute, TypedArray

Operand: TypeAlias = "TypedArray | float"
Axes: TypeAlias = "int | Sequence[int] | None"
_BYTES = 64
"""Bytes that the steps of a formula need for each element, in float64."""


def by_numpy(lower: Callable[..., Any]) -> dict[str, Any]:
    """The array form of an op that ``lower`` computes, and the memory it needs."""
    return {"compute": _compute(lower), "scratch": _scratch}


def _compute(lower: Callable[..., Any]) -> Compute:
    def compute(n: Arrays, a: Arguments) -> Any:
        return lower(_Builder(n), a)

    return compute


def _scratch(a: Arguments) -> int:
    sizes = (static(leaf.shape) for leaf in a.leaves() if isinstance(leaf, TensorType))
    return _BYTES * sum(math.prod(size) for size in sizes if size is not None)


class _Builder:
    """What :class:`declspore.registry.builder.Builder` offers to such a lowering; values are arrays
    in the order of the spec."""

    def __init__(self, n: Arrays) -> None:
        self._n = n
        self.keras = SimpleNamespace(ops=_Functions(n))
        self.output_type = n.type

    def plain(self, value: Operand) -> Array | float:
        found: Array | float = self._n.wide(value)
        if isinstance(found, int | float) or found.dtype.kind != "f":
            return found
        return found.astype("float64")

    def axes(self, value: Operand, axes: Sequence[int]) -> tuple[Array | float, tuple[int, ...]]:
        return self.plain(value), tuple(axes)

    def elementwise(self, apply: Callable[..., Array], *values: Operand) -> Array:
        return apply(*map(self.plain, values))

    def reshape(self, tensor: Array, type: TensorType, shape: Sequence[int]) -> Array:
        return tensor.reshape(shape)

    def from_plain(self, tensor: Array) -> Array:
        return tensor

    def channels_last(self, value: Operand) -> Array:
        found: Array = self._n.np.moveaxis(self.plain(value), 1, -1)
        return found

    def from_channels_last(self, tensor: Array) -> Array:
        found: Array = self._n.np.moveaxis(tensor, -1, 1)
        return found

    def results(self, *tensors: Array) -> list[Array]:
        return list(tensors)


class _Functions:
    """Functions of NumPy by the names that Keras has for them, and those that NumPy lacks."""

    def __init__(self, n: Arrays) -> None:
        self._np = n.np

    def __getattr__(self, name: str) -> Any:
        return getattr(self._np, name)

    def cast(self, x: Array, dtype: str) -> Array:
        found = self._np.asarray(x).astype(BY_NUMPY[str(dtype)].as_numpy())
        return found.astype("float64") if BY_NUMPY[str(dtype)].is_float else found

    def convert_to_tensor(self, x: object, dtype: str | None = None) -> Array:
        found: Array = self._np.asarray(x)
        return found if dtype is None else self.cast(found, dtype)

    def stop_gradient(self, x: Array) -> Array:
        return x

    def sum(self, x: Array, axis: Axes = None, keepdims: bool = False) -> Array:
        """In an order that no machine changes."""
        from declspore.numerics.exact import total

        axes = range(x.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
        return total(x, tuple(one % x.ndim for one in axes), keepdims)

    def rsqrt(self, x: Array) -> Array:
        return 1 / self._np.sqrt(x)

    def mean(self, x: Array, axis: Axes = None, keepdims: bool = False) -> Array:
        found = self.sum(x, axis, keepdims)
        return found / (x.size / max(self._np.asarray(found).size, 1))

    def var(self, x: Array, axis: Axes = None, keepdims: bool = False) -> Array:
        return self.mean((x - self.mean(x, axis, keepdims=True)) ** 2, axis, keepdims)

    def argsort(self, x: Array, axis: int = -1) -> Array:
        found: Array = self._np.argsort(x, axis=axis, kind="stable")
        return found

    def unstack(self, x: Array, num: int | None = None, axis: int = 0) -> list[Array]:
        return [self._np.take(x, place, axis=axis) for place in range(x.shape[axis])]

    def top_k(self, x: Array, k: int, sorted: bool = True) -> tuple[Array, Array]:
        """Of equal elements the first ones."""
        last = x.shape[-1] - 1
        places = (last - self.argsort(x[..., ::-1])[..., ::-1])[..., :k]
        return self._np.take_along_axis(x, places, axis=-1), places

    def one_hot(self, x: Array, depth: int, axis: int = -1, dtype: str = "float32") -> Array:
        found = (x[..., None] == self._np.arange(depth)).astype("float64")
        return self._np.moveaxis(found, -1, axis)

    # ---- activations

    def relu(self, x: Array) -> Array:
        return self._np.maximum(x, self._np.zeros_like(x))

    def relu6(self, x: Array) -> Array:
        return self._np.minimum(self.relu(x), 6)

    def sigmoid(self, x: Array) -> Array:
        small = self._np.exp(-self._np.abs(x))
        return self._np.where(x >= 0, 1, small) / (1 + small)

    def log_sigmoid(self, x: Array) -> Array:
        return -self.softplus(-x)

    def softplus(self, x: Array) -> Array:
        return self._np.logaddexp(x, 0.0)

    def softsign(self, x: Array) -> Array:
        return x / (1 + self._np.abs(x))

    def silu(self, x: Array) -> Array:
        return x * self.sigmoid(x)

    def hard_sigmoid(self, x: Array) -> Array:
        return self.relu6(x + 3) / 6

    def hard_silu(self, x: Array) -> Array:
        return x * self.hard_sigmoid(x)

    def leaky_relu(self, x: Array, negative_slope: float = 0.2) -> Array:
        return self._np.where(x > 0, x, x * negative_slope)

    def elu(self, x: Array, alpha: float = 1.0) -> Array:
        return self._np.where(x > 0, x, alpha * self._np.expm1(self._np.minimum(x, 0)))

    def gelu(self, x: Array, approximate: bool = True) -> Array:
        if approximate:
            inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
            return 0.5 * x * (1 + self._np.tanh(inner))
        return 0.5 * x * (1 + self.erf(x / math.sqrt(2)))

    def erf(self, x: Array) -> Array:
        return self._np.vectorize(math.erf, otypes=["float64"])(x)

    def softmax(self, x: Array, axis: int = -1) -> Array:
        powers = self._np.exp(x - self._np.max(x, axis=axis, keepdims=True))
        return powers / self.sum(powers, axis, keepdims=True)

    def log_softmax(self, x: Array, axis: int = -1) -> Array:
        return x - self.logsumexp(x, axis, keepdims=True)

    def logsumexp(self, x: Array, axis: Axes = None, keepdims: bool = False) -> Array:
        largest = self._np.max(x, axis=axis, keepdims=True)
        largest = self._np.where(self._np.isfinite(largest), largest, 0)
        found = self._np.log(self.sum(self._np.exp(x - largest), axis, keepdims=True)) + largest
        return found if keepdims else self._np.squeeze(found, axis=axis)
