"""Whether an interrupted prediction can be continued: what its answers were made with, and now."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from declspore.check.datasets import Dataset
from declspore.checkpoint.sharding.sets import ShardedCheckpoint
from declspore.diagnostic import Diagnostic
from declspore.ir.network import Network
from declspore.lock.digest import digest_open, digest_set, file_of
from declspore.lock.versions import versions_of
from declspore.plan.context import PlanContext
from declspore.plan.deciding import (
    Recipe,
    changed,
    digest_lines,
    file_facts,
    network_lines,
    not_continued,
    since_then,
)
from declspore.plan.files import open_term
from declspore.plan.loading import PlannedLoad
from declspore.plan.samples import sample_files
from declspore.plan.task import TaskPlan
from declspore.registry.table import vocabulary
from declspore.report import DiagnosticError
from declspore.tasks.predict.kind import PredictTask
from declspore.tasks.predict.statefile import Unusable, open_state, read_recipe, state_path


def recipe_of(
    plan: TaskPlan, task: PredictTask, load: PlannedLoad | None, classes: Sequence[str] | None
) -> Recipe:
    """What decides the answers. The checkpoint is read: its digest is taken. Raises
    DiagnosticError."""
    found = {
        "network": digest_lines(network_lines(task.network)),
        "dataset": _pipeline(task.dataset),
        "the files of the dataset": _files(task),
        "outputs": "; ".join(map(str, task.answers)),
        "classes": "; ".join(map(repr, classes or ())),
        "metrics": "; ".join(_metrics(task)),
        "save": "; ".join(saved.path for saved in task.saves),
        "the versions of packages": str(versions_of(plan)),
    }
    if load is not None:
        found["load"] = _checkpoint(load)
        found["fresh"] = ", ".join(load.bind.fresh)
    return found


def is_repeatable(network: Network) -> bool:
    """Whether a batch is answered alike wherever it comes in a run: not where words draw."""
    return not any(getattr(vocabulary().get(node.word), "draws", False) for node in network.nodes)


def check_continued(
    plan: TaskPlan,
    task: PredictTask,
    load: PlannedLoad | None,
    classes: Sequence[str] | None,
    context: PlanContext,
) -> str | None:
    """The state that the prediction will be continued from; None where there is none. One that
    cannot be continued is reported, unless the prediction is to start over."""
    path = state_path(task.saves[0].path)
    if context.restarts or not os.path.lexists(path) or not is_repeatable(task.network):
        return None
    is_made = load is not None and load.known.stamp is None
    reasons = [] if is_made else _reasons(path, recipe_of(plan, task, load, classes))
    if reasons:
        context.sink.report(refused(task, path, reasons))
        return None
    return path


def refused(task: PredictTask, path: str, reasons: Sequence[str]) -> Diagnostic:
    """E566: why a state cannot be continued from."""
    return not_continued(f"prediction `{task.name}`", task.span, path, reasons)


def _reasons(path: str, recipe: Recipe) -> list[str]:
    """Why a state is not of this prediction."""
    try:
        with open_state(path) as file:
            names = changed(read_recipe(file), recipe)
    except (Unusable, ValueError) as error:
        return [str(error)]
    return [since_then(names)] if names else []


def _pipeline(dataset: Dataset) -> str:
    return str(dataset.pipeline)


def _files(task: PredictTask) -> str:
    files = sample_files(task.dataset, task.span)
    return digest_lines(f"{each.path} {file_facts(each.path)}" for each in files)


def _metrics(task: PredictTask) -> Iterator[str]:
    for fed in task.metrics:
        yield f"{fed.term} {fed.outputs} {fed.labels}"


def _checkpoint(load: PlannedLoad) -> str:
    """The digest of the checkpoint's bytes: a task before this one may have made it again."""
    with open_term(load.file) as opened:
        if isinstance(opened, ShardedCheckpoint):
            return digest_set(opened).blake3
        file = file_of(opened)
        try:
            return digest_open(file)
        finally:
            file.close()


def continued(task: PredictTask, path: str, recipe: Recipe) -> DiagnosticError | None:
    """Why the state cannot be continued from, if it cannot, once all that is read is there."""
    reasons = _reasons(path, recipe)
    return DiagnosticError([refused(task, path, reasons)]) if reasons else None
