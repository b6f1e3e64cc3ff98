"""Cells that change the size of images and sequences."""

from __future__ import annotations

from declspore.numerics.resize import ARGUMENTS, lower_resize, resized
from declspore.registry.cell import CellKind
from declspore.registry.signature import signature

KINDS = (
    CellKind(
        name="Upsample",
        signature=signature(*ARGUMENTS),
        summary="[N, C, ...] with its spatial axes at another size, by interpolation.",
        example='Upsample(scale_factor = 2.0, mode = "bilinear", recompute_scale_factor = true)',
        infer=lambda a, x: resized("Upsample", a, x),
        lower=lower_resize,
    ),
)
