"""Transforms of which chance takes some (mindspore.dataset.transforms, 2.10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from declspore.dataset.operations import Operation, apply_all
from declspore.ir.tensors import Array

Transform = Callable[..., object]


class _OfSeveral(Operation):
    """A transform made of others, which are drawn for every row."""

    def __init__(self, transforms: Sequence[Transform]) -> None:
        if not isinstance(transforms, list | tuple) or not transforms:
            raise ValueError(f"transforms must be a list of transforms, not {transforms!r}")
        for transform in transforms:
            if not callable(transform):
                raise TypeError(f"transforms must be callable, not {type(transform).__name__}")
        self._transforms = list(transforms)

    def drawn(self, draws: np.random.Generator) -> list[Transform]:
        """Those that change a row, in their order."""
        raise NotImplementedError

    def of_rows(self, values: Sequence[Array], draws: np.random.Generator) -> list[object]:
        return [apply_all(self.drawn(draws), [[value]], draws)[0][0] for value in values]


class RandomApply(_OfSeveral):
    """All transforms, one after the other, of a share ``prob`` of the rows."""

    def __init__(self, transforms: Sequence[Transform], prob: float = 0.5) -> None:
        super().__init__(transforms)
        if not 0.0 <= prob <= 1.0:
            raise ValueError(f"prob must be from 0 to 1, not {prob!r}")
        self._prob = prob

    def drawn(self, draws: np.random.Generator) -> list[Transform]:
        return self._transforms if draws.random() < self._prob else []


class RandomChoice(_OfSeveral):
    """One of the transforms for every row."""

    def drawn(self, draws: np.random.Generator) -> list[Transform]:
        return [self._transforms[int(draws.integers(len(self._transforms)))]]


class RandomOrder(_OfSeveral):
    """All transforms, in another order for every row."""

    def drawn(self, draws: np.random.Generator) -> list[Transform]:
        return [self._transforms[place] for place in draws.permutation(len(self._transforms))]
