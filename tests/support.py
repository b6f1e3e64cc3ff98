"""Small helpers of tests."""

from __future__ import annotations

import numpy as np

from declspore.check.check import check
from declspore.check.result import CheckedSpec
from declspore.ir.network import Network
from declspore.report import DiagnosticError
from declspore.source import Source


def checked(text: str, settings: dict[str, object] | None = None) -> CheckedSpec:
    """A spec given without its first line."""
    return check(Source("test.spec", f"spec 1\n{text}"), settings)


def network_of(cell: str, shape: tuple[int, ...], dtype: str = "f32") -> Network:
    """A network that is one cell, called ``0`` as in a MindSpore SequentialCell."""
    dims = ", ".join(map(str, shape[1:]))
    text = f"""
network Net() {{
  wrapper = SequentialCell({cell})
  construct(x: {dtype}[B, {dims}]) = wrapper(x)
}}
"""
    return checked(text).networks["Net"]


def problems(text: str, settings: dict[str, object] | None = None) -> list[str]:
    """``code line title`` of every error of a spec given without its first line."""
    try:
        checked(text, settings)
    except DiagnosticError as error:
        return [_line(diagnostic) for diagnostic in error.diagnostics]
    return []


def _line(diagnostic) -> str:
    place = diagnostic.labels[0].place if diagnostic.labels else None
    line = f" {place.line}" if place is not None and hasattr(place, "line") else ""
    return f"{diagnostic.code}{line} {diagnostic.title}"


def closeness(found, expected) -> float:
    """The largest error, relative to the largest expected value."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape, (found.shape, expected.shape)
    scale = max(float(np.abs(expected).max(initial=0.0)), 1e-30)
    return float(np.abs(found - expected).max(initial=0.0)) / scale
