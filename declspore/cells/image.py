"""Cells of images (mindspore.nn.layer.image, 2.10)."""

from __future__ import annotations

from declspore.ir.shape import TensorType, static
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Number

# ---- the middle


def _bounds(a: Arguments, size: int) -> tuple[int, int]:
    start = int((size - float(size * a.central_fraction)) / 2)
    return start, size - start


def _infer_crop(a: Arguments, x: TensorType) -> TensorType:
    sizes = static(x.shape[-2:])
    if x.rank not in (3, 4) or sizes is None:
        raise Misfit(f"CentralCrop takes [N, C, H, W] or [C, H, W] of known height, found {x}")
    cut = (stop - start for start, stop in (_bounds(a, size) for size in sizes))
    return x.with_shape((*x.shape[:-2], *cut))


def _lower_crop(b: Builder, a: Arguments, x: Value) -> Value:
    sizes = static(x.type.shape[-2:])
    assert sizes is not None
    rows, columns = (slice(*_bounds(a, size)) for size in sizes)
    if x.type.rank == 4:
        return b.from_channels_last(b.channels_last(x)[:, rows, columns])
    return b.from_plain(b.plain(x)[:, rows, columns])


# ---- differences of neighbours


def _infer_gradients(a: Arguments, x: TensorType) -> tuple[TensorType, TensorType]:
    if x.rank != 4:
        raise Misfit(f"ImageGradients takes [N, C, H, W], found {x}")
    if x.dtype.kind == "bool":
        raise Misfit(f"ImageGradients takes numbers, found {x}", "cast(..., f32)")
    return x, x


def _lower_gradients(b: Builder, a: Arguments, x: Value) -> tuple[Value, ...]:
    tensor = b.plain(x)
    return b.results(*(_step(b.keras.ops, tensor, axis) for axis in (2, 3)))


def _step(ops: Ops, x: Tensor, axis: int) -> Tensor:
    """What the next element is larger by; 0 at the end."""
    front = (slice(None),) * axis
    later = ops.concatenate([x[(*front, slice(1, None))], x[(*front, slice(-1, None))]], axis=axis)
    return later - x


# ---- likeness


def _infer_psnr(a: Arguments, x: TensorType, y: TensorType) -> TensorType:
    if x.rank != 4 or x != y:
        raise Misfit(f"PSNR takes two tensors [N, C, H, W] of one type, found {x} and {y}")
    return x.with_shape(x.shape[:1])


def _lower_psnr(b: Builder, a: Arguments, img1: Value, img2: Value) -> Value:
    ops = b.keras.ops
    error = ops.mean(ops.square(b.plain(img1) - b.plain(img2)), axis=(1, 2, 3))
    return b.from_plain(10.0 * ops.log10(a.max_val**2 / error))


KINDS = (
    CellKind(
        name="CentralCrop",
        signature=signature(
            Argument("central_fraction", Number(0.0, 1.0), help="share of height and width")
        ),
        summary="The middle of an image.",
        example="CentralCrop(0.5)",
        infer=_infer_crop,
        lower=_lower_crop,
    ),
    CellKind(
        name="ImageGradients",
        signature=signature(),
        summary=(
            "Of [N, C, H, W], the differences of each element to the one below and to the one "
            "at its right; 0 at the end."
        ),
        example="ImageGradients()",
        infer=_infer_gradients,
        lower=_lower_gradients,
        inputs=("images",),
    ),
    CellKind(
        name="PSNR",
        signature=signature(Argument("max_val", Number(above=0.0), 1.0, "the largest value")),
        summary="10 log10(max_val^2 / mean((img1 - img2)^2)) of each sample of [N, C, H, W].",
        example="PSNR()",
        infer=_infer_psnr,
        lower=_lower_psnr,
        inputs=("img1", "img2"),
    ),
)
