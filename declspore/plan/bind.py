"""Binding: which entry of a checkpoint feeds which parameter. Exact, or every exception stated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from declspore.check.loading import STATE, Load
from declspore.ir.header import Header, HeaderEntry
from declspore.ir.pattern import Pattern, exact_pattern
from declspore.plan import errors
from declspore.plan.fitting import BindPlan, fitting
from declspore.plan.question import Asked
from declspore.plan.roles import role
from declspore.report import Sink
from declspore.source import Span

__all__ = ["BindPlan", "bind", "bind_load"]


def bind(
    wanted: Sequence[HeaderEntry],
    header: Header,
    sink: Sink,
    *,
    ignore: Sequence[Pattern] = (),
    fresh: Sequence[Pattern] = (),
    spans: Mapping[str, Span] | None = None,
    attribute: str = "load",
    trains: bool = False,
) -> BindPlan | None:
    """The binding of a checkpoint to the ``wanted`` entries, or None with what does not fit
    reported, and with the question which lines would make it fit.

    ``spans`` are where the ``attribute`` of a task that names the checkpoint is written, and its
    ``ignore`` and ``fresh``; the task ``trains`` or not.
    """
    spans = spans or {}
    span = spans.get(attribute)
    found = fitting(wanted, header, ignore=ignore, fresh=fresh)
    _report_idle(ignore, fresh, wanted, header, sink, spans)
    if isinstance(found, BindPlan):
        return found
    source = span.text if span else None
    asked = Asked(
        *(wanted, header, tuple(ignore), tuple(fresh), source, span is not None),
        *(attribute, trains),
    )
    sink.report(errors.does_not_fit(span, header, found, asked))
    return None


def bind_load(
    wanted: Sequence[HeaderEntry], header: Header, sink: Sink, load: Load, *, trains: bool = False
) -> BindPlan | None:
    """As :func:`bind`, with the exceptions that a task states."""
    state = _state(wanted, header) if load.ignores_state else ()
    if load.ignores_state and not state:
        span = load.spans.get("ignore")
        sink.report(errors.idle_pattern(span, "ignore", f'"{STATE}"', header.origin))
    return bind(
        *(wanted, header, sink),
        ignore=(*load.ignore, *state),
        fresh=load.fresh,
        spans=load.spans,
        attribute=load.attribute,
        trains=trains,
    )


def _state(wanted: Sequence[HeaderEntry], header: Header) -> tuple[Pattern, ...]:
    """The entries of an optimizer that a network has no parameters for."""
    names = {entry.name for entry in wanted}
    return tuple(
        exact_pattern(entry.name)
        for entry in header
        if entry.name not in names and role(entry, header) in ("slot", "scalar")
    )


def _report_idle(
    ignore: Sequence[Pattern],
    fresh: Sequence[Pattern],
    wanted: Sequence[HeaderEntry],
    header: Header,
    sink: Sink,
    spans: Mapping[str, Span],
) -> None:
    asked = (
        ("ignore", ignore, header, header.origin),
        ("fresh", fresh, wanted, "the network"),
    )
    for what, patterns, entries, where in asked:
        for pattern in patterns:
            if not any(pattern.matches(entry.name) for entry in entries):
                sink.report(errors.idle_pattern(spans.get(what), what, str(pattern), where))
