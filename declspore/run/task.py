"""What a finished task can say of itself, and how a planned one is carried out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol, cast

from declspore.dataclass import dataclass
from declspore.plan import errors as plan_errors
from declspore.plan.task import TaskPlan, imported
from declspore.registry.data import Unavailable
from declspore.report import DiagnosticError
from declspore.run import errors
from declspore.spelling import Json

if TYPE_CHECKING:
    from declspore.lock.record import Recorder
    from declspore.numerics.rate_range import RateRange


@dataclass(frozen=True)
class Result:
    """What came of a task."""

    task: str

    def lines(self) -> Iterable[str]:
        """The result for people."""
        raise NotImplementedError

    def facts(self) -> dict[str, Json]:
        """The result for programs."""
        return {"kind": type(self).__name__.lower(), **asdict(self)}


class Reporter(Protocol):
    """Is shown what happens; the command line prints it, other callers may drop it. ``numbers``
    say by name what ``text`` shows, for programs."""

    def begin(self, plan: TaskPlan) -> None: ...

    def progress(
        self, done: int, total: int, text: str, numbers: Mapping[str, float] | None = None
    ) -> None: ...

    def note(self, text: str) -> None: ...

    def end(self, result: Result) -> None: ...


class Silent:
    """Drops everything."""

    def begin(self, plan: TaskPlan) -> None: ...

    def progress(
        self, done: int, total: int, text: str, numbers: Mapping[str, float] | None = None
    ) -> None: ...

    def note(self, text: str) -> None: ...

    def end(self, result: Result) -> None: ...


class RunTask(Protocol):
    """The function that a kind names as its ``run``: carries out a plan, and raises
    DiagnosticError. What it reads was shown to the recorder; what it writes it shows itself."""

    def __call__(self, plan: TaskPlan, reporter: Reporter, recorder: Recorder) -> Result: ...


class SweepTask(Protocol):
    """The function that a kind names as its ``sweeps``: carries out a task in small, ``count``
    steps with rates from ``low`` to ``high``, writes nothing, and says what the losses were.
    Raises DiagnosticError."""

    def __call__(
        self, plan: TaskPlan, low: float, high: float, count: int, reporter: Reporter
    ) -> RateRange: ...


def run_task(plan: TaskPlan, reporter: Reporter, recorder: Recorder) -> Result:
    """Carry out a planned task. Raises DiagnosticError."""
    recorder.begin(plan)
    run = cast(RunTask, imported(plan.task.kind.run))
    if not plan.task.kind.computes:
        return run(plan, reporter, recorder)
    from declspore.lower.types import own_types  # it imports Keras, which other tasks do without

    with own_types():
        return run(plan, reporter, recorder)


def explained_task(plan: TaskPlan, reporter: Reporter, recorder: Recorder) -> Result:
    """The same, where what sources and TensorFlow raise becomes a DiagnosticError."""
    try:
        return run_task(plan, reporter, recorder)
    except Unavailable as error:
        diagnostic = plan_errors.unavailable(plan.task.span, str(error), error.helps)
        raise DiagnosticError([diagnostic]) from None
    except Exception as error:
        if type(error).__module__.startswith("tensorflow."):
            raise errors.backend_failed(plan.task.span, error) from error
        raise
