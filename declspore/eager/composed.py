"""Functions of ``mindspore.ops`` that are made of ops of the vocabulary, or that need the values.

They are functions and methods at once: the first argument is the tensor. What a result's shape
depends on values for (``nonzero``) makes the cell it is called in run as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from declspore.eager.calls import op
from declspore.eager.tracing import NeedsValue, current_trace
from declspore.ir.dtype import BY_NUMPY
from declspore.tensor import Array, Tensor

Axes = int | Sequence[int] | None
Tensors: TypeAlias = "Tensor | list[Tensors] | tuple[Tensors, ...]"
F = TypeVar("F", bound=Callable[..., object])


def _tensor(given: Tensor | ArrayLike) -> Tensor:
    return given if isinstance(given, Tensor) else Tensor(given)


def _value(given: Tensor | ArrayLike, word: str) -> Array:
    """The numbers of a tensor. Raises NeedsValue while a network is traced."""
    tensor = _tensor(given)
    trace = current_trace()
    if trace is not None and trace.takes([tensor]):
        raise NeedsValue(f"the shape of what {word} gives is known with the values alone")
    return tensor.asnumpy()


# ---- chosen by value


def nonzero(input: Tensor, as_tuple: bool = False) -> Tensor | tuple[Tensor, ...]:
    """The places of the elements that are not 0: i64[N, axes], or one tensor for each axis."""
    found = np.nonzero(_value(input, "nonzero"))
    if as_tuple:
        return tuple(Tensor(places) for places in found)
    return Tensor(np.stack(found, axis=1) if found else np.zeros((0, 0), np.int64))


def argwhere(input: Tensor) -> Tensor | tuple[Tensor, ...]:
    """See :func:`nonzero`."""
    return nonzero(input)


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where a mask is true, in a row; both are broadcast."""
    shape = np.broadcast_shapes(tuple(input.shape), tuple(mask.shape))
    whole = op("broadcast_to", input, shape)
    return whole[op("broadcast_to", mask, shape)]


def unique(input: Tensor) -> tuple[Tensor, Tensor]:
    """The different elements in the order in which they come, and for each element its place among
    them."""
    array = _value(input, "unique").ravel()
    values, firsts, places = np.unique(array, return_index=True, return_inverse=True)
    order = np.argsort(firsts)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    shape = tuple(input.shape)
    kind = np.int64 if input.dtype == BY_NUMPY["int64"] else np.int32
    return Tensor(values[order]), Tensor(rank[places].reshape(shape).astype(kind))


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each number from 0 on occurs, or the sum of its weights, as f32."""
    given = None if weights is None else _value(weights, "bincount")
    found = np.bincount(_value(input, "bincount"), given, minlength)
    return Tensor(found.astype(np.float32 if given is None else given.dtype))


# ---- axes and shapes


def t(input: Tensor) -> Tensor:
    """A matrix transposed; what has fewer axes as it is."""
    return input if input.ndim < 2 else op("transpose", input, (1, 0))


def expand(input: Tensor, size: Sequence[int]) -> Tensor:
    """Broadcast to a shape; -1 keeps a size."""
    return op("broadcast_to", input, tuple(size))


def movedim(x: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Axes moved to other places, the rest in their order."""
    taken = [axis % x.ndim for axis in _several(source)]
    placed = [axis % x.ndim for axis in _several(destination)]
    order: list[int] = [axis for axis in range(x.ndim) if axis not in taken]
    for place, axis in sorted(zip(placed, taken, strict=True)):
        order.insert(place, axis)
    return op("transpose", x, tuple(order))


def _several(given: int | Sequence[int]) -> list[int]:
    return [given] if isinstance(given, int) else list(given)


def narrow(input: Tensor, axis: int, start: int, length: int) -> Tensor:
    """``length`` elements of an axis from ``start`` on."""
    index = [slice(None)] * (axis % input.ndim) + [slice(start, start + length)]
    return input[tuple(index)]


