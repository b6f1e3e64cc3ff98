"""Binding: which entry of a checkpoint feeds which parameter. Exact, or every exception stated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from declspore.ir.header import Header, HeaderEntry
from declspore.ir.pattern import Pattern
from declspore.plan import errors
from declspore.plan.roles import role
from declspore.report import Sink
from declspore.source import Span


@dataclass(frozen=True)
class BindPlan:
    """``matched`` entries feed the parameters of the same name; ``fresh`` parameters keep their
    first value; ``ignored`` entries stay unused."""

    origin: str
    matched: tuple[str, ...]
    fresh: tuple[str, ...]
    ignored: tuple[str, ...]


def bind(
    wanted: Sequence[HeaderEntry],
    header: Header,
    sink: Sink,
    *,
    ignore: Sequence[Pattern] = (),
    fresh: Sequence[Pattern] = (),
    span: Span | None = None,
) -> BindPlan | None:
    """The binding of a checkpoint to the ``wanted`` entries, or None with every problem reported.

    Every wanted entry must be in the checkpoint with its shape and element type, or be named by
    ``fresh``; every entry of the checkpoint must be wanted, or be named by ``ignore``.
    """
    found = Sink()
    fresh_names = _named(fresh, (entry.name for entry in wanted))
    needed = [entry for entry in wanted if entry.name not in fresh_names]
    names = {entry.name for entry in needed}
    spare = [entry for entry in header if entry.name not in names]
    ignored = _named(ignore, (entry.name for entry in spare)) | {
        entry.name for entry in spare if entry.name in fresh_names
    }
    missing = [entry.name for entry in needed if entry.name not in header]
    unused = [entry for entry in spare if entry.name not in ignored]
    if missing:
        helps = _help_missing(missing, unused)
        found.report(errors.missing_parameters(span, header, missing, helps))
    if unused:
        helps = _help_unused(unused, header, bool(missing))
        found.report(errors.unused_entries(span, header, [e.name for e in unused], helps))
    _compare(needed, header, found, span)
    _report_idle(ignore, fresh, wanted, header, found, span)
    if not sink.extend(found):
        return None
    return BindPlan(
        header.origin,
        tuple(entry.name for entry in needed),
        tuple(entry.name for entry in wanted if entry.name in fresh_names),
        tuple(entry.name for entry in spare),
    )


def _named(patterns: Sequence[Pattern], names: Iterable[str]) -> set[str]:
    return {name for name in names if any(p.match(name) is not None for p in patterns)}


def _compare(needed: Sequence[HeaderEntry], header: Header, sink: Sink, span: Span | None) -> None:
    shapes, dtypes = [], []
    for entry in needed:
        found = header.by_name.get(entry.name)
        if found is None:
            continue
        row = (entry.name, found.type, entry.type)
        if found.shape != entry.shape:
            shapes.append(row)
        elif found.dtype != entry.dtype:
            dtypes.append(row)
    if shapes:
        layers = sorted({name.rpartition(".")[0] or name for name, _, _ in shapes})
        help = f"fresh = [{', '.join(f'`{layer}.*`' for layer in layers[:4])}]"
        note = f"{help} lets them start anew, with `delete` of the old entries in an edit"
        sink.report(errors.wrong_shapes(span, header, shapes, note))
    if dtypes:
        sink.report(errors.wrong_dtypes(span, header, dtypes))


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
            sink.report(errors.idle_pattern(span, "ignore", str(pattern), header))
    for pattern in fresh:
        if not any(pattern.match(entry.name) is not None for entry in wanted):
            sink.report(errors.idle_pattern(span, "fresh", str(pattern), header))


def _help_missing(missing: list[str], unused: list[HeaderEntry]) -> tuple[str, ...]:
    """The one renaming that would supply every missing parameter, if there is one."""
    names = [entry.name for entry in unused]
    for name in names:
        if name.endswith(missing[0]):
            prefix = name[: len(name) - len(missing[0])]
            if prefix.endswith(".") and all(prefix + each in names for each in missing):
                return (f"in an edit: rename src.`{prefix}{{p**}}` -> `{{p}}`",)
    layers = sorted({name.rpartition(".")[0] or name for name in missing})
    patterns = ", ".join(f"`{layer}.*`" for layer in layers[:6])
    return (f"fresh = [{patterns}] lets them start from their first value",)


def _help_unused(unused: list[HeaderEntry], header: Header, also_missing: bool) -> tuple[str, ...]:
    """The ``ignore`` that would allow them: optimizer state by its prefix, others by name."""
    patterns: list[str] = []
    for entry in unused:
        if role(entry, header) == "slot":
            patterns.append(f"`{entry.name.split('.')[0]}.**`")
        else:
            patterns.append(f"`{entry.name}`")
    distinct = list(dict.fromkeys(patterns))
    if len(distinct) > 8:
        distinct = [*distinct[:8], "..."]
    helps = (f"ignore = [{', '.join(distinct)}]",)
    is_state = all(role(entry, header) in ("slot", "scalar") for entry in unused)
    if is_state and not also_missing:
        return (*helps, "`resume` instead of `load` takes the optimizer's state too")
    return helps
