"""Whether an interrupted training can be continued, from the head of its state."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from declspore.diagnostic import Diagnostic, FilePlace, Label
from declspore.ir.network import Network, ValueRef
from declspore.ir.term import Arguments, Term, show
from declspore.plan.context import PlanContext
from declspore.plan.loading import PlannedLoad
from declspore.plan.task import DataFile
from declspore.report import DiagnosticError
from declspore.spelling import listing
from declspore.tasks.train.kind import TrainTask
from declspore.tasks.train.statefile import read_facts, state_path

Recipe = Mapping[str, str]
"""What decides the numbers of a training, by its part of the task."""


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
    continued is reported, unless the training is to begin anew."""
    if not task.saves:
        return None
    path = state_path(task.saves[0].path, task.name)
    recipe = _recipe(task, load, data)
    if context.anew or not os.path.exists(path):
        return Keeping(path, recipe, None)
    try:
        facts = read_facts(path)
        reasons = list(_reasons(facts, recipe, steps))
    except DiagnosticError as error:
        reasons = [error.diagnostics[0].title]
    except (ValueError, KeyError, TypeError) as error:
        reasons = [str(error)]
    if reasons:
        context.sink.report(refused(task, path, reasons))
        return Keeping(path, recipe, None)
    return Keeping(path, recipe, Continued(path, int(facts["step"])))


def _reasons(facts: Mapping[str, Any], recipe: Recipe, steps: int) -> Iterator[str]:
    """Why a state is not of this training."""
    before = facts["recipe"]
    changed = [name for name in recipe if before.get(name) != recipe[name]]
    changed += [name for name in before if name not in recipe]
    if changed:
        yield f"{listing(changed)} changed since then"
    if facts["step"] > steps:
        yield f"it has made {facts['step']:,} steps, and `length` is {steps:,}"


def refused(task: TrainTask, path: str, reasons: list[str]) -> Diagnostic:
    """E566: why a state cannot be continued from."""
    return Diagnostic(
        "E566",
        f"the interrupted training `{task.name}` cannot be continued: {'; '.join(reasons)}",
        (Label(task.span), Label(FilePlace(path), "its state")),
        helps=(
            "`declspore run --fresh` begins anew; with what was before, the same command continues",
        ),
    )


# ---- what decides the numbers


def _recipe(task: TrainTask, load: PlannedLoad | None, data: Iterable[DataFile]) -> Recipe:
    found = {
        "network": _digest(_network(task.network)),
        "loss": "; ".join(map(_fed, task.losses)),
        "optimizer": str(task.optimizer),
        "dataset": str(task.dataset.pipeline),
        "policies": "; ".join(str(stated.term) for stated in task.policies),
        "freeze": ", ".join(sorted(task.frozen.names)),
        "seed": str(task.seed),
        "save": "; ".join(_rule(rule) for rule in task.saves),
        "log": "; ".join(rule.path for rule in task.logs),
    }
    if load is not None:
        found[load.word] = _file(load.path)
    files = [f"{each.path} {_file(each.path)}" for each in data]
    return found | {"the files of the dataset": _digest(files)}


def _fed(fed: Any) -> str:
    return f"{fed.term} {fed.outputs} {fed.labels} {fed.weight}"


def _rule(rule: Any) -> str:
    return f"{rule.path} every {rule.every} best {rule.best} keep {rule.keep} per {rule.per}"


def _file(path: str) -> str:
    """A file's size and time, by which a change is noticed; of one that another task is still to
    write, nothing."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns}"


def _network(network: Network) -> Iterator[str]:
    for parameter in network.parameters:
        yield f"{parameter.name} {parameter.shape} {parameter.dtype} {parameter.init}"
    for entry in network.inputs:
        yield f"{entry.name} {entry.type}"
    for node in network.nodes:
        places = [ref.index for ref in (*node.inputs, *node.outputs)]
        given = f"{_shown(node.arguments)} {_shown(node.options)}"
        yield f"{node.family} {node.word} {node.path} {places} {node.named} {given}"
    yield str([ref.index for ref in network.outputs])


def _shown(arguments: Arguments) -> str:
    def leaf(value: Any) -> Any:
        return value.index if isinstance(value, ValueRef) else value

    shown = arguments.map(leaf)
    return ", ".join(
        f"{name} = {value if isinstance(value, Term) else show(value)}"
        for name, value in shown.items()
    )


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
