"""``ensure``: conditions that are judged once the names they use have values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from declspore.check.errors import failed_ensure
from declspore.dataclass import dataclass
from declspore.diagnostic import Question
from declspore.language.deferred import Deferred
from declspore.language.evaluate import Evaluator
from declspore.language.values import UNKNOWN, Value
from declspore.report import Sink
from declspore.source import Span


@dataclass(frozen=True)
class Condition:
    """An ``ensure``; ``span`` is the whole statement."""

    expression: Deferred
    span: Span


@dataclass(frozen=True)
class Verdict:
    """Whether a condition holds; None where that cannot be known yet."""

    condition: Condition
    holds: bool | None


@dataclass(frozen=True)
class Reason:
    """More about why a condition fails: notes, and questions whose answers would help."""

    notes: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


def judge(
    conditions: Sequence[Condition], names: Mapping[str, Value], sink: Sink
) -> tuple[Verdict, ...]:
    """Whether each condition holds where names have these values; one that fails is reported."""
    return tuple(judge_one(condition, names, sink) for condition in conditions)


def judge_one(
    condition: Condition,
    names: Mapping[str, Value],
    sink: Sink,
    why: Iterable[Reason] = (),
) -> Verdict:
    """The same for one condition; ``why`` is asked for more reasons only where it fails."""
    value = condition.expression.truth(Evaluator(sink), names)
    if value is UNKNOWN:
        return Verdict(condition, None)
    if value is False:
        reasons = tuple(why)
        found = condition.expression.explained(names)
        notes = condition.expression.reasons(names)
        notes += tuple(note for reason in reasons for note in reason.notes)
        questions = tuple(asked for reason in reasons for asked in reason.questions)
        sink.report(failed_ensure(condition.span, found, notes, questions))
    return Verdict(condition, bool(value))
