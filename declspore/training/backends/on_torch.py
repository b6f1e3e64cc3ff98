"""Steps on PyTorch, one operation after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np
import torch

from declspore.ir.tensors import Columns
from declspore.lower.batches import Batch
from declspore.tensor import Array
from declspore.training.backends.loop import Loop, Report
from declspore.training.step import TrainStep

_RANDOM = "torch random state"


class TorchSteps:
    native: ClassVar[bool] = False

    def __init__(self, step: TrainStep) -> None:
        self._step = step
        self._loop = Loop(self._single)

    def run(self, batches: Iterator[Batch], most: int) -> Sequence[Report]:
        return self._loop.run(batches, most)

    def made(self) -> Sequence[Report] | None:
        return self._loop.made()

    def state(self) -> Mapping[str, Array]:
        """Keras's dropout draws from PyTorch's own generator, not from a seed of the layer."""
        return {_RANDOM: np.array(torch.get_rng_state().numpy())}

    def restore(self, state: Mapping[str, Array]) -> None:
        torch.set_rng_state(torch.from_numpy(np.array(state[_RANDOM])))

    def _single(self, data: Columns, labels: Columns) -> Sequence[float]:
        trained = [variable.value for variable in self._step.trained]
        for tensor in trained:
            tensor.grad = None
        total: torch.Tensor
        told: torch.Tensor
        total, told = self._step.forward(data, labels)
        total.backward()
        with torch.no_grad():
            told = self._step.update([tensor.grad for tensor in trained], told)
        found: list[float] = told.detach().cpu().numpy().tolist()
        return found


def steps(step: TrainStep) -> TorchSteps:
    return TorchSteps(step)
