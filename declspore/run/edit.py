"""The task ``edit``: the planned outcomes, streamed into a new file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from declspore.checkpoint.reader import Checkpoint
from declspore.checkpoint.writer import Computed, Copied, Piece, write_checkpoint
from declspore.ir.term import Term
from declspore.plan.conditions import judge
from declspore.plan.edit import plan_edit
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
    inputs = {name: Checkpoint(path) for name, path in plan.files.items()}
    sink = Sink()
    headers = {name: checkpoint.header for name, checkpoint in inputs.items()}
    actual = plan_edit(task, headers, sink)
    sink.raise_errors()
    assert actual is not None
    total = sum(outcome.result is not None for outcome in actual.outcomes)

    def pieces() -> Iterator[Piece]:
        done = 0
        for outcome in actual.outcomes:
            if outcome.result is None:
                continue
            name = outcome.result.name
            if outcome.value is not None:
                yield Computed(name, _maker(outcome.value))
            else:
                assert outcome.source is not None
                assert outcome.entry is not None
                source = inputs[outcome.source]
                yield Copied(source, source.by_name[outcome.entry.name], name)
            done += 1
            reporter.progress(done, total, name)

    def verify(written: Checkpoint) -> None:
        views = [FileView(name, file.header, file.array) for name, file in inputs.items()]
        views.append(FileView(task.output, written.header, written.array))
        judge(task.conditions, views, sink)
        sink.raise_errors()

    size = write_checkpoint(task.path, pieces(), verify)
    counts = Counter(outcome.action for outcome in actual.outcomes)
    return Edited(task.name, task.path, dict(counts), size)


def _maker(value: Term) -> Any:
    kind = vocabulary().of(TensorKind, value.word)
    return lambda: kind.compute(np, value.arguments)
