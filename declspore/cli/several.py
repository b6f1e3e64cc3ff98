"""Commands over several specs: each is worked at by itself, and all that is wrong is reported."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from glob import escape, has_magic

from declspore.cli.output import echo, explained, print_diagnostics, print_json, with_advice
from declspore.render import to_json
from declspore.report import DiagnosticError
from declspore.spelling import Json, count
from declspore.syntax.errors import no_specs

_SUFFIX = ".spec"
_SECONDS_BETWEEN_LINES = 2.0

Show = Callable[[], None]
Work = Callable[[str], tuple[Show, dict[str, Json]]]
"""What is done with a spec: what it shows to people, and what it reports to programs. Raises
DiagnosticError."""


def are_several(given: Sequence[str]) -> bool:
    """Whether arguments mean something else than one file."""
    return len(given) > 1 or _is_folder(given[0]) or _is_pattern(given[0])


def is_spec(argument: str) -> bool:
    """Whether an argument that may be a task is a spec: a name of a task has no dots."""
    return "." in argument or "/" in argument or _is_pattern(argument)


def over(given: Sequence[str], work: Work, *, as_json: bool) -> None:
    """Do something with every spec of files, folders and patterns; then end with the exit code
    that belongs to all, if anything was wrong."""
    specs = named(given)
    watch = _Watch(len(specs))
    codes: list[int] = []
    told: list[Json] = []
    for done, spec in enumerate(specs):
        watch.tell(done, spec)
        try:
            show, facts = work(spec)
            if as_json:
                told.append({"spec": spec, **facts})
            else:
                show()
        except Exception as error:
            found = explained(error)
            if found is None:
                raise
            codes.append(found.exit_code)
            diagnostics = with_advice(found.diagnostics)
            if as_json:
                problems: list[Json] = [to_json(each) for each in diagnostics]
                told.append({"spec": spec, "ok": False, "diagnostics": problems})
            else:
                print_diagnostics(diagnostics)
                echo(f"{spec}: {count(sum(not each.warning for each in diagnostics), 'error')}")
    if as_json:
        print_json({"ok": not codes, "specs": told})
    else:
        wrong = f", {len(codes)} with errors" if codes else ""
        echo(f"{count(len(specs), 'spec')}: {len(specs) - len(codes)} ok{wrong}")
    if codes:
        sys.exit(min(codes))


def named(given: Sequence[str]) -> list[str]:
    """The specs that arguments mean, each once. Raises DiagnosticError where a folder or a pattern
    has none."""
    found: dict[str, None] = {}
    problems = []
    for argument in given:
        paths = _paths(argument)
        if not paths:
            problems.append(no_specs(argument))
        found |= dict.fromkeys(paths)
    if problems:
        raise DiagnosticError(problems)
    return list(found)


def _paths(argument: str) -> list[str]:
    if _is_folder(argument):
        return _files(f"{escape(argument.rstrip('/') or '/')}/**/*{_SUFFIX}")
    return _files(argument) if _is_pattern(argument) else [argument]


def _files(pattern: str) -> list[str]:
    from declspore.checkpoint.matches import files_of
    from declspore.ir.pattern import natural

    return sorted((os.path.normpath(path) for path in files_of(pattern)), key=natural)


def _is_folder(argument: str) -> bool:
    return argument != "-" and os.path.isdir(argument)


def _is_pattern(argument: str) -> bool:
    return has_magic(argument) and not os.path.exists(argument)


class _Watch:
    """Reports every few seconds how far the work is, where the results do not show that."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._is_needed = not sys.stdout.isatty()
        self._told = time.monotonic()

    def tell(self, done: int, spec: str) -> None:
        if self._is_needed and time.monotonic() - self._told > _SECONDS_BETWEEN_LINES:
            self._told = time.monotonic()
            echo(f"  {done * 100 // self._total:3}%  {spec}", err=True)
