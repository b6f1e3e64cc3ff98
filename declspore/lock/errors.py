"""Diagnostics of locks and digests: E58x, E603, and W581."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from declspore.diagnostic import Diagnostic, FilePlace, Label
from declspore.ir.dtype import BY_NAME
from declspore.lock.digest import FileDigest
from declspore.lock.tensors import TensorDigest
from declspore.report import DiagnosticError
from declspore.source import Span
from declspore.spelling import count, listing

_SHOWN = 12


def no_lock(path: str) -> DiagnosticError:
    help = "a run without --locked writes one"
    title = "the lock does not exist"
    return DiagnosticError([Diagnostic("E581", title, (Label(FilePlace(path)),), helps=(help,))])


def bad_lock(path: str, reason: str) -> DiagnosticError:
    help = "remove it and run the spec again, or take it from where the spec is from"
    title = f"the lock cannot be understood: {reason}"
    return DiagnosticError([Diagnostic("E582", title, (Label(FilePlace(path)),), helps=(help,))])


def other_recipe(lock: str, what: str, expected: str, found: str, help: str) -> Diagnostic:
    """A spec, an import or a param that is not the lock's."""
    title = f"the lock belongs to another {what}"
    notes = (f"the lock has {expected}, this run {found}",)
    return Diagnostic("E583", title, (Label(FilePlace(lock)),), notes, (help,))


def not_locked(lock: str, span: Span, what: str) -> Diagnostic:
    labels = (Label(span), Label(FilePlace(lock), "the lock"))
    help = "a run without --locked adds it"
    return Diagnostic("E584", f"the lock does not know {what}", labels, helps=(help,))


def other_input(
    span: Span, name: str, path: str, expected: FileDigest, found: FileDigest
) -> Diagnostic:
    title = f"the input `{name}`, {path}, is not the one the lock records"
    labels = (Label(span), Label(FilePlace(path)))
    help = "a run without --locked takes it as it is and records it"
    return Diagnostic("E585", title, labels, difference(expected, found), (help,))


def other_digest(span: Span | None, path: str, stated: str, found: str, *, new: bool) -> Diagnostic:
    """A file whose digest is not the one the spec states; ``new`` if it was about to be put in
    place."""
    title = f"{path} has another digest than the spec states"
    labels = (Label(span),) if span else (Label(FilePlace(path)),)
    compared = f"stated {stated}\nfound  {found}"
    notes = (compared, "nothing was changed") if new else (compared,)
    return Diagnostic("E586", title, labels, notes, (f'sha256 = "{found}"',))


def changed_meanwhile(path: str) -> DiagnosticError:
    title = "the file was changed while it was read"
    return DiagnosticError([Diagnostic("E587", title, (Label(FilePlace(path)),))])


def other_output(
    path: str, expected: FileDigest, found: FileDigest, versions: Sequence[str]
) -> Diagnostic:
    """What a locked run is about to put in place."""
    notes = difference(expected, found)
    if versions:
        notes += ("the lock is of other versions: " + ", ".join(versions),)
    notes += ("nothing was changed",)
    title = "the output is not the one the lock records"
    return Diagnostic("E604", title, (Label(FilePlace(path)),), notes)


def differs(path: str, expected: FileDigest, found: FileDigest) -> Diagnostic:
    return _differs(path, "the file is not the one the lock records", difference(expected, found))


def text_differs(path: str, expected: str, found: str) -> Diagnostic:
    note = f"the lock has {expected}, the file {found}"
    return _differs(path, "the spec is not the one the lock was written for", (note,))


def _differs(path: str, title: str, notes: tuple[str, ...]) -> Diagnostic:
    return Diagnostic("E603", title, (Label(FilePlace(path)),), notes)


def unrecorded(path: str, reason: str) -> Diagnostic:
    title = f"no lock was written: {reason}"
    help = "--no-lock runs without a lock"
    return Diagnostic("W581", title, (Label(FilePlace(path)),), helps=(help,), warning=True)


def difference(expected: FileDigest, found: FileDigest) -> tuple[str, ...]:
    """The difference of two files, tensor by tensor where both are known so."""
    whole = (*_whole(expected, found), *_by_file(expected, found))
    if expected.tensors is None or found.tensors is None:
        return whole
    return (*whole, *_by_tensor(expected.tensors, found.tensors))


def _by_file(expected: FileDigest, found: FileDigest) -> Iterator[str]:
    """The files of a set that are others."""
    old, new = expected.files, found.files
    if old is None or new is None or old == new:
        return
    changed = [name for name in old if name in new and old[name] != new[name]]
    for head, names in (
        ("changed", changed),
        ("missing", [name for name in old if name not in new]),
        ("new", [name for name in new if name not in old]),
    ):
        if names:
            yield f"{count(len(names), 'file')} {head}: {listing(names)}"


def _by_tensor(old: Mapping[str, TensorDigest], new: Mapping[str, TensorDigest]) -> Iterator[str]:
    changed = [name for name in old if name in new and old[name] != new[name]]
    gone = [name for name in old if name not in new]
    come = [name for name in new if name not in old]
    if changed:
        head = f"{count(len(changed), 'entry', 'entries')} changed:"
        rows = [f"  {name}  {_change(old[name], new[name])}" for name in changed[:_SHOWN]]
        more = len(changed) - len(rows)
        yield "\n".join([head, *rows, *([f"  ... and {more} more"] if more else [])])
    if gone:
        yield f"gone: {listing(gone)}"
    if come:
        yield f"new: {listing(come)}"
    if not (changed or gone or come):
        yield "every entry is the same: only how they lie in the file differs"


def _whole(expected: FileDigest, found: FileDigest) -> tuple[str, ...]:
    if expected.blake3 == found.blake3:
        return ()
    rows = [
        f"expected {expected.blake3}, {expected.size:,} bytes",
        f"found    {found.blake3}, {found.size:,} bytes",
    ]
    return ("\n".join(rows),)


def _change(old: TensorDigest, new: TensorDigest) -> str:
    if (old.dtype, old.shape) == (new.dtype, new.shape):
        return f"{_type(old)}, other values"
    return f"{_type(old)}, now {_type(new)}"


def _type(tensor: TensorDigest) -> str:
    known = BY_NAME.get(tensor.dtype)
    return f"{known.short if known else tensor.dtype}[{', '.join(map(str, tensor.shape))}]"
