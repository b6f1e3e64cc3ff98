"""Diagnostics of a running task: codes E70x."""

from __future__ import annotations

from declspore.diagnostic import Diagnostic, Label
from declspore.report import DiagnosticError
from declspore.source import Span


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
