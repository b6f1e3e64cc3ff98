"""Steps that change each value of a u8 image by itself, as a table of what becomes of 256 values.

Normalizing value by value takes about as long as decoding a picture. A table that the steps make
themselves gives the same bytes in a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

import numpy as np
import tensorflow as tf

from declspore.dataclass import dataclass
from declspore.flows.steps import Step
from declspore.ir.dtype import FLOAT32, UINT8
from declspore.ir.shape import static
from declspore.ir.tensors import Array
from declspore.numerics.opencv import opencv
from declspore.registry.data import ChangeKind


@dataclass(frozen=True)
class Lookup:
    """``tables`` [256, C] hold what becomes of a value in each channel, and ``planes`` the same
    channel by channel where images [H, W, C] come out as [C, H, W]."""

    table: Array
    planes: tuple[Array, ...] = ()

    def into(self, out: Array, image: Array) -> None:
        """Write what becomes of an image [H, W, C] to ``out``."""
        cv2 = opencv()
        if not self.planes:
            out[...] = cv2.LUT(image, self.table[None]).reshape(out.shape)
            return
        parts = cv2.split(image)
        for place, (part, table) in enumerate(zip(parts, self.planes, strict=True)):
            cv2.LUT(part, table, dst=out[place])


def by_value(steps: Sequence[Step]) -> Sequence[Step]:
    """The first of some steps that a table can stand for: those up to the last that gives f32."""
    if not steps or len(steps[0].before.inputs) != 1:
        return ()
    image = steps[0].before.data
    if image.dtype is not UINT8 or image.rank != 3 or static(image.shape) is None:
        return ()
    found = list(takewhile(_is_by_value, steps))
    while found and found[-1].after.data.dtype is not FLOAT32:
        found.pop()
    return found


def lookup(steps: Sequence[Step]) -> Lookup:
    """The table that stands for steps, which make it of an image with all values."""
    channels = int(steps[0].before.data.shape[-1])  # type: ignore[arg-type]
    every = np.repeat(np.arange(256, dtype=np.uint8), channels).reshape(256, 1, channels)
    with tf.device("CPU"):
        image = tf.constant(every)
        for step in steps:
            assert isinstance(step.kind, ChangeKind)
            image, _ = step.kind.apply(tf, step.arguments, step.before, image, None, ())
        found = image.numpy()
    if found.shape == every.shape:
        return Lookup(found[:, 0])
    return Lookup(found[:, :, 0].T, tuple(np.ascontiguousarray(plane[:, 0]) for plane in found))


def _is_by_value(step: Step) -> bool:
    return isinstance(step.kind, ChangeKind) and step.kind.by_value and not step.columns
