"""Pools with a window."""

from __future__ import annotations

from declspore.ir.dtype import INT64
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.largest import flat_places, known_axes, largest_of_windows
from declspore.numerics.pooling import (
    CEIL,
    around,
    completed,
    pooled,
    room,
    same_room,
    window_arguments,
)
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, Optional, Repeated

_LOWEST = -3.0e38
"""Less than what a tensor holds, in place of minus infinity, whose gradients are none."""


def _apply(b: Builder, a: Arguments, kind: str, tensor: Tensor, mode: str) -> Tensor:
    layer = getattr(b.keras.layers, f"{kind}Pooling{len(a.kernel_size)}D")
    pool = layer(
        pool_size=a.kernel_size if len(a.kernel_size) > 1 else a.kernel_size[0],
        strides=a.stride if len(a.stride) > 1 else a.stride[0],
        padding=mode,
        data_format="channels_last",
    )
    return pool(tensor)


def _infer_max(word: str, a: Arguments, x: TensorType) -> TensorType | tuple[TensorType, ...]:
    result = pooled(a, x, word)
    if not a.return_indices:
        return result
    known_axes(word, x)
    return result, TensorType(INT64, result.shape)


def _lower_max(b: Builder, a: Arguments, x: Value) -> Value | tuple[Value, ...]:
    ops, tensor = b.keras.ops, b.channels_last(x)
    if a.pad_mode == "pad":
        tensor = around(ops, tensor, room(a, x.type), _LOWEST)
    if not a.return_indices and all(rate == 1 for rate in a.dilation):
        mode = "same" if a.pad_mode == "same" else "valid"
        return b.from_channels_last(_largest(b, a, tensor, mode))
    windows = (a.kernel_size, a.stride, a.dilation)
    best, which = largest_of_windows(ops, tensor, *windows)
    if not a.return_indices:
        return b.from_channels_last(best)
    places = flat_places(ops, which, known_axes("", x.type), *windows, a.padding)
    both = (best, ops.cast(places, "int64"))
    return b.results(*(ops.moveaxis(found, -1, 1) for found in both))


def _largest(b: Builder, a: Arguments, tensor: Tensor, mode: str) -> Tensor:
    """Over three axes as over two and then the first: TensorFlow's own gives each of several equal
    largest elements all of the gradient, MindSpore the first one alone."""
    sizes = tensor.shape[1:]
    if len(a.kernel_size) < 3 or any(size is None for size in sizes):
        return _apply(b, a, "Max", tensor, mode)
    depth, *plane = sizes
    flat = b.keras.ops.reshape(tensor, (-1, *plane))
    flat = _apply(
        b, Arguments(a, kernel_size=a.kernel_size[1:], stride=a.stride[1:]), "Max", flat, mode
    )
    rows, columns, channels = flat.shape[1:]
    deep = b.keras.ops.reshape(flat, (-1, depth, rows * columns, channels))
    over = Arguments(a, kernel_size=(a.kernel_size[0], 1), stride=(a.stride[0], 1))
    deep = _apply(b, over, "Max", deep, mode)
    return b.keras.ops.reshape(deep, (-1, deep.shape[1], rows, columns, channels))


def _lower_average(b: Builder, a: Arguments, x: Value) -> Value:
    ops, tensor = b.keras.ops, _wide(b, a, b.channels_last(x))
    if a.pad_mode == "same" and not _pads_by_hand(b, a, x):
        return b.from_channels_last(_apply(b, a, "Average", tensor, "same"))
    if a.pad_mode == "valid" and not a.ceil_mode:
        return b.from_channels_last(_divided(a, _apply(b, a, "Average", tensor, "valid")))
    sides = same_room(a, x.type) if a.pad_mode == "same" else room(a, x.type)
    found = _apply(b, a, "Average", around(ops, tensor, sides, 0.0), "valid")
    if a.get("divisor_override") is None and not _counts_all(a):
        found = found / _apply(b, a, "Average", _counted(ops, a, tensor, sides), "valid")
    return b.from_channels_last(_divided(a, found))


