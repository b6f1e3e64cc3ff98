"""Augmentation chosen at random from many kinds (mindspore.dataset.vision, 2.10): RandAugment
(arXiv 1909.13719), TrivialAugmentWide (arXiv 2103.10158) and AutoAugment (arXiv 1805.09501)."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, degrees

from declspore.ir.dtype import UINT8
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Draws
from declspore.ir.term import Arguments
from declspore.numerics import pixels
from declspore.numerics.auto_augment import POLICIES
from declspore.numerics.image import image_type
from declspore.registry.data import Element, ItemKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Integer

Change = Callable[[Array, float, Arguments], Array]


def _moved(
    image: Array, a: Arguments, move: tuple[float, float], shear: tuple[float, float]
) -> Array:
    matrix = pixels.affine(image.shape[:2], 0.0, move, 1.0, shear)
    return pixels.warped(image, matrix, a.resample, a.fill_value)


_SIGNED: dict[str, Change] = {
    "TranslateX": lambda x, m, a: _moved(x, a, (int(m), 0), (0, 0)),
    "TranslateY": lambda x, m, a: _moved(x, a, (0, int(m)), (0, 0)),
    "Rotate": lambda x, m, a: pixels.rotated(x, m, a.resample, False, None, a.fill_value),
    "Brightness": lambda x, m, a: pixels.brightness(x, 1 + m),
    "Color": lambda x, m, a: pixels.saturation(x, 1 + m),
    "Contrast": lambda x, m, a: pixels.contrast(x, 1 + m),
    "Sharpness": lambda x, m, a: pixels.sharpness(x, 1 + m),
}
_PLAIN: dict[str, Callable[[Array, Arguments], Array]] = {
    "AutoContrast": lambda x, a: pixels.auto_contrast(x),
    "Equalize": lambda x, a: pixels.equalize(x),
    "Identity": lambda x, a: x,
}
CHANGES = (
    *("Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color"),
    *("Contrast", "Sharpness", "Posterize", "Solarize", "AutoContrast", "Equalize"),
)
_STRENGTHS = 10
"""Strengths there are in the policies of AutoAugment."""


_LARGEST = {"ShearX": 0.3, "ShearY": 0.3, "Rotate": 30.0}
_LARGEST_WIDE = {
    "ShearX": 0.99,
    "ShearY": 0.99,
    "Rotate": 135.0,
    "TranslateX": 32.0,
    "TranslateY": 32.0,
}


def _largest(name: str, size: tuple[int, int], wide: bool) -> float:
    """How strong a change is at most, for height and width."""
    if wide:
        return _LARGEST_WIDE.get(name, 0.99)
    if name.startswith("Translate"):
        return 150 / 331 * size[name == "TranslateX"]
    return _LARGEST.get(name, 0.9)


def _changed(
    name: str,
    sign: int,
    level: int,
    steps: int,
    image: Array,
    a: Arguments,
    *,
    wide: bool = False,
    above: int = 255,
) -> Array:
    """A change at a level of so many steps. Its numbers are MindSpore's, in float32, but for a
    picture that is moved: MindSpore 2.10 moves it out of sight. ``above`` is the value that
    Solarize begins with."""
    import numpy as np

    largest = np.float32(_largest(name, image.shape[:2], wide))
    amount = sign * float(largest / np.float32(steps) * np.float32(level))
    match name:
        case "Invert":
            return 255 - image
        case "Posterize":
            return pixels.posterize(image, 8 - round(level / steps * (6 if wide else 4)))
        case "Solarize":
            return pixels.solarize(image, ceil(above - above * level / steps), 255)
        case "ShearX":
            return _moved(image, a, (0, 0), (degrees(amount), 0))
        case "ShearY":
            return _moved(image, a, (0, 0), (0, degrees(amount)))
        case "Brightness" | "Color" | "Contrast" | "Sharpness":
            factor = np.float32(1) + np.float32(amount)
            return _SIGNED[name](image, float(factor) - 1, a)
        case _ if name in _SIGNED:
            return _SIGNED[name](image, amount, a)
        case _:
            return _PLAIN[name](image, a)


def _chosen(draw: float) -> str:
    return CHANGES[min(int(draw * len(CHANGES)), len(CHANGES) - 1)]


def _sign(draw: float) -> int:
    return -1 if draw < 0.5 else 1


def _rand_augment(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    steps = a.num_magnitude_bins - 1
    for number in range(a.num_ops):
        choice, sign = draws[2 * number], draws[2 * number + 1]
        value = _changed(_chosen(choice), _sign(sign), a.magnitude, steps, value, a)
    return value


def _trivial(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    bins = a.num_magnitude_bins
    level = min(int(draws[2] * bins), bins - 1)
    return _changed(_chosen(draws[0]), _sign(draws[1]), level, bins - 1, value, a, wide=True)


def _auto_augment(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    pairs = POLICIES[a.policy]
    pair = pairs[min(int(draws[0] * len(pairs)), len(pairs) - 1)]
    for number, (name, likely, strength) in enumerate(pair):
        happens, sign = draws[1 + 2 * number], draws[2 + 2 * number]
        if happens < likely:
            value = _changed(name, _sign(sign), strength or 0, _STRENGTHS - 1, value, a, above=256)
    return value


def _infer(word: str, a: Arguments, element: Element) -> Element:
    image = image_type(word, element)
    if image.dtype is not UINT8 or image.shape[2] != 3:
        raise Misfit(f"it takes pictures u8[H, W, 3], found {image}")
    bins, magnitude = a.get("num_magnitude_bins", _STRENGTHS), a.get("magnitude", 0)
    if bins < 2 or magnitude >= bins:
        raise Misfit(f"magnitude is {magnitude} of {bins} bins, the highest is {bins - 1}")
    return element


KINDS = (
    ItemKind(
        name="RandAugment",
        signature=signature(
            Argument("num_ops", Integer(1), 2, "changes one after the other"),
            Argument("magnitude", Integer(0), 9, "how strong"),
            Argument("num_magnitude_bins", Integer(1), 31, "magnitudes there are"),
            pixels.WARP,
            pixels.FILL,
        ),
        summary="Random changes of 14 kinds, all of one strength. A picture is moved by the pixels "
        "of the paper; MindSpore 2.10 moves it out of sight.",
        example='ImageFolder("flowers", decode = true) |> RandAugment()',
        infer=lambda a, element: _infer("RandAugment", a, element),
        compute=_rand_augment,
        draws=lambda a: 2 * int(a.num_ops),
    ),
    ItemKind(
        name="TrivialAugmentWide",
        signature=signature(
            Argument("num_magnitude_bins", Integer(1), 31, "magnitudes there are"),
            pixels.WARP,
            pixels.FILL,
        ),
        summary="One random change of 14 kinds, of random strength. A picture is moved by the "
        "pixels of the paper; MindSpore 2.10 moves it out of sight.",
        example='ImageFolder("flowers", decode = true) |> TrivialAugmentWide()',
        infer=lambda a, element: _infer("TrivialAugmentWide", a, element),
        compute=_trivial,
        draws=lambda a: 3,
    ),
    ItemKind(
        name="AutoAugment",
        signature=signature(
            Argument("policy", Choice(tuple(POLICIES)), "imagenet", "what it was found on"),
            pixels.WARP,
            pixels.FILL,
        ),
        summary="One of 25 pairs of random changes, as they were found on a data set. A picture is "
        "moved by the pixels of the paper; MindSpore 2.10 moves it out of sight.",
        example='ImageFolder("flowers", decode = true) |> AutoAugment("cifar10")',
        infer=lambda a, element: _infer("AutoAugment", a, element),
        compute=_auto_augment,
        draws=lambda a: 5,
    ),
)
