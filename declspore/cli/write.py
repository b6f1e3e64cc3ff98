"""Small files that commands write: recipes, pictures, tables, specs. Whole or not at all."""

from __future__ import annotations

import errno
import os

from declspore.checkpoint.atomic import replacing
from declspore.cli.errors import unwritable
from declspore.plan.writable import why_unwritable
from declspore.report import DiagnosticError


def check_writable(*paths: str) -> None:
    """Raises DiagnosticError with every place where no file can be put, before work is done."""
    reasons = [(path, why_unwritable(path)) for path in paths]
    found = [
        diagnostic
        for path, reason in reasons
        if reason is not None
        for diagnostic in unwritable(path, OSError(reason)).diagnostics
    ]
    if found:
        raise DiagnosticError(found)


def write_text(path: str, text: str) -> None:
    """Put a text in place all at once. Raises DiagnosticError; then nothing was changed."""
    write_bytes(path, text.encode("utf-8", "surrogateescape"))


def write_bytes(path: str, content: bytes) -> None:
    """Put a file in place all at once. Raises DiagnosticError; then nothing was changed."""
    try:
        with replacing(path, durable=False) as file:
            file.write(content)
    except DiagnosticError as error:
        if isinstance(error.__cause__, OSError):
            raise unwritable(path, error.__cause__) from None
        raise


def write_new(path: str, text: str) -> None:
    """The same where there is no file yet. Raises DiagnosticError."""
    if os.path.lexists(path):
        raise unwritable(path, FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)))
    write_text(path, text)
