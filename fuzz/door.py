"""What a door is: good files, and the answer to any other."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from declspore.report import DiagnosticError

WHOLE = "whole"


class Door(NamedTuple):
    """Good files, and what becomes of any: a word for the answer. It raises what no file may.

    ``name`` is what the file is called, in a folder of its own.
    """

    seeds: Callable[[], list[bytes]]
    answer: Callable[[str], str]
    name: str = "file"


def answered(read: Callable[[], object], *errors: type[Exception]) -> str:
    try:
        read()
    except DiagnosticError as error:
        return error.diagnostics[0].code
    except errors as error:
        return type(error).__name__
    return WHOLE
