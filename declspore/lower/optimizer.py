"""MindSpore's optimizers as one Keras optimizer that carries out the rule of the registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from declspore.ir.layout import SAME, Layout
from declspore.ir.tensors import Tensor as BackendTensor
from declspore.ir.term import Arguments, Term
from declspore.lower.binding import VariableStorage
from declspore.lower.chosen import OfChosenVariables
from declspore.lower.immediate import immediate
from declspore.lower.optimized import Optimized, place_of, storage_of
from declspore.lower.settings import decoded, encoded
from declspore.registry.groups import DEFAULT_RATE, Member, rates
from declspore.registry.kind import Misfit
from declspore.registry.optimizer import OptimizerKind, Slot, StateEntry, Step
from declspore.registry.schedule import ScheduleKind
from declspore.registry.table import vocabulary
from declspore.tensor import Parameter, Tensor

_STEP_LAYOUT = Layout(split=(1,), merged=())


@keras.saving.register_keras_serializable("declspore")
class Optimizer(OfChosenVariables):
    """An optimizer of MindSpore (``word`` of the registry), usable wherever Keras takes one.

    A gradient is treated in MindSpore's order: weight decay (times the loss scale) for
    parameters without beta or gamma in their name, or as their group says; centralisation where
    the group asks for it; division by the loss scale; then the rule.
    Built on the parameters of a compiled network, it also knows its state by MindSpore's names.
    """

    def __init__(
        self,
        word: str,
        arguments: Mapping[str, object],
        name: str | None = None,
        order: Sequence[Sequence[object]] = (),
        **_: object,
    ) -> None:
        given = {key: decoded(value) for key, value in arguments.items()}
        kind = vocabulary().of(OptimizerKind, word)
        common = kind.common(Arguments(given))
        rate = common.learning_rate
        listed = isinstance(rate, tuple)
        computed = listed or isinstance(rate, Term)
        super().__init__(self._rate_of_step if computed else rate, name=name or word.lower())
        self.word = word
        self.arguments = Arguments(given)
        self.kind, self._common = kind, common
        self._parameters: tuple[Parameter, ...] = ()
        self.__dict__["_built_on"] = []  # which Keras would take for its own state
        self._held = [Optimized.decoded(held) for held in order]
        self._rates = self._state_variable("learning_rate", rate) if listed else None

    @classmethod
    def of(cls, term: Term, parameters: Sequence[Parameter]) -> Optimizer:
        """The optimizer for parameters of a compiled network, in that order or their groups'.

        Raises ValueError where groups and parameters do not fit.
        """
        optimizer = cls(term.word, term.arguments)
        optimizer._take(parameters)
        return optimizer

    def _take(self, parameters: Sequence[Parameter]) -> None:
        by_name = {parameter.name: parameter for parameter in parameters}
        found = self._members_of(by_name)
        self._parameters = tuple(by_name[member.name] for member in found)
        self._held = [Optimized.of(parameter) for parameter in self._parameters]
        storages = [storage_of(parameter) for parameter in self._parameters]
        self._idle = [storage.variable for storage in storages if storage.idle]
        self.__dict__["_built_on"] = [storage.variable for storage in storages]
        self.build(self._built_on)

    def follow(self) -> None:
        """Move to the variables its parameters live in now, with its whole state: a network of
        Python is compiled after its optimizer was made."""
        variables = [storage_of(parameter).variable for parameter in self._parameters]
        if all(now is then for now, then in zip(variables, self._built_on, strict=True)):
            return
        state = {name: parameter.asnumpy() for name, parameter in self.state().items()}
        parameters = self._parameters
        self.__dict__.pop("_slots")
        self.__init__(self.word, self.arguments, self.name)  # type: ignore[misc]
        self._take(parameters)
        for name, parameter in self.state().items():
            parameter.storage.write(state[name])

    def __call__(self, gradients: Sequence[Tensor]) -> bool:
        """MindSpore's call: one step with the gradients of its parameters, in their order."""
        self.update_with([immediate(gradient).tensor for gradient in gradients])
        return True

    def update_with(self, gradients: Sequence[BackendTensor]) -> None:
        """One step with gradients in MindSpore's layout, in the order of :attr:`parameters`."""
        self.follow()
        pairs = zip(self._held, gradients, self._built_on, strict=True)
        laid = [held.laid(gradient, variable) for held, gradient, variable in pairs]
        self.apply(laid, self._built_on)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The network's parameters it updates, in its order."""
        return self._parameters

    @property
    def loss_scale(self) -> float:
        """What gradients are divided by."""
        return float(self._common.get("loss_scale", 1.0))

    @property
    def steps_done(self) -> int:
        """How many steps it has made, those before a checkpoint it was loaded from among them."""
        return int(ops.convert_to_numpy(self._iterations.value))

    @property
    def fixed_rate(self) -> float | None:
        """The learning rate where it is one number for all parameters; else None."""
        if not isinstance(self._common.learning_rate, float) or self._group_rates:
            return None
        return float(ops.convert_to_numpy(self._learning_rate))

    def get_lr(self) -> Tensor:
        """The learning rate of the next step."""
        return Tensor(np.float32(ops.convert_to_numpy(self.learning_rate)))

    @property
    def global_step(self) -> Parameter:
        """How many steps it has made, as a parameter."""
        return self.state()["global_step"]

    def __getattr__(self, name: str) -> Any:
        """Its state by MindSpore's attributes: ``moments`` are the entries ``moments.*`` in the
        order of its parameters, ``beta1_power`` is the entry of that name."""
        if not name.startswith("_") and "_slots" in self.__dict__:
            state = self.state()
            listed = tuple(p for key, p in state.items() if key.startswith(f"{name}."))
            if listed or name in state:
                return listed or state[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def fewest_rates(self) -> int | None:
        """For how many steps it has a rate; None where none of its rates is a list."""
        used = rates(self._common, getattr(self, "_members", ())).values()
        return min((len(rate) for rate in used if isinstance(rate, tuple)), default=None)

    def build(self, variables: Sequence[keras.Variable]) -> None:
        if hasattr(self, "_slots"):
            self.meet(variables)
            return
        given, variables = variables, self._as_first_built(variables)
        super().build(variables)
        self.meet(given)
        scalars = self.kind.scalars(self.arguments)
        self._scalars = {
            s.name: self._state_variable(s.name, (s.initial,) if s.shape else s.initial)
            for s in scalars
        }
        self._first = {s.name: self._state_variable(s.name, s.initial) for s in self.kind.first}
        self._slots = {
            slot.prefix: [
                self._slot_variable(slot, v, held)
                for v, held in zip(variables, self._held, strict=True)
            ]
            for slot in self.kind.slots(self.arguments)
        }
        names = [held.name for held in self._held]
        by_name = {member.name: member for member in self._members_of(names)}
        self._members = [by_name[name] for name in names]
        self._group_rates = {
            name: (rate, None if isinstance(rate, Term) else self._state_variable(name, rate))
            for name, rate in rates(self._common, self._members).items()
            if name != DEFAULT_RATE
        }

    def _members_of(self, names: Iterable[str]) -> tuple[Member, ...]:
        try:
            return self.kind.members(self.arguments, names)
        except Misfit as error:
            help = f"; {error.help}" if error.help else ""
            raise ValueError(f"{self.word}: {error}{help}") from None

    def _as_first_built(self, variables: Sequence[keras.Variable]) -> list[keras.Variable]:
        """The variables in the order the optimizer was made for: opened from a file, it is built
        on Keras's order, and its state would find the wrong variables. Those of cells that are
        never called are not among Keras's; what the file holds of them is the optimizer's."""
        found = {place_of(variable): variable for variable in variables}
        absent = [h for h in self._held if h.idle is not None and h.place not in found]
        places = [held.place for held in self._held if held not in absent]
        if places and len(found) == len(variables) and set(places) <= set(found):
            found.update({held.place: held.stand_in() for held in absent})
            self._idle = [*self._idle, *(found[held.place] for held in absent)]
            return [found[held.place] for held in self._held]
        self._held = [Optimized.of_variable(variable) for variable in variables]
        return list(variables)

    def _backend_apply_gradients(
        self, grads: Sequence[BackendTensor], trainable_variables: Sequence[keras.Variable]
    ) -> None:
        if self.kind.advance is not None:
            for name, value in self.kind.advance(self.arguments, self._scalars).items():
                self._scalars[name].assign(value)
        super()._backend_apply_gradients(grads, trainable_variables)

    def update_step(
        self, gradient: BackendTensor, variable: BackendTensor, learning_rate: BackendTensor
    ) -> None:
        index = self._get_variable_index(variable)
        a, dtype = self._common, variable.dtype
        met = self._held[index].times_met(gradient)
        # a look-up's gradient holds the rows it read; reshaped it is dense, as the rules take it
        gradient = ops.reshape(ops.cast(gradient, dtype), variable.shape)
        member = self._members[index]
        decay = self._decay_now(member.weight_decay, dtype) if member.decays else 0.0
        scale = a.get("loss_scale", 1.0)
        if member.decays and not self.kind.decays:
            decayed = variable if met is None else variable * met
            gradient = gradient + decayed * (decay * scale)
        if member.centralized:
            gradient = self._centralized(self._held[index], gradient)
        if scale != 1.0:
            gradient = gradient * (1.0 / scale)
        scalars = {name: ops.cast(value, dtype) for name, value in self._scalars.items()}
        if member.rate != DEFAULT_RATE:
            learning_rate = self._rate_of_group(member.rate)
        step = Step(
            ops,
            self.arguments,
            ops.cast(learning_rate, dtype),
            scalars,
            ops.convert_to_tensor(self._iterations),
            decay,
            member.name,
        )
        slots = {prefix: variables[index] for prefix, variables in self._slots.items()}
        # JAX's functions take tensors only
        values = {prefix: ops.convert_to_tensor(slot) for prefix, slot in slots.items()}
        update = self._by_axes if self.kind.by_axes else self.kind.update
        weight, moved = update(step, variable, gradient, values)
        if met is not None and self.kind.spares_rows(self.arguments):
            weight = ops.where(met > 0, weight, ops.convert_to_tensor(variable))
            moved = {prefix: ops.where(met > 0, v, values[prefix]) for prefix, v in moved.items()}
        for prefix, value in moved.items():
            self.assign(slots[prefix], ops.cast(value, slots[prefix].dtype))
        self.assign(variable, weight)

    def _by_axes(
        self,
        step: Step,
        weight: BackendTensor,
        gradient: BackendTensor,
        slots: Mapping[str, BackendTensor],
    ) -> tuple[BackendTensor, dict[str, BackendTensor]]:
        """The rule, carried out in MindSpore's layout. Slots of shapes of their own lie so
        already."""
        held = self._held[self._get_variable_index(weight)]
        own = {slot.prefix for slot in self.kind.slots(self.arguments) if slot.shape is not None}
        plain = {
            prefix: slot if prefix in own else held.plain(slot) for prefix, slot in slots.items()
        }
        result, moved = self.kind.update(step, held.plain(weight), held.plain(gradient), plain)
        laid = {
            prefix: value if prefix in own else held.laid(value, slots[prefix])
            for prefix, value in moved.items()
        }
        return held.laid(result, weight), laid

    def _centralized(self, held: Optimized, gradient: BackendTensor) -> BackendTensor:
        """Without its mean over MindSpore's axes but the first, where those are a matrix or more
        and the second is a multiple of 16."""
        shape = held.shape
        if len(shape) < 2 or shape[1] % 16:
            return gradient
        plain = held.plain(gradient)
        mean = ops.mean(plain, axis=tuple(range(1, len(shape))), keepdims=True)
        return held.laid(plain - mean, gradient)

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

    def get_config(self) -> dict[str, object]:
        given = {name: encoded(value) for name, value in self.arguments.items()}
        order = [held.encoded() for held in self._held]
        return {"word": self.word, "arguments": given, "name": self.name, "order": order}

    def rates_now(self) -> dict[str, BackendTensor | float]:
        """The learning rates of the next step by their entries: tensors."""
        return {
            name: self._rate_of_step() if name == DEFAULT_RATE else self._rate_of_group(name)
            for name in self.rate_names
        }

    @property
    def rate_names(self) -> tuple[str, ...]:
        """The entries of the learning rates in use, in the order of their first use."""
        return tuple(dict.fromkeys(member.rate for member in self._members))

    def set_rate(self, rate: float) -> None:
        """Replace a learning rate that is a number. Raises ValueError where it is none."""
        if not isinstance(self._common.learning_rate, float):
            raise ValueError(f"the learning rate of {self.word} is not a number that could be set")
        self._learning_rate.assign(rate)

    # ---- state

    def _rate_of_step(self) -> BackendTensor | float:
        rate, idle = self._common.learning_rate, False
        if isinstance(rate, float):
            return ops.convert_to_tensor(self._learning_rate)
        if isinstance(rate, tuple):
            used = {member.rate for member in getattr(self, "_members", ())}
            idle = bool(used) and DEFAULT_RATE not in used
        # Keras asks for it at every step, beyond its end too where groups have rates of their own
        return rate[-1] if idle else self._rate_now(rate, self._rates)

    def _rate_of_group(self, name: str) -> BackendTensor:
        return self._rate_now(*self._group_rates[name])

    def _rate_now(self, rate: object, variable: keras.Variable | None) -> BackendTensor:
        if isinstance(rate, Term):
            return self._scheduled(rate)
        if not isinstance(rate, tuple):
            return ops.convert_to_tensor(variable)
        # beyond the end a processor's kernel refuses; XLA would take the last rate, a GPU 0
        found = ops.take(variable, self._iterations)
        return ops.where(self._iterations < len(rate), found, float("nan"))

    def _decay_now(self, decay: Term | float, dtype: object) -> BackendTensor | float:
        return ops.cast(self._scheduled(decay), dtype) if isinstance(decay, Term) else decay

    def _scheduled(self, schedule: Term) -> BackendTensor:
        kind = vocabulary().of(ScheduleKind, schedule.word)
        return kind.rate(ops, schedule.arguments, ops.cast(self._iterations, "float32"))

    def _state_variable(self, name: str, value: object) -> keras.Variable:
        shape = (len(value),) if isinstance(value, tuple) else ()
        variable = self.add_variable(shape, "zeros", "float32", name=name)
        variable.assign(value)
        return variable

    def _slot_variable(
        self, slot: Slot, variable: keras.Variable, held: Optimized
    ) -> keras.Variable:
        start = keras.initializers.Constant(slot.initial)
        own = slot.dtype(held.shape)
        if slot.shape is None and own is None:
            return self.add_variable_from_reference(variable, slot.prefix, start)
        shape = tuple(variable.shape) if slot.shape is None else slot.shape(held.shape)
        name = f"{slot.prefix}{variable.path.replace('/', '_')}"
        dtype = variable.dtype if own is None else own.as_numpy().name
        return self.add_variable(shape, start, dtype, name=name)

    def _stored(self, entry: StateEntry) -> VariableStorage:
        if entry.slot_of is not None and entry.prefix is not None:
            names = [held.name for held in self._held]
            index = names.index(entry.slot_of)
            slot = next(s for s in self.kind.slots(self.arguments) if s.prefix == entry.prefix)
            layout = self._held[index].layout if slot.shape is None else SAME
            return VariableStorage(
                entry.shape, entry.dtype, self._slots[entry.prefix][index], layout
            )
        if entry.name == "global_step":
            return VariableStorage(entry.shape, entry.dtype, self._iterations, _STEP_LAYOUT)
        return VariableStorage(entry.shape, entry.dtype, self._variable_of(entry.name))

    def _variable_of(self, name: str) -> keras.Variable:
        if name == DEFAULT_RATE:
            return self._learning_rate if self._rates is None else self._rates
        if name in self._group_rates:
            return self._group_rates[name][1]
        return self._first[name] if name in self._first else self._scalars[name]
