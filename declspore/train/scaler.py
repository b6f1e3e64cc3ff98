"""Scales of the loss for loops of one's own (mindspore.amp)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from declspore.tensor import Parameter, Tensor


class LossScaler:
    """Base class of scalers: ``scale`` before gradients are taken, ``unscale`` after it."""

    def scale(self, inputs: object) -> Any:
        """A tensor, or a tuple of them, scaled."""
        raise NotImplementedError

    def unscale(self, inputs: object) -> Any:
        """What :meth:`scale` made, as it was."""
        raise NotImplementedError

    def adjust(self, grads_finite: object) -> bool:
        """Choose the scale of the next step; whether it can move."""
        raise NotImplementedError


def _each(inputs: Any, change: Callable[[Tensor], Any]) -> Any:
    if isinstance(inputs, list | tuple):
        return tuple(_each(each, change) for each in inputs)
    return change(inputs).astype(inputs.dtype)


class StaticLossScaler(LossScaler):
    """A scale that stays. Raises ValueError where it is below 1."""

    def __init__(self, scale_value: float) -> None:
        if scale_value < 1:
            raise ValueError(f"scale_value must be at least 1, not {scale_value}")
        self.scale_value: Tensor = Tensor(np.float32(scale_value))

    def scale(self, inputs: object) -> Any:
        return _each(inputs, lambda each: each * self.scale_value.item())

    def unscale(self, inputs: object) -> Any:
        return _each(inputs, lambda each: each / self.scale_value.item())

    def adjust(self, grads_finite: object) -> bool:
        return False


class DynamicLossScaler(StaticLossScaler):
    """A scale that grows by ``scale_factor`` after ``scale_window`` steps whose gradients were
    finite, and shrinks by it after one whose were not. Raises ValueError."""

    def __init__(self, scale_value: float, scale_factor: int, scale_window: int) -> None:
        super().__init__(scale_value)
        for name, value in (("scale_factor", scale_factor), ("scale_window", scale_window)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} must be a positive integer, not {value!r}")
        self.scale_value = Parameter(self.scale_value, name="scale_value")
        self.scale_factor, self.scale_window = scale_factor, scale_window
        self.counter = Parameter(Tensor(np.int32(0)), name="counter")

    def adjust(self, grads_finite: object) -> bool:
        scale, count = np.float32(self.scale_value.item()), int(self.counter.item())
        finite = bool(grads_finite)
        if not finite:
            scale = np.maximum(np.float32(1), scale / np.float32(self.scale_factor))
        elif count == self.scale_window - 1:
            grown = scale * np.float32(self.scale_factor)
            scale = grown if np.isfinite(grown) else scale
        self.scale_value.storage.write(np.asarray(scale, np.float32))
        following = (count + 1) % self.scale_window if finite else 0
        self.counter.storage.write(np.asarray(following, np.int32))
        return True


def all_finite(inputs: Tensor | Sequence[Tensor]) -> Tensor:
    """Whether every element of a tensor, or of a tuple of them, is a finite number."""
    several = inputs if isinstance(inputs, list | tuple) else (inputs,)
    return Tensor(all(bool(np.isfinite(each.asnumpy()).all()) for each in several))
