"""Steps on TensorFlow: as many as are asked for are one execution of a compiled function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar

import tensorflow as tf

from declspore.ir.tensors import Tensor
from declspore.tensor import Array
from declspore.training.backends.forward import Derived, Forward, Variables
from declspore.training.step import TrainStep


class TensorFlowSteps:
    native: ClassVar[bool] = True

    def __init__(self, step: TrainStep) -> None:
        self._step = step
        options = {"autograph": False, "reduce_retracing": True}
        self._one = tf.function(self._single, jit_compile=step.network.jit_compile, **options)
        self._many = tf.function(self._several, **options)

    def run(self, batches: Iterator[Any], most: int) -> Sequence[Sequence[float]]:
        if isinstance(batches, tf.data.Iterator):
            told: list[list[float]] = self._many(batches, tf.constant(most)).numpy().tolist()
            return told
        return [self._one(data, labels).numpy().tolist() for data, labels in islice(batches, most)]

    def state(self) -> Mapping[str, Array]:
        return {}

    def restore(self, state: Mapping[str, Array]) -> None:
        pass

    def _single(self, data: Any, labels: Tensor) -> Tensor:
        trained = [variable.value for variable in self._step.trained]
        with tf.GradientTape() as tape:
            total, told = self._step.forward(data, labels)
        self._step.update(tape.gradient(total, trained))
        return told

    def _several(self, batches: Any, most: object) -> object:
        """The reports of up to ``most`` steps; a tensor of any size is one trace."""

        def goes_on(done: Any, batch: Any, reports: object) -> object:
            return tf.logical_and(done < most, batch.has_value())

        def one(done: Any, batch: Any, reports: Any) -> tuple[Any, Any, Any]:
            reports = reports.write(done, self._one(*batch.get_value()))
            done += 1
            following = tf.cond(done < most, batches.get_next_as_optional, lambda: batch)
            return done, following, reports

        width = len(self._step.reported)
        reports = tf.TensorArray(tf.float32, size=most, element_shape=(width,))
        first = batches.get_next_as_optional()
        done, _, reports = tf.while_loop(goes_on, one, [tf.constant(0), first, reports])
        return reports.stack()[:done]


def gradients(function: Forward, inputs: Sequence[Tensor], variables: Variables) -> Derived:
    """See :func:`declspore.training.backends.gradients`."""
    with tf.GradientTape() as tape:
        for tensor in inputs:
            tape.watch(tensor)
        total, others = function(inputs)
    used = [variable.value for variable in variables()]
    found = tape.gradient(total, [*inputs, *used])
    return found[: len(inputs)], found[len(inputs) :], others


def steps(step: TrainStep) -> TensorFlowSteps:
    return TensorFlowSteps(step)
