"""The training as policies see it, and what they request."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from declspore.dataclass import dataclass
from declspore.ir.timeline import Timeline


class TrainingReporter(Protocol):
    """Shows what happens in a training."""

    def progress(
        self, done: int, total: int, text: str, numbers: Mapping[str, float] | None = None
    ) -> None: ...

    def note(self, text: str) -> None: ...


class SilentTraining:
    """Shows nothing."""

    def progress(
        self, done: int, total: int, text: str, numbers: Mapping[str, float] | None = None
    ) -> None: ...

    def note(self, text: str) -> None: ...


class Rate(Protocol):
    """The learning rate of the next step."""

    def get(self) -> float: ...

    def set(self, rate: float) -> None: ...


@dataclass(frozen=True, slots=True)
class ToSetRate:
    rate: float


@dataclass(frozen=True, slots=True)
class ToSave:
    path: str


@dataclass(frozen=True, slots=True)
class ToRemove:
    path: str


@dataclass(frozen=True, slots=True)
class ToKeep:
    """The values of all variables are to be remembered."""


@dataclass(frozen=True, slots=True)
class ToRecall:
    """The values that were remembered are to be taken back."""


@dataclass(frozen=True, slots=True)
class ToBackUp:
    """The state is to be written."""


Request = ToSetRate | ToKeep | ToRecall | ToSave | ToBackUp | ToRemove
_ORDER = (ToSetRate, ToKeep, ToRecall, ToSave, ToBackUp, ToRemove)


class Moment:
    """The position of a training, the latest losses, and the requests that wait to be carried out.

    It is :class:`declspore.registry.policy.Run`. ``learning_rate`` is how it gets at the
    optimizer's.
    """

    def __init__(
        self, timeline: Timeline, reporter: TrainingReporter, learning_rate: Rate | None = None
    ) -> None:
        self.timeline = timeline
        self.step = self.epoch = self.step_in_epoch = 0
        self.epoch_is_complete = False
        self.series: Mapping[str, Sequence[float]] = {}
        self.figures: dict[str, float] = {}
        self.stop_reason: str | None = None
        self._is_spoilt = False
        self._reporter = reporter
        self._learning_rate = learning_rate
        self._requests: list[Request] = []
        self.before = 0.0
        """The seconds that the training took before this process."""
        self._since = time.monotonic()

    def enter_epoch(self, epoch: int, step_in_epoch: int) -> None:
        self.epoch, self.step_in_epoch = epoch, step_in_epoch
        self.epoch_is_complete = False

    def leave_epoch(self) -> None:
        """The steps of the epoch are done, or the training ends within it."""
        length = self.timeline.steps_per_epoch
        self.epoch_is_complete = (
            not self.is_over if length is None else self.step_in_epoch >= length
        )

    def go_to(self, step: int, first_epoch: int) -> None:
        """Stand where so many steps were made. Raises ValueError where the length of an epoch is
        not known."""
        if step:
            epoch, self.step_in_epoch = self.timeline.point(step)
            self.step, self.epoch = step, epoch + first_epoch - 1

    def advance(self, series: Mapping[str, Sequence[float]]) -> None:
        """Steps were made."""
        self.series = series
        self.step += len(self.losses)
        self.step_in_epoch += len(self.losses)

    @property
    def losses(self) -> Sequence[float]:
        return self.series.get("loss", ())

    @property
    def seconds(self) -> float:
        return self.before + time.monotonic() - self._since

    @property
    def rate(self) -> float:
        requested = (each.rate for each in self._requests if isinstance(each, ToSetRate))
        now = 0.0 if self._learning_rate is None else self._learning_rate.get()
        return next(iter(reversed(list(requested))), now)

    def set_rate(self, rate: float) -> None:
        self._requests.append(ToSetRate(rate))

    def take_rate(self, rate: float) -> None:
        """Set the rate that was requested."""
        if self._learning_rate is not None:
            self._learning_rate.set(rate)

    def begin_moment(self) -> None:
        """Policies are about to be asked: figures of the moment before are forgotten."""
        self.figures = {}

    def record(self, name: str, figure: float) -> None:
        self.figures[name] = figure

    @property
    def steps_left(self) -> int | None:
        """How many steps the training still has; None where that is not known."""
        return None if self.timeline.steps is None else self.timeline.steps - self.step

    @property
    def is_over(self) -> bool:
        """Whether no step may follow."""
        return self.stop_reason is not None or self.steps_left == 0

    def stop(self, reason: str, *, spoilt: bool = False) -> None:
        self.stop_reason = self.stop_reason or reason
        self._is_spoilt = self._is_spoilt or spoilt

    def keep(self) -> None:
        self._requests.append(ToKeep())

    def recall(self) -> None:
        self._requests.append(ToRecall())

    def save(self, path: str) -> None:
        if not self._is_spoilt:
            self._requests.append(ToSave(path))

    def back_up(self) -> None:
        if not self._is_spoilt:
            self._requests.append(ToBackUp())

    def remove(self, path: str) -> None:
        if not self._is_spoilt:
            self._requests.append(ToRemove(path))

    def progress(self, text: str, numbers: Mapping[str, float] | None = None) -> None:
        self._reporter.progress(self.step, self.timeline.steps or 0, text, numbers)

    def note(self, text: str) -> None:
        self._reporter.note(text)

    def requests(self) -> list[Request]:
        """What was requested, in the order in which it is carried out: values first, then saving,
        then removing; it is requested no longer."""
        found, self._requests = self._requests, []
        return sorted(found, key=lambda request: _ORDER.index(type(request)))
