"""Whether a plan can be carried out with the packages that are installed."""

from __future__ import annotations

from declspore import engine
from declspore.plan.planner import Plan
from declspore.run import errors


def require_engine(plan: Plan) -> None:
    """Raise DiagnosticError where a task computes with networks and Keras is not installed."""
    computing = [task.task.span for task in plan.tasks if task.task.kind.computes]
    packages = engine.missing() if computing else ()
    if packages:
        raise errors.engine_missing(computing[0], packages)
