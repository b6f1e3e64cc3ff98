"""Epochs in schedules, and one schedule after another."""

import numpy as np
import pytest

from declspore.ir.timeline import Interval
from declspore.nn import CosineDecayLR, SequentialLR, WarmUpLR
from declspore.registry.schedule import ScheduleKind, counted
from declspore.registry.table import vocabulary
from tests.cli.support import failing
from tests.support import problems
from tests.tasks.train.support import with_policies

WARM = "SequentialLR([WarmUpLR(0.4, 2 epochs), CosineDecayLR(0.0, 0.4, 3 epochs)], [2 epochs])"


def _rate(term, step):
    kind = vocabulary().of(ScheduleKind, term.word)
    return float(kind.rate(np, term.arguments, np.float32(step)))


def test_each_counts_from_its_milestone():
    warm, fall = WarmUpLR(0.4, 4), CosineDecayLR(0.0, 0.4, 6)
    both = SequentialLR([warm, fall, 0.01], [4, 10])
    for step in range(14):
        expected = _rate(warm, step) if step < 4 else _rate(fall, step - 4)
        assert _rate(both, step) == pytest.approx(0.01 if step >= 10 else expected)


def test_epochs_are_counted_in_steps():
    term = SequentialLR([WarmUpLR(0.4, Interval(2, "epoch")), 0.1], [Interval(2, "epoch")])
    found = counted(term, 5)
    assert found.arguments.milestones == (10,)
    assert found.arguments.schedules[0].arguments.warmup_steps == 10


@pytest.mark.parametrize(("policies", "steps"), [("", 5), ("Accumulate(2)", 2)])
def test_a_plan_shows_the_steps(here, policies, steps):
    """Five batches an epoch; a schedule counts updates."""
    x = np.zeros((20, 2), np.float32)
    np.savez("d.npz", x=x, y=np.zeros(20, np.int32))
    (here / "t.spec").write_text(f"spec 1\n{with_policies(policies, rate=WARM)}")
    line = next(x for x in failing("plan", "t.spec").stdout.splitlines() if "optimizer" in x)
    assert f"warmup_steps = {2 * steps})" in line
    assert f"decay_steps = {3 * steps})" in line
    assert f"milestones = [{2 * steps}]" in line


def test_mistakes():
    assert problems(with_policies("", rate="SequentialLR([0.1, 0.2], [])"))[0].endswith(
        "SequentialLR: there must be one milestone between any two schedules"
    )
    assert problems(with_policies("", rate="SequentialLR([0.1, 0.2, 0.3], [4, 4])"))[0].endswith(
        "SequentialLR: milestones must rise"
    )
    assert (
        "a number of steps or epochs"
        in problems(with_policies("", rate="WarmUpLR(0.1, 10 min)"))[0]
    )
