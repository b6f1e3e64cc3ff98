"""Colours and places of pixels, u8[H, W, 3], as mindspore.dataset.vision (2.10) computes them."""

from __future__ import annotations

from math import cos, radians, sin, tan
from typing import TYPE_CHECKING

from declspore.ir.tensors import Array
from declspore.numerics.opencv import opencv, whole
from declspore.registry.signature import Argument
from declspore.registry.types import Choice, Either, Integer, ListOf

if TYPE_CHECKING:  # NumPy is loaded by what computes
    import numpy as np

WARP = Argument(
    "resample", Choice(("nearest", "bilinear")), "nearest", "how pixels between pixels are found"
)
FILL = Argument(
    "fill_value", Either((Integer(0), ListOf(Integer(0), 3))), 0, "outside, per channel"
)


def _blended(exact: Array | int, share: np.float32, other: Array, rest: np.float32) -> Array:
    """``share`` of one image and ``rest`` of another, as float32 with a fused multiplication and
    addition: the first product is exact, the second is rounded."""
    import numpy as np

    rounded = np.asarray(other, np.float32) * rest
    mixed = (np.asarray(exact, np.float64) * float(share) + rounded).astype(np.float32)
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def _shares(factor: float) -> tuple[np.float32, np.float32]:
    import numpy as np

    return np.float32(factor), np.float32(1) - np.float32(factor)


def gray(image: Array) -> Array:
    """The brightness of an image [H, W]: 0.299 R + 0.587 G + 0.114 B, rounded."""
    cv2 = opencv()
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def brightness(image: Array, factor: float) -> Array:
    return opencv().convertScaleAbs(image, alpha=factor)


def contrast(image: Array, factor: float) -> Array:
    """The distance from the mean brightness multiplied."""
    share, rest = _shares(factor)
    return _blended(int(gray(image).mean() + 0.5), rest, image, share)


def saturation(image: Array, factor: float) -> Array:
    """The distance from the grey image multiplied."""
    share, rest = _shares(factor)
    return _blended(gray(image)[..., None], rest, image, share)


def sharpness(image: Array, factor: float) -> Array:
    """The distance from the smoothed image multiplied; its border is not smoothed."""
    import numpy as np

    kernel = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]], np.float32) / 13
    smooth = image.copy()
    smooth[1:-1, 1:-1] = opencv().filter2D(image, -1, kernel)[1:-1, 1:-1]
    share, rest = _shares(factor)
    return _blended(image, share, smooth, rest)


def hue(image: Array, turn: float) -> Array:
    """The hue turned by a share of the circle."""
    import numpy as np

    cv2 = opencv()
    turned = cv2.cvtColor(image, cv2.COLOR_RGB2HSV_FULL)
    turned[..., 0] = (turned[..., 0].astype(np.int32) + int(turn * 255)) % 256
    return cv2.cvtColor(turned, cv2.COLOR_HSV2RGB_FULL)


def gamma(image: Array, power: float, gain: float) -> Array:
    """255 gain (x / 255) ^ power, from a table."""
    import numpy as np

    table = np.clip((np.arange(256) / 255.0) ** power * gain * (255 + 1 - 1e-3), 0, 255)
    return table.astype(np.uint8)[image]


def auto_contrast(image: Array, cutoff: float = 0.0, ignore: tuple[int, ...] = ()) -> Array:
    """Each channel stretched from 0 to 255, without ``cutoff`` percent at either end."""
    import numpy as np

    found = image.copy()
    for channel in range(image.shape[2]):
        counts = np.bincount(image[..., channel].ravel(), minlength=256)
        counts[list(ignore)] = 0
        cut = int(counts.sum() * cutoff / 100)
        counts = _without(_without(counts, cut)[::-1], cut)[::-1]
        levels = np.flatnonzero(counts)
        if len(levels) < 2:
            continue
        low, high = int(levels[0]), int(levels[-1])
        scale = np.float32(255.0 / (high - low))
        stretched = np.arange(256, dtype=np.float32) * scale - np.float32(low) * scale
        table = np.clip(stretched.astype(np.int64), 0, 255)
        found[..., channel] = table.astype(np.uint8)[image[..., channel]]
    return found


