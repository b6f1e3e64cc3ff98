"""Words for checkpoint files, each a format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from declspore.checkpoint.format import Format
from declspore.checkpoint.reader import Access
from declspore.ir.term import Arguments
from declspore.registry.kind import Kind


def _fits(arguments: Arguments) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class FileKind(Kind):
    """A checkpoint file of some format, named by its path.

    ``check(arguments)`` raises :class:`declspore.registry.kind.Misfit` where arguments do not fit
    together. ``access(arguments)`` is how it is read or written; it may read a key, and then raise
    DiagnosticError. It is asked when the file is opened, never while a spec is checked. A word
    for ``many`` files, whose path is a pattern, names the word for one.
    """

    family: ClassVar[str] = "file"

    format: Format
    access: Callable[[Arguments], Access]
    many: str | None = None
    check: Callable[[Arguments], None] = _fits
