"""MindSpore's optimizers as one Keras optimizer that carries out the rule of the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from declspore.ir.layout import Layout
from declspore.ir.term import Arguments, Term
from declspore.lower.binding import VariableStorage
from declspore.registry.optimizer import OptimizerKind, StateEntry, Step
from declspore.registry.schedule import ScheduleKind
from declspore.registry.table import vocabulary
from declspore.tensor import Parameter

_STEP_LAYOUT = Layout(split=(1,), merged=())


@keras.saving.register_keras_serializable("declspore")
class Optimizer(keras.optimizers.Optimizer):
    """An optimizer of MindSpore (``word`` of the registry), usable wherever Keras takes one.

    A gradient is treated in MindSpore's order: weight decay (times the loss scale) for
    parameters without beta or gamma in their name, division by the loss scale, then the rule.
    Built on the parameters of a compiled network, it also knows its state by MindSpore's names.
    """

    def __init__(
        self,
        word: str,
        arguments: Mapping[str, Any],
        name: str | None = None,
        order: Sequence[Sequence[str]] = (),
        **_: Any,
    ) -> None:
        given = {key: _plain(value) for key, value in arguments.items()}
        rate = given["learning_rate"]
        listed = isinstance(rate, tuple)
        computed = listed or isinstance(rate, Term)
        super().__init__(self._rate_of_step if computed else rate, name=name or word.lower())
        self.word = word
        self.arguments = Arguments(given)
        self.kind = vocabulary().of(OptimizerKind, word)
        self._parameters: tuple[Parameter, ...] = ()
        self._order = [tuple(pair) for pair in order]
        self._rates = self._state_variable("learning_rate", rate) if listed else None

    @classmethod
    def of(cls, term: Term, parameters: Sequence[Parameter]) -> Optimizer:
        """The optimizer for parameters of a compiled network, in that order."""
        optimizer = cls(term.word, term.arguments)
        optimizer._parameters = tuple(parameters)
        variables = [_storage(parameter).variable for parameter in parameters]
        named = zip(parameters, variables, strict=True)
        optimizer._order = [(parameter.name, _place(variable)) for parameter, variable in named]
        optimizer.build(variables)
        return optimizer

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The network's parameters it updates, in its order."""
        return self._parameters

    def build(self, variables: Any) -> None:
        if self.built:
            return
        names, variables = self._as_first_built(variables)
        super().build(variables)
        scalars = self.kind.scalars(self.arguments)
        self._scalars = {
            s.name: self._state_variable(s.name, (s.initial,) if s.shape else s.initial)
            for s in scalars
        }
        self._slots = {
            slot.prefix: [self._slot_variable(v, slot.prefix, slot.initial) for v in variables]
            for slot in self.kind.slots(self.arguments)
        }
        undecayed = self.kind.undecayed
        self._decayed = [not any(word in name for word in undecayed) for name in names]

    def _as_first_built(self, variables: Any) -> tuple[list[str], list[Any]]:
        """Names and variables in the order the optimizer was made for: opened from a file, it is
        built on Keras's order, and its state would find the wrong variables."""
        found = {_place(variable): variable for variable in variables}
        if len(found) == len(variables) and set(found) == {place for _, place in self._order}:
            return [name for name, _ in self._order], [found[place] for _, place in self._order]
        return [variable.path for variable in variables], list(variables)

    def _backend_apply_gradients(self, grads: Any, trainable_variables: Any) -> None:
        if self.kind.advance is not None:
            for name, value in self.kind.advance(self.arguments, self._scalars).items():
                self._scalars[name].assign(value)
        super()._backend_apply_gradients(grads, trainable_variables)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        a, dtype = self.arguments, variable.dtype
        gradient = ops.cast(gradient, dtype)
        decay = a.weight_decay if self._decayed[index] else 0.0
        scale = a.get("loss_scale", 1.0)
        if decay and not self.kind.decays:
            gradient = gradient + variable * (decay * scale)
        if scale != 1.0:
            gradient = gradient * (1.0 / scale)
        scalars = {name: ops.cast(value, dtype) for name, value in self._scalars.items()}
        rate = ops.cast(learning_rate, dtype)
        step = Step(ops, a, rate, scalars, self._iterations, decay)
        slots = {prefix: variables[index] for prefix, variables in self._slots.items()}
        weight, moved = self.kind.update(step, variable, gradient, slots)
        for prefix, value in moved.items():
            self.assign(slots[prefix], value)
        self.assign(variable, weight)

    def state(self) -> dict[str, Parameter]:
        """Every entry it adds to a checkpoint, by MindSpore's name and in MindSpore's order."""
        trained = [(p.name, p.dtype, p.shape) for p in self._parameters]
        entries = self.kind.state(self.arguments, trained)
        return {e.name: Parameter.backed(e.name, self._stored(e)) for e in entries}

    def get_parameters(self) -> list[Parameter]:
        """The parameters it updates, then its own state."""
        return [*self._parameters, *self.state().values()]

    def parameters_dict(self) -> dict[str, Parameter]:
        return {parameter.name: parameter for parameter in self.get_parameters()}

    def get_config(self) -> dict[str, Any]:
        given = {
            name: {"schedule": value.word, **value.arguments} if isinstance(value, Term) else value
            for name, value in self.arguments.items()
        }
        order = [list(pair) for pair in self._order]
        return {"word": self.word, "arguments": given, "name": self.name, "order": order}

    # ---- state

    def _rate_of_step(self) -> Any:
        rate = self.arguments.learning_rate
        if isinstance(rate, Term):
            kind = vocabulary().of(ScheduleKind, rate.word)
            return kind.rate(ops, rate.arguments, ops.cast(self._iterations, "float32"))
        return ops.take(self._rates, self._iterations)

    def _state_variable(self, name: str, value: Any) -> Any:
        shape = (len(value),) if isinstance(value, tuple) else ()
        variable = self.add_variable(shape, "zeros", "float32", name=name)
        variable.assign(value)
        return variable

    def _slot_variable(self, variable: Any, prefix: str, initial: float) -> Any:
        start = keras.initializers.Constant(initial)
        return self.add_variable_from_reference(variable, prefix, start)

    def _stored(self, entry: StateEntry) -> VariableStorage:
        if entry.slot_of is not None and entry.prefix is not None:
            names = [parameter.name for parameter in self._parameters]
            index = names.index(entry.slot_of)
            layout = _storage(self._parameters[index]).layout
            variable = self._slots[entry.prefix][index]
            return VariableStorage(entry.shape, entry.dtype, variable, layout)
        if entry.name == "global_step":
            return VariableStorage(entry.shape, entry.dtype, self._iterations, _STEP_LAYOUT)
        if entry.name == "learning_rate":
            rate = self._learning_rate if self._rates is None else self._rates
            return VariableStorage(entry.shape, entry.dtype, rate)
        return VariableStorage(entry.shape, entry.dtype, self._scalars[entry.name])


def _place(variable: Any) -> str:
    """The variable's layer and its name there: what is before depends on how it was built."""
    return "/".join(variable.path.split("/")[-2:])


def _plain(value: Any) -> Any:
    """An argument as the registry has it: Keras's configurations hold lists and dicts."""
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict) and "schedule" in value:
        given = {name: _plain(one) for name, one in value.items() if name != "schedule"}
        return Term("schedule", value["schedule"], Arguments(given))
    return value


def _storage(parameter: Parameter) -> VariableStorage:
    storage = parameter.storage
    if not isinstance(storage, VariableStorage):
        raise TypeError(
            f"`{parameter.name}` belongs to no network; an optimizer takes net.trainable_params()"
        )
    return storage
