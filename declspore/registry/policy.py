"""Training policies: what a training does besides forward, backward and update.

A policy decides and the engine (:mod:`declspore.training`) acts. Between steps, a policy is asked
at fixed moments: it is given its own state, which is plain data, and the run; it returns its next
state and requests what is to happen (``run.stop``, ``run.save``). Within a step, it may change
loss and gradients, or follow the parameters, at a fixed stage (:mod:`declspore.registry.step`).

Since a policy keeps nothing to itself, the engine can save a whole training and restore it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Any, ClassVar, Protocol

from declspore.dataclass import dataclass
from declspore.ir.pattern import Pattern
from declspore.ir.term import Arguments, Pipeline, Term
from declspore.ir.timeline import Timeline
from declspore.registry.kind import Kind, Misfit
from declspore.registry.python import bind_call
from declspore.registry.step import Stage, StepHook, StepScalar, StepSlot
from declspore.registry.table import Registry, definitions, vocabulary
from declspore.spelling import did_you_mean, listing

State = Mapping[str, Any]
"""What a policy remembers: values that JSON can hold, by name."""

Measure = Callable[[], Mapping[str, float]]
"""Measures the network as it is: figures by name."""


class Phase(IntEnum):
    """The order in which policies are asked at one moment; within a phase, the order of the list.

    A policy sees what those before it found. Saving comes last, so that a saved training holds the
    state in which every policy leaves the moment.
    """

    WATCH = 1
    """May find that the training cannot continue."""
    MEASURE = 2
    """Find figures, such as the accuracy on other data."""
    DECIDE = 3
    """Act on figures: stop, lower the rate."""
    REPORT = 4
    """Show or write down what happened."""
    SAVE = 5
    """Write checkpoints."""


class Failure(Exception):
    """Raised by a policy to end the training as failed: the parts of a diagnostic but its place.

    ``spoils`` says that the values are not worth going on from: the state of the moment is not
    kept, the last one that was written is.
    """

    def __init__(
        self,
        code: str,
        title: str,
        notes: Sequence[str] = (),
        helps: Sequence[str] = (),
        spoils: bool = False,
    ) -> None:
        super().__init__(title)
        self.spoils = spoils
        self.code, self.title = code, title
        self.notes, self.helps = tuple(notes), tuple(helps)


class Run(Protocol):
    """The training as a policy sees it, between two steps.

    ``step`` counts all steps that were made; ``epoch`` and ``step_in_epoch`` are those of the
    latest step. All count from 1 and are 0 before. ``series`` holds what was reported of each of
    the steps since the policies were last asked, by name, the latest last: ``loss``,
    ``learning_rate`` and what policies show; ``losses`` are those of ``loss``. ``figures`` are
    those that were found at this moment. ``epoch_is_complete`` is False where the training ends
    within an epoch. ``rate`` is the learning rate of the next step. ``seconds`` is how long the
    training has taken so far, without the time between an interruption and its continuation.
    ``stop_reason`` is why no step follows, where a policy asked for it.
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

    @property
    def series(self) -> Mapping[str, Sequence[float]]: ...

    @property
    def figures(self) -> Mapping[str, float]: ...

    @property
    def rate(self) -> float: ...

    @property
    def seconds(self) -> float: ...

    @property
    def stop_reason(self) -> str | None: ...

    def record(self, name: str, figure: float) -> None:
        """Add a figure of this moment, for the policies that are asked after this one."""

    def set_rate(self, rate: float) -> None:
        """Set a learning rate that is a number, from the next step on."""

    def keep(self) -> None:
        """Remember the values of all variables, once every policy was asked."""

    def recall(self) -> None:
        """Go back to the values that were remembered last, before anything is saved."""

    def stop(self, reason: str, *, spoilt: bool = False) -> None:
        """End the training after this moment; without a checkpoint, where values are spoilt."""

    def save(self, path: str) -> None:
        """Write a checkpoint, once every policy was asked."""

    def back_up(self) -> None:
        """Write the state from which the training can continue, without a checkpoint."""

    def remove(self, path: str) -> None:
        """Delete a checkpoint, after those that are to be saved were."""

    def progress(self, text: str, numbers: Mapping[str, float] | None = None) -> None:
        """Show how far the training is, with a few words; ``numbers`` say the same by name."""

    def note(self, text: str) -> None:
        """Show a line of what happened."""


def _alike(first: object, found: object) -> bool:
    """Whether two values of states are of one kind; numbers are, whole or not."""
    for kind in (bool, int | float, str, list, Mapping):
        if isinstance(first, kind):
            return isinstance(found, kind)
    return True


