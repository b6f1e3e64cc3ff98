"""A training step, but for the gradients: those are the backend's own (see ``backends``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
from keras import ops

from declspore.lower.batches import as_inputs
from declspore.lower.held import storage_of
from declspore.lower.loss import Loss, Objective
from declspore.lower.optimizer import Optimizer
from declspore.registry.policy import Policy, Stage, StepChange, StepHook
from declspore.training.branch import where
from declspore.training.memory import Memory

Gradients = Sequence[Any]
_BEFORE_UPDATE = (Stage.CHECK, Stage.CLIP, Stage.ACCUMULATE)


@dataclass(frozen=True)
class Trainee:
    """What is trained, by which loss and with which optimizer."""

    network: keras.Model
    loss: Loss | Objective
    optimizer: Optimizer


@dataclass(frozen=True)
class _Hooked:
    """What a policy does in one stage, with what it remembers between steps."""

    hook: StepHook
    memory: Memory


class TrainStep:
    """The stages of a step over the variables of a network, its optimizer and policies.

    ``reduce`` adds up the gradients of all devices where there are several.
    """

    def __init__(
        self,
        trainee: Trainee,
        policies: Iterable[Policy] = (),
        reduce: Callable[[Gradients], Gradients] | None = None,
    ) -> None:
        self.network, self.loss, self.optimizer = trainee.network, trainee.loss, trainee.optimizer
        self._reduce = reduce
        self.trained: list[Any] = list(self.network.trainable_weights)
        """The variables whose gradients a step needs, in their order."""
        owned = {id(storage_of(p).variable): p for p in self.optimizer.parameters}
        self._own = [at for at, variable in enumerate(self.trained) if id(variable) in owned]
        """The places of the variables among :attr:`trained` that the optimizer moves."""
        parameters = [owned[id(self.trained[at])] for at in self._own]
        self._names = [parameter.name for parameter in parameters]
        self._stages: dict[Stage, list[_Hooked]] = {stage: [] for stage in Stage}
        self.memories: list[Memory] = []
        for policy in policies:
            memory = Memory(policy, parameters)
            self.memories.append(memory)
            for stage, hook in policy.in_step().items():
                self._stages[stage].append(_Hooked(hook, memory))

    @property
    def kept(self) -> list[Any]:
        """All other variables that a step reads or assigns."""
        remembered = [variable for memory in self.memories for variable in memory.variables]
        return [*self.network.non_trainable_variables, *self.optimizer.variables, *remembered]

    def forward(self, data: Any, labels: Any) -> tuple[Any, Any]:
        """What is to be derived, and the loss of the step, float32."""
        outputs = self.network(as_inputs(data), training=True)
        values = self.loss.of_batch(outputs, labels)
        total = ops.sum(values)
        for hooked in self._stages[Stage.SCALE]:
            change = self._ask(hooked)
            total = total if change.factor is None else ops.multiply(total, change.factor)
        return total, ops.cast(ops.mean(values), "float32")

    def update(self, gradients: Gradients) -> None:
        """Everything after the gradients of :attr:`trained`, which are None where the loss does
        not depend on a variable."""
        if self._reduce is not None:
            gradients = self._reduce(gradients)
        hooks = [hooked for stage in _BEFORE_UPDATE for hooked in self._stages[stage]]
        self._pass(hooks, self._without_gaps(gradients) if hooks else gradients)

    def _without_gaps(self, gradients: Gradients) -> Gradients:
        """Zero, as in MindSpore, where the loss does not depend on a variable of the optimizer."""
        found = list(gradients)
        for at in self._own:
            if found[at] is None:
                found[at] = ops.zeros_like(self.trained[at])
        return found

    def _pass(self, hooks: Sequence[_Hooked], gradients: Gradients) -> None:
        """Hand the gradients on from stage to stage, as long as none says to leave out the rest."""
        for place, hooked in enumerate(hooks):
            change = self._ask(hooked, [gradients[at] for at in self._own])
            if change.gradients is not None:
                changed = dict(zip(self._own, change.gradients, strict=True))
                gradients = [changed.get(at, each) for at, each in enumerate(gradients)]
            if change.proceed is not None:
                rest = partial(self._pass, hooks[place + 1 :], gradients)
                where(change.proceed, rest, [*self.trained, *self.kept])
                return
        self.optimizer.apply_reduced(gradients, self.trained)
        for hooked in self._stages[Stage.AVERAGE]:
            self._ask(hooked)

    def _ask(self, hooked: _Hooked, gradients: Gradients = ()) -> StepChange:
        values = [ops.convert_to_tensor(self.trained[at]) for at in self._own]
        change = hooked.hook(hooked.memory.view(self._names, values, gradients))
        hooked.memory.take(change)
        return change
