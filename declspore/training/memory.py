"""What policies remember where steps run: variables of the backend."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from declspore.ir.dtype import DType
from declspore.ir.tensors import Tensor
from declspore.lower.binding import VariableStorage
from declspore.lower.optimized import storage_of
from declspore.registry.policy import Policy
from declspore.registry.step import StepChange, StepScalar, StepSlot, StepView
from declspore.tensor import Array, Parameter


class Memory:
    """The scalars and slots of one policy, for the parameters of an optimizer and of the network
    they belong to."""

    def __init__(
        self, policy: Policy, trained: Sequence[Parameter], every: Sequence[Parameter]
    ) -> None:
        self._every = every
        self._scalars = {
            spec.name: _variable(spec.name, np.asarray(spec.initial), spec.dtype)
            for spec in policy.scalars()
        }
        self._owners = {spec.prefix: every if spec.every else trained for spec in policy.slots()}
        self._slots = {
            spec.prefix: [_slot(spec, parameter) for parameter in self._owners[spec.prefix]]
            for spec in policy.slots()
        }
        self._saved = [spec for spec in policy.scalars() if spec.entry]
        self._saved_slots = [spec.prefix for spec in policy.slots() if spec.entry]
        self._sees_every = any(spec.every for spec in policy.slots())
        self.shown = {
            spec.name: self._scalars[spec.name] for spec in policy.scalars() if spec.shown
        }
        """The numbers that are reported after every step."""

    @property
    def variables(self) -> list[keras.Variable]:
        return [*self._scalars.values(), *(v for slot in self._slots.values() for v in slot)]

    def slot(self, prefix: str) -> list[tuple[Parameter, keras.Variable]] | None:
        """The parameters of a slot, each with the variable that follows it."""
        if prefix not in self._slots:
            return None
        return list(zip(self._owners[prefix], self._slots[prefix], strict=True))

    def view(
        self, names: Sequence[str], values: Sequence[Tensor], gradients: Sequence[Tensor]
    ) -> StepView:
        """What the policy sees now, with the names, values and gradients of trained parameters."""
        scalars = {name: ops.convert_to_tensor(v) for name, v in self._scalars.items()}
        slots = {
            prefix: [ops.convert_to_tensor(variable) for variable in variables]
            for prefix, variables in self._slots.items()
        }
        every = self._every if self._sees_every else ()
        whole = [ops.convert_to_tensor(storage_of(parameter).variable) for parameter in every]
        return StepView(ops, scalars, slots, names, values, gradients, whole)

    def take(self, change: StepChange) -> None:
        """Remember what the policy changed."""
        for name, value in change.scalars.items():
            self._scalars[name].assign(value)
        for prefix, values in change.slots.items():
            for variable, value in zip(self._slots[prefix], values, strict=True):
                variable.assign(value)

    def empty(self, prefixes: Sequence[str]) -> None:
        """Make slots zero."""
        for prefix in prefixes:
            for variable in self._slots[prefix]:
                variable.assign(ops.zeros(variable.shape, variable.dtype))

    def leading(self) -> dict[str, Parameter]:
        """What it adds to a checkpoint before the optimizer's state, by name."""
        return {spec.name: self._scalar(spec) for spec in self._saved if spec.leads}

    def _scalar(self, spec: StepScalar) -> Parameter:
        storage = VariableStorage((), spec.dtype, self._scalars[spec.name])
        return Parameter.backed(spec.name, storage)

    def entries(self) -> dict[str, Parameter]:
        """What it adds to a checkpoint after everything else, by name."""
        found = {spec.name: self._scalar(spec) for spec in self._saved if not spec.leads}
        for prefix in self._saved_slots:
            pairs = zip(self._owners[prefix], self._slots[prefix], strict=True)
            for parameter, variable in pairs:
                layout = storage_of(parameter).layout
                name = f"{prefix}.{parameter.name}"
                storage = VariableStorage(parameter.shape, parameter.dtype, variable, layout)
                found[name] = Parameter.backed(name, storage)
        return found


def _variable(name: str, value: Array, dtype: DType) -> keras.Variable:
    return keras.Variable(value, dtype=dtype.as_numpy().name, trainable=False, name=name)


def _slot(spec: StepSlot, parameter: Parameter) -> keras.Variable:
    """A variable that lies as the parameter's does."""
    model = storage_of(parameter).variable
    value = ops.convert_to_numpy(model.value)
    start = value if spec.copy else np.zeros_like(value)
    name = f"{spec.prefix}_{parameter.name}".replace(".", "_")
    return keras.Variable(start, dtype=model.dtype, trainable=False, name=name)
