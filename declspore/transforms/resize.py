"""``Resize``, with the rounding of mindspore.dataset.vision.Resize (2.10), which is OpenCV's."""

from __future__ import annotations

from math import floor
from typing import Any

from declspore.ir.dtype import UINT8
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.image import image_type, of_images
from declspore.registry.data import ChangeKind, Element
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Integer, Repeated

_ONE = 2048
"""Weights of bytes are whole multiples of 1 / 2048."""


def _infer(a: Arguments, element: Element) -> Element:
    image = image_type("Resize", element)
    return element.with_data(image.with_shape((*a.size, image.shape[2])))


def _apply(tf: Any, a: Arguments, type: TensorType, images: Any) -> Any:
    height, width = type.shape[:2]
    if a.interpolation == "nearest":
        rows, columns = _nearest(height, a.size[0]), _nearest(width, a.size[1])
        return tf.gather(tf.gather(images, rows, axis=-3), columns, axis=-2)
    if type.dtype == UINT8:
        down, across = _weighted(height, a.size[0], False), _weighted(width, a.size[1], True)
        return _bytes(tf, images, down, across)
    resized = tf.image.resize(images, a.size, method="bilinear")
    rounded = resized if type.dtype.is_float else tf.math.round(resized)
    return tf.cast(rounded, images.dtype)


def _nearest(size: Any, target: int) -> list[int]:
    return [min(floor(index * size / target), size - 1) for index in range(target)]


def _weighted(size: Any, target: int, horizontal: bool) -> tuple[list[int], ...]:
    """For each result the two neighbours and their weights in 2048ths.

    Pixel centres lie at halves. Beyond the border OpenCV moves the column itself to the border,
    but of rows only what is read, which rounds differently.
    """
    table = []
    for index in range(target):
        place = (index + 0.5) * size / target - 0.5
        first = floor(place)
        share = place - first
        if horizontal and not 0 <= first < size - 1:
            first, share = min(max(first, 0), size - 1), 0.0
        near = min(max(first, 0), size - 1), min(max(first + 1, 0), size - 1)
        table.append((*near, round((1.0 - share) * _ONE), round(share * _ONE)))
    first_, second, weight, other = (list(column) for column in zip(*table, strict=True))
    return first_, second, weight, other


def _bytes(tf: Any, images: Any, rows: Any, columns: Any) -> Any:
    """Bilinear in integers: columns first, then rows, with OpenCV's shifts."""

    def shifted(numbers: Any, bits: int) -> Any:
        return tf.bitwise.right_shift(numbers, bits)

    pixels = tf.cast(images, tf.int32)
    left, right, weight, other = columns
    weight, other = (tf.constant(w, tf.int32)[:, None] for w in (weight, other))
    across = tf.gather(pixels, left, axis=-2) * weight + tf.gather(pixels, right, axis=-2) * other
    upper, lower, weight, other = rows
    weight, other = (tf.constant(w, tf.int32)[:, None, None] for w in (weight, other))
    above = shifted(shifted(tf.gather(across, upper, axis=-3), 4) * weight, 16)
    below = shifted(shifted(tf.gather(across, lower, axis=-3), 4) * other, 16)
    return tf.cast(shifted(above + below + 2, 2), tf.uint8)


KINDS = (
    ChangeKind(
        name="Resize",
        signature=signature(
            Argument("size", Repeated(Integer(1)), help="height and width"),
            Argument("interpolation", Choice(("bilinear", "nearest")), "bilinear", "the method"),
        ),
        summary="Resized. Bilinear has pixel centres at halves and treats bytes bit for bit as "
        "MindSpore does; nearest takes the pixel at floor(i * old / new).",
        example="Digits() |> Resize([32, 32])",
        infer=_infer,
        apply=of_images(_apply),
    ),
)
