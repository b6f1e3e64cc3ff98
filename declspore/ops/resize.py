"""Ops that change the size of images and sequences."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.axes import type_of
from declspore.numerics.elementwise import floats_of
from declspore.numerics.resize import ARGUMENTS, lower_resize, resized
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Extent, ListOf, Tensor

_X = Argument("input", Tensor(), help="[N, C, H, W]")

_SIZE = Argument("size", ListOf(Extent(1), 2), help="height and width of the result")
_CORNERS = Argument("align_corners", Boolean(), False, "whether the ends stay at the ends")


def _complete(a: Arguments, mode: str) -> Arguments:
    more = {"mode": mode, "scale_factor": None, "recompute_scale_factor": None}
    return Arguments({"half_pixel_centers": False, **more, **a})


def _infer_image(word: str, a: Arguments) -> TensorType:
    x = floats_of(a.input)
    if x.rank != 4:
        raise Misfit(f"{word} takes [N, C, H, W], found {x}")
    if a.align_corners and a.get("half_pixel_centers"):
        raise Misfit("align_corners and half_pixel_centers exclude each other")
    return x.with_shape((*x.shape[:2], *a.size))


KINDS = (
    OpKind(
        name="resize_bilinear",
        signature=signature(
            _X,
            _SIZE,
            _CORNERS,
            Argument("half_pixel_centers", Boolean(), False, "whether middles stay at middles"),
        ),
        summary=(
            "[N, C, H, W] at another size, as MindSpore's ResizeBilinear makes it: where neither "
            "corners nor middles are kept, element i is taken at i n / m, which interpolate never "
            "does."
        ),
        example="resize_bilinear(ones([1, 4, 3, 3]), [4, 6])",
        infer=lambda a: _infer_image("resize_bilinear", a),
        lower=lambda b, a: lower_resize(b, _complete(a, "bilinear"), a.input),
    ),
    OpKind(
        name="resize_nearest_neighbor",
        signature=signature(_X, _SIZE, _CORNERS),
        summary="[N, C, H, W] at another size: the element at i n / m, rounded down.",
        example="resize_nearest_neighbor(ones([1, 4, 3, 3]), [4, 6])",
        infer=lambda a: _infer_image("resize_nearest_neighbor", a),
        lower=lambda b, a: lower_resize(b, _complete(a, "nearest"), a.input),
    ),
    OpKind(
        name="interpolate",
        signature=signature(Argument("input", Tensor(), help="[N, C, ...]"), *ARGUMENTS),
        summary="[N, C, ...] with its spatial axes at another size.",
        example='x |> interpolate(size = [4, 6], mode = "bilinear")',
        infer=lambda a: resized("interpolate", a, type_of(a.input)),
        lower=lambda b, a: lower_resize(b, a, a.input),
    ),
)
