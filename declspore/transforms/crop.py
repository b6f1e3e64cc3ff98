"""Parts of images, and borders around them (mindspore.dataset.vision, 2.10)."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, sqrt

from declspore.datafile import Damaged
from declspore.ir.dtype import STRING, UINT8
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Draws, Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.image import image_type
from declspore.numerics.opencv import decoded, opencv, whole
from declspore.numerics.resampling import INTERPOLATION, check_resizable, resized
from declspore.registry.data import Element, ItemKind, Traced
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import (
    Boolean,
    Choice,
    Either,
    Integer,
    ListOf,
    Number,
    Optional,
    Repeated,
)

_SIZE = Argument("size", Repeated(Integer(1)), help="height and width")
_EDGES = Either((Integer(0), ListOf(Integer(0), 4), ListOf(Integer(0), 2)))
_FILL = Argument(
    "fill_value",
    Either((Integer(0), ListOf(Integer(0), 3))),
    0,
    "of a constant border, per channel",
)
_MODE = Argument(
    "padding_mode",
    Choice(("constant", "edge", "reflect", "symmetric")),
    "constant",
    "edge repeats the last pixel; reflect mirrors without it, symmetric with it",
)


def _edges(padding: int | Sequence[int]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom: of one number, of [left and right, top and bottom], or four."""
    if isinstance(padding, int):
        return (padding,) * 4
    if len(padding) == 2:
        left, top = padding
        return left, top, left, top
    left, top, right, bottom = padding
    return left, top, right, bottom


def _padded(image: Array, edges: tuple[int, int, int, int], a: Arguments) -> Array:
    import numpy as np

    left, top, right, bottom = edges
    if not any(edges):
        return image
    if a.padding_mode == "constant":
        size = (image.shape[0] + top + bottom, image.shape[1] + left + right, image.shape[2])
        fill = a.fill_value if image.shape[2] > 1 or isinstance(a.fill_value, int) else 0
        found = np.empty(size, image.dtype)
        found[:] = np.asarray(fill, image.dtype)
        found[top : top + image.shape[0], left : left + image.shape[1]] = image
        return found
    cv2 = opencv()
    mode = {
        "edge": cv2.BORDER_REPLICATE,
        "reflect": cv2.BORDER_REFLECT_101,
        "symmetric": cv2.BORDER_REFLECT,
    }[a.padding_mode]
    return whole(cv2.copyMakeBorder(image, top, bottom, left, right, mode))


def _grown(type: TensorType, edges: tuple[int, int, int, int]) -> TensorType:
    height, width, channels = type.shape
    left, top, right, bottom = edges
    return type.with_shape((height + (top + bottom), width + (left + right), channels))


def _below(draw: float, count: int) -> int:
    """A number from 0 to below ``count``."""
    return min(int(draw * count), count - 1)


# ---- fixed parts


def _infer_center(a: Arguments, element: Element) -> Element:
    image = image_type("CenterCrop", element)
    return element.with_data(image.with_shape((*a.size, image.shape[2])))


