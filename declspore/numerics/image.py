"""What transforms of images share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from declspore.ir.shape import TensorType
from declspore.registry.data import Element
from declspore.registry.kind import Misfit


def image_type(word: str, element: Element) -> TensorType:
    """The type of the image. Raises Misfit where the element is a batch or no image."""
    if element.batched:
        raise Misfit("it works on single images", f"put {word} before `batch`")
    if element.data.rank != 3:
        raise Misfit(f"it takes an image [H, W, C], found {element.data}")
    return element.data


def mapped(tf: Any, dataset: Any, function: Callable[[Any], Any]) -> Any:
    """The dataset with a function applied to every image."""
    return dataset.map(
        lambda data, label: (function(data), label), num_parallel_calls=tf.data.AUTOTUNE
    )
