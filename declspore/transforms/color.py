"""Colours of images (mindspore.dataset.vision, 2.10)."""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.dtype import UINT8
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Draws
from declspore.ir.term import Arguments
from declspore.numerics import pixels
from declspore.numerics.image import image_type
from declspore.registry.data import Element, ItemKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Either, Integer, ListOf, Number, Repeated

_PROB = Argument("prob", Number(0.0, 1.0), 0.5, "how likely")
_FACTOR = Number(0.0)


def colour_type(word: str, element: Element) -> TensorType:
    """The type of a picture u8[H, W, 3]. Raises Misfit."""
    image = image_type(word, element)
    if image.dtype is not UINT8 or image.shape[2] != 3:
        raise Misfit(f"it takes pictures u8[H, W, 3], found {image}")
    return image


Compute = Callable[[Arguments, Array, Draws], Array]


def _colour(
    name: str,
    arguments: tuple[Argument, ...],
    summary: str,
    example: str,
    compute: Compute,
    draws: int = 0,
) -> ItemKind:
    """A word that keeps size and type; ``compute(arguments, image, draws)``."""

    def infer(a: Arguments, element: Element) -> Element:
        colour_type(name, element)
        return element

    return ItemKind(
        name=name,
        signature=signature(*arguments),
        summary=summary,
        example=f'ImageFolder("flowers", decode = true) |> {example}',
        infer=infer,
        compute=lambda a, type_, value, drawn: compute(a, value, drawn),
        draws=lambda a: draws,
    )


def _sometimes(
    name: str, what: str, change: Callable[[Arguments, Array], Array], *arguments: Argument
) -> ItemKind:
    """A word that changes some images."""

    def compute(a: Arguments, image: Array, draws: Draws) -> Array:
        return change(a, image) if draws[0] < a.prob else image

    given = (*arguments, _PROB)
    return _colour(name, given, f"{what}, of some images.", f"{name}(prob = 0.3)", compute, 1)


def _between(pair: tuple[float, float], draw: float) -> float:
    return pair[0] + float(draw) * (pair[1] - pair[0])


class _Around:
    """A number x for the range from max(centre - x, low) to centre + x, or the range."""

    def __init__(self, centre: float, low: float, high: float) -> None:
        self._centre, self._low = centre, low
        self._type = Either((Number(0.0, high - centre), ListOf(Number(low, high), 2)))
        self.name = self._type.name

    def accept(self, value: object) -> tuple[float, float]:
        found = self._type.accept(value)
        if isinstance(found, tuple):
            return found
        assert isinstance(found, float)
        return max(self._centre - found, self._low), self._centre + found


def _adjusted(a: Arguments, image: Array, draws: Draws) -> Array:
    steps: tuple[tuple[Callable[[Array, float], Array], tuple[float, float], float], ...] = (
        (pixels.brightness, a.brightness, 1.0),
        (pixels.contrast, a.contrast, 1.0),
        (pixels.saturation, a.saturation, 1.0),
        (pixels.hue, a.hue, 0.0),
    )
    for (change, ends, neutral), draw in zip(steps, draws, strict=True):
        if ends != (neutral, neutral):
            image = change(image, _between(ends, draw))
    return image


def _gray3(image: Array) -> Array:
    import numpy as np

    return np.repeat(pixels.gray(image)[..., None], 3, axis=2)


_THRESHOLD = Argument(
    "threshold", ListOf(Integer(0), 2), (0, 255), "levels from the first to the second"
)

