"""The runner's door: a plan's tasks, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from declspore.collector import passed_over
from declspore.lock.record import Recorder
from declspore.plan.planner import Plan
from declspore.plan.task import TaskPlan
from declspore.report import DiagnosticError
from declspore.run.task import Reporter, Result, Silent, explained_task

if TYPE_CHECKING:
    from declspore.run.ranks import Workers


def run_plan(
    plan: Plan,
    reporter: Reporter | None = None,
    recorder: Recorder | None = None,
    *,
    jobs: int | None = None,
    workers: Workers | None = None,
) -> list[Result]:
    """Carry out a plan. Raises DiagnosticError; tasks that were done before stay done.

    Without a recorder, files are held to the digests that the spec states, and to no others. With
    ``jobs``, tasks that compute with no network and do not wait for each other run in so many
    processes at once, and one that fails stops only those that wait for it; where one computes,
    all run one by one. ``workers`` are the processes that share a training; tasks that compute then
    run in processes of their own.
    """
    reports, records = reporter or Silent(), recorder or Recorder()
    try:
        with passed_over():  # a plan of many entries is many objects, and none of them garbage
            return _run(plan, reports, records, jobs, workers)
    finally:
        if recorder is None:
            records.close()


def _run(
    plan: Plan,
    reporter: Reporter,
    recorder: Recorder,
    jobs: int | None,
    workers: Workers | None,
) -> list[Result]:
    if jobs is not None and not any(task.task.kind.computes for task in plan.tasks):
        from declspore.run.parallel import run_together as run_apart

        finished = run_apart(plan.tasks, jobs, reporter, recorder)
        problems = [each for found in finished.problems.values() for each in found]
        if problems:
            raise DiagnosticError(problems)
        return [finished.results[index] for index in range(len(plan.tasks))]
    results = []
    for task in plan.tasks:
        reporter.begin(task)
        results.append(_run_task(task, reporter, recorder, workers))
    return results


def _run_task(
    plan: TaskPlan, reporter: Reporter, recorder: Recorder, workers: Workers | None
) -> Result:
    if workers is None or not plan.task.kind.computes:
        result = explained_task(plan, reporter, recorder)
    else:
        from declspore.run.ranks import run_together

        result = run_together(plan, workers, reporter, recorder)
    reporter.end(result)
    return result
