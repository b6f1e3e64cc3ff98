"""The learning rate of an optimizer, for policies that look at it or set it."""

from __future__ import annotations

from keras import ops

from declspore.training.optimizing import TrainingOptimizer


class LearningRate:
    """It can be set where it is a number, alone and not of groups."""

    def __init__(self, optimizer: TrainingOptimizer) -> None:
        self._optimizer = optimizer

    def get(self) -> float:
        """The rate of the next step; of several groups, the first one's."""
        rates = self._optimizer.rates_now().values()
        return float(ops.convert_to_numpy(next(iter(rates))))

    def set(self, rate: float) -> None:
        """Raises ValueError where the rate is not a number."""
        self._optimizer.set_rate(rate)
