"""Ops that change the size of images and sequences."""

from __future__ import annotations

from declspore.registry.axes import type_of
from declspore.registry.op import OpKind
from declspore.registry.resize import ARGUMENTS, lower_resize, resized
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Tensor

KINDS = (
    OpKind(
        name="interpolate",
        signature=signature(Argument("input", Tensor(), help="[N, C, ...]"), *ARGUMENTS),
        summary="[N, C, ...] with its spatial axes at another size.",
        example='x |> interpolate(size = [4, 6], mode = "bilinear")',
        infer=lambda a: resized("interpolate", a, type_of(a.input)),
        lower=lambda b, a: lower_resize(b, a, a.input),
    ),
)
