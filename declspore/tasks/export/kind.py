"""``export`` in a spec: what it is made of, and whether it fits together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from declspore.check import errors
from declspore.check.attributes import Attributes
from declspore.check.conditions import Condition
from declspore.check.datasets import Dataset
from declspore.check.feeding import fed_metrics, metrics_of, output_types, require_loss
from declspore.check.figures import conditions_on
from declspore.check.loading import EXCEPTIONS, LOAD, Load, load_of
from declspore.check.task import Task, TaskAttribute, TaskKind, TaskStatement
from declspore.dataclass import dataclass
from declspore.exports.format import PRECISIONS, ExportFormat, export_formats, format_of
from declspore.exports.preparing import FILES, PICTURES, Preparation, Unprepared, preparation
from declspore.ir.network import Network
from declspore.language.domain import Evaluation
from declspore.language.scope import Scope
from declspore.language.values import CheckpointRef
from declspore.registry.feeding import Fed
from declspore.report import Sink
from declspore.source import Span
from declspore.syntax import ast

_ORDERS = ("channels_first", "channels_last")


@dataclass(frozen=True)
class Saved:
    """A file or folder to write."""

    path: str
    span: Span
    format: ExportFormat


@dataclass(frozen=True)
class ExportTask(Task):
    """``samples`` are what the ranges of int8 are measured on, ``dataset`` what ``metrics`` are."""

    network: Network
    load: Load | None
    data_format: str
    precision: str
    samples: Dataset | None
    dataset: Dataset | None
    preparation: Preparation | None
    metrics: tuple[Fed, ...]
    conditions: tuple[Condition, ...]
    saves: tuple[Saved, ...]

    def references(self) -> Iterable[CheckpointRef]:
        return () if self.load is None else (self.load.checkpoint,)


def check_export(
    kind: TaskKind, task: ast.Task, evaluation: Evaluation, scope: Scope
) -> ExportTask | None:
    """The checked task, or None with every problem reported."""
    a = Attributes(kind, task, evaluation, scope)
    network, load = a.network(), load_of(a)
    samples, dataset, metrics = a.dataset("samples"), a.dataset(), metrics_of(a)
    data_format = _choice(a, "data_format", _ORDERS)
    precision = _choice(a, "precision", PRECISIONS)
    require_loss(a, metrics or (), None)
    _require_each_other(a, task)
    saves = _saved(task, a.sink)
    before = len(a.sink.errors)
    figures: tuple[Fed, ...] | None = ()
    if network and samples:
        output_types(a, network, samples)
    if network and dataset:
        outputs = output_types(a, network, dataset)
        figures = None if outputs is None else fed_metrics(a, metrics or (), outputs, dataset)
    preparation = _preparation(a, network, {"dataset": dataset, "samples": samples})
    conditions = conditions_on(task, figures or (), evaluation, scope)
    if not (network and saves and data_format and precision):
        return None
    if figures is None or len(a.sink.errors) > before:
        return None
    own = (
        network,
        load,
        data_format,
        precision,
        samples,
        dataset,
        preparation,
        figures,
        conditions,
        saves,
    )
    return ExportTask(kind, task.name.text, task.span, *own)


def _choice(a: Attributes, name: str, options: tuple[str, ...]) -> str | None:
    """One of a few strings, the first where it is not given; None where it is reported."""
    if not a.has(name):
        return options[0]
    expected = " or ".join(f'"{option}"' for option in options)
    value = a.expect(name, str, expected)
    if value is None or value in options:
        return value
    a.sink.report(errors.wrong_unit(a.span(name), name, expected, f'"{value}"'))
    return None


def _preparation(
    a: Attributes, network: Network | None, others: Mapping[str, Dataset | None]
) -> Preparation | None:
    """The steps of ``prepare``; None where it is not given, or with the problem reported. Other
    datasets of the task must end with the same."""
    if a.has("enters") and not a.has("prepare"):
        a.sink.report(errors.missing_parts(a.span("enters"), "`enters`", ["prepare"]))
    dataset = a.dataset("prepare")
    if dataset is None or network is None or output_types(a, network, dataset) is None:
        return None
    span, enters = a.span("prepare"), _choice(a, "enters", (PICTURES, FILES))
    if enters is None:
        return None
    try:
        if len(network.inputs) != 1:
            raise Unprepared(f"{network.name} has {len(network.inputs)} inputs")
        found = preparation(dataset, enters)
    except Unprepared as error:
        reason = f"no steps before its batch can run inside a file: {error}"
        help = "Decode, Resize, crops, Rescale, Normalize, HWC2CHW can, after all other steps"
        a.sink.report(errors.dataset_misfit(span, reason, dataset.span, help))
        return None
    for name, other in others.items():
        if other is not None and not found.is_of(other):
            reason = f"it ends with other steps than `prepare`: {', '.join(found.words)}"
            a.sink.report(errors.dataset_misfit(a.span(name), reason, other.span, None))
    return found


def _require_each_other(a: Attributes, task: ast.Task) -> None:
    """Metrics need a dataset, a dataset metrics, and an ensure both."""
    if a.has("metrics") and not a.has("dataset"):
        a.sink.report(errors.missing_parts(a.span("metrics"), "`metrics`", ["dataset"]))
    if a.has("dataset") and not a.has("metrics"):
        a.sink.report(errors.missing_parts(a.span("dataset"), "`dataset`", ["metrics"]))
    for part in task.parts:
        if isinstance(part, ast.Ensure) and not a.has("metrics"):
            a.sink.report(errors.missing_parts(part.span, "`ensure`", ["dataset", "metrics"]))
            return


def _saved(task: ast.Task, sink: Sink) -> tuple[Saved, ...]:
    """The files of ``save``, without those that are reported."""
    found: list[Saved] = []
    seen: set[str] = set()
    suffixes = ", ".join(export_formats())
    for clause in task.clauses("save"):
        for each in clause.modifiers:
            reason = "takes one or more paths and nothing else"
            sink.report(errors.bad_clause(each.span, "save", reason, 'save "net.onnx"'))
        for text in clause.texts:
            path = str(text.value)
            if (format := format_of(path)) is None:
                reason = f"expects a path that ends in one of {suffixes}; found `{path}`"
                sink.report(errors.bad_clause(text.span, "save", reason, 'save "net.onnx"'))
            elif path in seen:
                sink.report(errors.bad_clause(text.span, "save", f"names {path} twice"))
            else:
                found.append(Saved(path, text.span, format))
                seen.add(path)
    return tuple(found)


KIND = TaskKind(
    name="export",
    summary="Writes a network for other runtimes, and proves each file in its own.",
    example="""export serving {
  network = zoo.LeNet5()
  load    = ckpt("lenet.ckpt")
  dataset = test
  metrics = [Accuracy()]
  save "serving/1/", "lenet.onnx", "lenet.tflite"
  ensure accuracy >= 90%
}""",
    check=check_export,
    plan="declspore.tasks.export.plan:plan_export",
    run="declspore.tasks.export.run:run_export",
    attributes=(
        TaskAttribute("network", "the network with its arguments", required=True),
        TaskAttribute(LOAD.name, "a checkpoint; `none` for an untrained network", required=True),
        *EXCEPTIONS,
        TaskAttribute("data_format", 'how images enter and leave: `"channels_first"`, or last'),
        TaskAttribute("precision", 'of LiteRT: `"float32"`, `"float16"` or `"int8"`'),
        TaskAttribute("prepare", "a dataset whose last steps before its batch go into the file"),
        TaskAttribute("enters", 'what it prepares: `"pictures"`, u8 images, or `"files"`, bytes'),
        TaskAttribute("samples", "what ranges of int8 are measured on, in batches"),
        TaskAttribute("dataset", "what the metrics are measured on, in batches"),
        TaskAttribute("metrics", "a metric, or a list of them: of each file in its runtime"),
    ),
    statements=(
        TaskStatement("save", "the files to write; suffixes choose the formats", required=True),
        TaskStatement("ensure", "what the figures of each file must be, or it is not written"),
    ),
    names=lambda task: None,
)
