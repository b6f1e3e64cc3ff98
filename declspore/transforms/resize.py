"""Images of another size (mindspore.dataset.vision, 2.10)."""

from __future__ import annotations

from declspore.ir.shape import Dim, TensorType, symbol
from declspore.ir.tensors import Array, Draws
from declspore.ir.term import Arguments
from declspore.numerics.image import image_type
from declspore.numerics.resampling import INTERPOLATION, check_resizable, resized
from declspore.registry.data import Element, ItemKind
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
    ),
)
