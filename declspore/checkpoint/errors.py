"""Diagnostics of checkpoint files: codes E50x to E52x."""

from __future__ import annotations

from os import PathLike

from declspore.diagnostic import Diagnostic, FilePlace, Label
from declspore.report import DiagnosticError

Path = str | PathLike[str]


def missing(path: Path) -> DiagnosticError:
    return _error("E501", "there is no such file", FilePlace.of(path))


def unreadable(path: Path, reason: str) -> DiagnosticError:
    return _error("E502", f"the file cannot be read: {reason}", FilePlace.of(path))


def not_a_checkpoint(path: Path, kind: str, help: str) -> DiagnosticError:
    title = f"this is {kind}, not a MindSpore checkpoint"
    return _error("E503", title, FilePlace.of(path), helps=(help,))


def damaged(path: Path, offset: int, reason: str, entry: str | None, index: int) -> DiagnosticError:
    where = f"in entry {index + 1}" + (f" (`{entry}`)" if entry else "")
    place = FilePlace.of(path, offset=offset, entry=entry)
    note = f"{where}; the {index} before it are whole" if index else where
    return _error("E504", f"the checkpoint is damaged: {reason}", place, notes=(note,))


def truncated(
    path: Path, offset: int, entry: str | None, index: int, lacking: int
) -> DiagnosticError:
    name = f" (`{entry}`)" if entry else ""
    return _error(
        "E505",
        f"the checkpoint ends in the middle of entry {index + 1}{name}",
        FilePlace.of(path, offset=offset, entry=entry),
        notes=(f"{lacking:,} bytes are missing; {index} entries before it are whole",),
        helps=("copy the file again; a transfer was probably cut off",),
    )


def unknown_dtype(path: Path, entry: str, dtype: str) -> DiagnosticError:
    return _error(
        "E506",
        f'unknown element type "{dtype}"',
        FilePlace.of(path, entry=entry),
    )


def wrong_size(path: Path, entry: str, expected: int, found: int, type: str) -> DiagnosticError:
    return _error(
        "E507",
        f"the value holds {found:,} bytes, {type} needs {expected:,}",
        FilePlace.of(path, entry=entry),
    )


def duplicate(path: Path, entry: str) -> DiagnosticError:
    return _error(
        "E508",
        "two entries have the same name",
        FilePlace.of(path, entry=entry),
        notes=("MindSpore would silently use the last",),
    )


def map_parameter(path: Path, entry: str) -> DiagnosticError:
    return _error(
        "E509",
        "a map parameter (hash-table embedding) cannot be read yet",
        FilePlace.of(path, entry=entry),
    )


def no_such_entry(path: Path, entry: str) -> DiagnosticError:
    return _error("E510", "the checkpoint has no such entry", FilePlace.of(path, entry=entry))


def unwritable(path: Path, reason: str) -> DiagnosticError:
    title = f"the file cannot be written: {reason}"
    return _error("E520", title, FilePlace.of(path), notes=("nothing was changed",))


def over_input(path: Path) -> DiagnosticError:
    return _error(
        "E521",
        "the output would replace its own input",
        FilePlace.of(path),
        helps=("write to another file; rename it afterwards",),
    )


def unsupported_value(path: Path, entry: str, found: str) -> DiagnosticError:
    title = f"{found} cannot be stored in a checkpoint"
    return _error("E522", title, FilePlace.of(path, entry=entry))


def _error(
    code: str,
    title: str,
    place: FilePlace,
    notes: tuple[str, ...] = (),
    helps: tuple[str, ...] = (),
) -> DiagnosticError:
    return DiagnosticError([Diagnostic(code, title, (Label(place),), notes, helps)])
