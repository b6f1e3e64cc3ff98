"""``predict`` in a spec: what it is made of, and whether it fits together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from declspore.check import errors
from declspore.check.attributes import Attributes
from declspore.check.datasets import Dataset
from declspore.check.feeding import output_types
from declspore.check.loading import EXCEPTIONS, LOAD, Load, load_of
from declspore.check.task import Task, TaskAttribute, TaskKind, TaskStatement
from declspore.ir.network import Network
from declspore.language.domain import Evaluation
from declspore.language.scope import Scope
from declspore.language.values import CheckpointRef
from declspore.report import Sink
from declspore.source import Span
from declspore.syntax import ast

_SUFFIX = ".npz"


@dataclass(frozen=True)
class PredictTask(Task):
    network: Network
    dataset: Dataset
    load: Load | None
    path: str
    path_span: Span

    def references(self) -> Iterable[CheckpointRef]:
        return () if self.load is None else (self.load.checkpoint,)


def check_predict(
    kind: TaskKind, task: ast.Task, evaluation: Evaluation, scope: Scope
) -> PredictTask | None:
    """The checked task, or None with every problem reported."""
    a = Attributes(kind, task, evaluation, scope)
    network, dataset, load = a.network(), a.dataset(), load_of(a)
    saved = _saved(task, a.sink)
    fits = network and dataset and output_types(a, network, dataset) is not None
    if not (network and dataset and fits and saved):
        return None
    own = network, dataset, load, saved[0], saved[1]
    return PredictTask(kind, task.name.text, task.span, *own)


def _saved(task: ast.Task, sink: Sink) -> tuple[str, Span] | None:
    """The file of ``save "file.npz"``, or None with the problem reported."""
    saves = task.clauses("save")
    if len(saves) > 1:
        sink.report(errors.declared_twice("save", saves[0].span, saves[1].span))
    for clause in saves[:1]:
        text, *more = clause.texts
        extra = [each.span for each in more] + [each.span for each in clause.modifiers]
        if extra:
            reason = "takes one path and nothing else"
            sink.report(errors.bad_clause(extra[0], "save", reason, 'save "outputs.npz"'))
            return None
        if not str(text.value).endswith(_SUFFIX):
            reason = f"writes {_SUFFIX} files"
            sink.report(errors.bad_clause(text.span, "save", reason, 'save "outputs.npz"'))
            return None
        return str(text.value), text.span
    return None


KIND = TaskKind(
    name="predict",
    summary="Writes the outputs of a network for the samples of a dataset.",
    example="""predict answers {
  network = zoo.LeNet5()
  load    = ckpt("lenet.ckpt")
  dataset = test
  save "answers.npz"
}""",
    check=check_predict,
    plan="declspore.tasks.predict.plan:plan_predict",
    run="declspore.tasks.predict.run:run_predict",
    attributes=(
        TaskAttribute("network", "the network with its arguments", required=True),
        TaskAttribute("dataset", "its samples, in batches; labels are not used", required=True),
        TaskAttribute(LOAD.name, "a checkpoint; `none` for an untrained network", required=True),
        *EXCEPTIONS,
    ),
    statements=(TaskStatement("save", "the .npz file to write", required=True),),
)
