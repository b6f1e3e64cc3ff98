"""The task ``predict``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from declspore.checkpoint.atomic import replacing
from declspore.data.pipeline import build
from declspore.lock.record import Recorder
from declspore.lower.binding import binding_of
from declspore.lower.evaluation import evaluate
from declspore.lower.loss import several
from declspore.lower.network import compile_network
from declspore.run.load import load_planned
from declspore.run.task import Reporter, Result
from declspore.spelling import count
from declspore.tasks.predict.plan import PredictPlan


@dataclass(frozen=True)
class Predicted(Result):
    """The file that holds the outputs, and how many samples they are of."""

    path: str
    samples: int

    def lines(self) -> Iterator[str]:
        yield f"{self.task}: outputs of {count(self.samples, 'sample')}; wrote {self.path}"


def run_predict(plan: PredictPlan, reporter: Reporter, recorder: Recorder) -> Predicted:
    """Compute the outputs, and put the file in place once it is whole. Raises DiagnosticError."""
    task = plan.task
    keras.utils.set_random_seed(0)
    model = compile_network(task.network, seed=0)
    if plan.load is not None:
        binding = binding_of(model)
        assert binding is not None
        load_planned({p.name: p for p in binding.parameters}, plan.load)
        reporter.note(f"loaded {len(plan.load.bind.matched)} entries from {plan.load.path}")
    batches = build(task.dataset, 0, [entry.name for entry in task.network.inputs])
    parts: list[list[Any]] = []
    samples = 0
    for done, (size, outputs, _, _) in enumerate(evaluate(model, None, batches), start=1):
        parts.append([np.asarray(output) for output in several(outputs)])
        samples += size
        reporter.progress(done, plan.batches, f"{samples} samples")
    arrays: list[Any] = [np.concatenate(column) for column in zip(*parts, strict=True)]
    names = ["output"] if len(arrays) == 1 else [f"output_{i}" for i in range(len(arrays))]
    with replacing(task.path) as file:
        np.savez(file, **dict(zip(names, arrays, strict=True)))
    recorder.wrote_file(plan, "save", task.path)
    return Predicted(task.name, task.path, samples)