class Policy:
    """A policy of one training. What is not overridden does nothing.

    The methods that take ``state`` and ``run`` return the next state.
    """

    phase: ClassVar[Phase] = Phase.REPORT

    def start(self) -> State:
        """The state of a new training."""
        return {}

    def accepts(self, state: State) -> bool:
        """Whether a state may be one of this policy: it comes from a file."""
        first = self.start()
        return set(state) == set(first) and all(
            value is None or _alike(value, state[name]) for name, value in first.items()
        )

    def measuring(self, measure: Measure) -> Policy:
        """The same policy, with the way in which it measures."""
        return self

    def rehearsed(self) -> Policy:
        """The same policy in a training of one epoch of two steps, which tries all that the whole
        one will do."""
        return self

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

    def holds(self, parameter: str, run: Run) -> bool:
        """Whether a parameter is not trained in the next step. The answer may change at a pause."""
        return False

    def scalars(self) -> tuple[StepScalar, ...]:
        """The numbers it keeps where steps run."""
        return ()

    def slots(self) -> tuple[StepSlot, ...]:
        """What it keeps for parameters."""
        return ()

    def in_step(self) -> Mapping[Stage, StepHook]:
        """What it does in which stages of a step. The hooks are traced: they work on tensors."""
        return {}


# ---- words


@dataclass(frozen=True)
class Measured:
    """What a policy measures: metrics over a dataset, as they are written; with the values that
    another policy keeps in the slot ``of`` for every parameter, if that is not None."""

    dataset: Pipeline
    metrics: tuple[Term, ...]
    of: str | None = None


@dataclass(frozen=True)
class Setting:
    """The task that a policy is checked against: the parameters of the network that are trained,
    those that ``freeze`` names, the learning rates (numbers, lists, schedules), the figures that
    policies measure (None where one of them is wrong), whether the loss is scaled, and the slots
    that policies keep for every parameter."""

    trained: tuple[str, ...]
    frozen: tuple[str, ...]
    rates: tuple[object, ...]
    figures: tuple[str, ...] | None
    is_scaled: bool = False
    slots: tuple[str, ...] = ()

    def require_figure(self, name: str) -> None:
        """Raises Misfit where no policy finds a figure of that name, and it is not the loss."""
        if self.figures is None:
            return
        known = ["loss", *self.figures]
        if name not in known:
            near = did_you_mean(name, known)
            help = near[0] if near else "Validate(valid_set, metrics = [Accuracy()]) measures one"
            raise Misfit(f"there is no figure `{name}`; there are {listing(known)}", help)


@dataclass(frozen=True, kw_only=True)
class PolicyKind(Kind):
    """A word of the list ``policies`` of a task: ``make(arguments)`` is the policy for one
    training.

    ``measures(arguments)`` is what it measures, ``freed(arguments)`` are paths of parameters that
    it trains although ``freeze`` names them; ``stops`` says that it may end a training early,
    ``scales`` that it multiplies the loss. ``updates(arguments)`` is how many steps it makes one
    update of, ``precision(arguments)`` the type that layers compute in, where that is another,
    ``begins(arguments, steps_per_epoch)`` the first step at which it acts,
    ``allows_any_loss(arguments)`` whether a loss that is not finite is no error.
    ``check(arguments, setting)`` raises Misfit where the policy does not fit the task.
    """

    family: ClassVar[str] = "policy"
    title: ClassVar[str] = "Training policies"
    room: ClassVar[str] = "policies"
    rank: ClassVar[int] = 85
    keeps: ClassVar[str] = "Keeps"

    make: Callable[[Arguments], Policy]
    measures: Callable[[Arguments], Measured | None] = lambda arguments: None
    freed: Callable[[Arguments], tuple[Pattern, ...]] = lambda arguments: ()
    stops: bool = False
    scales: bool = False
    updates: Callable[[Arguments], int] = lambda arguments: 1
    precision: Callable[[Arguments], str | None] = lambda arguments: None
    begins: Callable[[Arguments, int], int] = lambda arguments, steps_per_epoch: 1
    allows_any_loss: Callable[[Arguments], bool] = lambda arguments: False
    check: Callable[[Arguments, Setting], None] = lambda arguments, setting: None


@dataclass(frozen=True, kw_only=True)
class OwnPolicyKind(PolicyKind):
    """A policy that a clause of a task or a door in Python asks for, and no list.

    ``logs`` are the endings of the paths that the clause `log` writes by it; such a word takes
    ``path``, and may take the names of ``figures`` and the plan (``about``). ``package`` is one
    that it needs, and the extra that installs it.
    """

    family: ClassVar[str] = "own policy"
    title: ClassVar[str] = "Policies that statements ask for"
    rank: ClassVar[int] = 190
    namespace: ClassVar[str] = "policies"
    in_reference: ClassVar[bool] = False

    logs: tuple[str, ...] = ()
    package: str | None = None


def policies() -> Registry:
    """All policies of training, by their words."""
    return Registry(definitions(PolicyKind.room))


def policy(word: str, **arguments: object) -> Policy:
    """The policy of a word; arguments that are left out have their defaults.

    Raises TypeError or ValueError where the arguments do not fit.
    """
    kind = _kind_of(word)
    return kind.make(bind_call(kind, (), arguments))


def policy_of(term: Term) -> Policy:
    """The policy that a term asks for."""
    return _kind_of(term.word).make(term.arguments)


def _kind_of(word: str) -> PolicyKind:
    """The kind of a policy: of a list, or one that a clause asks for."""
    kind = vocabulary().get(word)
    return kind if isinstance(kind, PolicyKind) else policies().of(PolicyKind, word)
