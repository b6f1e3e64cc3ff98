"""Steps on TensorFlow: as many as are asked for are one execution of a compiled function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import ClassVar

import tensorflow as tf

from declspore.ir.tensors import Tensor, Tensors
from declspore.lower.batches import Batch
from declspore.tensor import Array
from declspore.training.backends.forward import Derived, Forward, Variables
from declspore.training.backends.loop import Loop, Report
from declspore.training.backends.replicas import Replicas, spread_devices, spread_over
from declspore.training.backends.spreading import TooFew
from declspore.training.pace import MOST_STEPS
from declspore.training.step import TrainStep


class TensorFlowSteps:
    native: ClassVar[bool] = True

    def __init__(self, step: TrainStep) -> None:
        self._step = step
        options = {"autograph": False, "reduce_retracing": True}
        self._one = tf.function(self._single, jit_compile=step.network.jit_compile, **options)
        self._many = tf.function(self._several, **options)

        self._loop = Loop(lambda data, labels: self._one(data, labels).numpy().tolist())
        self._is_native = False
        # what a failed execution leaves: how many steps began, and the reports of those that ended
        with tf.device("CPU"):
            self._begun = tf.Variable(0, trainable=False)
            self._ended = tf.Variable(0, trainable=False)
            width = len(step.reported)
            self._reports = tf.Variable(tf.zeros((MOST_STEPS, width)), trainable=False)

    def run(self, batches: Iterator[Batch], most: int) -> Sequence[Report]:
        self._is_native = isinstance(batches, tf.data.Iterator)
        if not self._is_native:
            return self._loop.run(batches, most)
        self._begun.assign(0)
        self._ended.assign(0)
        return self._first(self._many(batches, tf.constant(most)))

    def made(self) -> Sequence[Report] | None:
        if not self._is_native:
            return self._loop.made()
        return self._first(self._ended) if int(self._begun) == int(self._ended) else None

    def _first(self, count: tf.Tensor | tf.Variable) -> Sequence[Report]:
        told: list[list[float]] = self._reports[: int(count)].numpy().tolist()
        return told

    def state(self) -> Mapping[str, Array]:
        return {}

    def restore(self, state: Mapping[str, Array]) -> None:
        pass

    def _single(self, data: Tensors, labels: Tensors, place: Tensor | None = None) -> Tensor:
        trained = [variable.value for variable in self._step.trained]
        with tf.GradientTape() as tape:
            total, told = self._step.forward(data, labels, place)
        return self._step.update(tape.gradient(total, trained), told)

    def _recorded(self, data: Tensors, labels: Tensors, *place: Tensor) -> Tensor:
        """Make a step and record its report; the number of steps made since the start."""
        with tf.control_dependencies([self._begun.assign_add(1)]):
            told = self._one(data, labels, *place)
        # an error of the next batch must not come while this step still assigns
        with tf.control_dependencies([told]):
            number = self._ended.read_value()
            recorded = self._reports.scatter_nd_update([[number]], [told])
            with tf.control_dependencies([recorded]):
                return self._ended.assign_add(1, read_value=True)

    def _several(self, batches: tf.data.Iterator, most: object) -> Tensor:
        """Make up to ``most`` steps; how many there were. A tensor of any size is one trace."""

        def goes_on(done: Tensor, batch: tf.experimental.Optional) -> Tensor:
            return tf.logical_and(done < most, batch.has_value())

        def one(
            done: Tensor, batch: tf.experimental.Optional
        ) -> tuple[Tensor, tf.experimental.Optional]:
            done = tf.identity(self._recorded(*batch.get_value()))
            with tf.control_dependencies([done]):
                return done, tf.cond(done < most, batches.get_next_as_optional, lambda: batch)

        first = batches.get_next_as_optional()
        done, _ = tf.while_loop(goes_on, one, [tf.constant(0), first])
        return done


def gradients(function: Forward, inputs: Sequence[Tensor], variables: Variables) -> Derived:
    """See :func:`declspore.training.backends.gradients`."""
    with tf.GradientTape() as tape:
        for tensor in inputs:
            tape.watch(tensor)
        total, others = function(inputs)
    used = [variable.value for variable in variables()]
    found = tape.gradient(total, [*inputs, *used])
    return found[: len(inputs)], found[len(inputs) :], others


@contextmanager
def spread(count: int) -> Iterator[None]:
    """Train on so many GPUs, or on so many parts of the processor where there is none."""
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    physical = tf.config.list_physical_devices(kind)
    if len(physical) < count:
        own = [tf.config.LogicalDeviceConfiguration()] * count
        with suppress(RuntimeError):  # TensorFlow has computed already, and keeps what it has
            if kind == "CPU":
                tf.config.set_logical_device_configuration(physical[0], own)
    found = [device.name for device in tf.config.list_logical_devices(kind)]
    if len(found) < count:
        reason = f"{count} devices were asked for, and TensorFlow has {len(found)} of kind {kind}"
        raise TooFew(reason, "fewer devices, or a process of its own")
    with spread_over(tf.distribute.MirroredStrategy(found[:count])):
        yield


def steps(step: TrainStep) -> TensorFlowSteps:
    strategy = spread_devices()
    return TensorFlowSteps(step) if strategy is None else ReplicaSteps(step, strategy)


class ReplicaSteps(TensorFlowSteps):
    """Steps in which each device computes the gradients of its part of a batch."""

    def __init__(self, step: TrainStep, strategy: tf.distribute.Strategy) -> None:
        self._replicas = Replicas(strategy)
        super().__init__(step)

    def _single(self, data: Tensors, labels: Tensors, place: Tensor | None = None) -> Tensor:
        step = self._step

        def forward(
            data: Tensors, labels: Tensors, place: Tensor
        ) -> tuple[list[Tensor | None], Tensor]:
            with tf.GradientTape() as tape:
                total, told = step.forward(data, labels, place)
            return tape.gradient(total, [variable.value for variable in step.trained]), told

        gradients, told = self._replicas.run(forward, data, labels, step.kept, place)
        return step.update(gradients, told)
