"""Steps on JAX: a compiled function of the values of all variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import ClassVar

import jax
import keras
import numpy as np

from declspore.ir.tensors import Tensor, Tensors
from declspore.lower.batches import Batch
from declspore.tensor import Array
from declspore.training.backends.forward import Derived, Forward, Variables
from declspore.training.backends.spreading import TooFew
from declspore.training.step import TrainStep

Values = list[Tensor]


class JaxSteps:
    native: ClassVar[bool] = False

    def __init__(self, step: TrainStep) -> None:
        self._step = step
        self._reports: list[Tensor] = []
        self._is_within = False
        self._one = self._single
        if step.network.jit_compile:
            self._one = jax.jit(self._single, donate_argnums=(0, 1))

    def run(self, batches: Iterator[Batch], most: int) -> Sequence[Sequence[float]]:
        """The variables hold the new values when it returns; between its steps nothing waits."""
        trained = [variable.value for variable in self._step.trained]
        kept = [variable.value for variable in self._step.kept]
        self._reports, self._is_within = [], False
        try:
            for data, labels in map(_spread_batch, islice(batches, most)):
                self._is_within = True
                told, trained, kept = self._one(trained, kept, data, labels)
                self._reports.append(told)
                self._is_within = False
        finally:
            if self._reports and not self._is_within:
                self._assign(trained, kept)
        return self._numbers()

    def made(self) -> Sequence[Sequence[float]] | None:
        return None if self._is_within else self._numbers()

    def _numbers(self) -> Sequence[Sequence[float]]:
        return [np.asarray(told).tolist() for told in self._reports]

    def state(self) -> Mapping[str, Array]:
        return {}

    def restore(self, state: Mapping[str, Array]) -> None:
        pass

    def _assign(self, trained: Values, kept: Values) -> None:
        for variable, value in self._mapping(trained, kept):
            variable.assign(value)

    def _mapping(self, trained: Values, kept: Values) -> list[tuple[keras.Variable, Tensor]]:
        variables = [*self._step.trained, *self._step.kept]
        return list(zip(variables, [*trained, *kept], strict=True))

    def _single(
        self, trained: Values, kept: Values, data: Tensors, labels: Tensors
    ) -> tuple[Tensor, Values, Values]:
        def forward(trained: Values) -> tuple[Tensor, tuple[Tensor, Values]]:
            with keras.StatelessScope(state_mapping=self._mapping(trained, kept)) as scope:
                total, told = self._step.forward(data, labels)
            return total, (told, [scope.get_current_value(v) for v in self._step.kept])

        (_, (told, moved)), gradients = jax.value_and_grad(forward, has_aux=True)(trained)
        with keras.StatelessScope(state_mapping=self._mapping(trained, moved)) as scope:
            told = self._step.update(gradients, told)
        updated = [scope.get_current_value(variable) for variable in self._step.trained]
        return told, updated, [scope.get_current_value(v) for v in self._step.kept]


def gradients(function: Forward, inputs: Sequence[Tensor], variables: Variables) -> Derived:
    """See :func:`declspore.training.backends.gradients`."""
    # so that the variables are those of the compiled network, and its moving statistics move: what
    # is assigned while JAX derives is not kept
    function(inputs)
    used = list(variables())

    def of_values(given: Values, values: Values) -> object:
        mapping = list(zip(used, values, strict=True))
        with keras.StatelessScope(state_mapping=mapping):
            return function(given)

    values = [variable.value for variable in used]
    derive = jax.grad(of_values, argnums=(0, 1), has_aux=True)
    (by_inputs, by_variables), others = derive(list(inputs), values)
    return list(by_inputs), list(by_variables), others


@contextmanager
def spread(count: int) -> Iterator[None]:
    """Keep variables on so many devices, and divide batches among them: one computation over all of
    them then gives what one device would."""
    with suppress(RuntimeError):  # JAX has computed already, and keeps the devices it has
        if jax.config.jax_platforms in (None, "", "cpu"):
            jax.config.update("jax_num_cpu_devices", max(count, 1))
    found = keras.distribution.list_devices()
    if len(found) < count:
        help = f"XLA_FLAGS=--xla_force_host_platform_device_count={count}, or fewer devices"
        raise TooFew(f"{count} devices were asked for, and JAX has {len(found)}", help)
    before = keras.distribution.distribution()
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=found[:count]))
    try:
        yield
    finally:
        keras.distribution.set_distribution(before)


def _spread_batch(batch: Batch) -> tuple[Tensors, Tensors]:
    """A batch with its samples on all devices; one that cannot be divided evenly whole on each."""
    distribution = keras.distribution.distribution()
    if distribution is None:
        return batch

    def placed(array: Array) -> Tensor:
        layout = distribution.get_data_layout(array.shape)
        if array.shape[0] % distribution.device_mesh.shape[0]:
            whole = [None] * array.ndim
            layout = keras.distribution.TensorLayout(whole, distribution.device_mesh)
        return keras.distribution.distribute_tensor(array, layout)

    return jax.tree.map(placed, batch)


def steps(step: TrainStep) -> JaxSteps:
    return JaxSteps(step)
