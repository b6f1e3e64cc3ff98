"""Pictures without colours (mindspore.dataset.vision.Grayscale, 2.10)."""

from __future__ import annotations

from declspore.ir.dtype import UINT8
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Draws, Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.image import image_type
from declspore.registry.data import Element, ItemKind, Traced
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer


def _infer(a: Arguments, element: Element) -> Element:
    image = image_type("Grayscale", element)
    if image.shape[2] != 3 or image.dtype != UINT8:
        raise Misfit(f"it takes u8[H, W, 3], found {image}")
    if a.num_output_channels not in (1, 3):
        raise Misfit(f"num_output_channels is 1 or 3, found {a.num_output_channels}")
    return element.with_data(image.with_shape((*image.shape[:2], a.num_output_channels)))


def _compute(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    """Rec. 601's luma in 65536ths, rounded, as Pillow computes it."""
    import numpy as np

    wide = value.astype(np.uint32)
    luma = wide[..., 0] * 19595 + wide[..., 1] * 38470 + wide[..., 2] * 7471 + 0x8000
    grey = (luma >> 16).astype(np.uint8)[..., None]
    return np.repeat(grey, a.num_output_channels, axis=-1)


def _traced(tf: Ops, a: Arguments, value: Tensor) -> Tensor:
    """The same sum in integers."""
    wide = tf.cast(value, tf.int32)
    weights = tf.constant([19595, 38470, 7471], tf.int32)
    luma = tf.reduce_sum(wide * weights, axis=-1, keepdims=True) + 0x8000
    grey = tf.cast(luma // 65536, tf.uint8)
    return tf.concat([grey] * a.num_output_channels, axis=-1)


KINDS = (
    ItemKind(
        name="Grayscale",
        signature=signature(
            Argument("num_output_channels", Integer(1), 1, "1, or 3 that are alike"),
        ),
        summary="0.299 R + 0.587 G + 0.114 B, rounded.",
        example='Pictures("photos/*.png") |> Grayscale()',
        infer=_infer,
        compute=_compute,
        traced=Traced(apply=_traced),
    ),
)
