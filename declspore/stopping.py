"""Ctrl-C while the command starts or ends is one line, as it is at any other time."""

from __future__ import annotations

import os
import sys
from types import TracebackType


def is_command() -> bool:
    """Whether this process is the command line, and not a program that uses the library."""
    program = os.path.basename(sys.argv[0]) if getattr(sys, "argv", None) else ""
    return program == "declspore" or sys.orig_argv[1:3] == ["-m", "declspore"]


def end_in_one_line() -> None:
    """From here on, an interruption that nothing takes ends the process with 130."""
    sys.excepthook = _ended


def _ended(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        os.write(2, b"\ninterrupted\n")
        os._exit(130)
    sys.__excepthook__(kind, error, traceback)
