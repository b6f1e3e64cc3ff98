"""``declspore inspect``"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import click

from declspore.checkpoint.reader import Checkpoint, Entry
from declspore.checkpoint.stats import Stats, has_numbers, stats
from declspore.cli.keys import reading, set_options
from declspore.cli.output import echo, print_diagnostics, print_json, reporting
from declspore.cli.tree import tree
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
    **sharding: Any,
) -> None:
    _refuse_files(patterns)
    wanted = [_pattern(text) for text in patterns]
    access, options = reading(key_env, key_file), set_options(**sharding)
    opened = open_any(checkpoint, access, lenient=True, options=options)
    chosen = _chosen(opened, wanted, roles)
    figures = {e.name: stats(e) for e, _ in chosen if has_numbers(e)} if with_stats else None
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
    names = [entry.name for entry in opened]
    return bool(names) and not any(pattern.match(name) is not None for name in names)


def _pattern(text: str) -> Pattern:
    try:
        return path_pattern(text.strip("`"))
    except PatternError as error:
        raise click.BadParameter(f"{text!r}: {error}", param_hint="PATTERN") from None


def _report_if_idle(pattern: Pattern, opened: Checkpoint) -> None:
    """A pattern without a match is rarely meant: say so, and which wider one has some."""
    names = [entry.name for entry in opened]
    if not _is_idle(pattern, opened):
        return
    text = f"no entry matches `{pattern.text}`"
    for wider in (f"{pattern.text}.**", f"**.{pattern.text}", f"**.{pattern.text}.**"):
        found = sum(path_pattern(wider).match(name) is not None for name in names)
        if found:
            echo(f"{text}; `{wider}` matches {found:,}", err=True)
            return
    close = did_you_mean(pattern.text, names)
    echo("; ".join([text, *close]), err=True)


def _chosen(
    opened: Checkpoint, patterns: Sequence[Pattern], roles: Sequence[str]
) -> list[tuple[Entry, str]]:
    """The entries asked for, each with its role."""
    header = opened.header
    found = [(entry, role(entry.header, header)) for entry in opened]
    return [
        (entry, of)
        for entry, of in found
        if (not patterns or any(p.match(entry.name) is not None for p in patterns))
        and (not roles or of in roles)
    ]


# ---- as text


def _rows(chosen: Sequence[tuple[Entry, str]], figures: dict[str, Stats] | None) -> Iterator[str]:
    """The lines of the table, one by one: a file may have a million entries."""
    if not chosen:
        return iter(())
    head: tuple[str, ...] = ("entry", "type", "role", "bytes")
    if figures is not None:
        head = (*head, "min", "max", "mean", "nan", "inf")

    def rows() -> Iterator[tuple[str, ...]]:
        yield head
        for entry, of in chosen:
            row = entry.name, entry.header.type, of, f"{entry.header.nbytes:,}"
            yield row if figures is None else (*row, *_figures(figures.get(entry.name)))

    return table_lines(rows, right=range(3, len(head)))


def _figures(found: Stats | None) -> tuple[str, ...]:
    if found is None:
        return ("",) * 5
    numbers = ("" if n is None else f"{n:.4g}" for n in (found.min, found.max, found.mean))
    return (*numbers, f"{found.nan:,}", f"{found.infinite:,}")


def _totals(opened: Checkpoint, chosen: Sequence[tuple[Entry, str]]) -> list[str]:
    """How much there is, in all and of each role."""
    nbytes = sum(entry.header.nbytes for entry, _ in chosen)
    shown = count(len(chosen), "entry", "entries")
    if len(chosen) < len(opened):
        shown += f" of {len(opened)}"
    traits = [opened.format, *([opened.mode] if opened.mode else [])]
    traits += ["with CRC"] if opened.crc else []
    lines = [f"{shown}, {size(nbytes)} of values, {size(opened.size)} file ({', '.join(traits)})"]
    for name in ROLES:
        of_role = [entry.header.nbytes for entry, of in chosen if of == name]
        if of_role and len(of_role) < len(chosen):
            lines.append(f"  {name.ljust(9)}  {len(of_role)}, {size(sum(of_role))}")
    return lines


# ---- as JSON


def _json(
    opened: Checkpoint, chosen: Sequence[tuple[Entry, str]], figures: dict[str, Stats] | None
) -> dict[str, object]:
    return {
        "ok": not opened.problems,
        "file": opened.path,
        "format": opened.format,
        "encryption": opened.mode,
        "crc": None if opened.crc is None else opened.crc.stated,
        "bytes": opened.size,
        "entries": [_entry_json(opened, entry, of, figures) for entry, of in chosen],
        "diagnostics": [to_json(problem) for problem in opened.problems],
    }


def _entry_json(
    opened: Checkpoint, entry: Entry, of: str, figures: dict[str, Stats] | None
) -> dict[str, object]:
    found: dict[str, Any] = {
        "name": entry.name,
        "dtype": entry.header.dtype.name,
        "shape": list(entry.header.shape),
        "bytes": entry.header.nbytes,
        "role": of,
    }
    if entry.header.dtype.kind == "text" and entry.header.nbytes <= 4096:
        found["text"] = opened.text(entry.name)
    if figures is not None:
        measured = figures.get(entry.name)
        found["stats"] = None if measured is None else measured._asdict()
    return found
