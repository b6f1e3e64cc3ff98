"""The part of every batch that one of several devices computes."""

from __future__ import annotations

import numpy as np

from declspore.dataclass import dataclass
from declspore.ir.tensors import Numbers


@dataclass(frozen=True)
class Part:
    """Part ``number``, starting from 0, of ``of`` parts: samples that follow each other, as many as
    in the other parts, or one more."""

    number: int
    of: int

    def most(self, size: int) -> int:
        """How many samples of a batch it has at most, and never none."""
        return max(-(-size // self.of), 1)

    def places(self, counts: Numbers) -> Numbers:
        """For batches of so many samples [batches]: where it begins and ends, and how many samples
        the batch has [batches, 3]. It may be empty."""
        ends = [counts * number // self.of for number in (self.number, self.number + 1)]
        return np.stack([*ends, counts], axis=1).astype(np.int64)
