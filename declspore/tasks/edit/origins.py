"""Which entries of the inputs each entry of a planned output is made of."""

from __future__ import annotations

from declspore.ir.formula import entries
from declspore.tasks.edit.decide import EditPlan


def origins(plan: EditPlan) -> dict[str, set[tuple[str, str]]]:
    """For each name of the output, the (input, name) of all that its value reads."""
    found: dict[str, set[tuple[str, str]]] = {}
    for outcome in plan.outcomes:
        if outcome.result is None:
            continue
        read = found.setdefault(outcome.result.name, set())
        if outcome.value is None and outcome.source is not None and outcome.entry is not None:
            read.add((outcome.source, outcome.entry.name))
        for formula in outcome.formulas:
            read |= {(entry.source, entry.name) for entry in entries(formula)}
    return found
