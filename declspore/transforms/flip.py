"""Mirrored images (mindspore.dataset.vision, 2.10)."""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Draws
from declspore.ir.term import Arguments
from declspore.numerics.image import image_type
from declspore.numerics.opencv import opencv, whole
from declspore.registry.data import Element, ItemKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Number

_PROB = Argument("prob", Number(0.0, 1.0), 0.5, "how likely")


def _infer(word: str) -> Callable[[Arguments, Element], Element]:
    def infer(a: Arguments, element: Element) -> Element:
        image_type(word, element)
        return element

    return infer


def _across(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    if len(draws) and draws[0] >= a.prob:
        return value
    cv2 = opencv()
    if value.shape[2] != 3 or value.itemsize > 1:
        return whole(cv2.flip(value, 1))
    return cv2.merge([cv2.flip(plane, 1) for plane in cv2.split(value)])  # in half the time


def _down(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    return whole(opencv().flip(value, 0)) if not len(draws) or draws[0] < a.prob else value


KINDS = (
    ItemKind(
        name="HorizontalFlip",
        signature=signature(),
        summary="Left and right exchanged.",
        example="Digits() |> HorizontalFlip()",
        infer=_infer("HorizontalFlip"),
        compute=_across,
    ),
    ItemKind(
        name="VerticalFlip",
        signature=signature(),
        summary="Top and bottom exchanged.",
        example="Digits() |> VerticalFlip()",
        infer=_infer("VerticalFlip"),
        compute=_down,
    ),
    ItemKind(
        name="RandomHorizontalFlip",
        signature=signature(_PROB),
        summary="Left and right exchanged, of some images.",
        example="Digits() |> RandomHorizontalFlip()",
        infer=_infer("RandomHorizontalFlip"),
        compute=_across,
        draws=lambda a: 1,
    ),
    ItemKind(
        name="RandomVerticalFlip",
        signature=signature(_PROB),
        summary="Top and bottom exchanged, of some images.",
        example="Digits() |> RandomVerticalFlip()",
        infer=_infer("RandomVerticalFlip"),
        compute=_down,
        draws=lambda a: 1,
    ),
)
