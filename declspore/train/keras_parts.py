"""Keras's optimizers, losses and metrics as ``Model`` takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import keras
from keras import ops

from declspore.ir.dtype import BY_NUMPY
from declspore.ir.tensors import Tensor
from declspore.lower.binding import VariableStorage
from declspore.lower.loss import Objective, several
from declspore.lower.optimized import storage_of
from declspore.tensor import Parameter

_RATE = "learning_rate"


class KerasOptimizer:
    """An optimizer of Keras over the trained parameters of a network.

    It makes its own updates; its state is saved under Keras's names, ``keras.<variable>``.
    """

    loss_scale = 1.0
    fewest_rates: int | None = None
    rate_names = (_RATE,)

    def __init__(
        self, optimizer: keras.optimizers.Optimizer, parameters: Iterable[Parameter]
    ) -> None:
        self.keras = optimizer
        self.word = type(optimizer).__name__
        self.parameters = tuple(parameters)

    def follow(self) -> None:
        """Build it on the variables of the model that is trained. Raises ValueError where it was
        built on those of another one."""
        variables = [storage_of(parameter).variable for parameter in self.parameters]
        if not self.keras.built:
            self.keras.build(variables)
        known = getattr(self.keras, "_trainable_variables", variables)
        if [id(variable) for variable in known] != [id(variable) for variable in variables]:
            raise ValueError(
                f"{self.word} was built on the variables of another model; make it again"
            )

    @property
    def variables(self) -> Sequence[keras.Variable]:
        """Its state."""
        found: Sequence[keras.Variable] = self.keras.variables
        return found

    @property
    def steps_done(self) -> int:
        """How many steps it has made."""
        return int(ops.convert_to_numpy(self.keras.iterations.value))

    @property
    def fixed_rate(self) -> float | None:
        """The learning rate where it is a number; else None."""
        if isinstance(self.keras.learning_rate, keras.optimizers.schedules.LearningRateSchedule):
            return None
        return float(ops.convert_to_numpy(self.keras.learning_rate))

    def set_rate(self, rate: float) -> None:
        """Replace the learning rate. Raises ValueError where it is a schedule."""
        if self.fixed_rate is None:
            raise ValueError(f"the learning rate of {self.word} is a schedule")
        self.keras.learning_rate = rate

    def rates_now(self) -> dict[str, Tensor]:
        """The learning rate of the next step."""
        return {_RATE: ops.convert_to_tensor(self.keras.learning_rate)}

    def apply_reduced(self, gradients: Sequence[object], variables: Sequence[object]) -> None:
        """Update its variables; those without a gradient stay."""
        own = {id(storage_of(parameter).variable) for parameter in self.parameters}
        pairs = [
            (gradient, variable)
            for gradient, variable in zip(gradients, variables, strict=True)
            if gradient is not None and id(variable) in own
        ]
        self.keras.apply([gradient for gradient, _ in pairs], [variable for _, variable in pairs])

    def state(self) -> dict[str, Parameter]:
        """Its state by the names it is saved under."""
        return {parameter.name: parameter for parameter in map(_entry, self.keras.variables)}


def _entry(variable: keras.Variable) -> Parameter:
    name = f"keras.{variable.path.replace('/', '.')}"
    dtype = BY_NUMPY[keras.backend.standardize_dtype(variable.dtype)]
    return Parameter.backed(name, VariableStorage(tuple(variable.shape), dtype, variable), False)


class KerasObjective(Objective):
    """A loss of Keras: ``loss(labels, outputs)``."""

    def __init__(self, loss: keras.losses.Loss) -> None:
        super().__init__([])
        self._loss = loss

    def of_batch(self, outputs: object, labels: object) -> Tensor:
        """The value for a batch."""
        value: Tensor = self._loss(_one(labels), _one(outputs))
        return value


class KerasMetric:
    """A metric of Keras, fed with labels and outputs."""

    def __init__(self, metric: keras.metrics.Metric) -> None:
        self._metric = metric

    def clear(self) -> None:
        """Forget everything fed so far."""
        self._metric.reset_state()

    def update(self, outputs: object, labels: object) -> None:
        """Feed a batch."""
        self._metric.update_state(_one(labels), _one(outputs))

    def feed(self, outputs: object, labels: object, losses: object) -> None:
        """Feed a batch."""
        self.update(outputs, labels)

    def eval(self) -> Any:
        """The figure of all batches fed."""
        found = ops.convert_to_numpy(self._metric.result())
        return float(found) if found.ndim == 0 else found


def _one(given: object) -> object:
    found = several(given)
    return found[0] if len(found) == 1 else list(found)
