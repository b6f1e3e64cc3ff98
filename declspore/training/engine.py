"""The engine: epochs, pauses, and what policies request."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Protocol, assert_never

import keras

from declspore.dataclass import dataclass
from declspore.devices.group import Alone, Group
from declspore.ir.devices import Statistics
from declspore.ir.timeline import Timeline
from declspore.lower.optimized import storage_of
from declspore.registry.policy import Failure, Policy, State
from declspore.tensor import Array, Parameter
from declspore.training.backends import shared_by, steps_of
from declspore.training.chain import Chain, Hook
from declspore.training.checkpoint import training_parameters
from declspore.training.feed import Epoch, Feed
from declspore.training.following import Following
from declspore.training.moment import (
    Moment,
    SilentTraining,
    ToBackUp,
    ToKeep,
    ToRecall,
    ToRemove,
    ToSave,
    ToSetRate,
    TrainingReporter,
)
from declspore.training.pace import MOST_STEPS, Pace
from declspore.training.rate import LearningRate
from declspore.training.saving import Keeper, Work, Writer, as_they_are, remove
from declspore.training.state import TrainingState, assign, named, values_of
from declspore.training.step import Trainee, TrainStep


@dataclass(frozen=True)
class Finished:
    """What became of a training: all its steps, the last loss, how many checkpoints were saved,
    which of them are left, and why it ended early, if it did."""

    steps: int
    loss: float
    saved: int
    files: tuple[str, ...]
    stop_reason: str | None


class Interruption(Protocol):
    """Whether the training is asked to end."""

    @property
    def pending(self) -> BaseException | None:
        """What is to be raised, once the state is kept."""


class Engine:
    """One training. ``first_epoch`` is the number of its first epoch.

    In a ``group`` of processes, all of them make the same steps. Between steps rank 0 decides: it
    alone asks the policies, writes files and keeps the state, and the others follow it
    (:mod:`declspore.training.following`). ``statistics`` is what batch normalization does there.
    """

    def __init__(
        self,
        trainee: Trainee,
        feed: Feed,
        timeline: Timeline,
        policies: Iterable[Policy] = (),
        reporter: TrainingReporter | None = None,
        first_epoch: int = 1,
        keeper: Keeper | None = None,
        interruption: Interruption | None = None,
        group: Group | None = None,
        statistics: Statistics = "batch",
    ) -> None:
        self._feed, self._timeline, self._first_epoch = feed, timeline, first_epoch
        self._pace = Pace()
        self._interruption, self._keeps = interruption, keeper is not None
        self._removing: tuple[str, ...] = ()
        self._opened: dict[str, keras.Variable] | None = None
        """What an error goes back to while policies are asked."""
        self._is_torn = False
        self._unasked: Mapping[str, Sequence[float]] = {}
        self._loss = math.nan
        self._reporter = reporter or SilentTraining()
        self._group = group or Alone()
        self._leads = self._group.rank == 0
        self._follow = Following(self._group, statistics)
        self._chain = Chain(policies, asks=self._leads)
        self._devices = shared_by(self._group, statistics)
        self._step = TrainStep(trainee, self._chain.policies.values(), self._devices)
        self._steps = steps_of(self._step)
        self._moment = Moment(timeline, self._reporter, LearningRate(trainee.optimizer))
        self._writer = Writer(keeper, lambda path: self._moment.progress(f"saved {path}"))
        self._held: frozenset[str] = frozenset()
        self._remembered: dict[str, Array] = {}
        self._saved = 0
        self._files: list[str] = []

    def train(self) -> Finished:
        """Train to the end, or until a policy stops it.

        Raises what a policy raises (:class:`declspore.registry.policy.Failure`), and ValueError
        where an epoch has no batches.
        """
        moment = self._moment
        try:
            self._align()
            self._chain.begin(moment)
            first, skip = self._position()
            for number in range(first, self._first_epoch + self._timeline.epochs):
                if moment.is_over:
                    break
                self._run_epoch(number, skip)
                skip = 0
            self._open_moment({})
            self._ask("end")
            self._carry_out()
            self._writer.wait()
        except BaseException as error:
            self._keep_after(error)
            self._chain.failed(moment, error)
            raise
        finally:
            self._writer.close()
        return Finished(
            moment.step, self._loss, self._saved, tuple(self._files), moment.stop_reason
        )

    @property
    def parameters(self) -> dict[str, Parameter]:
        """Every entry of a checkpoint of this training, by name."""
        step = self._step
        return training_parameters(step.network, step.optimizer, step.memories)

    @contextmanager
    def showing(self, slot: str | None) -> Iterator[None]:
        """Within the block, the parameters have the values that a policy keeps for them in a slot;
        their own where it is None."""
        memories = self._step.memories if slot is not None else []
        pairs = [pair for memory in memories for pair in memory.slot(slot or "") or ()]
        variables = {p.name: storage_of(p).variable for p, _ in pairs}
        own = values_of(variables)
        assign(variables, values_of({p.name: kept for p, kept in pairs}))
        try:
            yield
        finally:
            assign(variables, own)

    def remembered_by(self, word: str) -> State:
        """The state of the policy of a word. Raises KeyError where there is none."""
        return self._chain.states[word]

    # ---- state

    @property
    def state(self) -> TrainingState:
        """The state at this moment: the position, all values, and what policies remember."""
        values = values_of(self._variables)
        states = dict(self._chain.states)
        own = self._steps.state()
        return TrainingState(
            self._moment.step,
            values,
            states,
            own,
            dict(self._remembered),
            self._saved,
            tuple(file for file in self._files if file not in self._removing),
            self._removing,
            self._moment.stop_reason,
            self._loss,
            self._moment.seconds,
        )

    def restore(self, state: TrainingState) -> None:
        """Take over the state of a training that was interrupted; to be called before
        :meth:`train`.

        Raises ValueError where it is the state of another training, or lies within an epoch whose
        length is not known.
        """
        self._chain.restore(state.policies)
        assign(self._variables, state.variables)
        self._steps.restore(state.backend)
        self._remembered = dict(state.remembered)
        self._saved, self._files = state.saved, list(state.files)
        self._writer.kept = state.step
        self._moment.stop_reason, self._loss = state.stop_reason, state.loss
        self._forget(state.removing)
        if self._leads:
            remove(state.removing)
        self._moment.go_to(state.step, self._first_epoch)
        self._moment.before, self._unasked = state.seconds, state.unasked

    def _align(self) -> None:
        """Begin where rank 0 begins, with its values."""
        if self._group.size > 1:
            state = self._follow.begun(replace(self.state, unasked=self._unasked))
            if not self._leads:
                self.restore(state)

    @property
    def _variables(self) -> dict[str, keras.Variable]:
        step = self._step
        return named(step.network, [*step.network.variables, *step.kept])

    def _position(self) -> tuple[int, int]:
        """The epoch of the next step, and how many steps of it were made."""
        done, length = self._moment.step, self._timeline.steps_per_epoch
        if not done:
            return self._first_epoch, 0
        assert length is not None
        if self._unasked:
            # the latest steps are still to be judged, within their epoch
            return self._first_epoch + (done - 1) // length, (done - 1) % length + 1
        return self._first_epoch + done // length, done % length

    # ---- steps

    def _run_epoch(self, number: int, skip: int) -> None:
        moment = self._moment
        moment.enter_epoch(number, skip)
        if not skip:
            self._ask("before_epoch")
        epoch = self._feed.epoch(number, skip, self._steps.native)
        while self._ask_again() or (epoch.more() and self._run_steps(epoch)):
            if moment.is_over or not epoch.more():
                break
            self._carry_out()
            self._check_interrupted()
        if not moment.step_in_epoch:
            raise ValueError("the dataset has no batches")
        moment.leave_epoch()
        moment.begin_moment()
        self._ask("after_epoch")
        self._carry_out()
        if not moment.is_over:
            self._check_interrupted()

    def _check_interrupted(self) -> None:
        """End here, with the state kept, where that is asked for."""
        pending = None if self._interruption is None else self._interruption.pending
        pending = self._follow.pending(pending)
        if pending is not None:
            self._keep(self.state)
            raise pending

    def _keep(self, state: TrainingState) -> None:
        """Keep a state that the training ends with."""
        if self._keeps:
            self._writer.keep(state)
            self._moment.note(f"stopped after step {state.step}; the same command continues there")

    def _keep_after(self, error: BaseException) -> None:
        """Keep the state that an error leaves, where that is one of the training: of whole steps,
        and as it was before the policies were asked that did not come to an end."""
        if not self._keeps or not isinstance(error, Exception):
            return
        try:
            if self._writer.failed is None:
                self._writer.wait()
        except Exception as second:
            # it came first, and is seen only now
            error.add_note(f"before that: {second}")
        spoils = isinstance(error, Failure) and error.spoils
        try:
            state = None if spoils else self._state_after()
            if state is not None:
                self._keep(state)
                return
        except Exception as second:
            error.add_note(f"the state was not kept: {second}")
        if self._writer.kept is not None and not spoils:
            self._moment.note(
                f"the state after step {self._writer.kept} is whole; the same command continues "
                "there"
            )

    def _state_after(self) -> TrainingState | None:
        """The state that an error leaves; None where the one that was kept last is to stay."""
        if self._writer.failed is not None:
            return self._writer.failed.before
        if not self._moment.series:
            return None
        return self._before_moment(self.state)

    def _before_moment(self, state: TrainingState) -> TrainingState | None:
        """A state as it was before policies were asked; None where what the moment began with is
        gone."""
        return None if self._is_torn else replace(state, removing=(), **(self._opened or {}))

    def _run_steps(self, epoch: Epoch) -> bool:
        """Make the steps up to the next pause; whether there were any."""
        self._ask("before_steps")
        self._hold()
        self._group.step, most = self._moment.step, self._follow.most(self._most())
        with self._pace.timed() as timing:
            try:
                with nullcontext() if self._devices is None else self._devices.explained():
                    reports = self._steps.run(epoch.batches, most)
            except Exception:
                made = self._steps.made()
                self._is_torn = made is None
                if made:
                    self._advance(made)
                raise
            timing.steps = len(reports)
        if not reports:
            return False
        epoch.advance(len(reports))
        self._advance(reports)
        self._judge()
        return True

    def _advance(self, reports: Sequence[Sequence[float]]) -> None:
        """Steps were made."""
        names = self._step.reported
        series = dict(zip(names, zip(*reports, strict=True), strict=True))
        self._moment.advance(series)
        self._loss = self._moment.losses[-1]
        self._open_moment(series)

    def _open_moment(self, series: Mapping[str, Sequence[float]]) -> None:
        """From here until requests are carried out, an error leaves the training as it is now."""
        self._opened = {
            "policies": dict(self._chain.states),
            "remembered": dict(self._remembered),
            "saved": self._saved,
            "files": tuple(self._files),
            "stop_reason": self._moment.stop_reason,
            "unasked": series,
        }

    def _ask_again(self) -> bool:
        """Ask policies about steps that were made before an error; whether there were any."""
        if not self._unasked:
            return False
        self._moment.series, self._unasked = self._unasked, {}
        self._open_moment(self._moment.series)
        self._judge()
        return True

    def _judge(self) -> None:
        self._moment.begin_moment()
        self._ask("after_steps")

    def _ask(self, hook: Hook) -> None:
        self._chain.ask(hook, self._moment)
        self._follow.stopped(self._moment)

    def _hold(self) -> None:
        """Train what no policy holds; steps are compiled again where that changed."""
        held = frozenset(self._chain.held(self._step.names, self._moment))
        if held == self._held:
            return
        self._step.hold(held)
        self._held, own = held, self._steps.state()
        self._steps = steps_of(self._step)
        self._steps.restore(own)

    def _most(self) -> int:
        """How many steps may run until a policy must be asked."""
        limits = [MOST_STEPS, self._pace.most]
        pause = self._chain.next_pause(self._moment)
        if pause is not None:
            limits.append(pause - self._moment.step)
        if self._moment.steps_left is not None:
            limits.append(self._moment.steps_left)
        return max(min(limits), 1)

    def _carry_out(self) -> None:
        """Do what policies requested, now that all were asked."""
        self._writer.check()
        requests = self._follow.requests(self._moment)
        # what the moment began with is gone then
        self._is_torn = any(isinstance(each, ToSetRate | ToRecall) for each in requests)
        self._removing = tuple(each.path for each in requests if isinstance(each, ToRemove))
        saving = [each.path for each in requests if isinstance(each, ToSave)]
        for request in requests:
            match request:
                case ToSetRate():
                    self._moment.take_rate(request.rate)
                case ToKeep():
                    self._remembered = values_of(self._variables)
                case ToRecall():
                    self._recall()
                case ToSave():
                    self._follow.check_equal(self.parameters, request.path)
                    self._saved += 1
                    self._files += [] if request.path in self._files else [request.path]
                case ToBackUp() | ToRemove():
                    pass
                case _:
                    assert_never(request)
        if self._leads and any(isinstance(r, ToSave | ToBackUp | ToRemove) for r in requests):
            self._writer.write(self._work(saving, any(isinstance(r, ToBackUp) for r in requests)))
        self._forget(self._removing)
        self._removing, self._opened, self._is_torn = (), None, False

    def _work(self, saving: Sequence[str], backs_up: bool) -> Work:
        """What is to be written of this moment."""
        state = self.state
        parameters, variables = self.parameters if saving else {}, self._variables
        checkpoints = {path: as_they_are(parameters, variables, state.variables) for path in saving}
        keeps = bool(saving) or backs_up
        return Work(
            checkpoints, state if keeps else None, self._removing, self._before_moment(state)
        )

    def _recall(self) -> None:
        if self._remembered:
            assign(self._variables, self._remembered)

    def _forget(self, paths: Sequence[str]) -> None:
        """Files that are deleted are none of this training."""
        self._files = [path for path in self._files if path not in paths]
