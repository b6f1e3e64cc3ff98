"""What policies remember where steps run: variables of the backend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from declspore.ir.dtype import DType
from declspore.lower.binding import VariableStorage
from declspore.lower.held import storage_of
from declspore.registry.policy import Policy, StepChange, StepSlot, StepView
from declspore.tensor import Array, Parameter


class Memory:
    """The scalars and slots of one policy, for these parameters of an optimizer."""

    def __init__(self, policy: Policy, parameters: Sequence[Parameter]) -> None:
        self._parameters = parameters
        self._saved = {spec.name: spec.dtype for spec in policy.scalars() if spec.entry}
        self._scalars = {
            spec.name: _variable(spec.name, np.asarray(spec.initial), spec.dtype)
            for spec in policy.scalars()
        }
        self._slots = {
            spec.prefix: [_slot(spec, parameter) for parameter in parameters]
            for spec in policy.slots()
        }
        self._saved_slots = [spec.prefix for spec in policy.slots() if spec.entry]

    @property
    def variables(self) -> list[Any]:
        return [*self._scalars.values(), *(v for slot in self._slots.values() for v in slot)]

    def view(
        self, names: Sequence[str], values: Sequence[Any], gradients: Sequence[Any]
    ) -> StepView:
        """What the policy sees now, with the names, values and gradients of its parameters."""
        scalars = {name: ops.convert_to_tensor(v) for name, v in self._scalars.items()}
        slots = {
            prefix: [ops.convert_to_tensor(variable) for variable in variables]
            for prefix, variables in self._slots.items()
        }
        return StepView(ops, scalars, slots, names, values, gradients)

    def take(self, change: StepChange) -> None:
        """Remember what the policy changed."""
        for name, value in change.scalars.items():
            self._scalars[name].assign(value)
        for prefix, values in change.slots.items():
            for variable, value in zip(self._slots[prefix], values, strict=True):
                variable.assign(value)

    def entries(self) -> dict[str, Parameter]:
        """What it adds to a checkpoint, by name."""
        found = {}
        for name, dtype in self._saved.items():
            storage = VariableStorage((), dtype, self._scalars[name])
            found[name] = Parameter.backed(name, storage)
        for prefix in self._saved_slots:
            for parameter, variable in zip(self._parameters, self._slots[prefix], strict=True):
                layout = storage_of(parameter).layout
                name = f"{prefix}.{parameter.name}"
                storage = VariableStorage(parameter.shape, parameter.dtype, variable, layout)
                found[name] = Parameter.backed(name, storage)
        return found


def _variable(name: str, value: Array, dtype: DType) -> Any:
    return keras.Variable(value, dtype=dtype.as_numpy().name, trainable=False, name=name)


def _slot(spec: StepSlot, parameter: Parameter) -> Any:
    """A variable that lies as the parameter's does."""
    model = storage_of(parameter).variable
    value = ops.convert_to_numpy(model.value)
    start = value if spec.copy else np.zeros_like(value)
    name = f"{spec.prefix}_{parameter.name}".replace(".", "_")
    return keras.Variable(start, dtype=model.dtype, trainable=False, name=name)
