"""``declspore plan``"""

from __future__ import annotations

from collections import Counter
from math import prod
from typing import Any

import click

from declspore.cli.output import files, print_diagnostics, print_json, reporting, size, table
from declspore.cli.settings import checked_spec
from declspore.ir.term import Term, show
from declspore.plan.edit import Outcome
from declspore.plan.plan import (
    EvalPlan,
    Plan,
    PlannedEdit,
    PlannedLoad,
    TaskPlan,
    TrainPlan,
    make_plan,
)
from declspore.registry.table import vocabulary
from declspore.render import to_json
from declspore.source import Span
from declspore.spelling import count

_SIGNS = {"delete": "-", "add": "+", "rename": ">", "set": "~", "keep": " ", "copy": "+"} | {
    "join": "&",
    "split": "/",
}
_PAST = {
    "add": "to add",
    "copy": "to copy",
    "delete": "to delete",
    "join": "to join",
    "rename": "to rename",
    "set": "to set",
    "split": "to split off",
    "keep": "to keep",
}


@reporting
def plan_command(
    spec: str,
    tasks: tuple[str, ...],
    settings: tuple[str, ...],
    in_place: bool,
    allow_python: bool,
    as_json: bool,
) -> None:
    checked = checked_spec(spec, settings)
    plan = make_plan(checked, tasks, in_place=in_place, allow_python=allow_python)
    if as_json:
        print_json(plan_json(plan))
        return
    print_diagnostics(plan.warnings)
    for name, path in plan.reused.items():
        click.echo(f"{name}: not run again, {path} is there\n")
    click.echo(plan_text(plan))


# ---- as text


def plan_text(plan: Plan) -> str:
    """What the tasks of a plan would do, for people."""
    blocks = ["\n".join(_text(task)) for task in plan.tasks]
    return "\n\n".join(blocks) or "nothing to run"


def _text(plan: TaskPlan) -> list[str]:
    match plan:
        case TrainPlan():
            return _train_text(plan)
        case EvalPlan():
            return _eval_text(plan)
        case PlannedEdit():
            return _edit_text(plan)


def _train_text(plan: TrainPlan) -> list[str]:
    task, schedule = plan.task, plan.schedule
    values = sum(prod(p.shape) for p in task.network.parameters)
    entries = count(len(task.network.parameters), "parameter")
    lines = [
        f"train {task.name}",
        f"  network    {task.network.name}: {entries}, {values:,} values",
        f"  data       {plan.samples:,} samples, {schedule.steps_per_epoch:,} steps an epoch",
        f"  optimizer  {_brief(task.optimizer)}",
        f"  length     {count(schedule.epochs, 'epoch')}, {count(schedule.steps, 'step')}",
    ]
    lines += _load_text(plan.load)
    for rule in task.saves:
        files = list(dict.fromkeys(schedule.files(rule)))
        span = files[0] if len(files) == 1 else f"{files[0]} ... {files[-1]}"
        kept = f", the last {rule.keep} kept" if rule.keep else ""
        lines.append(f"  saves      {count(len(files), 'file')}: {span}{kept}")
    if task.saves:
        nbytes = size(plan.header.nbytes)
        lines.append(f"             {count(len(plan.header), 'entry', 'entries')}, {nbytes} each")
    return lines


_MOST_ITEMS = 8


def _brief(value: Any) -> str:
    """A value as the spec language writes it, without arguments at their defaults and without
    the most of a long list."""
    if isinstance(value, Term):
        kind = vocabulary().get(value.word)
        defaults = {} if kind is None else {a.name: a.default for a in kind.signature.arguments}
        given = (
            f"{name} = {_brief(each)}"
            for name, each in value.arguments.items()
            if name not in defaults or defaults[name] != each
        )
        return f"{value.word}({', '.join(given)})"
    if isinstance(value, tuple):
        items = [_brief(each) for each in value[:_MOST_ITEMS]]
        more = len(value) - len(items)
        return f"[{', '.join([*items, f'... {more:,} more'] if more else items)}]"
    return show(value)


def _eval_text(plan: EvalPlan) -> list[str]:
    task = plan.task
    keys = [metric.name for metric in task.metrics]
    entries = count(len(task.network.parameters), "parameter")
    return [
        f"eval {task.name}",
        f"  network    {task.network.name}: {entries}",
        *_load_text(plan.load),
        f"  data       {plan.samples:,} samples, {count(plan.batches, 'batch', 'batches')}",
        f"  metrics    {', '.join(keys)}",
        *(f"  ensure     {condition.expression.span.text}" for condition in task.conditions),
    ]


def _load_text(load: PlannedLoad | None) -> list[str]:
    if load is None:
        return []
    word = "resume" if load.resume else "load"
    total = len(load.bind.matched) + len(load.bind.fresh)
    text = f"  {word.ljust(9)}  {load.path}: {len(load.bind.matched)} of {total} from the file"
    if load.bind.ignored:
        text += f", {count(len(load.bind.ignored), 'entry', 'entries')} ignored"
    return [text]


