"""Diagnostics of ``declspore invert``: E59x."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.diagnostic import Diagnostic, Label
from declspore.source import Span
from declspore.spelling import listing


def lost(span: Span, names: Sequence[str], reason: str, path: str) -> Diagnostic:
    """A rule that cannot be undone from the output alone."""
    title = f"the output does not contain {listing(names, limit=3)}: {reason}"
    help = f"--original takes what is lost from {path}"
    return Diagnostic("E591", title, (Label(span),), helps=(help,))


def no_reverse(span: Span, reason: str) -> Diagnostic:
    return Diagnostic("E592", f"the edit has no reverse: {reason}", (Label(span),))


def not_an_edit(name: str, edits: Sequence[str]) -> Diagnostic:
    title = f"the spec has no edit `{name}`" if name else "the spec has several edits"
    notes = (f"its edits are {listing(edits)}",) if edits else ("it has no edit",)
    helps = (f"declspore invert FILE {edits[0]}",) if edits else ()
    return Diagnostic("E593", title, (), notes, helps)
