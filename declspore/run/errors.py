"""Diagnostics of a running task: codes E70x."""

from __future__ import annotations

from declspore.diagnostic import Diagnostic, FilePlace, Label
from declspore.report import DiagnosticError
from declspore.source import Span


def backend_failed(span: Span, error: Exception) -> DiagnosticError:
    """E702: TensorFlow gave up, on what could not be proved beforehand."""
    kind = type(error).__name__
    message = str(error).strip().splitlines()
    first = next((line for line in message if line.strip()), "no reason given")
    title = f"TensorFlow stopped with {kind}: {first[:200]}"
    return DiagnosticError([Diagnostic("E702", title, (Label(span),))])


def not_finite(span: Span, loss: float, epoch: int, step: int) -> DiagnosticError:
    return DiagnosticError(
        [
            Diagnostic(
                "E701",
                f"the loss is {loss} at step {step} of epoch {epoch}",
                (Label(span),),
                notes=("training was stopped; checkpoints saved before are whole",),
                helps=(
                    "a smaller learning_rate, or check the dataset for values that are not finite",
                ),
            )
        ]
    )


def no_weights(path: str, reason: str) -> DiagnosticError:
    title = f"the Keras weights cannot be read: {reason}"
    return DiagnosticError([Diagnostic("E526", title, (Label(FilePlace(path)),))])