def slice_(input_x: Tensor, begin: Sequence[int], size: Sequence[int]) -> Tensor:
    """A box: of each axis ``size`` elements from ``begin`` on, all that are left for -1."""
    pairs = zip(begin, size, strict=True)
    parts = [slice(start, None if count == -1 else start + count) for start, count in pairs]
    return input_x[tuple(parts)]


def strided_slice(
    input_x: Tensor, begin: Sequence[int], end: Sequence[int], strides: Sequence[int]
) -> Tensor:
    """Of each axis the elements from ``begin`` to ``end`` (exclusive) in steps."""
    return input_x[tuple(slice(*each) for each in zip(begin, end, strides, strict=True))]


def _flipped(name: str, axis: int, least: int) -> Callable[[Tensor], Tensor]:
    def flipped(input: Tensor) -> Tensor:
        if input.ndim < least:
            raise ValueError(f"{name} takes a tensor of at least {least} axes")
        return op("flip", input, (axis,))

    return _named(flipped, name, f"The elements of axis {axis} the other way round.")


def _named(function: F, name: str, text: str) -> F:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = text
    return function


def rot90(input: Tensor, k: int, dims: Sequence[int]) -> Tensor:
    """Turned by ``k`` quarters in the plane of two axes."""
    first, second = (axis % input.ndim for axis in dims)
    if k % 4 == 2:
        return op("flip", input, (first, second))
    turned = op("swapaxes", input, first, second) if k % 4 else input
    if k % 4 == 0:
        return turned
    return op("flip", turned, (first if k % 4 == 1 else second,))


def _with_axes(input: Tensor, count: int) -> Tensor:
    shape = tuple(input.shape)
    if len(shape) >= count:
        return input
    if count < 3 or not shape:
        return input.reshape((1,) * (count - len(shape)) + shape)
    return input.reshape((1, *shape, 1) if len(shape) == 1 else (*shape, 1))


def _at_least(count: int) -> Callable[[Tensors], Tensors]:
    def at_least(inputs: Tensors) -> Tensors:
        if isinstance(inputs, list | tuple):
            return tuple(at_least(each) for each in inputs)
        return _with_axes(inputs, count)

    text = f"With at least {count} axes, of size 1 where there were fewer."
    return _named(at_least, f"atleast_{count}d", text)


atleast_1d, atleast_2d, atleast_3d = _at_least(1), _at_least(2), _at_least(3)


def _stacked(name: str, axis: int, least: int) -> Callable[[Sequence[Tensor]], Tensor]:
    def stacked(tensors: Sequence[Tensor]) -> Tensor:
        found = [_with_axes(each, least) for each in tensors]
        at = 0 if axis == 1 and name == "hstack" and found[0].ndim == 1 else axis
        return op("concat", tuple(found), at)

    return _named(stacked, name, f"Joined along axis {axis}, axes added where there are too few.")


hstack = _stacked("hstack", 1, 1)
_rows = _stacked("vstack", 0, 2)
dstack = _stacked("dstack", 2, 3)


def vstack(inputs: Sequence[Tensor]) -> Tensor:
    """Joined along axis 0, axes added where there are too few."""
    return _rows(inputs)


