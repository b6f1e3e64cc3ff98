"""The task ``train``."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

import keras

from declspore.check.task import labels_of
from declspore.data.part import Part
from declspore.data.stream import Batches, Stream
from declspore.devices.current import current_group
from declspore.devices.errors import unsupported
from declspore.lock.record import Recorder
from declspore.lower.binding import binding_of
from declspore.lower.evaluation import evaluate
from declspore.lower.network import compile_network
from declspore.lower.optimizer import Optimizer
from declspore.lower.written_loss import objective_of
from declspore.plan.loading import PlannedLoad
from declspore.registry.data import Unavailable
from declspore.registry.policy import Failure, Policy, policy, policy_of
from declspore.report import DiagnosticError
from declspore.run import errors
from declspore.run.load import load_planned
from declspore.run.meter import Meter
from declspore.run.task import Reporter
from declspore.spelling import count
from declspore.tasks.train.alike import check_alike, check_supported
from declspore.tasks.train.continuing import refused
from declspore.tasks.train.history import TrainingHistory
from declspore.tasks.train.keeper import StateFile
from declspore.tasks.train.plan import TrainPlan
from declspore.tasks.train.policies import StatedPolicy, kind_of, precision_of
from declspore.tasks.train.result import Trained
from declspore.tasks.train.resume import check_resumed
from declspore.tasks.train.saving import LogRule
from declspore.tasks.train.statefile import remove_unfinished
from declspore.training.backends.spreading import TooFew, spread
from declspore.training.engine import Engine
from declspore.training.feed import Streamed
from declspore.training.interruption import listening
from declspore.training.precision import computing_in
from declspore.training.step import Trainee


def run_train(plan: TrainPlan, reporter: Reporter, recorder: Recorder) -> Trained:
    """Train, saving on the way; an interrupted training is continued. Raises DiagnosticError."""
    check_supported(plan.task, current_group())
    try:
        with spread(plan.task.devices):
            return _trained(plan, reporter, recorder)
    except TooFew as error:
        raise DiagnosticError([unsupported(plan.task.span, str(error), error.help)]) from None


def _trained(plan: TrainPlan, reporter: Reporter, recorder: Recorder) -> Trained:
    task, group = plan.task, current_group()
    keeping = plan.keeping if group.rank == 0 else None
    check_alike(plan, group)
    if plan.replaced and plan.continued is None:
        reporter.note(plan.replacing)
    load = plan.load if plan.continued is None else None
    part = Part(group.rank, group.size) if group.size > 1 else None
    trainee, stream = prepared(plan, load, reporter, part)
    inputs = [entry.name for entry in task.network.inputs]
    timeline = plan.schedule.timeline

    def showing(slot: str | None) -> AbstractContextManager[None]:
        """The engine needs the policies, and they the engine once they measure."""
        return engine.showing(slot)

    policies = _policies(plan, trainee, inputs, showing)
    keeper = None if keeping is None else StateFile(keeping)
    with listening() as interruption:
        engine = Engine(
            *(trainee, Streamed(stream), timeline, policies, reporter),
            keeper=keeper,
            interruption=interruption,
            group=group,
            statistics=task.statistics,
        )
        if load is not None and load.resume:
            load_planned(engine.parameters, load)
            _report_loaded(load, reporter)
            assert isinstance(trainee.optimizer, Optimizer)
            check_resumed(plan, trainee.optimizer, reporter)
        if keeper is not None:
            _begin(plan, engine, keeper, reporter)
        try:
            with stream.explained():
                done = engine.train()
        except Failure as failure:
            raise errors.training_failed(task.span, failure) from None
    if group.rank == 0:
        recorder.saved(plan, done.files)
    if keeper is not None:
        keeper.remove()
    history = TrainingHistory.of(engine.remembered_by("History"))
    return Trained(
        *(task.name, done.steps, done.loss, done.saved, done.files, done.stop_reason), history
    )


def prepared(
    plan: TrainPlan, load: PlannedLoad | None, reporter: Reporter, part: Part | None = None
) -> tuple[Trainee, Stream]:
    """What is trained, with the values that are loaded, and the stream of its data, or of a part of
    each batch."""
    task = plan.task
    keras.utils.set_random_seed(task.seed)
    with computing_in(precision_of(task.policies)):
        network = compile_network(task.network, seed=task.seed)
    binding = binding_of(network)
    assert binding is not None
    optimizer = Optimizer.of(task.optimizer, binding.trainable)
    if load is not None and not load.resume:
        load_planned({p.name: p for p in binding.parameters}, load)
        _report_loaded(load, reporter)
    inputs = [entry.name for entry in task.network.inputs]
    labels = labels_of(task, task.dataset)
    stream = Stream(task.dataset, task.seed, inputs, part=part, labels=labels)
    if stream.damaged:
        reporter.note(f"left out {count(stream.damaged, 'damaged item')} of the dataset")
    return Trainee(network, objective_of(task.losses), optimizer), stream


def _begin(plan: TrainPlan, engine: Engine, keeper: StateFile, reporter: Reporter) -> None:
    """Continue where an interrupted training was, or see to it that none is continued later."""
    saves = [rule.path for rule in plan.task.saves]
    remove_unfinished([*saves, *([plan.keeping.path] if plan.keeping else [])])
    if plan.continued is None:
        keeper.remove()
        return
    try:
        engine.restore(keeper.read())
    except ValueError as error:
        raise DiagnosticError([refused(plan.task, plan.continued.path, [str(error)])]) from None
    done = f"{plan.continued.step:,} of {count(plan.schedule.steps, 'step')}"
    reporter.note(f"continues the interrupted training: {done} are made")


def _report_loaded(load: PlannedLoad, reporter: Reporter) -> None:
    reporter.note(f"loaded {len(load.bind.matched)} entries from {load.path}")


_PICTURES = 16
"""Samples that a report shows."""
Showing = Callable[[str | None], AbstractContextManager[None]]
"""Within it, the network has the values of a slot."""


def _policies(
    plan: TrainPlan, trainee: Trainee, inputs: Sequence[str], showing: Showing
) -> list[Policy]:
    """What every training does, and what the task asks for."""
    terms = [each.term for each in plan.task.policies]
    may_be_any = any(kind_of(term).allows_any_loss(term.arguments) for term in terms)
    return [
        policy("ScaledLoss", loss_scale=trainee.optimizer.loss_scale),
        *(_stated(each, plan, trainee, inputs, showing) for each in plan.task.policies),
        *(() if may_be_any else (policy("FiniteLoss"),)),
        policy("Progress"),
        policy("History"),
        *(_log(rule, plan) for rule in plan.task.logs),
        *(rule.policy for rule in plan.task.saves),
    ]


def _log(rule: LogRule, plan: TrainPlan) -> Policy:
    figures = [name for stated in plan.task.policies for name in stated.figures]
    taken = rule.kind.signature.names
    given = {"path": rule.path, "figures": figures, "about": [plan.title, *plan.lines()]}
    if "pictures" in taken:
        given["pictures"] = _pictures(plan)
    return policy(rule.kind.name, **{name: value for name, value in given.items() if name in taken})


def _pictures(plan: TrainPlan) -> str:
    """The first samples of the training as the address of an image; nothing where they are no
    pictures."""
    try:
        drawn = Batches("", plan.task.dataset, plan.task.seed).show(_PICTURES)
    except Unavailable:
        return ""
    return f"data:image/png;base64,{b64encode(drawn.png).decode()}"


def _stated(
    stated: StatedPolicy,
    plan: TrainPlan,
    trainee: Trainee,
    inputs: Sequence[str],
    showing: Showing,
) -> Policy:
    """A policy of the list, with the way in which it measures."""
    found, validation, group = policy_of(stated.term), stated.validation, current_group()
    found = found.rehearsed() if plan.rehearses else found
    if validation is None:
        return found
    labels = labels_of(plan.task, validation.dataset)
    stream = Stream(validation.dataset, plan.task.seed, inputs, labels=labels)
    span = stated.term.span

    def figures() -> Mapping[str, float]:
        meters = [Meter(metric, span or plan.task.span) for metric in validation.metrics]
        with stream.explained(), showing(validation.of):
            epoch = stream.epoch(1).take(2) if plan.rehearses else stream.epoch(1)
            batches = evaluate(trainee.network, trainee.loss, epoch)
            for _, outputs, labels, losses in batches:
                group.check()  # the others wait meanwhile
                for meter in meters:
                    meter.feed(outputs, labels, losses)
        return {meter.name: meter.number for meter in meters}

    return found.measuring(figures)
