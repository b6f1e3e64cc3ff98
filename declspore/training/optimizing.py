"""What a training asks of an optimizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import keras

from declspore.ir.tensors import Tensor
from declspore.tensor import Parameter


class TrainingOptimizer(Protocol):
    """Moves ``parameters`` and keeps a state: :class:`declspore.lower.optimizer.Optimizer`, or one
    of Keras (:class:`declspore.train.keras_parts.KerasOptimizer`).

    ``loss_scale`` is what it divides gradients by, ``rate_names`` are those of its learning rates,
    ``fewest_rates`` is for how many steps it has one (None: for any number), ``fixed_rate`` the
    learning rate where that is one number.
    """

    @property
    def word(self) -> str: ...
    @property
    def parameters(self) -> tuple[Parameter, ...]: ...
    @property
    def variables(self) -> Sequence[keras.Variable]: ...
    @property
    def loss_scale(self) -> float: ...
    @property
    def rate_names(self) -> tuple[str, ...]: ...
    @property
    def fewest_rates(self) -> int | None: ...
    @property
    def fixed_rate(self) -> float | None: ...
    @property
    def steps_done(self) -> int: ...

    def follow(self) -> None:
        """Move to the variables that its parameters live in now."""

    def set_rate(self, rate: float) -> None:
        """Replace the learning rate. Raises ValueError where it is not a number."""

    def rates_now(self) -> Mapping[str, Tensor | float]:
        """The learning rates of the next step by their names."""

    def apply_reduced(
        self, gradients: Sequence[Tensor | None], variables: Sequence[keras.Variable], /
    ) -> None:
        """Move variables by their gradients, which are those of all devices."""

    def state(self) -> Mapping[str, Parameter]:
        """Every entry it adds to a checkpoint, by name."""
