"""Images turned, sheared and seen from aside (mindspore.dataset.vision, 2.10)."""

from __future__ import annotations

from declspore.ir.shape import TensorType, symbol
from declspore.ir.tensors import Array, Draws
from declspore.ir.term import Arguments
from declspore.numerics.image import image_type
from declspore.numerics.opencv import opencv
from declspore.numerics.pixels import FILL, WARP, affine, rotated, warped
from declspore.registry.data import Element, ItemKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Either, ListOf, Number, Optional

_PAIR = ListOf(Number(), 2)
_CENTRE = Argument("center", Optional(_PAIR), None, "x and y; none: the middle")
_EXPAND = Argument("expand", Boolean(), False, "whether the whole turned image is kept")


def _both(value: float | tuple[float, float]) -> tuple[float, float]:
    """A range; one number is the range around 0."""
    return (-value, value) if isinstance(value, float) else value


_DEGREES = Argument(
    "degrees", Either((Number(0.0), _PAIR)), help="the range; one number: on both sides of 0"
)


def _between(pair: tuple[float, float], draw: float) -> float:
    return pair[0] + float(draw) * (pair[1] - pair[0])


def _infer_rotation(word: str, a: Arguments, element: Element) -> Element:
    image = image_type(word, element)
    if not a.expand:
        return element
    return element.with_data(image.with_shape((symbol("H"), symbol("W"), image.shape[2])))


def _rotate(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    degrees = _between(_both(a.degrees), draws[0]) if len(draws) else a.degrees
    return rotated(value, degrees, a.resample, a.expand, a.center, a.fill_value)


def _infer_affine(a: Arguments, element: Element) -> Element:
    image_type("Affine", element)
    return element


def _shears(shear: float | tuple[float, float]) -> tuple[float, float]:
    return (shear, 0.0) if isinstance(shear, float) else shear


def _affine(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    height, width = value.shape[:2]
    move = a.translate[0] * width, a.translate[1] * height
    matrix = affine((height, width), a.degrees, move, a.scale, _shears(a.shear))
    return warped(value, matrix, a.resample, a.fill_value)


def _random_affine(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    height, width = value.shape[:2]
    across, down = a.translate or (0.0, 0.0)
    move = (
        round(_between((-across * width, across * width), draws[1])),
        round(_between((-down * height, down * height), draws[2])),
    )
    scale = 1.0 if a.scale is None else _between(a.scale, draws[3])
    shear = (0.0, 0.0)
    if a.shear is not None:
        ranges = (-a.shear, a.shear) if isinstance(a.shear, float) else a.shear
        down_range = ranges[2:] or (0.0, 0.0)
        shear = _between(ranges[:2], draws[4]), _between(down_range, draws[5])
    degrees = _between(_both(a.degrees), draws[0])
    matrix = affine((height, width), degrees, move, scale, shear)
    return warped(value, matrix, a.resample, a.fill_value)


def _points(a: Arguments, element: Element) -> Element:
    image_type("Perspective", element)
    for name in ("start_points", "end_points"):
        if len(a[name]) != 4:
            raise Misfit(f"{name} are 4 corners [x, y], found {len(a[name])}")
    return element


def _perspective(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    import numpy as np

    corners = (np.asarray(points, np.float32) for points in (a.start_points, a.end_points))
    matrix = opencv().getPerspectiveTransform(*corners)
    return warped(value, matrix, a.interpolation, 0)


def _infer_random_perspective(a: Arguments, element: Element) -> Element:
    image_type("RandomPerspective", element)
    return element


def _random_perspective(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    import numpy as np

    if draws[0] >= a.prob:
        return value
    height, width = value.shape[:2]
    across, down = (a.distortion_scale * size / 2 for size in (width, height))
    right, bottom = width - 1, height - 1
    start = np.array([[0, 0], [right, 0], [right, bottom], [0, bottom]], np.float32)
    moves = np.floor(np.asarray(draws[1:], np.float64).reshape(4, 2) * (across + 1, down + 1))
    inward = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    end = (start + moves * inward).astype(np.float32)
    return warped(value, opencv().getPerspectiveTransform(start, end), a.interpolation, 0)


_CORNERS = ListOf(ListOf(Number(), 2), 4)
_INTERPOLATION = Argument("interpolation", WARP.type, "bilinear", WARP.help)

KINDS = (
    ItemKind(
        name="Rotate",
        signature=signature(
            Argument("degrees", Number(), help="counterclockwise"), WARP, _EXPAND, _CENTRE, FILL
        ),
        summary="Turned.",
        example="Digits() |> Rotate(15)",
        infer=lambda a, element: _infer_rotation("Rotate", a, element),
        compute=_rotate,
    ),
    ItemKind(
        name="RandomRotation",
        signature=signature(_DEGREES, WARP, _EXPAND, _CENTRE, FILL),
        summary="Turned by a random angle.",
        example="Digits() |> RandomRotation(15)",
        infer=lambda a, element: _infer_rotation("RandomRotation", a, element),
        compute=_rotate,
        draws=lambda a: 1,
    ),
    ItemKind(
        name="Affine",
        signature=signature(
            Argument("degrees", Number(), help="clockwise"),
            Argument("translate", _PAIR, help="shares of width and height"),
            Argument("scale", Number(above=0.0), help="factor"),
            Argument("shear", Either((Number(), _PAIR)), help="degrees across, or across and down"),
            WARP,
            FILL,
        ),
        summary="Turned, sheared, scaled and moved about the middle.",
        example="Digits() |> Affine(10, [0.1, 0], 1.2, 5)",
        infer=_infer_affine,
        compute=_affine,
    ),
    ItemKind(
        name="RandomAffine",
        signature=signature(
            _DEGREES,
            Argument("translate", Optional(_PAIR), None, "largest shares of width and height"),
            Argument("scale", Optional(ListOf(Number(above=0.0), 2)), None, "the range"),
            Argument(
                "shear",
                Optional(Either((Number(0.0), _PAIR, ListOf(Number(), 4)))),
                None,
                "degrees: on both sides of 0, the range across, or the ranges across and down",
            ),
            WARP,
            FILL,
        ),
        summary="Affine with random numbers.",
        example="Digits() |> RandomAffine(15, translate = [0.1, 0.1])",
        infer=_infer_affine,
        compute=_random_affine,
        draws=lambda a: 6,
    ),
    ItemKind(
        name="Perspective",
        signature=signature(
            Argument("start_points", _CORNERS, help="four corners [x, y]"),
            Argument("end_points", _CORNERS, help="where they go"),
            _INTERPOLATION,
        ),
        summary="Seen so that four corners lie elsewhere.",
        example="Digits() |> Perspective([[0, 0], [7, 0], [7, 7], [0, 7]], "
        "[[1, 0], [7, 0], [6, 7], [0, 7]])",
        infer=_points,
        compute=_perspective,
    ),
    ItemKind(
        name="RandomPerspective",
        signature=signature(
            Argument("distortion_scale", Number(0.0, 1.0), 0.5, "how far corners go inward"),
            Argument("prob", Number(0.0, 1.0), 0.5, "how likely"),
            _INTERPOLATION,
        ),
        summary="Perspective with corners that go inward at random, of some images.",
        example="Digits() |> RandomPerspective()",
        infer=_infer_random_perspective,
        compute=_random_perspective,
        draws=lambda a: 9,
    ),
)
