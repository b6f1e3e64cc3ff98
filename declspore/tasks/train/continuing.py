"""Whether an interrupted training can be continued, from the head of its state."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from declspore.dataclass import dataclass
from declspore.diagnostic import Diagnostic
from declspore.numerics.placeholders import is_placed
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
from declspore.plan.loading import PlannedLoad
from declspore.plan.task import DataFile
from declspore.registry.feeding import Fed
from declspore.registry.written import WrittenLoss
from declspore.report import DiagnosticError
from declspore.tasks.train.kind import TrainTask
from declspore.tasks.train.saving import SaveRule
from declspore.tasks.train.statefile import read_facts, state_path


@dataclass(frozen=True)
class Continued:
    """The state at ``path``, after ``step`` steps."""

    path: str
    step: int


@dataclass(frozen=True)
class Keeping:
    """Where a training keeps its state, what decides its numbers, and the state that is there."""

    path: str
    recipe: Recipe
    continued: Continued | None


def plan_keeping(
    task: TrainTask,
    load: PlannedLoad | None,
    data: Iterable[DataFile],
    steps: int,
    context: PlanContext,
) -> Keeping | None:
    """Where the state is kept; None where nothing is saved. A state that is there but cannot be
    continued is reported, unless the training is to start over."""
    if not task.saves:
        return None
    path = state_path(task.saves[0].path, task.name)
    recipe = recipe_of(task, load, data, file_facts)
    if context.restarts or not os.path.exists(path):
        return Keeping(path, recipe, None)
    try:
        facts = read_facts(path)
        reasons = list(_reasons(facts, recipe, steps, task))
    except DiagnosticError as error:
        reasons = [error.diagnostics[0].title]
    except ValueError as error:
        reasons = [str(error)]
    if reasons:
        context.sink.report(refused(task, path, reasons))
        return Keeping(path, recipe, None)
    return Keeping(path, recipe, Continued(path, facts["step"]))


def _reasons(
    facts: Mapping[str, Any], recipe: Recipe, steps: int, task: TrainTask
) -> Iterator[str]:
    """Why a state is not of this training."""
    if names := changed(facts["recipe"], recipe):
        yield since_then(names)
    for path in [*facts["files"], *facts["removing"]]:
        # these are deleted, so a state from elsewhere must not name other files
        if not any(is_placed(rule.path, path) for rule in task.saves):
            yield f"it names {path}, which this training does not save"
    if facts["step"] > steps:
        yield f"it has made {facts['step']:,} steps, and `length` is {steps:,}"


def refused(task: TrainTask, path: str, reasons: list[str]) -> Diagnostic:
    """E566: why a state cannot be continued from."""
    return not_continued(f"training `{task.name}`", task.span, path, reasons)


# ---- what decides the numbers


def recipe_of(
    task: TrainTask,
    load: PlannedLoad | None,
    data: Iterable[DataFile],
    facts: Callable[[str], str],
) -> Recipe:
    """What decides the numbers of a training; ``facts`` are those of a file, by its path."""
    found = {
        "network": digest_lines(network_lines(task.network)),
        "loss": "; ".join(map(_fed, task.losses)),
        "optimizer": str(task.optimizer),
        "dataset": str(task.dataset.pipeline),
        "policies": "; ".join(str(stated.term) for stated in task.policies),
        "freeze": ", ".join(sorted(task.frozen.names)),
        "seed": str(task.seed),
        "statistics": task.statistics,
        "save": "; ".join(_rule(rule) for rule in task.saves),
        "log": "; ".join(rule.path for rule in task.logs),
    }
    if load is not None:
        found[load.word] = facts(load.path)
    files = (f"{each.path} {facts(each.path)}" for each in data)
    return found | {"the files of the dataset": digest_lines(files)}


def _fed(fed: Fed) -> str:
    own = (
        f" {digest_lines(network_lines(fed.term.network))}"
        if isinstance(fed.term, WrittenLoss)
        else ""
    )
    return f"{fed.term} {fed.outputs} {fed.labels} {fed.weight}{own}"


def _rule(rule: SaveRule) -> str:
    return f"{rule.path} every {rule.every} best {rule.best} keep {rule.keep} per {rule.per}"
