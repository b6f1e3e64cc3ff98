"""The task ``train``."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import keras

from declspore.data.pipeline import build
from declspore.lock.record import Recorder
from declspore.lower.binding import binding_of
from declspore.lower.loss import Objective
from declspore.lower.network import compile_network
from declspore.lower.optimizer import Optimizer
from declspore.lower.training import train
from declspore.run import errors
from declspore.run.load import load_planned, save_parameters, training_parameters
from declspore.run.task import Reporter, Result
from declspore.spelling import count
from declspore.tasks.train.plan import TrainPlan
from declspore.tasks.train.resume import check_resumed
from declspore.tensor import Parameter

_LONGEST_RUN = 32
"""Steps run at once where nothing happens between them: more brings nothing measurable."""


@dataclass(frozen=True)
class Trained(Result):
    """A finished training: its last loss, how many checkpoints it saved, and those still there."""

    steps: int
    loss: float
    saved: int
    files: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        yield f"{self.task}: loss {self.loss:.4g} after {count(self.steps, 'step')}"
        if self.saved:
            kept = f", the last {len(self.files)} kept:"
            end = kept if len(self.files) < self.saved else ":"
            yield f"  saved {count(self.saved, 'checkpoint')}{end}"
        yield from (f"  {path}" for path in self.files)


def run_train(plan: TrainPlan, reporter: Reporter, recorder: Recorder) -> Trained:
    """Train, saving on the way. Raises DiagnosticError."""
    task = plan.task
    keras.utils.set_random_seed(task.seed)
    model = compile_network(task.network, seed=task.seed)
    binding = binding_of(model)
    assert binding is not None
    optimizer = Optimizer.of(task.optimizer, binding.trainable)
    parameters = training_parameters(model, optimizer)
    if plan.load is not None:
        names = parameters if plan.load.resume else binding
        chosen = {name: parameters[name] for name in names}
        load_planned(chosen, plan.load)
        reporter.note(f"loaded {len(plan.load.bind.matched)} entries from {plan.load.path}")
        if plan.load.resume:
            check_resumed(plan, optimizer, reporter)
    dataset = build(task.dataset, task.seed, [entry.name for entry in task.network.inputs])
    watcher = _Watcher(plan, parameters, reporter)
    epochs = range(1, plan.schedule.epochs + 1)
    steps = _steps_at_once(plan)
    train(
        model,
        Objective.of(task.losses),
        optimizer,
        lambda: dataset,
        epochs,
        watcher,
        steps,
        optimizer.loss_scale,
    )
    recorder.saved(plan, watcher.files)
    return Trained(task.name, watcher.steps, watcher.loss, watcher.saved, tuple(watcher.files))


def _steps_at_once(plan: TrainPlan) -> int:
    """How many steps may run without a pause, so that every save still finds its step."""
    per_epoch = plan.schedule.steps_per_epoch
    fixed = [int(s.every.value) for s in plan.task.saves if s.every.unit == "step"]
    if plan.task.length.unit == "step":
        fixed.append(plan.schedule.steps)
    if not fixed:
        return min(per_epoch, _LONGEST_RUN)
    common = math.gcd(per_epoch, *fixed)
    return max(n for n in range(1, min(common, _LONGEST_RUN) + 1) if common % n == 0)


class _Watcher:
    """Follows the training: shows progress, saves, stops at the last step or a broken loss."""

    def __init__(
        self, plan: TrainPlan, parameters: dict[str, Parameter], reporter: Reporter
    ) -> None:
        self.stop = False
        self.steps = 0
        self.loss = math.nan
        self.saved = 0
        self.files: list[str] = []
        self._plan = plan
        self._parameters = parameters
        self._reporter = reporter
        self._kept: dict[int, list[str]] = {}

    def epoch_begin(self, epoch: int) -> None:
        pass

    def step_begin(self, epoch: int, step: int) -> None:
        pass

    def step_end(self, epoch: int, step: int, loss: float) -> None:
        schedule = self._plan.schedule
        within = min(step, schedule.steps_per_epoch)
        self.steps = (epoch - 1) * schedule.steps_per_epoch + within
        self.loss = loss
        if not math.isfinite(loss):
            raise errors.not_finite(self._plan.task.span, loss, epoch, within)
        text = f"epoch {epoch}/{schedule.epochs}  loss {loss:.4f}"
        self._reporter.progress(self.steps, schedule.steps, text)
        self.stop = self.steps >= schedule.steps
        self._save()

    def epoch_end(self, epoch: int) -> None:
        pass

    def _save(self) -> None:
        for index, rule in enumerate(self._plan.task.saves):
            if not self._plan.schedule.is_due(rule, self.steps):
                continue
            path = self._plan.schedule.file(rule, self.steps)
            save_parameters(path, self._parameters)
            self.saved += 1
            self._reporter.note(f"saved {path}")
            self._forget_oldest(self._kept.setdefault(index, []), path, rule.keep)

    def _forget_oldest(self, kept: list[str], path: str, most: int | None) -> None:
        """Remember a new file; remove the oldest of this run beyond ``most``."""
        if path in kept:
            return
        kept.append(path)
        self.files.append(path)
        while most is not None and len(kept) > max(most, 1):
            oldest = kept.pop(0)
            self.files.remove(oldest)
            with suppress(OSError):
                os.unlink(oldest)
