"""How a MindSpore parameter is laid out in the Keras variable that holds it.

MindSpore keeps a convolution's weight as OIHW and a dense weight as [out, in]; Keras keeps HWIO
and [in, out]. A :class:`Layout` is the exact, reversible way from one to the other: split axes,
permute them, merge axes.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from declspore.dataclass import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.generic]

Axes = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """``stored -> reshape(split) -> transpose(order) -> reshape(merged)``; None skips a step."""

    order: Axes | None = None
    split: Axes | None = None
    merged: Axes | None = None

    def to_keras(self, stored: Array) -> Array:
        """From MindSpore's layout to the variable's; a view where possible."""
        if self.split is not None:
            stored = stored.reshape(self.split)
        if self.order is not None:
            stored = stored.transpose(self.order)
        return stored if self.merged is None else stored.reshape(self.merged)

    def from_keras(self, held: Array, shape: Axes) -> Array:
        """From the variable's layout to MindSpore's, whose ``shape`` is given."""
        if self.order is None:
            return held.reshape(shape)
        split = self.split if self.split is not None else shape
        held = held.reshape([split[axis] for axis in self.order])
        inverse = sorted(range(len(self.order)), key=self.order.__getitem__)
        return held.transpose(inverse).reshape(shape)

    def shape(self, stored: Axes) -> Axes:
        """The variable's shape for a parameter of shape ``stored``."""
        if self.merged is not None:
            return self.merged
        split = self.split if self.split is not None else stored
        if prod(split) != prod(stored):
            raise ValueError(f"{stored} does not split into {split}")
        return split if self.order is None else tuple(split[axis] for axis in self.order)


SAME = Layout()
TRANSPOSED = Layout(order=(1, 0))
