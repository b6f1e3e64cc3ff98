"""Packages that only some uses need: extras."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from declspore.plan import errors
from declspore.report import Sink
from declspore.source import Span


def check_packages(
    modules: Sequence[str], extra: str, use: str, span: Span | None, sink: Sink
) -> bool:
    """Whether packages are installed; those that are not are reported, with the extra that has
    them."""
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        sink.report(errors.missing_packages(span, use, missing, extra))
    return not missing
