"""Run a script of MindSpore unchanged: ``python -m declspore.compat SCRIPT.py [ARGUMENT...]``.

While the script runs, ``mindspore`` is declspore, whether MindSpore is installed or not. In a
program of your own, :func:`bind_mindspore` does the same.
"""

from __future__ import annotations

import importlib
import os
import runpy
import sys
import traceback
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from declspore.porting.names import Unsupported, table
from declspore.porting.reasons import reason_of
from declspore.report import DiagnosticError

_NAME = "mindspore"


class _Finder(MetaPathFinder):
    """Finds ``mindspore.x`` as ``declspore.x``."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(f"{_NAME}."):
            return None
        return ModuleSpec(fullname, _Loader(fullname), is_package=True)


class _Loader(Loader):
    """Puts declspore's module in the place of the one that is imported."""

    def __init__(self, fullname: str) -> None:
        self._fullname = fullname

    def exec_module(self, module: ModuleType) -> None:
        sys.modules[self._fullname] = _ours(self._fullname)


def _ours(fullname: str) -> Any:
    """declspore's module for a module of MindSpore. Raises :class:`Unsupported`."""
    name = fullname.replace(_NAME, "declspore", 1)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not name.startswith(error.name):
            raise
    parent, _, last = fullname.rpartition(".")
    found = getattr(sys.modules[parent], last, None) if parent in sys.modules else None
    if isinstance(found, ModuleType):
        return found
    reason = reason_of(parent, last) if parent in table() else "no script needs it here"
    raise Unsupported(fullname, reason)


def bind_mindspore() -> None:
    """Make ``import mindspore`` give declspore from now on, in this process."""
    sys.modules[_NAME] = importlib.import_module("declspore")
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def main(arguments: Sequence[str]) -> int:
    """Run a script; its exit code."""
    if not arguments or arguments[0].startswith("-"):
        print("usage: python -m declspore.compat SCRIPT.py [ARGUMENT...]", file=sys.stderr)  # noqa: T201
        return 2
    script = arguments[0]
    if not os.path.isfile(script):
        print(f"error: {script} was not found", file=sys.stderr)  # noqa: T201
        return 2
    bind_mindspore()
    sys.argv = list(arguments)
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    try:
        runpy.run_path(script, run_name="__main__")
    except DiagnosticError as error:
        print(str(error).strip(), file=sys.stderr)  # noqa: T201
        return error.exit_code
    except Unsupported as error:
        print(f"error: {error}\n{_place(error, script)}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _place(error: BaseException, script: str) -> str:
    """The line of the script that asked."""
    package = os.path.dirname(os.path.abspath(__file__)) + os.sep
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if not f.filename.startswith((package, "<frozen"))]
    last = own[-1] if own else None
    return (
        f"    at {script}" if last is None else f"    at {last.filename}:{last.lineno}: {last.line}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
