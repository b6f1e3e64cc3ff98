"""Diagnostics of the compiler: what a backend of Keras cannot hold."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.diagnostic import Diagnostic, Label
from declspore.report import DiagnosticError
from declspore.source import Span


def no_wide_integers(name: str, backend: str, spans: Sequence[Span]) -> DiagnosticError:
    """E705: a network has 64-bit integers, the backend has none."""
    title = f"{name} has integers of 64 bits, which {backend} would make 32 bits wide"
    labels = tuple(Label(span) for span in dict.fromkeys(spans))
    help = "set JAX_ENABLE_X64=1 in the environment, before Keras is imported"
    return DiagnosticError([Diagnostic("E705", title, labels, helps=(help,))])