def _without(counts: Array, cut: int) -> Array:
    """The counts without the first ``cut`` pixels."""
    found = counts.copy()
    for level in range(256):
        taken = min(cut, int(found[level]))
        found[level] -= taken
        cut -= taken
    return found


def equalize(image: Array) -> Array:
    """Each channel with all levels equally often, as far as can be."""
    import numpy as np

    cv2 = opencv()
    planes = [cv2.equalizeHist(np.ascontiguousarray(p)) for p in np.moveaxis(image, 2, 0)]
    return np.stack(planes, axis=-1)


def posterize(image: Array, bits: int) -> Array:
    """The highest bits of every level."""
    import numpy as np

    return image & np.uint8(256 - (1 << (8 - bits)) & 0xFF)


def solarize(image: Array, low: int, high: int) -> Array:
    """Levels from ``low`` to ``high`` inverted."""
    import numpy as np

    return np.where((image >= low) & (image <= high), 255 - image, image)


def blurred(image: Array, size: tuple[int, int], sigma: tuple[float, float]) -> Array:
    """Convolved with a Gaussian of width and height."""
    return whole(opencv().GaussianBlur(image, size, sigma[0], sigmaY=sigma[1]))


def warped(
    image: Array,
    matrix: Array,
    resample: str,
    fill: int | tuple[int, ...],
    size: tuple[int, int] | None = None,
) -> Array:
    """The image with every place moved by a matrix [2, 3], or [3, 3] for a perspective."""
    import numpy as np

    cv2 = opencv()
    method = cv2.INTER_NEAREST if resample == "nearest" else cv2.INTER_LINEAR
    width, height = size or (image.shape[1], image.shape[0])
    border = (fill,) * 3 if isinstance(fill, int) else fill
    move = cv2.warpAffine if np.shape(matrix)[0] == 2 else cv2.warpPerspective
    return whole(move(image, matrix, (width, height), flags=method, borderValue=border))


def rotated(
    image: Array,
    degrees: float,
    resample: str,
    expand: bool,
    centre: tuple[float, float] | None,
    fill: int | tuple[int, ...],
) -> Array:
    """Turned counterclockwise about ``centre`` (x, y), the middle where None."""
    height, width = image.shape[:2]
    middle = centre or ((width - 1) / 2, (height - 1) / 2)
    matrix = opencv().getRotationMatrix2D(middle, degrees, 1.0)
    if not expand:
        return warped(image, matrix, resample, fill)
    turn = radians(degrees)
    wide = abs(width * cos(turn)) + abs(height * sin(turn))
    high = abs(width * sin(turn)) + abs(height * cos(turn))
    matrix[0, 2] += wide / 2 - width / 2
    matrix[1, 2] += high / 2 - height / 2
    return warped(image, matrix, resample, fill, (round(wide), round(high)))


def affine(
    size: tuple[int, int],
    degrees: float,
    translate: tuple[float, float],
    scale: float,
    shear: tuple[float, float],
) -> Array:
    """The matrix that turns, shears, scales and moves an image of height and width about its
    middle; angles in degrees, ``translate`` in pixels."""
    import numpy as np

    height, width = size
    turn, across, down = radians(degrees), radians(shear[0]), radians(shear[1])
    a = cos(turn - down) / cos(down)
    b = -cos(turn - down) * tan(across) / cos(down) - sin(turn)
    c = sin(turn - down) / cos(down)
    d = -sin(turn - down) * tan(across) / cos(down) + cos(turn)
    matrix = np.array([[a * scale, b * scale, 0.0], [c * scale, d * scale, 0.0]])
    x, y = (width - 1) / 2, (height - 1) / 2
    matrix[0, 2] = x + translate[0] - (matrix[0, 0] * x + matrix[0, 1] * y)
    matrix[1, 2] = y + translate[1] - (matrix[1, 0] * x + matrix[1, 1] * y)
    return matrix