KINDS = (
    _colour(
        "AdjustBrightness",
        (Argument("brightness_factor", _FACTOR, help="0 is black, 1 the image"),),
        "Levels multiplied.",
        "AdjustBrightness(0.7)",
        lambda a, image, draws: pixels.brightness(image, a.brightness_factor),
    ),
    _colour(
        "AdjustContrast",
        (Argument("contrast_factor", _FACTOR, help="0 is grey, 1 the image"),),
        "The distance from the mean brightness multiplied.",
        "AdjustContrast(0.7)",
        lambda a, image, draws: pixels.contrast(image, a.contrast_factor),
    ),
    _colour(
        "AdjustSaturation",
        (Argument("saturation_factor", _FACTOR, help="0 is without colour, 1 the image"),),
        "The distance from the grey image multiplied.",
        "AdjustSaturation(0.7)",
        lambda a, image, draws: pixels.saturation(image, a.saturation_factor),
    ),
    _colour(
        "AdjustSharpness",
        (Argument("sharpness_factor", _FACTOR, help="0 is smooth, 1 the image"),),
        "The distance from the smoothed image multiplied.",
        "AdjustSharpness(2)",
        lambda a, image, draws: pixels.sharpness(image, a.sharpness_factor),
    ),
    _colour(
        "AdjustHue",
        (Argument("hue_factor", Number(-0.5, 0.5), help="a share of the circle"),),
        "The hue turned.",
        "AdjustHue(0.1)",
        lambda a, image, draws: pixels.hue(image, a.hue_factor),
    ),
    _colour(
        "AdjustGamma",
        (
            Argument("gamma", _FACTOR, help="the power"),
            Argument("gain", Number(), 1.0, "factor"),
        ),
        "255 gain (x / 255) ^ gamma.",
        "AdjustGamma(0.5)",
        lambda a, image, draws: pixels.gamma(image, a.gamma, a.gain),
    ),
    _colour(
        "AutoContrast",
        (
            Argument("cutoff", Number(0.0, 50.0), 0.0, "percent left out at both ends"),
            Argument("ignore", ListOf(Integer(0)), (), "levels that are not counted"),
        ),
        "Each channel stretched from 0 to 255.",
        "AutoContrast()",
        lambda a, image, draws: pixels.auto_contrast(image, a.cutoff, a.ignore),
    ),
    _colour(
        "Equalize",
        (),
        "Each channel with all levels equally often.",
        "Equalize()",
        lambda a, image, draws: pixels.equalize(image),
    ),
    _colour("Invert", (), "255 - x.", "Invert()", lambda a, image, draws: 255 - image),
    _colour(
        "Posterize",
        (Argument("bits", Integer(0), help="that are kept, of 8"),),
        "The highest bits of every level.",
        "Posterize(4)",
        lambda a, image, draws: pixels.posterize(image, min(a.bits, 8)),
    ),
    _colour(
        "Solarize",
        (_THRESHOLD,),
        "Some levels inverted.",
        "Solarize([128, 255])",
        lambda a, image, draws: pixels.solarize(image, *a.threshold),
    ),
    _colour(
        "GaussianBlur",
        (
            Argument("kernel_size", Repeated(Integer(1)), help="width and height, odd"),
            Argument("sigma", ListOf(Number(0.0), 2), (0.0, 0.0), "0: 0.15 kernel_size + 0.35"),
        ),
        "Convolved with a Gaussian.",
        "GaussianBlur(3)",
        lambda a, image, draws: pixels.blurred(
            image,
            a.kernel_size,
            tuple(s or 0.15 * k + 0.35 for s, k in zip(a.sigma, a.kernel_size, strict=True)),
        ),
    ),
    _colour(
        "RandomColorAdjust",
        tuple(
            Argument(name, kind, default, "the range of its factor, or how far from its middle")
            for name, kind, default in (
                ("brightness", _Around(1.0, 0.0, 1e6), (1.0, 1.0)),
                ("contrast", _Around(1.0, 0.0, 1e6), (1.0, 1.0)),
                ("saturation", _Around(1.0, 0.0, 1e6), (1.0, 1.0)),
                ("hue", _Around(0.0, -0.5, 0.5), (0.0, 0.0)),
            )
        ),
        "Brightness, contrast, saturation and hue changed by random factors, in this order.",
        "RandomColorAdjust(brightness = 0.4, hue = 0.1)",
        _adjusted,
        4,
    ),
    _colour(
        "RandomSharpness",
        (Argument("degrees", ListOf(Number(0.0), 2), (0.1, 1.9), "the range of the factor"),),
        "AdjustSharpness with a random factor.",
        "RandomSharpness()",
        lambda a, image, draws: pixels.sharpness(image, _between(a.degrees, draws[0])),
        1,
    ),
    _colour(
        "RandomColor",
        (Argument("degrees", ListOf(Number(0.0), 2), (0.1, 1.9), "the range of the factor"),),
        "AdjustSaturation with a random factor.",
        "RandomColor()",
        lambda a, image, draws: pixels.saturation(image, _between(a.degrees, draws[0])),
        1,
    ),
    _colour(
        "RandomPosterize",
        (Argument("bits", ListOf(Integer(1), 2), (8, 8), "the range of bits"),),
        "Posterize with a random number of bits.",
        "RandomPosterize([4, 8])",
        lambda a, image, draws: pixels.posterize(
            image, min(a.bits[0] + int(draws[0] * (a.bits[1] - a.bits[0] + 1)), a.bits[1], 8)
        ),
        1,
    ),
    _colour(
        "RandomSolarize",
        (_THRESHOLD,),
        "Levels between two random ones of a range inverted.",
        "RandomSolarize([0, 255])",
        lambda a, image, draws: pixels.solarize(
            image, *sorted(int(_between(a.threshold, draw) + 0.5) for draw in draws)
        ),
        2,
    ),
    _sometimes("RandomEqualize", "Equalize", lambda a, image: pixels.equalize(image)),
    _sometimes("RandomInvert", "255 - x", lambda a, image: 255 - image),
    _sometimes(
        "RandomAutoContrast",
        "AutoContrast",
        lambda a, image: pixels.auto_contrast(image, a.cutoff, a.ignore),
        Argument("cutoff", Number(0.0, 50.0), 0.0, "percent left out at both ends"),
        Argument("ignore", ListOf(Integer(0)), (), "levels that are not counted"),
    ),
    _sometimes(
        "RandomAdjustSharpness",
        "AdjustSharpness",
        lambda a, image: pixels.sharpness(image, a.degree),
        Argument("degree", _FACTOR, 2.0, "the factor"),
    ),
    _sometimes("RandomGrayscale", "Grayscale(3)", lambda a, image: _gray3(image)),
)
