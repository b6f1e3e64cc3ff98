"""``declspore verify``"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Unpack

from declspore.checkpoint import errors
from declspore.checkpoint.reader import Access, Checkpoint
from declspore.checkpoint.sharding.sets import SetOptions
from declspore.checkpoint.stats import not_finite
from declspore.cli.keys import Sharding, reading, set_options
from declspore.cli.output import echo, print_diagnostics, print_json, reporting
from declspore.diagnostic import Diagnostic
from declspore.lock.store import SUFFIX, lock_path, read_lock
from declspore.lock.verify import Verified, verify_lock
from declspore.plan.files import open_any
from declspore.render import to_json
from declspore.report import DiagnosticError
from declspore.spelling import count
from declspore.syntax.errors import no_file
from declspore.text import size


@reporting
def verify_command(
    checkpoints: tuple[str, ...],
    finite: bool,
    key_env: str | None,
    key_file: str | None,
    as_json: bool,
    **sharding: Unpack[Sharding],
) -> None:
    access, options = reading(key_env, key_file), set_options(**sharding)
    found = []
    for path in checkpoints:
        if path.endswith((".spec", SUFFIX)):
            found += _locked(path, access)
        else:
            found.append(_verified(path, access, options, finite))
    problems = [problem for _, diagnostics in found for problem in diagnostics]
    if as_json:
        print_json({"ok": not problems, "files": [_json(*one) for one in found]})
    else:
        for text, diagnostics in found:
            if not diagnostics:
                echo(str(text["text"]))
        print_diagnostics(problems)
    if problems:
        sys.exit(min(problem.exit_code for problem in problems))


def _verified(
    path: str, access: Access, options: SetOptions, finite: bool
) -> tuple[dict[str, object], list[Diagnostic]]:
    """What a file is, and everything that is wrong with it."""
    problems: list[Diagnostic] = []
    try:
        with open_any(path, access, lenient=True, options=options) as opened:
            problems += opened.problems
            problems += _values(opened, finite)
            return _summary(opened, finite), problems
    except DiagnosticError as error:
        failed: dict[str, object] = {"file": path}
        return failed, [*problems, *error.diagnostics]


def _locked(path: str, access: Access) -> list[tuple[dict[str, object], list[Diagnostic]]]:
    """The files that the lock of a spec names."""
    files = (path, lock_path(path))
    if not path.endswith(SUFFIX) and not any(map(os.path.lexists, files)):
        from declspore.syntax.parse import near_spec  # the parser is not needed otherwise

        raise DiagnosticError([no_file(path, near_spec(Path(path)))])
    lock = read_lock(path if path.endswith(SUFFIX) else lock_path(path))
    return [_locked_file(found) for found in verify_lock(lock, access)]


def _locked_file(found: Verified) -> tuple[dict[str, object], list[Diagnostic]]:
    owner = f" of {found.task}" if found.task else ""
    state = "not there, not checked" if found.state == "absent" else found.state
    facts: dict[str, object] = {
        "file": found.path,
        "role": found.role,
        "task": found.task,
        "state": found.state,
        "text": f"{found.path}: {found.role}{owner}, {state}",
    }
    return facts, [found.problem] if found.problem else []


def _values(opened: Checkpoint, finite: bool) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    if opened.crc is not None:
        try:
            opened.check_crc()
        except DiagnosticError as error:
            found += error.diagnostics
    disagreeing = list(opened.disagreements())
    found += disagreeing
    for entry in opened if finite and not disagreeing else ():
        amount = not_finite(entry)
        if amount:
            found.append(errors.not_finite(opened.path, entry.name, entry.header.type, amount))
    return found


def _summary(opened: Checkpoint, finite: bool) -> dict[str, object]:
    entries = count(len(opened), "entry", "entries")
    crc = "CRC right" if opened.crc is not None else "no CRC"
    values = ", all values finite" if finite else ""
    text = f"{opened.path}: {entries}, {size(opened.size)}, whole, {crc}{values}"
    return {
        "file": opened.path,
        "format": opened.format,
        "encryption": opened.mode,
        "crc": None if opened.crc is None else opened.crc.stated,
        "entries": len(opened),
        "bytes": opened.size,
        "text": text,
    }


def _json(summary: dict[str, object], problems: list[Diagnostic]) -> dict[str, object]:
    facts = {name: value for name, value in summary.items() if name != "text"}
    return {**facts, "ok": not problems, "diagnostics": [to_json(p) for p in problems]}
