"""Packages that only some uses need: extras."""

from __future__ import annotations

from importlib.util import find_spec

from declspore.plan import errors
from declspore.report import Sink
from declspore.source import Span


def check_package(module: str, extra: str, use: str, span: Span | None, sink: Sink) -> bool:
    """Whether a package is installed; reported where it is not, with the extra that has it."""
    if find_spec(module) is not None:
        return True
    sink.report(errors.missing_package(span, use, module, extra))
    return False