def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Joined as columns of a matrix."""
    columns = [each.reshape((-1, 1)) if each.ndim < 2 else each for each in tensors]
    return op("concat", tuple(columns), 1)


def tensor_split(
    input: Tensor, indices_or_sections: int | Sequence[int], axis: int = 0
) -> tuple[Tensor, ...]:
    """Parts of an axis: so many that differ by one at most, or those that begin at places."""
    size = int(input.shape[axis])
    if isinstance(indices_or_sections, int):
        count, more = divmod(size, indices_or_sections)
        sizes = [count + (n < more) for n in range(indices_or_sections)]
        ends = [int(end) for end in np.cumsum(sizes)]
    else:
        ends = [*indices_or_sections, size]
    starts = [0, *ends[:-1]]
    return tuple(
        narrow(input, axis, start, max(end - start, 0))
        for start, end in zip(starts, ends, strict=True)
    )


def _split(name: str, axis: int) -> Callable[..., tuple[Tensor, ...]]:
    def split(input: Tensor, indices_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
        at = 0 if name == "hsplit" and input.ndim == 1 else axis
        return tensor_split(input, indices_or_sections, at)

    return _named(split, name, f"Parts of axis {axis}: see tensor_split.")


# ---- numbers


def bias_add(input_x: Tensor, bias: Tensor) -> Tensor:
    """A bias for each element of axis 1 added."""
    return input_x + bias.reshape((-1,) + (1,) * (input_x.ndim - 2))


def inner(input: Tensor, other: Tensor) -> Tensor:
    """The sum of products over the last axes of both."""
    if not input.ndim or not other.ndim:
        return input * other
    rest = tuple(other.shape[:-1])
    left = input.reshape((-1, input.shape[-1]))
    right = other.reshape((-1, other.shape[-1]))
    return op("matmul", left, t(right)).reshape((*input.shape[:-1], *rest))


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """Every product of an element of one vector and one of another."""
    return input.reshape((-1, 1)) * vec2.reshape((1, -1))


def mv(input: Tensor, vec: Tensor) -> Tensor:
    """A matrix times a vector."""
    return op("matmul", input, vec)


def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta input + alpha mat vec."""
    return input * beta + mv(mat, vec) * alpha