def _wide(b: Builder, a: Arguments, tensor: Tensor) -> Tensor:
    """Half precision as float32 over three axes, where TensorFlow has no kernel for it."""
    half = b.keras.backend.standardize_dtype(tensor.dtype) in ("float16", "bfloat16")
    return b.keras.ops.cast(tensor, "float32") if half and len(a.kernel_size) == 3 else tensor


def _pads_by_hand(b: Builder, a: Arguments, x: Value) -> bool:
    """Whether "same" is zeros put around: where they count, which Keras never does; where a window
    is larger than the input, since TensorFlow without oneDNN has a wrong gradient there; and on
    PyTorch, where Keras repeats the edge and counts it."""
    sizes = zip(a.kernel_size, x.type.shape[2:], strict=True)
    larger = any(isinstance(size, int) and size < extent for extent, size in sizes)
    counts = _counts_same(a) or a.get("divisor_override") is not None
    return counts or larger or bool(b.keras.backend.backend() == "torch")


def _counts_same(a: Arguments) -> bool:
    """Whether the zeros of "same" count: over three axes, and with ``ceil_mode``, for which
    MindSpore runs its pool over three axes, unless ``count_include_pad`` says no."""
    of_three = len(a.kernel_size) == 3 or a.ceil_mode or a.get("divisor_override") is not None
    return bool(a.pad_mode == "same" and of_three and a.count_include_pad)


def _counts_all(a: Arguments) -> bool:
    """Whether every element of a window counts, with all that was put around the input."""
    return _counts_same(a) or (a.pad_mode == "pad" and a.count_include_pad and not a.ceil_mode)


def _counted(ops: Ops, a: Arguments, tensor: Tensor, sides: tuple[tuple[int, int], ...]) -> Tensor:
    """Ones where elements count: those of the input, and of the padding if it is included, but
    never those that only ``ceil_mode`` brings in."""
    ones = ops.ones_like(tensor)
    if not a.count_include_pad or a.pad_mode == "same":
        return around(ops, ones, sides, 0.0)
    own = tuple((pad, pad) for pad in a.padding)
    beyond = tuple((0, after - pad) for (_, after), pad in zip(sides, a.padding, strict=True))
    return around(ops, around(ops, ones, own, 1.0), beyond, 0.0)


def _divided(a: Arguments, found: Tensor) -> Tensor:
    divisor = a.get("divisor_override")
    if divisor is None:
        return found
    elements = 1
    for size in a.kernel_size:
        elements *= size
    return found * (elements / divisor)


def _max_pool(n: int) -> CellKind:
    word = f"MaxPool{n}d"
    return CellKind(
        name=word,
        signature=signature(
            *window_arguments(n),
            Argument("dilation", Repeated(Integer(1), n), 1, "gaps in the window; 1: none"),
            Argument(
                "return_indices",
                Boolean(),
                False,
                "whether their places come too, numbered through the spatial axes",
            ),
            CEIL,
        ),
        summary="The largest value of each window; padding never is.",
        example=f"{word}(kernel_size = 2, stride = 2)",
        complete=completed,
        infer=lambda a, x: _infer_max(word, a, x),
        lower=_lower_max,
    )


_DIVISOR = Argument("divisor_override", Optional(Integer(1)), None, "instead of their number")
"""MindSpore's cell over one axis has it not."""


def _average_pool(n: int) -> CellKind:
    word = f"AvgPool{n}d"

    def infer(a: Arguments, x: TensorType) -> TensorType:
        result = pooled(a, x, word)
        if _counts_same(a) or (a.pad_mode == "same" and a.get("divisor_override") is not None):
            same_room(a, x)
        return result

    counts = "counts" if n == 3 else "does not count"

    return CellKind(
        name=word,
        signature=signature(
            *window_arguments(n),
            CEIL,
            Argument("count_include_pad", Boolean(), True, "whether padding counts as elements"),
            *((_DIVISOR,) if n > 1 else ()),
        ),
        summary=f"The mean of each window; with same, padding {counts}.",
        example=f"{word}(kernel_size = 2, stride = 2)",
        complete=completed,
        infer=infer,
        lower=_lower_average,
    )


KINDS = (*(_max_pool(n) for n in (1, 2, 3)), *(_average_pool(n) for n in (1, 2, 3)))
