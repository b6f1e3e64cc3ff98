"""The task ``export``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

import keras

from declspore.check.conditions import judge
from declspore.check.datasets import Dataset
from declspore.data.stream import Stream
from declspore.dataclass import dataclass
from declspore.exports.export import export
from declspore.exports.format import Exportable, Runtime, arranged
from declspore.ir.network import Network
from declspore.ir.tensors import Array
from declspore.lock.record import Recorder
from declspore.lower.batches import pairs
from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from declspore.report import Sink
from declspore.run.load import load_planned
from declspore.run.meter import Meter, shown
from declspore.run.task import Reporter, Result
from declspore.tasks.export.entering import answered, entries
from declspore.tasks.export.kind import Saved
from declspore.tasks.export.plan import ExportPlan
from declspore.text import size


@dataclass(frozen=True)
class Written:
    """A file: its bytes, the largest difference from the network's answers, its figures, and how
    far pictures that it prepares are from those of the dataset."""

    path: str
    bytes: int
    difference: float
    figures: dict[str, object]
    levels: float | None = None


@dataclass(frozen=True)
class ExportDone(Result):
    """The files that were written."""

    files: tuple[Written, ...]

    def lines(self) -> Iterator[str]:
        for file in self.files:
            text = f"{self.task}: wrote {file.path}, {size(file.bytes)}"
            text = f"{text}; largest difference {file.difference:.1e}"
            if file.levels is not None:
                text = f"{text}, of prepared pictures {file.levels:g} of 255 levels"
            figures = "".join(f", {name} {shown(value)}" for name, value in file.figures.items())
            yield f"{text}{figures}"


def run_export(plan: ExportPlan, reporter: Reporter, recorder: Recorder) -> ExportDone:
    """Write each file, prove it, judge its figures, and put it in its place. Raises
    DiagnosticError; files that were put in place before stay."""
    task = plan.task
    keras.utils.set_random_seed(0)
    model = compile_network(task.network, data_format=task.data_format, seed=0)
    if plan.load is not None:
        binding = binding_of(model)
        assert binding is not None
        load_planned({p.name: p for p in binding.parameters}, plan.load)
        reporter.note(f"loaded {len(plan.load.bind.matched)} entries from {plan.load.path}")
    written = []
    for done, saved in enumerate(task.saves, start=1):
        written.append(_written(plan, saved, model))
        _record(plan, saved, recorder)
        reporter.progress(done, len(task.saves), saved.path)
    return ExportDone(task.name, tuple(written))


def _written(plan: ExportPlan, saved: Saved, model: keras.Model) -> Written:
    task, figures = plan.task, {}
    precision = task.precision if len(saved.format.precisions) > 1 else "float32"
    exportable = Exportable(
        task.network, model, task.data_format, precision, preparation=task.preparation
    )
    if (samples := task.samples) is not None:

        def batches() -> Iterator[Sequence[Array]]:
            if task.preparation is not None:
                yield from entries(samples, task.preparation)
                return
            for batch in _inputs(samples, task.network):
                yield arranged(exportable, batch)

        exportable = replace(exportable, samples=batches)

    def check(run: Runtime) -> None:
        figures.update(_figures(plan, run, exportable))
        sink = Sink()
        judge(task.conditions, figures, sink)
        sink.raise_errors()

    given = saved.format, exportable, saved.path, saved.span, check
    done = export(*given, permissions=0o777 if plan.load is None else plan.load.permissions())
    proof = done.proof
    return Written(saved.path, done.bytes, proof.difference, figures, proof.levels)


def _inputs(dataset: Dataset, network: Network) -> Iterable[Sequence[Array]]:
    """The batches of a dataset as arrays of the network's inputs."""
    stream = Stream(dataset, 0, [entry.name for entry in network.inputs])
    with stream.explained():
        for data, _ in pairs(stream.epoch(1)):
            yield data if isinstance(data, tuple) else (data,)


def _figures(plan: ExportPlan, run: Runtime, exportable: Exportable) -> dict[str, object]:
    """The metrics of a file in its own runtime."""
    task = plan.task
    if task.dataset is None:
        return {}
    meters = [Meter(metric, task.span) for metric in task.metrics]
    stream = Stream(task.dataset, 0, [entry.name for entry in task.network.inputs])
    items = None if task.preparation is None else entries(task.dataset, task.preparation)
    with stream.explained():
        for data, labels in pairs(stream.epoch(1)):
            inputs = data if isinstance(data, tuple) else (data,)
            if items is None:
                outputs = tuple(run(arranged(exportable, inputs)))
            else:
                outputs = answered(run, islice(items, len(inputs[0])))
            for meter in meters:
                meter.feed(outputs if len(outputs) > 1 else outputs[0], labels)
    return {meter.name: meter.figure for meter in meters}


def _record(plan: ExportPlan, saved: Saved, recorder: Recorder) -> None:
    """Show what was written to the recorder: of a folder each file."""
    if not saved.format.is_folder:
        recorder.wrote_file(plan, f"save {saved.path}", saved.path)
        return
    for folder, _, names in sorted(os.walk(saved.path)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            recorder.wrote_file(plan, f"save {path}", path)
