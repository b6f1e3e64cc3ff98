"""Binding: which entry of a checkpoint feeds which parameter. Exact, or every exception stated."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.ir.header import Header, HeaderEntry
from declspore.ir.pattern import Pattern
from declspore.plan import errors
from declspore.plan.fitting import BindPlan, fitting
from declspore.plan.suggest.advice import Asked, advise
from declspore.report import Sink
from declspore.source import Span

__all__ = ["BindPlan", "bind"]


def bind(
    wanted: Sequence[HeaderEntry],
    header: Header,
    sink: Sink,
    *,
    ignore: Sequence[Pattern] = (),
    fresh: Sequence[Pattern] = (),
    span: Span | None = None,
    attribute: str = "load",
    trains: bool = False,
) -> BindPlan | None:
    """The binding of a checkpoint to the ``wanted`` entries, or None with what does not fit
    reported, and with the lines that would make it fit.

    ``span`` is the expression that names the checkpoint, as the ``attribute`` of a task, which
    ``trains`` or not.
    """
    found = fitting(wanted, header, ignore=ignore, fresh=fresh)
    _report_idle(ignore, fresh, wanted, header, sink, span)
    if isinstance(found, BindPlan):
        return found
    source = span.text if span else None
    asked = Asked(
        *(wanted, header, tuple(ignore), tuple(fresh), source, span is not None),
        *(attribute, trains),
    )
    sink.report(errors.does_not_fit(span, header, found, advise(asked)))
    return None


def _report_idle(
    ignore: Sequence[Pattern],
    fresh: Sequence[Pattern],
    wanted: Sequence[HeaderEntry],
    header: Header,
    sink: Sink,
    span: Span | None,
) -> None:
    for pattern in ignore:
        if not any(pattern.match(entry.name) is not None for entry in header):
            sink.report(errors.idle_pattern(span, "ignore", str(pattern), header.origin))
    for pattern in fresh:
        if not any(pattern.match(entry.name) is not None for entry in wanted):
            sink.report(errors.idle_pattern(span, "fresh", str(pattern), "the network"))
