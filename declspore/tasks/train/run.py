"""The task ``train``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import keras

from declspore.data.stream import Stream
from declspore.lock.record import Recorder
from declspore.lower.binding import binding_of
from declspore.lower.loss import Objective
from declspore.lower.network import compile_network
from declspore.lower.optimizer import Optimizer
from declspore.registry.policy import Failure, Policy, policy
from declspore.run import errors
from declspore.run.load import load_planned
from declspore.run.task import Reporter, Result
from declspore.spelling import count
from declspore.tasks.train.plan import TrainPlan
from declspore.tasks.train.resume import check_resumed
from declspore.tasks.train.schedule import saving
from declspore.training.checkpoint import training_parameters
from declspore.training.engine import Engine
from declspore.training.feed import Streamed
from declspore.training.scaling import scaling
from declspore.training.step import Trainee


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
    network = compile_network(task.network, seed=task.seed)
    binding = binding_of(network)
    assert binding is not None
    optimizer = Optimizer.of(task.optimizer, binding.trainable)
    if plan.load is not None:
        parameters = training_parameters(network, optimizer)
        names = parameters if plan.load.resume else binding
        chosen = {name: parameters[name] for name in names}
        load_planned(chosen, plan.load)
        reporter.note(f"loaded {len(plan.load.bind.matched)} entries from {plan.load.path}")
        if plan.load.resume:
            check_resumed(plan, optimizer, reporter)
    stream = Stream(task.dataset, task.seed, [entry.name for entry in task.network.inputs])
    trainee = Trainee(network, Objective.of(task.losses), optimizer)
    engine = Engine(
        trainee, Streamed(stream), plan.schedule.timeline, _policies(plan, trainee), reporter
    )
    try:
        with stream.explained():
            done = engine.train()
    except Failure as failure:
        raise errors.training_failed(task.span, failure) from None
    recorder.saved(plan, done.files)
    return Trained(task.name, done.steps, done.loss, done.saved, done.files)


def _policies(plan: TrainPlan, trainee: Trainee) -> list[Policy]:
    """What every training does, and what the task asks for."""
    return [
        *scaling(trainee.network, trainee.optimizer.loss_scale),
        policy("FiniteLoss"),
        policy("Progress"),
        *(saving(rule) for rule in plan.task.saves),
    ]
