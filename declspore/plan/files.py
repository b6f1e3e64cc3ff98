"""Files of a spec, opened and written as its terms say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from declspore.checkpoint.cipher import mode_of
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.format import Format, Piece, Progress
from declspore.checkpoint.matches import matches_of
from declspore.checkpoint.reader import Access, Checkpoint, Hash
from declspore.checkpoint.sharding.open import is_set, open_set
from declspore.checkpoint.sharding.sets import SetOptions
from declspore.checkpoint.sharding.target import SetPlan
from declspore.checkpoint.sniff import expect, identify
from declspore.ir.header import HeaderEntry
from declspore.ir.pattern import natural
from declspore.ir.term import Arguments, Term
from declspore.registry.file import FileKind
from declspore.registry.table import file_kinds

MINDSPORE = "ckpt"
"""The word for a MindSpore checkpoint."""
SET = "sharded"
"""The word for a set of files."""


def ckpt(path: str) -> Term:
    """A plain MindSpore checkpoint, such as training writes."""
    kind = file_kind(MINDSPORE)
    arguments = {a.name: None if a.required else a.default for a in kind.signature.arguments}
    return Term(kind.family, kind.name, Arguments(arguments | {"path": path}))


def path_of(term: Term) -> str:
    return str(term.arguments.path)


def open_term(term: Term) -> Checkpoint:
    """Open the file of a term. Raises DiagnosticError where it is of another format, or where its
    CRC, which the term asks for, is not right."""
    kind = file_kind(term.word)
    access = kind.access(term.arguments)
    if kind.files is not None:
        return kind.files.open(term.arguments, formats(), access)
    return open_as(path_of(term), _format(kind), access)


def set_plan(term: Term, entries: Sequence[HeaderEntry]) -> SetPlan | None:
    """The files that a set of a term would have; None for a single file. Raises DiagnosticError."""
    files = file_kind(term.word).files
    return None if files is None else files.plan(term.arguments, entries)


def require_held(term: Term, entries: Sequence[HeaderEntry]) -> None:
    """Raises DiagnosticError where the format of a file has no place for some entries."""
    from declspore.checkpoint.writer import check_held

    if file_kind(term.word).files is None:
        check_held(path_of(term), entries, _format(file_kind(term.word)))


def is_folder(term: Term) -> bool:
    """Whether a term to be written names a folder."""
    return file_kind(term.word).files is not None


def open_as(path: str, format: Format, access: Access) -> Checkpoint:
    """Open a file that must be of a format."""
    file = FileBytes(path)
    expect(file, format, formats())
    return _checked(format.open(file, path, access, False), access)


def open_any(
    path: str,
    access: Access,
    *,
    lenient: bool = False,
    options: SetOptions = SetOptions(),  # noqa: B008
) -> Checkpoint:
    """Open a file of whatever format it is, or a set of files; a key is used where it is needed.

    ``options`` is how a set is read. Raises DiagnosticError, ``lenient`` or not, where the path
    leads to neither.
    """
    if options != SetOptions() or is_set(path):
        return open_set(path, formats(), options, access, lenient=lenient)
    file = FileBytes(path)
    format = identify(file, formats())
    if mode_of(file.read(0, 4)) is None:
        access = access._replace(key=None, mode=None)
    return _checked(format.open(file, path, access, lenient), access)


def write_term(
    term: Term,
    pieces: Sequence[Piece],
    verify: Callable[[Checkpoint], None],
    progress: Progress,
    like: Iterable[Checkpoint] = (),
    hash: Hash | None = None,
) -> int:
    """Write the file of a term, no more open than those it is ``like``, and return its size.
    ``hash`` takes in what is written to a single file. Raises DiagnosticError."""
    from declspore.checkpoint.writer import write_checkpoint

    kind = file_kind(term.word)
    access = kind.access(term.arguments)
    if kind.files is not None:
        return kind.files.write(term.arguments, pieces, formats(), access, verify, progress)
    return write_checkpoint(
        *(path_of(term), pieces),
        format=_format(kind),
        access=access,
        verify=verify,
        progress=progress,
        like=like,
        hash=hash,
    )


def formats() -> tuple[Format, ...]:
    return tuple(k.format for k in file_kinds() if k.format is not None and k.many is None)


def _format(kind: FileKind) -> Format:
    assert kind.format is not None
    return kind.format


def format_of(path: str) -> Format | None:
    """The format that the suffix of a file says; None where it says none."""
    return next((format for format in formats() if path.endswith(format.suffix)), None)


def word_for(path: str) -> str:
    """The word of a spec for a file by its suffix; that for MindSpore's where it says nothing."""
    found = format_of(path)
    single = (kind for kind in file_kinds() if kind.many is None)
    return next((k.name for k in single if found and k.format is found), MINDSPORE)


def expanded(term: Term) -> tuple[Term, ...]:
    """The files a term for many stands for, in the natural order of their paths; maybe none.

    Raises DiagnosticError where too many files would have to be looked at.
    """
    one = file_kind(term.word).many
    assert one is not None
    paths = sorted(matches_of(path_of(term)), key=natural)
    return tuple(
        Term(term.family, one, Arguments(term.arguments, path=path), term.span) for path in paths
    )


def file_kind(word: str) -> FileKind:
    """The entry of the vocabulary for files of a word."""
    (found,) = (kind for kind in file_kinds() if kind.name == word)
    return found


def _checked(checkpoint: Checkpoint, access: Access) -> Checkpoint:
    if access.crc:
        checkpoint.check_crc()
    return checkpoint
