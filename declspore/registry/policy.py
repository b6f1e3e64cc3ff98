"""Training policies: what a training does besides forward, backward and update.

A policy decides and the engine (:mod:`declspore.training`) acts. Between steps, a policy is asked
at fixed moments: it is given its own state, which is plain data, and the run; it returns its next
state and requests what is to happen (``run.stop``, ``run.save``). Within a step, it may change
loss and gradients, or follow the parameters, at a fixed stage of the step.

Since a policy keeps nothing to itself, the engine can save a whole training and restore it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, ClassVar, Protocol

from declspore.ir.dtype import FLOAT32, DType
from declspore.ir.term import Arguments
from declspore.ir.timeline import Timeline
from declspore.registry.kind import Kind
from declspore.registry.python import bind_call
from declspore.registry.table import Registry, words_in

State = Mapping[str, Any]
"""What a policy remembers: values that JSON can hold, by name."""


class Phase(IntEnum):
    """The order in which policies are asked at one moment; within a phase, the order of the list.

    A policy sees what those before it found. Saving comes last, so that a saved training holds the
    state in which every policy leaves the moment.
    """

    WATCH = 1
    """May find that the training cannot go on."""
    MEASURE = 2
    """Find figures, such as the accuracy on other data."""
    DECIDE = 3
    """Act on figures: stop, lower the rate."""
    REPORT = 4
    """Show or write down what happened."""
    SAVE = 5
    """Write checkpoints."""


class Stage(IntEnum):
    """The stages of a step, in their order. REDUCE and UPDATE are the engine's own."""

    SCALE = 1
    """The loss is multiplied."""
    REDUCE = 2
    """The gradients of all devices are added up."""
    CHECK = 3
    """Gradients that are not finite end the step."""
    CLIP = 4
    """Gradients are limited."""
    ACCUMULATE = 5
    """Gradients of several steps are collected."""
    UPDATE = 6
    """The optimizer moves the parameters."""
    AVERAGE = 7
    """Copies follow the parameters."""


class Failure(Exception):
    """Raised by a policy to end the training as failed: the parts of a diagnostic but its place."""

    def __init__(
        self, code: str, title: str, notes: Sequence[str] = (), helps: Sequence[str] = ()
    ) -> None:
        super().__init__(title)
        self.code, self.title = code, title
        self.notes, self.helps = tuple(notes), tuple(helps)


class Run(Protocol):
    """The training as a policy sees it, between two steps.

    ``step`` counts all steps that were made; ``epoch`` and ``step_in_epoch`` are those of the
    latest step. All count from 1 and are 0 before. ``losses`` are those of the steps since the
    policies were last asked, the latest last. ``epoch_is_complete`` is False where the training
    ends within an epoch.
    """

    @property
    def timeline(self) -> Timeline: ...

    @property
    def step(self) -> int: ...

    @property
    def epoch(self) -> int: ...

    @property
    def step_in_epoch(self) -> int: ...

    @property
    def epoch_is_complete(self) -> bool: ...

    @property
    def losses(self) -> Sequence[float]: ...

    def stop(self, reason: str) -> None:
        """End the training after this moment."""

    def save(self, path: str) -> None:
        """Write a checkpoint, once every policy was asked."""

    def remove(self, path: str) -> None:
        """Delete a checkpoint, after those that are to be saved were."""

    def progress(self, text: str) -> None:
        """Show how far the training is, with a few words."""

    def note(self, text: str) -> None:
        """Show a line of what happened."""


# ---- what a policy does within a step


@dataclass(frozen=True, slots=True)
class StepScalar:
    """A number that a policy keeps where steps run. With ``entry`` it is saved in checkpoints,
    under its name."""

    name: str
    initial: float
    dtype: DType = FLOAT32
    entry: bool = False


@dataclass(frozen=True, slots=True)
class StepSlot:
    """A tensor that a policy keeps for each trained parameter, of its shape and type.

    It begins as zeros, or as the parameter where it is a ``copy``. With ``entry`` it is saved in
    checkpoints as ``<prefix>.<parameter>``.
    """

    prefix: str
    copy: bool = False
    entry: bool = False


@dataclass(frozen=True, slots=True)
class StepView:
    """What a policy sees within a step: ``keras.ops``, its own scalars by name and slots by prefix,
    and of each trained parameter its name, its value and its gradient, all in the same order.

    In stage SCALE there are no gradients yet; in AVERAGE none any more.
    """

    ops: Any
    scalars: Mapping[str, Any]
    slots: Mapping[str, Sequence[Any]]
    names: Sequence[str]
    values: Sequence[Any]
    gradients: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class StepChange:
    """What a policy does within a step; what is None or left out stays as it is.

    ``factor`` is what the loss is multiplied by (stage SCALE). Where the tensor ``proceed`` is
    false, the stages after this one are left out of the step.
    """

    factor: Any = None
    gradients: Sequence[Any] | None = None
    proceed: Any = None
    scalars: Mapping[str, Any] = field(default_factory=dict)
    slots: Mapping[str, Sequence[Any]] = field(default_factory=dict)


StepHook = Callable[[StepView], StepChange]


class Policy:
    """A policy of one training. What is not overridden does nothing.

    The methods that take ``state`` and ``run`` return the next state.
    """

    phase: ClassVar[Phase] = Phase.REPORT

    def start(self) -> State:
        """The state of a new training."""
        return {}

    def next_pause(self, state: State, run: Run) -> int | None:
        """The step after which it must be asked again; None where any will do.

        Steps run together until one of all policies must be asked.
        """
        return None

    def begin(self, state: State, run: Run) -> State:
        """Before the first step."""
        return state

    def before_epoch(self, state: State, run: Run) -> State:
        """Before the first step of an epoch."""
        return state

    def before_steps(self, state: State, run: Run) -> State:
        """Before a step, or several that run together."""
        return state

    def after_steps(self, state: State, run: Run) -> State:
        """After a step, or several that ran together."""
        return state

    def after_epoch(self, state: State, run: Run) -> State:
        """After the last step of an epoch."""
        return state

    def end(self, state: State, run: Run) -> State:
        """After the last step, where nothing failed."""
        return state

    def failed(self, state: State, run: Run, error: BaseException) -> None:
        """When an error or an interruption ends the training."""

    def writes(self, timeline: Timeline) -> Iterator[str]:
        """The checkpoints it would write, in order, in a training of known length."""
        return iter(())

    def scalars(self) -> tuple[StepScalar, ...]:
        """The numbers it keeps where steps run."""
        return ()

    def slots(self) -> tuple[StepSlot, ...]:
        """What it keeps for each trained parameter."""
        return ()

    def in_step(self) -> Mapping[Stage, StepHook]:
        """What it does in which stages of a step. The hooks are traced: they work on tensors."""
        return {}


@dataclass(frozen=True, kw_only=True)
class PolicyKind(Kind):
    """A word for a policy: ``make(arguments)`` is the policy for one training."""

    family: ClassVar[str] = "policy"
    title: ClassVar[str] = "Training policies"
    room: ClassVar[str] = "policies"
    rank: ClassVar[int] = 190
    namespace: ClassVar[str] = "policies"
    in_reference: ClassVar[bool] = False

    make: Callable[[Arguments], Policy]


def policies() -> Registry:
    """The policies of training. A clause of a task or a door in Python asks for them."""
    return words_in(PolicyKind.namespace)


def policy(word: str, **arguments: Any) -> Policy:
    """The policy of a word; arguments that are left out have their defaults.

    Raises TypeError or ValueError where the arguments do not fit.
    """
    kind = policies().of(PolicyKind, word)
    return kind.make(bind_call(kind, (), arguments))
