"""What a resumed optimizer takes from its checkpoint in place of what the spec says."""

from __future__ import annotations

import numpy as np

from declspore.lower.optimizer import Optimizer
from declspore.plan import errors
from declspore.report import DiagnosticError
from declspore.run.task import Reporter
from declspore.tasks.train.plan import TrainPlan
from declspore.tensor import Parameter


def check_resumed(plan: TrainPlan, optimizer: Optimizer, reporter: Reporter) -> None:
    """Report which settings come from the checkpoint, as in MindSpore, and differ from the spec's.

    Raises DiagnosticError where a list of rates ends before the training, whose steps continue from
    those of the checkpoint.
    """
    state = optimizer.state()
    trained = [(p.name, p.dtype, p.shape) for p in optimizer.parameters]
    done = int(state["global_step"].asnumpy().item())
    for entry in optimizer.kind.settings(optimizer.arguments, trained):
        held = state[entry.name]
        said = np.asarray(entry.initial, np.float32)
        if not np.array_equal(held.asnumpy().ravel(), said.ravel()):
            reporter.note(
                f"`{entry.name}` is the checkpoint's, {_shown(held)}, not the spec's; "
                f"fresh = [`{entry.name}`] takes the spec's"
            )
        if isinstance(entry.initial, tuple):
            _check_length(plan, len(entry.initial), done)


def _check_length(plan: TrainPlan, rates: int, done: int) -> None:
    steps = done + plan.schedule.steps
    if rates < steps:
        span = plan.task.optimizer.span or plan.task.span
        raise DiagnosticError([errors.too_few_rates(span, rates, steps)])


def _shown(held: Parameter) -> str:
    value = held.asnumpy()
    return f"a list of {value.size}" if value.ndim else f"{float(value):g}"
