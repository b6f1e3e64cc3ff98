"""``ensure`` of an edit: what headers can answer now, and what must wait for tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from declspore.check.conditions import Condition, Reason, Verdict, judge_one
from declspore.ir.network import Network
from declspore.ir.tensors import Array
from declspore.plan.fitting import BindMismatch, fitting
from declspore.plan.mismatches import mismatches
from declspore.report import Sink
from declspore.tasks.edit.decide import EditPlan
from declspore.tasks.edit.task import EditTask
from declspore.tasks.edit.views import FileView, names_of

Loader = Callable[[str], Array]
"""Reads the value of an entry."""
Views = Sequence[tuple[FileView, ...]]


def edit_views(
    task: EditTask,
    plan: EditPlan,
    inputs: Mapping[str, Sequence[Loader]] | None = None,
    outputs: Mapping[str, Sequence[Loader]] | None = None,
    run: Callable[[FileView, Network, Sequence[object]], list[object]] | None = None,
) -> Views:
    """The files of an edit as conditions see them, with what reads their values, if anything
    does. ``run`` gives the outputs of a network with the values of a file."""
    made = []
    for several, headers, loaders in (
        ({each.name: each.many for each in task.inputs}, plan.inputs, inputs or {}),
        ({each.name: each.many for each in task.outputs}, plan.headers, outputs or {}),
    ):
        for name, many in several.items():
            files = []
            for index, header in enumerate(headers[name]):
                load = loaders[name][index] if name in loaders else None
                written = task.name if headers is plan.headers else ""
                view = FileView(name, header, load, index, many, task=written)
                if run is not None and load is not None:
                    view = replace(view, run=partial(run, view))
                files.append(view)
            made.append(tuple(files))
    return made


def judge_edit(conditions: Sequence[Condition], views: Views, sink: Sink) -> tuple[Verdict, ...]:
    """Whether each condition holds over the files of an edit; one that fails is reported."""
    return tuple(_judge(condition, views, sink) for condition in conditions)


def _judge(condition: Condition, views: Views, sink: Sink) -> Verdict:
    for files in views:
        for view in files:
            view.misfits.clear()
    return judge_one(condition, names_of(views), sink, why=_misfits(views))


def _misfits(views: Views) -> Iterator[Reason]:
    """Why files do not fit the networks the condition asked about, and what could mend that."""
    for files in views:
        for view in files:
            for asked in view.misfits:
                found = fitting(asked.wanted, asked.header, ignore=asked.ignore)
                assert isinstance(found, BindMismatch)
                yield Reason((f"{view} {found.coverage}", mismatches(found)), (asked,))
