"""Parts of images taken away (mindspore.dataset.vision, 2.10)."""

from __future__ import annotations

from math import exp, log, sqrt

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Draws
from declspore.ir.term import Arguments
from declspore.numerics.image import image_type
from declspore.registry.data import Element, ItemKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Either, Integer, ListOf, Number


def _infer(word: str, element: Element) -> Element:
    image_type(word, element)
    return element


def _cut_out(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    found = value.copy()
    height, width = value.shape[:2]
    for patch in range(a.num_patches):
        y, x = int(draws[2 * patch] * height), int(draws[2 * patch + 1] * width)
        half = a.length // 2
        found[max(y - half, 0) : y + half, max(x - half, 0) : x + half] = 0
    return found


def _noise(shape: tuple[int, ...], draw: float) -> Array:
    """Normal numbers that depend on one draw alone."""
    import numpy as np

    generator = np.random.Generator(np.random.Philox(int(float(draw) * (1 << 24))))
    return generator.standard_normal(shape)


def _erase(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    if draws[0] >= a.prob:
        return value
    height, width, channels = value.shape
    low, high = (log(each) for each in a.ratio)
    for attempt in range(a.max_attempts):
        share, ratio = draws[4 + 2 * attempt], draws[5 + 2 * attempt]
        area = height * width * (a.scale[0] + float(share) * (a.scale[1] - a.scale[0]))
        aspect = exp(low + float(ratio) * (high - low))
        tall, wide = round(sqrt(area * aspect)), round(sqrt(area / aspect))
        if not (0 < tall < height and 0 < wide < width):
            continue
        top, left = int(draws[1] * (height - tall + 1)), int(draws[2] * (width - wide + 1))
        found = value.copy()
        fill = a.value
        if fill == "random":
            fill = _noise((channels,), draws[3])
        elif fill == "pixels":
            fill = _noise((tall, wide, channels), draws[3])
        found[top : top + tall, left : left + wide] = fill
        return found
    return value


KINDS = (
    ItemKind(
        name="CutOut",
        signature=signature(
            Argument("length", Integer(1), help="of each edge"),
            Argument("num_patches", Integer(1), 1, "how many squares"),
        ),
        summary="Squares at random places become 0.",
        example="Digits() |> CutOut(2)",
        infer=lambda a, element: _infer("CutOut", element),
        compute=_cut_out,
        draws=lambda a: 2 * int(a.num_patches),
    ),
    ItemKind(
        name="RandomErasing",
        signature=signature(
            Argument("prob", Number(0.0, 1.0), 0.5, "how likely"),
            Argument("scale", ListOf(Number(above=0.0), 2), (0.02, 0.33), "share of the area"),
            Argument("ratio", ListOf(Number(above=0.0), 2), (0.3, 3.3), "height by width"),
            Argument(
                "value",
                Either((Number(), Choice(("random", "pixels")), ListOf(Number()))),
                0.0,
                'of the part; "random": one normal number a channel, "pixels": one a pixel',
            ),
            Argument("max_attempts", Integer(1), 10, "at a part that fits"),
        ),
        summary="A part at a random place becomes a value, of some images.",
        example="Digits() |> RandomErasing()",
        infer=lambda a, element: _infer("RandomErasing", element),
        compute=_erase,
        draws=lambda a: 4 + 2 * int(a.max_attempts),
    ),
)
