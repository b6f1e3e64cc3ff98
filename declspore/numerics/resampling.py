"""Images of another size, as mindspore.dataset.vision (2.10) computes them: with OpenCV, and for
``pilcubic`` as Pillow."""

from __future__ import annotations

from declspore.ir.dtype import FLOAT32, FLOAT64, INT16, UINT8, UINT16, DType
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.numerics.opencv import opencv, whole
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument
from declspore.registry.types import Choice

INTERPOLATION = Argument(
    "interpolation",
    Choice(("bilinear", "nearest", "area", "bicubic", "pilcubic")),
    "bilinear",
    "how pixels between pixels are found",
)
_TYPES = (UINT8, INT16, UINT16, FLOAT32, FLOAT64)
_PRECISION = 32 - 8 - 2
"""Pillow's weights are whole multiples of 2 ** -22."""


def check_resizable(type: TensorType, interpolation: str) -> None:
    """Raises Misfit where such an image cannot be resized so."""
    types: tuple[DType, ...] = (UINT8,) if interpolation == "pilcubic" else _TYPES
    if type.dtype not in types:
        names = ", ".join(each.short for each in types)
        raise Misfit(f"it takes images of {names}, found {type.dtype.short}")


def resized(image: Array, height: int, width: int, interpolation: str) -> Array:
    """The image [H, W, C] as [height, width, C]."""
    if image.shape[:2] == (height, width):
        return image
    if interpolation == "pilcubic":
        return _like_pillow(image, height, width)
    cv2 = opencv()
    method = {
        "bilinear": cv2.INTER_LINEAR,
        "nearest": cv2.INTER_NEAREST,
        "area": cv2.INTER_AREA,
        "bicubic": cv2.INTER_CUBIC,
    }[interpolation]
    return whole(cv2.resize(image, (width, height), interpolation=method))


def _like_pillow(image: Array, height: int, width: int) -> Array:
    """Bicubic with a = -0.5 over all pixels an output pixel covers, columns before rows, each
    rounded to bytes."""
    across = _weighted(image.transpose(1, 0, 2), width).transpose(1, 0, 2)
    return _weighted(across, height)


def _weighted(image: Array, size: int) -> Array:
    import numpy as np

    if len(image) == size:
        return image
    scale = len(image) / size
    stretch = max(scale, 1.0)
    support = 2.0 * stretch
    found = np.empty((size, *image.shape[1:]), np.uint8)
    for place in range(size):
        centre = (place + 0.5) * scale
        first = max(int(centre - support + 0.5), 0)
        last = min(int(centre + support + 0.5), len(image))
        weights = _cubic((np.arange(first, last) - centre + 0.5) / stretch)
        whole = np.trunc(weights / weights.sum() * (1 << _PRECISION) + np.copysign(0.5, weights))
        total = np.tensordot(whole.astype(np.int64), image[first:last].astype(np.int64), 1)
        found[place] = np.clip((total + (1 << (_PRECISION - 1))) >> _PRECISION, 0, 255)
    return found


def _cubic(x: Array) -> Array:
    import numpy as np

    x, a = np.abs(x), -0.5
    near = ((a + 2.0) * x - (a + 3.0)) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * a
    return np.where(x < 1.0, near, np.where(x < 2.0, far, 0.0))
