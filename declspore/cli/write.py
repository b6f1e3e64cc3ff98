"""Small files that commands write: recipes, pictures, formatted specs. Whole or not at all."""

from __future__ import annotations

import errno
import os

from declspore.checkpoint.atomic import replacing
from declspore.cli.errors import unwritable
from declspore.report import DiagnosticError


def write_text(path: str, text: str) -> None:
    """Put a file in place all at once. Raises DiagnosticError; then nothing was changed."""
    try:
        with replacing(path, durable=False) as file:
            file.write(text.encode("utf-8", "surrogateescape"))
    except DiagnosticError as error:
        if isinstance(error.__cause__, OSError):
            raise unwritable(path, error.__cause__) from None
        raise


def write_new(path: str, text: str) -> None:
    """The same where there is no file yet. Raises DiagnosticError."""
    if os.path.lexists(path):
        raise unwritable(path, FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)))
    write_text(path, text)