def _edit_text(plan: PlannedEdit) -> list[str]:
    edit = plan.edit
    inputs = [path for paths in plan.paths.values() for path in paths]
    shown = (len(plan.files) > 1, len(plan.task.outputs) > 1)
    rows = [_row(outcome, *shown) for outcome in edit.outcomes if _is_shown(outcome)]
    counts = Counter(outcome.action for outcome in edit.outcomes)
    summary = ", ".join(f"{counts[action]} {_PAST[action]}" for action in _PAST if counts[action])
    before = sum(len(header) for files in edit.inputs.values() for header in files)
    headers = [header for files in edit.headers.values() for header in files]
    after = sum(map(len, headers))
    cost = f"reads {size(edit.read)}, writes {size(edit.written)} of values"
    if edit.peak:
        cost += f", at most {size(edit.peak)} in memory at once"
    return [
        f"edit {plan.task.name}: {files(inputs)} -> {files(plan.task.paths)}",
        *(f"  {line}" for line in table(rows)),
        *(_verdict(v.condition.expression.span.text, v.holds) for v in plan.verdicts),
        f"  {summary}; {after} entries of {before}",
        f"  {cost}",
    ]


def _is_shown(outcome: Outcome) -> bool:
    return outcome.action != "keep" or bool(outcome.rules)


def _row(outcome: Outcome, several: bool, outputs: bool) -> tuple[str, str, str, str, str]:
    old, new = outcome.entry, outcome.result
    prefix = f"{outcome.source}." if several and outcome.source else ""
    target = f"{outcome.output}." if outputs else ""
    if old is None:
        assert new is not None
        names, types = target + new.name, new.type
    elif new is None:
        names, types = prefix + old.name, old.type
    else:
        arrow = f" -> {target}{new.name}" if target or new.name != old.name else ""
        names = f"{prefix}{old.name}{arrow}"
        types = old.type if new.type == old.type else f"{old.type} -> {new.type}"
    return _SIGNS[outcome.action], outcome.action, names, types, _why(outcome)


def _why(outcome: Outcome) -> str:
    if not outcome.rules:
        return "rest"
    decided = outcome.rules[0]
    place = _line(decided.rule.span)
    return f"{place} (follows {decided.follows})" if decided.follows else place


def _line(span: Span) -> str:
    return f"{span.source.name}:{span.line}"


def _verdict(text: str, holds: bool | None) -> str:
    state = "holds" if holds else "needs the tensors, checked before the file is put in place"
    return f"  ensure {text}: {state}"


# ---- as JSON


def plan_json(plan: Plan) -> dict[str, Any]:
    """A plan as plain values."""
    return {
        "ok": True,
        "diagnostics": [to_json(warning) for warning in plan.warnings],
        "reused": plan.reused,
        "tasks": [_task_json(task) for task in plan.tasks],
    }


def _task_json(plan: TaskPlan) -> dict[str, Any]:
    match plan:
        case TrainPlan(task=task, schedule=schedule):
            files = [file for rule in task.saves for file in schedule.files(rule)]
            return {
                "task": task.name,
                "kind": "train",
                "network": task.network.name,
                "samples": plan.samples,
                "steps_per_epoch": schedule.steps_per_epoch,
                "steps": schedule.steps,
                "load": _load_json(plan.load),
                "saves": files,
                "entries": [_entry_json(entry) for entry in plan.header],
            }
        case EvalPlan(task=task):
            return {
                "task": task.name,
                "kind": "eval",
                "network": task.network.name,
                "samples": plan.samples,
                "batches": plan.batches,
                "load": _load_json(plan.load),
                "metrics": [metric.name for metric in task.metrics],
            }
        case PlannedEdit(task=task):
            return {
                "task": task.name,
                "kind": "edit",
                "inputs": {name: list(paths) for name, paths in plan.paths.items()},
                "outputs": {output.name: list(output.paths) for output in task.outputs},
                "bytes_read": plan.edit.read,
                "bytes_written": plan.edit.written,
                "peak_bytes": plan.edit.peak,
                "entries": [_outcome_json(outcome) for outcome in plan.edit.outcomes],
                "ensures": [
                    {"condition": v.condition.expression.span.text, "holds": v.holds}
                    for v in plan.verdicts
                ],
            }


def _load_json(load: PlannedLoad | None) -> dict[str, Any] | None:
    if load is None:
        return None
    bind = load.bind
    return {
        "path": load.path,
        "resume": load.resume,
        "matched": list(bind.matched),
        "fresh": list(bind.fresh),
        "ignored": list(bind.ignored),
    }


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "action": outcome.action,
        "source": outcome.source,
        "output": outcome.output if outcome.result is not None else None,
        "from": None if outcome.entry is None else _entry_json(outcome.entry),
        "to": None if outcome.result is None else _entry_json(outcome.result),
        "rules": [
            {"place": _line(d.rule.span), "verb": d.rule.verb.name, "follows": d.follows}
            for d in outcome.rules
        ],
    }


def _entry_json(entry: Any) -> dict[str, Any]:
    return {"name": entry.name, "dtype": entry.dtype.name, "shape": list(entry.shape)}
