"""The runner's door: a plan's tasks, one after the other."""

from __future__ import annotations

from declspore.lock.record import Recorder
from declspore.plan import errors as plan_errors
from declspore.plan.plan import EvalPlan, Plan, PlannedEdit, TaskPlan, TrainPlan
from declspore.registry.data import Unavailable
from declspore.report import DiagnosticError
from declspore.run import errors
from declspore.run.edit import run_edit
from declspore.run.report import Reporter, Result, Silent


def run_plan(
    plan: Plan,
    reporter: Reporter | None = None,
    recorder: Recorder | None = None,
    *,
    jobs: int | None = None,
) -> list[Result]:
    """Carry out a plan. Raises DiagnosticError; tasks that were done before stay done.

    Without a recorder, files are held to the digests that the spec states, and to no others. With
    ``jobs``, edits that do not wait for each other run in so many processes at once, and one
    that fails stops only those that wait for it; beside other tasks they run one by one.
    """
    told, eye = reporter or Silent(), recorder or Recorder()
    try:
        return _run(plan, told, eye, jobs)
    finally:
        if recorder is None:
            eye.close()


def _run(plan: Plan, told: Reporter, eye: Recorder, jobs: int | None) -> list[Result]:
    edits = [task for task in plan.tasks if isinstance(task, PlannedEdit)]
    if jobs is not None and len(edits) == len(plan.tasks):
        from declspore.run.parallel import run_together

        finished = run_together(edits, jobs, told, eye)
        problems = [each for found in finished.problems.values() for each in found]
        if problems:
            raise DiagnosticError(problems)
        return [finished.results[index] for index in range(len(edits))]
    results = []
    for task in plan.tasks:
        told.begin(task)
        results.append(_run_task(task, told, eye))
    return results


def _run_task(plan: TaskPlan, reporter: Reporter, recorder: Recorder) -> Result:
    try:
        match plan:
            case PlannedEdit():
                edited = run_edit(plan, reporter, recorder)
                reporter.end(edited)
                return edited
            case TrainPlan():
                # an edit alone must not load Keras, so these rooms are entered when needed
                from declspore.run.train import run_train

                recorder.begin(plan)
                trained = run_train(plan, reporter)
                recorder.saved(plan, trained.files)
                reporter.end(trained)
                return trained
            case EvalPlan():
                from declspore.run.evaluate import run_eval

                recorder.begin(plan)
                return run_eval(plan, reporter)
    except Unavailable as error:
        diagnostic = plan_errors.unavailable(plan.task.span, str(error), error.helps)
        raise DiagnosticError([diagnostic]) from None
    except Exception as error:
        if type(error).__module__.startswith("tensorflow."):
            raise errors.backend_failed(plan.task.span, error) from error
        raise
