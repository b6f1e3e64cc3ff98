"""Whether the samples of a batch can be divided among processes and devices."""

from __future__ import annotations

from declspore.check.datasets import Dataset
from declspore.diagnostic import Diagnostic, Label
from declspore.flows.steps import all_steps
from declspore.ir.network import Network
from declspore.registry.data import GroupKind, TransformKind
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.spelling import count
from declspore.tasks.train.kind import TrainTask


def check_shared(task: TrainTask, workers: int, sink: Sink) -> None:
    """Report what keeps processes, or devices of one, from sharing a batch (E588): samples must lie
    along the first axis of all inputs and outputs, which has a free size."""
    parts = workers * task.devices
    reason = _reason(task, parts) if parts > 1 else None
    if reason is not None:
        what, help = ("workers", "--workers 1") if workers > 1 else ("devices", "devices = 1")
        title = f"{parts} {what} cannot share a batch of `{task.name}`: {reason}"
        sink.report(Diagnostic("E588", title, (Label(task.span),), helps=(help,)))


def batch_size(dataset: Dataset) -> int | None:
    """How many samples a batch has; None where batches have different sizes."""
    for step in all_steps(dataset.pipeline):
        kind = vocabulary().of(TransformKind, step.word)
        if isinstance(kind, GroupKind):
            return kind.size(step.arguments)
    return None


def _reason(task: TrainTask, workers: int) -> str | None:
    network = task.network
    size = batch_size(task.dataset)
    if size is not None and size < workers:
        return f"it has {count(size, 'sample')}"
    for entry in network.inputs:
        if not entry.type.rank or isinstance(entry.type.shape[0], int):
            return f"the first axis of the input `{entry.name}` ({entry.type}) is not a free size"
    return _unshared_output(network)


def _unshared_output(network: Network) -> str | None:
    batch = network.inputs[0].type.shape[0]
    for number, ref in enumerate(network.outputs):
        type = network.types[ref.index]
        if not type.rank or type.shape[0] != batch:
            which = "its output" if len(network.outputs) == 1 else f"output {number}"
            return f"samples do not lie along the first axis of {which} ({type})"
    return None
