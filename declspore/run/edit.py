"""The task ``edit``: the planned outcomes, streamed into a new file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from declspore.checkpoint.format import Computed, Copied, Piece
from declspore.checkpoint.reader import Checkpoint
from declspore.ir.header import HeaderEntry
from declspore.ir.term import Term
from declspore.plan.conditions import judge
from declspore.plan.edit import Outcome, plan_edit
from declspore.plan.files import open_term, write_term
from declspore.plan.plan import PlannedEdit
from declspore.plan.views import FileView
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind
from declspore.report import Sink
from declspore.run.report import Edited, Reporter


def run_edit(plan: PlannedEdit, reporter: Reporter) -> Edited:
    """Write the edited checkpoint; its ensures are checked before it takes its place.

    Raises DiagnosticError; then nothing was changed.
    """
    task = plan.task
    inputs = {name: open_term(file) for name, file in plan.files.items()}
    sink = Sink()
    headers = {name: checkpoint.header for name, checkpoint in inputs.items()}
    actual = plan_edit(task, headers, sink)
    sink.raise_errors()
    assert actual is not None
    pieces = [
        _piece(outcome, outcome.result, inputs)
        for outcome in actual.outcomes
        if outcome.result is not None
    ]

    def verify(written: Checkpoint) -> None:
        views = [FileView(name, file.header, file.array) for name, file in inputs.items()]
        views.append(FileView(task.output, written.header, written.array))
        judge(task.conditions, views, sink)
        sink.raise_errors()

    size = write_term(task.file, pieces, verify, reporter.progress)
    counts = Counter(outcome.action for outcome in actual.outcomes)
    return Edited(task.name, task.path, dict(counts), size)


def _piece(outcome: Outcome, result: HeaderEntry, inputs: Mapping[str, Checkpoint]) -> Piece:
    if outcome.value is not None:
        return Computed(result, _maker(outcome.value))
    assert outcome.source is not None
    assert outcome.entry is not None
    source = inputs[outcome.source]
    return Copied(source, source.by_name[outcome.entry.name], result.name)


def _maker(value: Term) -> Any:
    kind = vocabulary().of(TensorKind, value.word)
    return lambda: kind.compute(np, value.arguments)
