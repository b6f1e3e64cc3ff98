"""Diagnostics of a running task: codes E70x."""

from __future__ import annotations

import re

from declspore import engine
from declspore.diagnostic import Diagnostic, FilePlace, Label
from declspore.registry.policy import Failure
from declspore.report import DiagnosticError
from declspore.source import Span


def engine_missing(span: Span | None, packages: tuple[str, ...]) -> DiagnosticError:
    """E552: networks cannot be computed with the packages that are installed."""
    labels = (Label(span),) if span else ()
    title = engine.reason(packages)
    return DiagnosticError([Diagnostic("E552", title, labels, helps=(engine.remedy(packages),))])


def backend_failed(span: Span, error: Exception) -> DiagnosticError:
    """E702: TensorFlow stopped with an error, on what could not be proved beforehand."""
    kind = type(error).__name__
    title = f"TensorFlow stopped with {kind}: {_reason(str(error))[:200]}"
    return DiagnosticError([Diagnostic("E702", title, (Label(span),))])


# TensorFlow reports where in its graph and in Python it was before it reports what was wrong.
_SURROUNDINGS = re.compile(
    r'Graph execution error:|Detected at node |Stack trace for op|File "|\[\[|\d+ root error'
)


def _reason(message: str) -> str:
    lines = (line.strip() for line in message.splitlines())
    own = (line for line in lines if line and not _SURROUNDINGS.match(line))
    return next(own, "no reason given")


def training_failed(span: Span, failure: Failure) -> DiagnosticError:
    """What a policy of the training says, at the task."""
    return DiagnosticError(
        [
            Diagnostic(
                failure.code,
                failure.title,
                (Label(span),),
                notes=failure.notes,
                helps=failure.helps,
            )
        ]
    )


def unfit_values(span: Span, name: str, reason: str, help: str | None) -> DiagnosticError:
    """E704: values that were read do not fit what an edit does with them."""
    helps = (help,) if help else ()
    return DiagnosticError([Diagnostic("E704", f"`{name}`: {reason}", (Label(span),), (), helps)])


def no_weights(path: str, reason: str, more: str = "") -> DiagnosticError:
    title = f"the Keras weights cannot be read: {reason}"
    notes = (more,) if more else ()
    return DiagnosticError([Diagnostic("E526", title, (Label(FilePlace(path)),), notes)])


def changed_since_planned(path: str, span: Span | None) -> DiagnosticError:
    """E707: a file is not the one that the plan was made for."""
    labels = [Label(FilePlace(path)), *([] if span is None else [Label(span, "named here")])]
    return DiagnosticError(
        [
            Diagnostic(
                "E707",
                "the checkpoint has changed since the plan was made",
                tuple(labels),
                notes=("what is written would not be what was planned; nothing was",),
                helps=("run it again once nothing else writes to the file",),
            )
        ]
    )