def addr(x: Tensor, vec1: Tensor, vec2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta x + alpha outer(vec1, vec2)."""
    return x * beta + outer(vec1, vec2) * alpha


def positive(input: Tensor) -> Tensor:
    """The tensor itself."""
    return input


def float_power(input: Tensor | float, exponent: Tensor | float) -> Tensor:
    """A power, computed in float64."""
    wide = BY_NUMPY["float64"]
    both = [each.astype(wide) if isinstance(each, Tensor) else each for each in (input, exponent)]
    return both[0] ** both[1]


def heaviside(input: Tensor, values: Tensor) -> Tensor:
    """0 below 0, 1 above it, and ``values`` at 0."""
    one, zero = op("ones_like", input), op("zeros_like", input)
    return op("where", input == 0, values, op("where", input > 0, one, zero))


def isneginf(input: Tensor) -> Tensor:
    """Where it is minus infinity."""
    return op("logical_and", op("isinf", input), input < 0)


def isposinf(input: Tensor) -> Tensor:
    """Where it is plus infinity."""
    return op("logical_and", op("isinf", input), input > 0)


def std_mean(
    input: Tensor, axis: Axes = None, ddof: int = 0, keepdims: bool = False
) -> tuple[Tensor, Tensor]:
    """Standard deviation and mean over axes."""
    return op("std", input, axis, ddof, keepdims), op("mean", input, axis, keepdims)


def var_mean(
    input: Tensor, axis: Axes = None, ddof: int = 0, keepdims: bool = False
) -> tuple[Tensor, Tensor]:
    """Variance and mean over axes."""
    return op("var", input, axis, ddof, keepdims), op("mean", input, axis, keepdims)


def nansum(
    input: Tensor, axis: Axes = None, keepdims: bool = False, *, dtype: object = None
) -> Tensor:
    """The sum of the elements that are numbers."""
    clean = op("where", op("isnan", input), op("zeros_like", input), input)
    found = op("sum", clean, axis, keepdims)
    return found if dtype is None else found.astype(dtype)


def nanmean(
    input: Tensor, axis: Axes = None, keepdims: bool = False, *, dtype: object = None
) -> Tensor:
    """The mean of the elements that are numbers."""
    count = op("sum", op("isfinite", input * 0).astype(input.dtype), axis, keepdims)
    found = nansum(input, axis, keepdims) / count
    return found if dtype is None else found.astype(dtype)


def aminmax(input: Tensor, *, axis: int = 0, keepdims: bool = False) -> tuple[Tensor, Tensor]:
    """The least and the largest over an axis."""
    return op("amin", input, axis, keepdims), op("amax", input, axis, keepdims)


def diff(
    x: Tensor,
    n: int = 1,
    axis: int = -1,
    prepend: Tensor | None = None,
    append: Tensor | None = None,
) -> Tensor:
    """Each element of an axis minus the one before, ``n`` times."""
    parts = [each for each in (prepend, x, append) if each is not None]
    whole = parts[0] if len(parts) == 1 else op("concat", tuple(parts), axis)
    for _ in range(n):
        size = int(whole.shape[axis])
        whole = narrow(whole, axis, 1, size - 1) - narrow(whole, axis, 0, size - 1)
    return whole


def trapz(y: Tensor, x: Tensor | None = None, *, dx: float = 1.0, dim: int = -1) -> Tensor:
    """The integral over an axis by trapezoids."""
    size = int(y.shape[dim])
    heights = (narrow(y, dim, 1, size - 1) + narrow(y, dim, 0, size - 1)) / 2
    widths: Tensor | float = dx if x is None else diff(x, axis=-1 if x.ndim == 1 else dim)
    if isinstance(widths, Tensor) and x is not None and x.ndim == 1 and y.ndim > 1:
        widths = widths.reshape((-1,) + (1,) * (y.ndim - 1 - dim % y.ndim))
    return op("sum", heights * widths, dim)


def squared_difference(x: Tensor, y: Tensor) -> Tensor:
    """(x - y) squared."""
    return (x - y) * (x - y)


def bce_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    pos_weight: Tensor | None = None,
    reduction: str = "mean",
) -> Tensor:
    """The cross-entropy of logits and labels between 0 and 1, elementwise before it is reduced."""
    least = op("relu", -input)
    smooth = least + op("log", op("exp", -least) + op("exp", -input - least))
    factor = 1 if pos_weight is None else (pos_weight - 1) * target + 1
    found = (1 - target) * input + smooth * factor
    found = found if weight is None else found * weight
    return found if reduction == "none" else op(reduction, found)


def gumbel_softmax(logits: Tensor, tau: float = 1.0, hard: bool = False, dim: int = -1) -> Tensor:
    """A softmax of logits with Gumbel noise; ``hard`` gives one-hot vectors with its gradient."""
    noise = op("rand_like", logits)
    gumbel = -op("log", -op("log", noise + 1e-20) + 1e-20)
    soft = op("softmax", (logits + gumbel) / tau, dim)
    if not hard:
        return soft
    best = soft == op("amax", soft, dim, True)
    return op("stop_gradient", best.astype(logits.dtype) - soft) + soft


def l2_loss(input_x: Tensor) -> Tensor:
    """Half the sum of squares."""
    return op("sum", input_x * input_x) / 2


_METHODS = (
    *(nonzero, argwhere, masked_select, unique, bincount, t, movedim, narrow, rot90, tensor_split),
    *(inner, addmv, addr, positive, float_power, heaviside, isneginf, isposinf, nansum, nanmean),
    *(aminmax, diff, outer, mv),
)
_FUNCTIONS = (
    *(expand, strided_slice, atleast_1d, atleast_2d, atleast_3d, hstack, vstack, dstack),
    *(column_stack, bias_add, std_mean, var_mean, trapz, gumbel_softmax),
)
METHODS = MappingProxyType(
    {
        **{each.__name__: each for each in _METHODS},
        "fliplr": _flipped("fliplr", 1, 2),
        "flipud": _flipped("flipud", 0, 1),
        "hsplit": _split("hsplit", 1),
        "vsplit": _split("vsplit", 0),
        "dsplit": _split("dsplit", 2),
        "moveaxis": movedim,
        "ger": outer,
    }
)
"""Those that are methods of tensors, too."""

COMPOSED = MappingProxyType(
    {
        **METHODS,
        **{each.__name__: each for each in _FUNCTIONS},
        "slice": slice_,
        "row_stack": vstack,
        "binary_cross_entropy_with_logits": bce_with_logits,
    }
)
"""All of them by MindSpore's names."""
