"""Several processes that share every batch, each on several devices of its own, on TensorFlow.

What all devices need is added up over the devices of a process first, and over the processes then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import tensorflow as tf

from declspore.devices.group import Group
from declspore.ir.devices import Statistics
from declspore.ir.tensors import Tensor
from declspore.training.backends.processes import Processes
from declspore.training.backends.replicas import Replica


class Everywhere:
    """See :class:`declspore.training.step.Devices`. Gradients come as the sums of a process."""

    def __init__(self, group: Group, statistics: Statistics) -> None:
        self._processes, self._statistics = Processes(group, statistics), statistics

    def at(self, place: Tensor) -> Replica:
        return _Device(self._processes, place, self._statistics)

    def reduced(
        self, gradients: Sequence[Tensor | None], loss: Tensor
    ) -> tuple[list[Tensor | None], Tensor]:
        return self._processes.reduced(gradients, loss)

    def explained(self) -> AbstractContextManager[None]:
        return self._processes.explained()


def shared(group: Group, statistics: Statistics) -> Everywhere:
    return Everywhere(group, statistics)


class _Device(Replica):
    """All devices of all processes in one step, as one of them sees them."""

    def __init__(self, processes: Processes, place: Tensor, statistics: Statistics) -> None:
        super().__init__(place, statistics)
        self._processes = processes

    def sum(self, tensor: Tensor) -> Tensor:
        @tf.custom_gradient  # type: ignore[untyped-decorator]
        def summed(tensor: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
            return self._over_all(tensor), self._over_all

        return summed(tf.convert_to_tensor(tensor))

    def _over_all(self, tensor: Tensor) -> Tensor:
        def merged(
            strategy: tf.distribute.Strategy, parts: tf.distribute.DistributedValues
        ) -> Tensor:
            own = tf.add_n(strategy.experimental_local_results(parts))
            return self._processes.sum(own)

        return tf.distribute.get_replica_context().merge_call(merged, args=(tensor,))