def _center(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    import numpy as np

    height, width = a.size
    down, across = (max(want - have, 0) for want, have in zip(a.size, value.shape, strict=False))
    if down or across:
        edges = ((down - down // 2, down // 2), (across - across // 2, across // 2), (0, 0))
        value = np.pad(value, edges)
    top, left = (value.shape[0] - height) // 2, (value.shape[1] - width) // 2
    return value[top : top + height, left : left + width]


def _infer_crop(a: Arguments, element: Element) -> Element:
    image = image_type("Crop", element)
    for begin, length, size in zip(a.coordinates, a.size, image.shape, strict=False):
        if isinstance(size, int) and begin + length > size:
            raise Misfit(f"the part ends at {begin + length}, the image has {size}")
    return element.with_data(image.with_shape((*a.size, image.shape[2])))


def _crop(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    (top, left), (height, width) = a.coordinates, a.size
    return value[top : top + height, left : left + width]


def _infer_pad(a: Arguments, element: Element) -> Element:
    return element.with_data(_grown(image_type("PadImage", element), _edges(a.padding)))


def _pad(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    return _padded(value, _edges(a.padding), a)


# ---- fixed parts by TensorFlow


def _center_traced(tf: Ops, a: Arguments, value: Tensor) -> Tensor:
    """Zeros around what is smaller, more of them in front; then the middle."""
    for axis, want in zip((-3, -2), a.size, strict=True):
        have = tf.shape(value)[axis]
        lack = tf.maximum(want - have, 0)
        sides = [[0, 0]] * len(value.shape)
        sides[axis] = [lack - lack // 2, lack // 2]
        value = tf.pad(value, sides)
        top = (have + lack - want) // 2
        value = _part(tf, value, axis, top, want)
    return value


def _crop_traced(tf: Ops, a: Arguments, value: Tensor) -> Tensor:
    for axis, begin, length in zip((-3, -2), a.coordinates, a.size, strict=True):
        value = _part(tf, value, axis, begin, length)
    return value


def _part(tf: Ops, value: Tensor, axis: int, begin: Tensor | int, length: int) -> Tensor:
    found = tf.gather(value, begin + tf.range(length), axis=axis)
    sizes: list[int | None] = list(value.shape)
    sizes[axis] = length
    return tf.ensure_shape(found, sizes)


def _pad_traced(tf: Ops, a: Arguments, value: Tensor) -> Tensor:
    left, top, right, bottom = _edges(a.padding)
    sides = [[0, 0]] * (len(value.shape) - 3) + [[top, bottom], [left, right], [0, 0]]
    if a.padding_mode != "constant":
        return tf.pad(value, sides, mode=a.padding_mode.upper())
    return tf.pad(value, sides, constant_values=a.fill_value)


def _pad_untraced(a: Arguments, type: TensorType) -> str | None:
    if a.padding_mode == "edge":
        return 'PadImage by "edge" is not one of TensorFlow\'s operations'
    if a.padding_mode == "constant" and not isinstance(a.fill_value, int):
        return "PadImage with a value for each channel is not one of TensorFlow's operations"
    return None


# ---- random parts


def _infer_random_crop(a: Arguments, element: Element) -> Element:
    image = _grown(image_type("RandomCrop", element), _edges(a.padding or 0))
    for want, size in zip(a.size, image.shape, strict=False):
        if isinstance(size, int) and size < want and not a.pad_if_needed:
            raise Misfit(
                f"a part of {list(a.size)} is larger than the image {image}",
                "pad_if_needed = true, or padding",
            )
    return element.with_data(image.with_shape((*a.size, image.shape[2])))


def _random_crop(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    value = _padded(value, _edges(a.padding or 0), a)
    height, width = a.size
    if a.pad_if_needed:
        down, across = max(height - value.shape[0], 0), max(width - value.shape[1], 0)
        value = _padded(value, (across, down, across, down), a)
    if value.shape[0] < height or value.shape[1] < width:
        raise Damaged(
            f"it has {value.shape[0]}x{value.shape[1]} pixels, RandomCrop takes {height}x{width}"
        )
    top = _below(draws[0], value.shape[0] - height + 1)
    left = _below(draws[1], value.shape[1] - width + 1)
    return value[top : top + height, left : left + width]


def _box(height: int, width: int, a: Arguments, draws: Draws) -> tuple[int, int, int, int]:
    """Top, left, height and width of a part with random area and ratio: the first of
    ``max_attempts`` that fits, else the largest in the middle."""
    low, high = (log(each) for each in a.ratio)
    for attempt in range(a.max_attempts):
        area = height * width * (a.scale[0] + float(draws[2 * attempt]) * (a.scale[1] - a.scale[0]))
        ratio = exp(low + float(draws[2 * attempt + 1]) * (high - low))
        wide, tall = round(sqrt(area * ratio)), round(sqrt(area / ratio))
        if 0 < wide <= width and 0 < tall <= height:
            top = _below(draws[-2], height - tall + 1)
            return top, _below(draws[-1], width - wide + 1), tall, wide
    tall, wide = height, width
    if width / height < a.ratio[0]:
        tall = min(round(width / a.ratio[0]), height)
    elif width / height > a.ratio[1]:
        wide = min(round(height * a.ratio[1]), width)
    return round((height - tall) / 2), round((width - wide) / 2), tall, wide


def _random_resized(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    height, width = value.shape[:2]
    top, left, tall, wide = _box(height, width, a, draws)
    part = value[top : top + tall, left : left + wide]
    return resized(part, a.size[0], a.size[1], a.interpolation)


def _check_ranges(a: Arguments) -> None:
    for name in ("scale", "ratio"):
        low, high = a[name]
        if low > high:
            raise Misfit(f"{name} goes from {low:g} to {high:g}", f"{name} = [{high:g}, {low:g}]")


def _infer_random_resized(a: Arguments, element: Element) -> Element:
    image = image_type("RandomResizedCrop", element)
    _check_ranges(a)
    check_resizable(image, a.interpolation)
    return element.with_data(image.with_shape((*a.size, image.shape[2])))


def _infer_decoding(a: Arguments, element: Element) -> Element:
    _check_ranges(a)
    if element.batched or element.data != TensorType(STRING, ()):
        raise Misfit(f"it takes the bytes of a picture, found {element.data}")
    return element.with_data(TensorType(UINT8, (*a.size, 3)))


def _decode_and_crop(a: Arguments, type: TensorType, value: bytes, draws: Draws) -> Array:
    return _random_resized(a, type, decoded(value), draws)


_RESIZED = (
    _SIZE,
    Argument("scale", ListOf(Number(above=0.0), 2), (0.08, 1.0), "least and largest share of area"),
    Argument(
        "ratio", ListOf(Number(above=0.0), 2), (3 / 4, 4 / 3), "least and largest width by height"
    ),
    INTERPOLATION,
    Argument("max_attempts", Integer(1), 10, "at a part that fits, before the largest is taken"),
)

KINDS = (
    ItemKind(
        name="CenterCrop",
        signature=signature(_SIZE),
        summary="The middle of an image; zeros around one that is smaller.",
        example="Digits() |> CenterCrop(6)",
        infer=_infer_center,
        compute=_center,
        traced=Traced(apply=_center_traced),
    ),
    ItemKind(
        name="Crop",
        signature=signature(
            Argument("coordinates", ListOf(Integer(0), 2), help="top and left"), _SIZE
        ),
        summary="The part of an image that begins at a place.",
        example="Digits() |> Crop([1, 1], [6, 6])",
        infer=_infer_crop,
        compute=_crop,
        traced=Traced(apply=_crop_traced),
    ),
    ItemKind(
        name="PadImage",
        signature=signature(
            Argument("padding", _EDGES, help="left, top, right and bottom; two or one for all"),
            _FILL,
            _MODE,
        ),
        summary="A border around an image (MindSpore's vision.Pad).",
        example='Digits() |> PadImage([2, 1], padding_mode = "reflect")',
        infer=_infer_pad,
        compute=_pad,
        traced=Traced(apply=_pad_traced, refusal=_pad_untraced),
    ),
    ItemKind(
        name="RandomCrop",
        signature=signature(
            _SIZE,
            Argument("padding", Optional(_EDGES), None, "the border, as of PadImage"),
            Argument("pad_if_needed", Boolean(), False, "whether smaller images get a border too"),
            _FILL,
            _MODE,
        ),
        summary="A part of an image at a random place, after a border around it.",
        example="Digits() |> RandomCrop(8, padding = 1)",
        infer=_infer_random_crop,
        compute=_random_crop,
        draws=lambda a: 2,
    ),
    ItemKind(
        name="RandomResizedCrop",
        signature=signature(*_RESIZED),
        summary="A part of an image with random place, area and ratio of edges, resized.",
        example="Digits() |> RandomResizedCrop(8, scale = [0.5, 1.0])",
        infer=_infer_random_resized,
        compute=_random_resized,
        draws=lambda a: 2 * a.max_attempts + 2,
    ),
    ItemKind(
        name="RandomCropDecodeResize",
        signature=signature(*_RESIZED),
        summary="Decode and RandomResizedCrop.",
        example='ImageFolder("flowers") |> RandomCropDecodeResize(224)',
        infer=_infer_decoding,
        compute=_decode_and_crop,
        draws=lambda a: 2 * a.max_attempts + 2,
    ),
)
