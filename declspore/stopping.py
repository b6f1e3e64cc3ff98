"""What ends the command while it starts or ends is as short as at any other time: Ctrl-C, and a
module that Python compiled and could not keep whole."""

from __future__ import annotations

import os
import sys
from types import TracebackType


def is_command() -> bool:
    """Whether this process is the command line, and not a program that uses the library."""
    program = os.path.basename(sys.argv[0]) if getattr(sys, "argv", None) else ""
    return program == "declspore" or sys.orig_argv[1:3] == ["-m", "declspore"]


def end_in_one_line() -> None:
    """From here on, an interruption that nothing takes ends the process with 130, and a compiled
    module that is cut off with 2."""
    sys.excepthook = _ended


def _ended(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        os.write(2, b"\ninterrupted\n")
        os._exit(130)
    path = cut_module(error)
    if path is not None:
        lines = f"error[E567]: {cut_title(path)}\n = help: {cut_help(path)}\n"
        os.write(2, os.fsencode(lines))
        os._exit(2)
    sys.__excepthook__(kind, error, traceback)


def cut_module(error: BaseException) -> str | None:
    """The compiled module that Python could not read, where that is the error.

    Before 3.12 Python keeps what a full disk left of one, and fails at every later import.
    """
    if not isinstance(error, (EOFError, ValueError)):
        return None
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_name == "_compile_bytecode":
            path = traceback.tb_frame.f_locals.get("bytecode_path")
            return path if isinstance(path, str) else None
        traceback = traceback.tb_next
    return None


def cut_title(path: str) -> str:
    return f"{path} is cut off: Python compiled a module while the disk was full"


def cut_help(path: str) -> str:
    return f'rm -r "{os.path.dirname(path)}" lets Python compile it again'
