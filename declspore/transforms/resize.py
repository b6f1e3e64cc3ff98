"""Images of another size (mindspore.dataset.vision, 2.10)."""

from __future__ import annotations

from declspore.ir.dtype import FLOAT32, UINT8
from declspore.ir.shape import Dim, TensorType, symbol
from declspore.ir.tensors import Array, Draws, Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.image import image_type
from declspore.numerics.resampling import INTERPOLATION, check_resizable, resized
from declspore.registry.data import Element, ItemKind, Traced
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Either, Integer, ListOf


def _infer(a: Arguments, element: Element) -> Element:
    image = image_type("Resize", element)
    check_resizable(image, a.interpolation)
    height, width, channels = image.shape
    size: tuple[Dim, Dim] = (symbol("H"), symbol("W"))
    if not isinstance(a.size, int):
        size = a.size
    elif isinstance(height, int) and isinstance(width, int):
        size = _shorter_edge(height, width, a.size)
    return element.with_data(image.with_shape((*size, channels)))


def _shorter_edge(height: int, width: int, size: int) -> tuple[int, int]:
    """The size with the shorter edge of that length, and the longer rounded down."""
    if height < width:
        return size, width * size // height
    return height * size // width, size


def _compute(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    height, width = value.shape[:2]
    size = _shorter_edge(height, width, a.size) if isinstance(a.size, int) else a.size
    return resized(value, size[0], size[1], a.interpolation)


# ---- by TensorFlow


def _traced(tf: Ops, a: Arguments, value: Tensor) -> Tensor:
    """OpenCV computes bytes in whole 2048ths, TensorFlow in floats that are rounded."""
    height, width = tf.shape(value)[-3], tf.shape(value)[-2]
    size = a.size
    if isinstance(size, int):
        is_wide = height < width
        size = (
            tf.where(is_wide, size, height * size // width),
            tf.where(is_wide, width * size // height, size),
        )
    if a.interpolation == "nearest":
        for axis, (old, new) in ((-3, (height, size[0])), (-2, (width, size[1]))):
            value = tf.gather(value, _nearest(tf, old, new), axis=axis)
        return value
    found = tf.image.resize(tf.cast(value, tf.float32), size)  # LiteRT resizes no bytes
    if value.dtype.is_integer:
        found = tf.round(found)
    found = tf.cast(found, value.dtype)
    sizes = a.size if not isinstance(a.size, int) else (None, None)
    return tf.ensure_shape(found, (*value.shape[:-3], *sizes, value.shape[-1]))


def _nearest(tf: Ops, old: Tensor, new: Tensor | int) -> Tensor:
    """floor(i / (new / old)), in float64 as OpenCV computes it."""
    old, new = tf.cast(old, tf.float64), tf.cast(new, tf.float64)
    places = tf.floor(tf.range(new, dtype=tf.float64) * (1.0 / (new / old)))
    return tf.cast(tf.minimum(places, old - 1.0), tf.int32)


def _untraced(a: Arguments, type: TensorType) -> str | None:
    if a.interpolation not in ("bilinear", "nearest"):
        return f'Resize by "{a.interpolation}" is not computed by TensorFlow as by OpenCV'
    if type.dtype not in (UINT8, FLOAT32):
        return f"Resize of {type.dtype.short} is not computed by TensorFlow as by OpenCV"
    return None


KINDS = (
    ItemKind(
        name="Resize",
        signature=signature(
            Argument(
                "size",
                Either((Integer(1), ListOf(Integer(1), 2))),
                help="height and width; one number: of the shorter edge",
            ),
            INTERPOLATION,
        ),
        summary="Resized as OpenCV does: pixel centres lie at halves, but nearest takes the pixel "
        "at floor(i * old / new). Bytes are MindSpore's bit for bit.",
        example="Digits() |> Resize([32, 32])",
        infer=_infer,
        compute=_compute,
        traced=Traced(apply=_traced, levels=1, refusal=_untraced),
    ),
)
