"""``predict`` in a spec: what it is made of, and whether it fits together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from declspore.check import errors
from declspore.check.attributes import Attributes
from declspore.check.conditions import Condition
from declspore.check.datasets import Dataset
from declspore.check.feeding import fed_metrics, metrics_of, output_types, require_loss
from declspore.check.figures import conditions_on
from declspore.check.loading import EXCEPTIONS, LOAD, Load, load_of
from declspore.check.task import Task, TaskAttribute, TaskKind, TaskStatement
from declspore.dataclass import dataclass
from declspore.diagnostic import Diagnostic
from declspore.ir.network import Network
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments, Pipeline, Term
from declspore.language.domain import Evaluation
from declspore.language.errors import misfit, wrong_type
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, CheckpointRef, describe
from declspore.registry.answer import AnswerColumn, AnswerKind, AnswerTypes
from declspore.registry.data import SourceKind
from declspore.registry.feeding import Fed
from declspore.registry.kind import Misfit
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.source import Span
from declspore.spelling import count
from declspore.syntax import ast
from declspore.tasks.predict.writers import TableFormat, format_of, table_formats


@dataclass(frozen=True)
class Saved:
    """A file of answers."""

    path: str
    span: Span
    format: TableFormat


@dataclass(frozen=True)
class ClassNames:
    """Names of classes, in their order; or the file that has one on each line, or the source of a
    dataset that names its classes."""

    span: Span
    names: tuple[str, ...] | None = None
    path: str | None = None
    source: Term | None = None


@dataclass(frozen=True)
class PredictTask(Task):
    """``answers`` are words for what is kept, ``types`` what enters them."""

    network: Network
    dataset: Dataset
    load: Load | None
    answers: tuple[Term, ...]
    types: AnswerTypes
    classes: ClassNames | None
    metrics: tuple[Fed, ...]
    conditions: tuple[Condition, ...]
    saves: tuple[Saved, ...]

    def references(self) -> Iterable[CheckpointRef]:
        return () if self.load is None else (self.load.checkpoint,)

    @property
    def columns(self) -> tuple[AnswerColumn, ...]:
        """The columns of the answers, in order."""
        return columns_of(self.answers, self.types, self.classes is not None)


def check_predict(
    kind: TaskKind, task: ast.Task, evaluation: Evaluation, scope: Scope
) -> PredictTask | None:
    """The checked task, or None with every problem reported."""
    a = Attributes(kind, task, evaluation, scope)
    network, dataset, load = a.network(), a.dataset(), load_of(a)
    answers = a.terms("outputs", AnswerKind.family, "outputs = [TopK(3)]")
    if not a.has("outputs"):
        answers = (_raw(),)
    metrics, classes = metrics_of(a), _classes_of(a)
    require_loss(a, metrics or (), None)
    saves = _saved(task, a.sink)
    types, figures = _fitting(a, network, dataset, metrics or ())
    conditions = conditions_on(task, figures or (), evaluation, scope)
    if not (network and dataset and types and answers and figures is not None and saves):
        return None
    own = network, dataset, load, answers, types, classes, figures, conditions, saves
    found = PredictTask(kind, task.name.text, task.span, *own)
    return found if _fits_together(a, found) else None


def _raw() -> Term:
    kind = vocabulary().of(AnswerKind, "Raw")
    given = {each.name: each.canonical for each in kind.signature.arguments}
    return Term(AnswerKind.family, kind.name, Arguments(given))


def _fitting(
    a: Attributes, network: Network | None, dataset: Dataset | None, metrics: tuple[Term, ...]
) -> tuple[AnswerTypes | None, tuple[Fed, ...] | None]:
    """The types of a sample's outputs and labels, and the metrics; None with what does not fit
    reported."""
    if not (network and dataset):
        return None, None
    outputs = output_types(a, network, dataset)
    if outputs is None:
        return None, None
    first = dataset.element.inputs[0].type.shape[0]
    for place, type in enumerate(outputs):
        if not type.rank or type.shape[0] != first:
            reason = f"output {place} of {network.name} is {type}, without an axis of samples"
            a.sink.report(errors.dataset_misfit(a.span("network"), reason, dataset.span, None))
            return None, None
    labels = {column.name: _sample(column.type) for column in dataset.element.labels}
    types = AnswerTypes(tuple(map(_sample, outputs)), labels)
    source = vocabulary().of(SourceKind, dataset.pipeline.source.word)
    types = replace(types, has_files=source.names is not None)
    return types, fed_metrics(a, metrics, outputs, dataset)


def _sample(type: TensorType) -> TensorType:
    return type.with_shape(type.shape[1:])


def _classes_of(a: Attributes) -> ClassNames | None:
    """The attribute ``classes``; None where it is not given or its problems are reported."""
    value, span = a.value("classes", None), a.span("classes")
    if value is None or value is UNKNOWN:
        return None
    if isinstance(value, str):
        return ClassNames(span, path=value)
    if isinstance(value, tuple) and value and all(isinstance(each, str) for each in value):
        return ClassNames(span, names=tuple(map(str, value)))
    if isinstance(value, Pipeline):
        return ClassNames(span, source=value.source)
    if isinstance(value, Term) and value.family == SourceKind.family:
        return ClassNames(span, source=value)
    expected = "a list of names, a file with one on each line, or a dataset that names its classes"
    a.sink.report(wrong_type(span, expected, describe(value)))
    return None


def columns_of(
    answers: Sequence[Term], types: AnswerTypes, named: bool
) -> tuple[AnswerColumn, ...]:
    """The columns of answers. Raises Misfit."""
    found: list[AnswerColumn] = []
    for term in answers:
        found += vocabulary().of(AnswerKind, term.word).columns(term.arguments, types, named)
    return tuple(found)


def _fits_together(a: Attributes, task: PredictTask) -> bool:
    """Whether answers fit the outputs, names the classes, and files the columns; what does not is
    reported."""
    before = len(a.sink.errors)
    seen: set[str] = set()
    for term in task.answers:
        span = term.span or a.span("outputs")
        try:
            columns = columns_of((term,), task.types, task.classes is not None)
        except Misfit as error:
            a.sink.report(misfit(span, term.word, str(error), error.help))
            continue
        names = [column.name for column in columns]
        if twice := [name for name in names if name in seen]:
            reason = f"two columns are called `{twice[0]}`"
            help = f'{term.word}(..., name = "another")'
            a.sink.report(misfit(span, term.word, reason, help))
        seen.update(names)
    if len(a.sink.errors) > before:
        return False
    if task.classes and task.classes.names is not None:
        for wrong in names_misfit(task, task.classes.names):
            a.sink.report(wrong)
    for saved in task.saves:
        refusal = saved.format.refusal(task.columns)
        if refusal is not None:
            reason = f"to {saved.path}: {saved.format.suffix} {refusal}"
            other = f'save "{os.path.splitext(saved.path)[0]}.npz"'
            a.sink.report(errors.bad_clause(saved.span, "save", reason, other))
    return len(a.sink.errors) == before


def names_misfit(task: PredictTask, names: Sequence[str]) -> Iterable[Diagnostic]:
    """What is wrong with the names of the classes, if anything."""
    assert task.classes is not None
    used = False
    for term in task.answers:
        classes = vocabulary().of(AnswerKind, term.word).classes(term.arguments, task.types)
        used = used or classes is not None
        if classes is not None and classes != len(names):
            reason = f"{count(len(names), 'name')} for {count(classes, 'class', 'classes')}"
            yield errors.dataset_misfit(task.classes.span, reason, None, None)
            return
    if not used:
        reason = "no answer uses the names of classes"
        yield errors.dataset_misfit(task.classes.span, reason, None, "outputs = [TopK(1)]")


def _saved(task: ast.Task, sink: Sink) -> tuple[Saved, ...]:
    """The files of ``save``, without those that are reported."""
    found: list[Saved] = []
    seen: set[str] = set()
    suffixes = ", ".join(table_formats())
    for clause in task.clauses("save"):
        for each in clause.modifiers:
            reason = "takes one or more paths and nothing else"
            sink.report(errors.bad_clause(each.span, "save", reason, 'save "answers.csv"'))
        for text in clause.texts:
            path = str(text.value)
            if (format := format_of(path)) is None:
                reason = f"expects a path that ends in one of {suffixes}; found `{path}`"
                sink.report(errors.bad_clause(text.span, "save", reason, 'save "answers.csv"'))
            elif path in seen:
                reason = f"names {path} twice"
                sink.report(errors.bad_clause(text.span, "save", reason))
            else:
                found.append(Saved(path, text.span, format))
                seen.add(path)
    return tuple(found)


KIND = TaskKind(
    name="predict",
    summary="Writes what a network answers for the samples of a dataset.",
    example="""predict answers {
  network = zoo.LeNet5()
  load    = ckpt("lenet.ckpt")
  dataset = test
  outputs = [TopK(1)]
  save "answers.csv"
}""",
    check=check_predict,
    plan="declspore.tasks.predict.plan:plan_predict",
    run="declspore.tasks.predict.run:run_predict",
    attributes=(
        TaskAttribute("network", "the network with its arguments", required=True),
        TaskAttribute("dataset", "its samples, in batches, in order", required=True),
        TaskAttribute("outputs", "an answer, or a list of them: what is kept; `[Raw()]`"),
        TaskAttribute(
            "classes", "names of the classes: a list, a file with one a line, or a dataset"
        ),
        TaskAttribute("metrics", "a metric, or a list of them, where there are labels"),
        TaskAttribute(LOAD.name, "a checkpoint; `none` for an untrained network", required=True),
        *EXCEPTIONS,
    ),
    statements=(
        TaskStatement("save", "the files to write; suffixes choose the formats", required=True),
        TaskStatement("ensure", "what the figures must be, or the run fails"),
    ),
    names=lambda task: None,
)
