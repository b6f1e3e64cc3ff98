"""``declspore inspect``"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Unpack

import click

from declspore.checkpoint.reader import Checkpoint
from declspore.checkpoint.stats import Stats, has_numbers, stats
from declspore.cli.keys import Sharding, reading, set_options
from declspore.cli.output import echo, print_diagnostics, print_json, reporting
from declspore.cli.tree import tree
from declspore.ir.header import HeaderEntry
from declspore.ir.pattern import Pattern, PatternError, path_pattern
from declspore.plan.files import open_any
from declspore.plan.roles import ROLES, role
from declspore.render import to_json
from declspore.spelling import count, did_you_mean
from declspore.text import size, table_lines

_LINES_AT_ONCE = 4096


@reporting
def inspect_command(
    checkpoint: str,
    patterns: tuple[str, ...],
    roles: tuple[str, ...],
    as_tree: bool,
    with_stats: bool,
    key_env: str | None,
    key_file: str | None,
    as_json: bool,
    **sharding: Unpack[Sharding],
) -> None:
    _refuse_files(patterns)
    wanted = [_pattern(text) for text in patterns]
    access, options = reading(key_env, key_file), set_options(**sharding)
    opened = open_any(checkpoint, access, lenient=True, options=options)
    chosen = _Chosen(opened, wanted, roles)
    figures = _figures_of(opened, chosen) if with_stats else None
    if as_json:
        print_json(_json(opened, chosen, figures))
    else:
        lines = iter(tree(chosen)) if as_tree else _rows(chosen, figures)
        while some := list(islice(lines, _LINES_AT_ONCE)):
            echo(*some)
        echo(*_totals(opened, chosen))
        for pattern in wanted:
            _report_if_idle(pattern, opened)
        print_diagnostics(opened.problems)
    if opened.problems:
        sys.exit(opened.problems[0].exit_code)
    if any(_is_idle(pattern, opened) for pattern in wanted):
        sys.exit(1)


def _refuse_files(patterns: Sequence[str]) -> None:
    """Raises click.UsageError for a pattern that is a second file."""
    for text in patterns:
        if os.path.isfile(text):
            reason = f"{text} is a file: inspect shows one, and patterns of its entries"
            raise click.UsageError(f"{reason}; `declspore diff A B` compares two")


def _is_idle(pattern: Pattern, opened: Checkpoint) -> bool:
    """Whether a pattern matches nothing of a file that has entries."""
    names = (entry.name for entry in opened.header)
    return bool(len(opened)) and not any(pattern.matches(name) for name in names)


def _pattern(text: str) -> Pattern:
    try:
        return path_pattern(text.strip("`"))
    except PatternError as error:
        raise click.BadParameter(f"{text!r}: {error}", param_hint="PATTERN") from None


def _report_if_idle(pattern: Pattern, opened: Checkpoint) -> None:
    """A pattern without a match is rarely meant: say so, and which wider one has some."""
    if not _is_idle(pattern, opened):
        return
    names = [entry.name for entry in opened.header]
    text = f"no entry matches `{pattern.text}`"
    for wider in (f"{pattern.text}.**", f"**.{pattern.text}", f"**.{pattern.text}.**"):
        found = sum(path_pattern(wider).matches(name) for name in names)
        if found:
            echo(f"{text}; `{wider}` matches {found:,}", err=True)
            return
    close = did_you_mean(pattern.text, names)
    echo("; ".join([text, *close]), err=True)


class _Chosen:
    """The entries asked for, each with its role; found again each time, since a file may have a
    million."""

    def __init__(
        self, opened: Checkpoint, patterns: Sequence[Pattern], roles: Sequence[str]
    ) -> None:
        self._header = opened.header
        self._patterns = patterns
        self._roles = roles

    def __iter__(self) -> Iterator[tuple[HeaderEntry, str]]:
        header, patterns, roles = self._header, self._patterns, self._roles
        for entry in header:
            of = role(entry, header)
            if roles and of not in roles:
                continue
            if not patterns or any(p.matches(entry.name) for p in patterns):
                yield entry, of


def _figures_of(opened: Checkpoint, chosen: _Chosen) -> dict[str, Stats]:
    entries = (opened.by_name[entry.name] for entry, _ in chosen)
    return {entry.name: stats(entry) for entry in entries if has_numbers(entry)}


# ---- as text


def _rows(chosen: _Chosen, figures: dict[str, Stats] | None) -> Iterator[str]:
    """The lines of the table, one by one."""
    if next(iter(chosen), None) is None:
        return iter(())
    head: tuple[str, ...] = ("entry", "type", "role", "bytes")
    if figures is not None:
        head = (*head, "min", "max", "mean", "nan", "inf")

    def rows() -> Iterator[tuple[str, ...]]:
        yield head
        for entry, of in chosen:
            row = entry.name, entry.type, of, f"{entry.nbytes:,}"
            yield row if figures is None else (*row, *_figures(figures.get(entry.name)))

    return table_lines(rows, right=range(3, len(head)))


def _figures(found: Stats | None) -> tuple[str, ...]:
    if found is None:
        return ("",) * 5
    numbers = ("" if n is None else f"{n:.4g}" for n in (found.min, found.max, found.mean))
    return (*numbers, f"{found.nan:,}", f"{found.infinite:,}")


def _totals(opened: Checkpoint, chosen: _Chosen) -> list[str]:
    """How much there is, in all and of each role."""
    found, held = Counter[str](), Counter[str]()
    for entry, of in chosen:
        found[of] += 1
        held[of] += entry.nbytes
    shown = count(found.total(), "entry", "entries")
    if found.total() < len(opened):
        shown += f" of {len(opened)}"
    traits = [opened.format, *([opened.mode] if opened.mode else [])]
    traits += ["with CRC"] if opened.crc else []
    values = size(held.total())
    lines = [f"{shown}, {values} of values, {size(opened.size)} file ({', '.join(traits)})"]
    for name in ROLES:
        if 0 < found[name] < found.total():
            lines.append(f"  {name.ljust(9)}  {found[name]}, {size(held[name])}")
    return lines


# ---- as JSON


def _json(
    opened: Checkpoint, chosen: _Chosen, figures: dict[str, Stats] | None
) -> dict[str, object]:
    return {
        "ok": not opened.problems,
        "file": opened.path,
        "format": opened.format,
        "encryption": opened.mode,
        "crc": None if opened.crc is None else opened.crc.stated,
        "bytes": opened.size,
        "entries": (_entry_json(opened, entry, of, figures) for entry, of in chosen),
        "diagnostics": [to_json(problem) for problem in opened.problems],
    }


def _entry_json(
    opened: Checkpoint, entry: HeaderEntry, of: str, figures: dict[str, Stats] | None
) -> dict[str, object]:
    found: dict[str, object] = {
        "name": entry.name,
        "dtype": entry.dtype.name,
        "shape": list(entry.shape),
        "bytes": entry.nbytes,
        "role": of,
    }
    if entry.dtype.kind == "text" and entry.nbytes <= 4096:
        found["text"] = opened.text(entry.name)
    if figures is not None:
        measured = figures.get(entry.name)
        found["stats"] = None if measured is None else measured._asdict()
    return found
