"""What transforms of images share."""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.dtype import STRING
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Draws, Ops, Tensor
from declspore.ir.term import Arguments
from declspore.registry.data import Element
from declspore.registry.kind import Misfit


def image_type(word: str, element: Element) -> TensorType:
    """The type of the image. Raises Misfit where the element is a batch or no image."""
    if element.batched:
        raise Misfit("it works on single images", f"put {word} before `batch`")
    if element.data.dtype is STRING:
        raise Misfit("it takes an image, found bytes", f"put Decode() before {word}")
    if element.data.rank != 3:
        raise Misfit(f"it takes an image [H, W, C], found {element.data}")
    return element.data


Change = Callable[
    [Ops, Arguments, Element, Tensor, Tensor | None, Draws], tuple[Tensor, Tensor | None]
]


def of_images(function: Callable[[Ops, Arguments, TensorType, Tensor], Tensor]) -> Change:
    """A step that changes images [..., H, W, C] by ``function(tf, arguments, type, images)``;
    ``type`` is that of one image."""

    def apply(
        tf: Ops, a: Arguments, element: Element, data: Tensor, labels: Tensor | None, draws: Draws
    ) -> tuple[Tensor, Tensor | None]:
        return function(tf, a, element.data, data), labels

    return apply
