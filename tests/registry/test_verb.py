"""A verb of edits is one file: a verb from outside is planned, shown, run and undone like any."""

from dataclasses import dataclass

import numpy as np
import pytest

from declspore.check.check import check
from declspore.cli.plan import plan_json, plan_lines
from declspore.invert.invert import invert
from declspore.ir.edit import Name, Value
from declspore.plan.planner import make_plan
from declspore.registry import table
from declspore.registry.effect import Effect
from declspore.registry.signature import signature
from declspore.registry.verb import MATCHING, VerbKind, every_verb, leaving_verb
from declspore.run.run import run_plan
from declspore.source import Source
from tests.checkpoint.support import opened, written


@dataclass(frozen=True)
class Turned(Effect):
    """The entry gets a new name and a new value; its slots get the name."""

    to: Name
    value: Value | None

    def followed(self, slot):
        return Turned(slot.named(self.to), None)

    def apply(self, fate):
        fate.rename(self.to)
        if self.value is not None:
            fate.assign(self.value)


def _undo(undoing, outcomes):
    for outcome in outcomes:
        new, old = outcome.result.name, outcome.entry.name
        for formula in outcome.formulas:
            undoing.assign(new, undoing.alone(formula, "it", old))
        undoing.rename(new, old)


TURN = VerbKind(
    name="turn",
    signature=signature(),
    summary="The entries get a name and a value at once.",
    example="turn src.`a` -> `b` = transpose(it, [1, 0])",
    clauses=MATCHING | {"target", "value"},
    required=frozenset({"target", "value"}),
    leads=True,
    effect=lambda matched: Turned(matched.targets[0], matched.value),
    undo=_undo,
    sign="!",
    past="turned",
    flag="'A -> B = VALUE'",
    flag_help="Turn entries.",
)


@pytest.fixture
def with_turn():
    known = (table.words_in, table.verbs, every_verb, leaving_verb)
    for each in known:
        each.cache_clear()
    table.verbs().add(TURN)
    yield
    for each in known:
        each.cache_clear()


def test_a_verb_from_outside(here, with_turn):
    values = {"w": np.arange(6, dtype=np.float32).reshape(2, 3)}
    written("in.ckpt", {**values, "moments.w": values["w"] + 1, "b": np.ones(2, np.float32)})
    edit = 'in src = ckpt("in.ckpt")\n  out dst = ckpt("out.ckpt")'
    text = f"spec 1\nedit e {{\n  {edit}\n  turn src.`w` -> `new` = transpose(it, [1, 0])\n}}\n"
    plan = make_plan(check(Source("e.spec", text)))
    shown = "\n".join(plan_lines(plan))
    assert "!  turn  w -> new" in shown
    assert "2 to turn, 1 to keep" in shown
    actions = [entry["action"] for entry in plan_json(plan)["tasks"][0]["entries"]]
    assert actions == ["turn", "turn", "keep"]
    (result,) = run_plan(plan)
    assert "2 turned, 1 kept" in next(result.lines())
    (planned,) = plan.tasks
    back = invert(planned).text
    run_plan(make_plan(check(Source("back.spec", back))))
    with opened("in.back.ckpt") as found:
        np.testing.assert_array_equal(found.array("w"), values["w"])
