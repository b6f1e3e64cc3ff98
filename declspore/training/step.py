"""A training step, but for the gradients: those are the backend's own (see ``backends``)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Protocol, TypeAlias

import keras
from keras import ops

from declspore.dataclass import dataclass
from declspore.ir.tensors import Tensor, Tensors
from declspore.lower.batches import as_inputs
from declspore.lower.devices import SharingDevices, computing
from declspore.lower.loss import Loss, Objective
from declspore.lower.loss_part import loss_of_part
from declspore.lower.optimized import storage_of
from declspore.lower.random import draw_by_state, share_draws
from declspore.registry.policy import Policy
from declspore.registry.step import Stage, StepChange, StepHook
from declspore.training.branch import where
from declspore.training.memory import Memory
from declspore.training.optimizing import TrainingOptimizer

Gradients: TypeAlias = "Sequence[Tensor | None]"
"""A gradient of rows (TensorFlow's IndexedSlices) is a tensor to the functions of Keras."""

_BEFORE_UPDATE = (Stage.CHECK, Stage.CHANGE)


class Devices(Protocol):
    """The devices that share every batch."""

    def at(self, place: Tensor) -> SharingDevices:
        """The devices in a step in which this one has the samples of a place in the batch."""

    def reduced(self, gradients: Gradients, loss: Tensor) -> tuple[list[Tensor | None], Tensor]:
        """The sums of the gradients and of a loss over all devices; a gradient that is None is so
        on all of them."""


@dataclass(frozen=True)
class Trainee:
    """What is trained, by which loss and with which optimizer."""

    network: keras.Model
    loss: Loss | Objective
    optimizer: TrainingOptimizer


@dataclass(frozen=True)
class _Hooked:
    """What a policy does in one stage, with what it remembers between steps."""

    hook: StepHook
    memory: Memory


class TrainStep:
    """The stages of a step over the variables of a network, its optimizer and policies.

    ``devices`` are those that share every batch, where there are several.
    """

    def __init__(
        self,
        trainee: Trainee,
        policies: Iterable[Policy] = (),
        devices: Devices | None = None,
    ) -> None:
        self.network, self.loss, self.optimizer = trainee.network, trainee.loss, trainee.optimizer
        self._devices = devices
        draw_by_state(self.network)
        if devices is not None:
            share_draws(self.network)
        self._all: list[keras.Variable] = list(self.network.trainable_weights)
        """The variables that are trained at one time or another."""
        owned = {id(storage_of(p).variable): p for p in self.optimizer.parameters}
        self._own = [at for at, variable in enumerate(self._all) if id(variable) in owned]
        """The places of the variables among them that the optimizer moves."""
        self._parameters = [owned[id(self._all[at])] for at in self._own]
        self.names = [parameter.name for parameter in self._parameters]
        """The parameters that the optimizer moves, in the order of the network."""
        self._held: frozenset[int] = frozenset()
        self._stages: dict[Stage, list[_Hooked]] = {stage: [] for stage in Stage}
        self.memories: list[Memory] = []
        every = tuple(self.network.get_parameters())
        for policy in policies:
            memory = Memory(policy, self._parameters, every)
            self.memories.append(memory)
            for stage, hook in policy.in_step().items():
                self._stages[stage].append(_Hooked(hook, memory))

    def hold(self, names: Collection[str]) -> None:
        """Train none of these parameters, and all others. What was compiled before knows nothing
        of it."""
        pairs = zip(self._own, self.names, strict=True)
        self._held = frozenset(at for at, name in pairs if name in names)

    @property
    def trained(self) -> list[keras.Variable]:
        """The variables whose gradients a step needs, in their order."""
        return [variable for at, variable in enumerate(self._all) if at not in self._held]

    @property
    def kept(self) -> list[keras.Variable]:
        """All other variables that a step reads or assigns."""
        held = [self._all[at] for at in sorted(self._held)]
        remembered = [variable for memory in self.memories for variable in memory.variables]
        others = [*self.network.non_trainable_variables, *self.optimizer.variables]
        return [*held, *others, *remembered]

    @property
    def reported(self) -> tuple[str, ...]:
        """The names of the numbers that :meth:`forward` reports."""
        return ("loss", *self.optimizer.rate_names, *self._shown)

    @property
    def _shown(self) -> dict[str, object]:
        return {name: one for memory in self.memories for name, one in memory.shown.items()}

    def forward(
        self, data: Tensors, labels: Tensors, place: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """What is to be derived, and what is reported of the step, in a vector of float32.

        ``place`` is that of the samples in the batch, where several devices share it
        (:class:`declspore.lower.devices.SharingDevices`).
        """
        devices = None
        if self._devices is not None:
            assert place is not None
            devices = self._devices.at(place)
        with computing(devices):
            outputs = self.network(as_inputs(data), training=True)
            if devices is None:
                values = self.loss.of_batch(outputs, labels)
                total, mean = ops.sum(values), ops.mean(values)
            else:
                total, mean = loss_of_part(self.loss, outputs, labels, devices)
        for hooked in self._stages[Stage.SCALE]:
            change = self._ask(hooked)
            total = total if change.factor is None else ops.multiply(total, change.factor)
        told = [mean, *self.optimizer.rates_now().values(), *self._shown.values()]
        return total, ops.stack([ops.cast(one, "float32") for one in told])

    def update(self, gradients: Gradients, told: Tensor) -> Tensor:
        """Everything after the gradients of :attr:`trained`, which are None where the loss does
        not depend on a variable; what is reported of the step."""
        if self._devices is not None:
            gradients, loss = self._devices.reduced(gradients, told[:1])
            told = ops.concatenate([loss, told[1:]])
        hooks = [hooked for stage in _BEFORE_UPDATE for hooked in self._stages[stage]]
        given = iter(gradients)
        found = [None if at in self._held else next(given) for at in range(len(self._all))]
        self._pass(hooks, self._without_gaps(found) if hooks else found)
        return told

    def _without_gaps(self, gradients: list[Tensor | None]) -> Gradients:
        """Zero, as in MindSpore, where the loss does not depend on a variable of the optimizer, or
        it is held."""
        for at in self._own:
            if gradients[at] is None:
                gradients[at] = ops.zeros_like(self._all[at])
        return gradients

    def _pass(self, hooks: Sequence[_Hooked], gradients: Gradients) -> None:
        """Hand the gradients on from stage to stage, as long as none says to leave out the rest."""
        for place, hooked in enumerate(hooks):
            change = self._ask(hooked, [_present(gradients[at]) for at in self._own])
            if change.gradients is not None:
                changed = dict(zip(self._own, change.gradients, strict=True))
                gradients = [changed.get(at, each) for at, each in enumerate(gradients)]
            if change.proceed is not None:
                empty = partial(hooked.memory.empty, change.emptied)
                rest = partial(self._rest, hooks[place + 1 :], gradients, empty)
                where(change.proceed, rest, [*self.trained, *self.kept])
                return
        left = [each for at, each in enumerate(gradients) if at not in self._held]
        self.optimizer.apply_reduced(left, self.trained)
        for hooked in self._stages[Stage.AVERAGE]:
            self._ask(hooked)

    def _rest(
        self, hooks: Sequence[_Hooked], gradients: Gradients, empty: Callable[[], None]
    ) -> None:
        """What follows a policy where it lets the step proceed."""
        self._pass(hooks, gradients)
        empty()

    def _ask(self, hooked: _Hooked, gradients: Sequence[Tensor] = ()) -> StepChange:
        values = [ops.convert_to_tensor(self._all[at]) for at in self._own]
        change = hooked.hook(hooked.memory.view(self.names, values, gradients))
        hooked.memory.take(change)
        return change


def _present(gradient: Tensor | None) -> Tensor:
    """Before a policy sees them, gradients have no gaps."""
    assert gradient is not None
    return gradient
