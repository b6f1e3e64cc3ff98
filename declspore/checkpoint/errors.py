"""Diagnostics of checkpoint files: codes E50x to E52x, and E602 of `verify`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os import PathLike

from declspore.diagnostic import Diagnostic, FilePlace, Label
from declspore.report import DiagnosticError
from declspore.spelling import count, did_you_mean, listing

UNREADABLE = "E502"
"""A file that cannot be read."""

Path = str | PathLike[str]


# ---- files


def missing(path: Path) -> DiagnosticError:
    return file_error("E501", "the file does not exist", FilePlace.of(path))


def unreadable(path: Path, reason: str) -> DiagnosticError:
    return file_error(UNREADABLE, f"the file cannot be read: {reason}", FilePlace.of(path))


def shortened(path: Path) -> DiagnosticError:
    return unreadable(path, "it became shorter while it was read")


def other_kind(path: Path, kind: str, wanted: str, help: str) -> DiagnosticError:
    """A file that is not what its place asks for; both are named."""
    return file_error("E503", f"this is {kind}, not {wanted}", FilePlace.of(path), helps=(help,))


# ---- damage


def damaged(path: Path, offset: int, reason: str, entry: str | None, index: int) -> DiagnosticError:
    where = f"in entry {index + 1}" + (f" (`{entry}`)" if entry else "")
    place = FilePlace.of(path, offset=offset, entry=entry)
    note = f"{where}; the {index} before it are whole" if index else where
    return DiagnosticError([_damage(place, f"the checkpoint is damaged: {reason}", (note,))])


def damaged_file(path: Path, offset: int | None, reason: str) -> DiagnosticError:
    place = FilePlace.of(path, offset=offset)
    return DiagnosticError([_damage(place, f"the checkpoint is damaged: {reason}")])


def malformed(path: Path, entry: str, reason: str, offset: int | None = None) -> Diagnostic:
    """An entry that is not what its format asks for."""
    place = FilePlace.of(path, offset=offset, entry=entry)
    return _damage(place, f"the checkpoint is damaged: the entry {reason}")


def uncountable(path: Path, entry: str, type: str) -> Diagnostic:
    return malformed(path, entry, f"states {type}, which no array can be")


def too_many(path: Path, limit: int, what: str) -> DiagnosticError:
    title = f"the file has more than {limit:,} {what}"
    return DiagnosticError([_damage(FilePlace.of(path), title)])


def damaged_cipher(path: Path, offset: int, reason: str) -> DiagnosticError:
    place = FilePlace.of(path, offset=offset)
    return DiagnosticError([_damage(place, f"the encrypted file is damaged: {reason}")])


def _damage(place: FilePlace, title: str, notes: tuple[str, ...] = ()) -> Diagnostic:
    return file_diagnostic("E504", title, place, notes)


def truncated(
    path: Path, size: int, entry: str | None, index: int, start: int, lacking: int
) -> DiagnosticError:
    name = f" (`{entry}`)" if entry else ""
    whole = f"{count(index, 'entry', 'entries')} before it {'is' if index == 1 else 'are'} whole"
    return _cut(
        f"the checkpoint ends in the middle of entry {index + 1}{name}",
        FilePlace.of(path, offset=size, entry=entry),
        (f"it begins at byte {start}, {lacking:,} bytes are missing; {whole}",),
    )


def cut_short(path: Path, size: int, lacking: int) -> DiagnosticError:
    """A file whose header promises more bytes than there are."""
    return _cut(f"the file ends {lacking:,} bytes early", FilePlace.of(path, offset=size))


def _cut(title: str, place: FilePlace, notes: tuple[str, ...] = ()) -> DiagnosticError:
    help = "copy the file again; a transfer was probably cut off"
    return file_error("E505", title, place, notes, (help,))


def wrong_crc(path: Path, stated: int, found: int) -> DiagnosticError:
    return file_error(
        "E518",
        "the CRC does not match: the file was changed after it was written",
        FilePlace.of(path),
        notes=(f"it states {stated:08x}, its bytes give {found:08x}",),
        helps=("copy the file again from where it was made",),
    )


def no_crc(path: Path) -> DiagnosticError:
    return file_error("E519", "the file carries no CRC to check", FilePlace.of(path))


# ---- entries


def unknown_dtype(path: Path, entry: str, dtype: str) -> Diagnostic:
    return file_diagnostic(
        "E506",
        f'unknown element type "{dtype}"',
        FilePlace.of(path, entry=entry),
    )


def wrong_size(path: Path, entry: str, expected: int, found: int, type: str) -> Diagnostic:
    return file_diagnostic(
        "E507",
        f"the value holds {found:,} bytes, {type} needs {expected:,}",
        FilePlace.of(path, entry=entry),
    )


def duplicate(path: Path, entry: str, offset: int, first: int) -> Diagnostic:
    return file_diagnostic(
        "E508",
        "two entries have the same name",
        FilePlace.of(path, offset=offset, entry=entry),
        notes=(f"the first is at byte {first}; MindSpore would silently use the last",),
    )


def malformed_map(path: Path, entry: str, reason: str) -> Diagnostic:
    return file_diagnostic("E509", f"the map parameter {reason}", FilePlace.of(path, entry=entry))


def no_such_entry(path: Path, entry: str, known: Iterable[str]) -> DiagnosticError:
    place = FilePlace.of(path, entry=entry)
    return file_error(
        "E510", "the checkpoint does not have this entry", place, helps=did_you_mean(entry, known)
    )


def not_an_array(path: Path, entry: str, found: str) -> DiagnosticError:
    title = f"the entry is {found}, not an array"
    return file_error("E527", title, FilePlace.of(path, entry=entry))


def not_finite(path: Path, entry: str, type: str, amount: int) -> Diagnostic:
    title = f"{count(amount, 'element')} of {type} {'is' if amount == 1 else 'are'} not finite"
    return file_diagnostic("E602", title, FilePlace.of(path, entry=entry))


# ---- encryption


def no_key(reason: str) -> DiagnosticError:
    return DiagnosticError([Diagnostic("E513", reason)])


def key_needed(path: Path, mode: str) -> DiagnosticError:
    return file_error(
        "E514",
        f"this is an encrypted MindSpore checkpoint ({mode})",
        FilePlace.of(path),
        notes=("its key is read from an environment variable or a file",),
        helps=(
            "--key-env NAME or --key-file PATH in a command",
            'ckpt("...", key_env = "NAME") in a spec, dec_key=... in Python',
        ),
    )


def key_size(
    path: Path, origin: str, found: int, mode: str, sizes: tuple[int, ...]
) -> DiagnosticError:
    wanted = " or ".join(map(str, sizes))
    return file_error(
        "E515",
        f"the key has {count(found, 'byte')}, {mode} needs {wanted}",
        FilePlace.of(path),
        notes=(f"the key is that of {origin}",),
        helps=("write `hex:` or `base64:` before a key that is written that way",),
    )


def wrong_key(path: Path, origin: str, mode: str) -> DiagnosticError:
    return file_error(
        "E516",
        "the key does not fit the file, or the file is damaged",
        FilePlace.of(path),
        notes=(f"decrypted as {mode} with the key of {origin}",),
    )


def wrong_mode(path: Path, found: str, stated: str) -> DiagnosticError:
    title = f"the file is encrypted with {found}, not {stated}"
    return file_error("E517", title, FilePlace.of(path))


def not_encrypted(path: Path) -> DiagnosticError:
    return file_error(
        "E528",
        "the file is not encrypted, yet a key is given for it",
        FilePlace.of(path),
        helps=("leave the key out",),
    )


# ---- writing


def unwritable(path: Path, reason: str, note: str = "nothing was changed") -> DiagnosticError:
    title = f"the file cannot be written: {reason}"
    return file_error("E520", title, FilePlace.of(path), notes=(note,))


def over_input(path: Path) -> DiagnosticError:
    return file_error(
        "E521",
        "the output would replace its own input",
        FilePlace.of(path),
        helps=("write to another file, or pass --in-place",),
    )


def unsupported_value(path: Path, entry: str, found: str) -> DiagnosticError:
    title = f"{found} cannot be stored in a checkpoint"
    return file_error("E522", title, FilePlace.of(path, entry=entry))


def not_held(path: Path, format: str, rows: Sequence[tuple[str, str]]) -> DiagnosticError:
    """Entries (name, type) a format has no place for."""
    types = sorted({type for _, type in rows})
    return file_error(
        "E523",
        f"{format} cannot hold {count(len(rows), 'entry', 'entries')} ({', '.join(types)})",
        FilePlace.of(path),
        notes=(listing(name for name, _ in rows),),
        helps=("delete, cast or rename them first, or write a .ckpt",),
    )


def unknown_suffix(path: Path, known: Sequence[str]) -> DiagnosticError:
    return file_error(
        "E525",
        "the file name does not say which format to write",
        FilePlace.of(path),
        helps=(f"end it in one of {', '.join(known)}",),
    )


def not_protected(path: Path, format: str, what: str) -> DiagnosticError:
    title = f"{format} cannot be {what}"
    return file_error("E529", title, FilePlace.of(path), helps=("write a .ckpt",))


def twice(path: Path, names: Sequence[str]) -> DiagnosticError:
    title = f"two values would have the same name: {listing(names)}"
    return file_error("E524", title, FilePlace.of(path))


def file_error(
    code: str,
    title: str,
    place: FilePlace,
    notes: tuple[str, ...] = (),
    helps: tuple[str, ...] = (),
) -> DiagnosticError:
    """One problem of a file, to be raised."""
    return DiagnosticError([file_diagnostic(code, title, place, notes, helps)])


def file_diagnostic(
    code: str,
    title: str,
    place: FilePlace,
    notes: tuple[str, ...] = (),
    helps: tuple[str, ...] = (),
) -> Diagnostic:
    """A problem of a file, at the place within it."""
    return Diagnostic(code, title, (Label(place),), notes, helps)
