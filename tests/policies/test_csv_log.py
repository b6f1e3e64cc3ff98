from pathlib import Path

import pytest

from declspore.registry.policy import Failure, Phase, Policy, policy
from tests.training.support import PLAIN, Looking, descent, engine_of, trainee_of


class Finding(Policy):
    """Finds a figure at the end of an epoch."""

    phase = Phase.MEASURE

    def after_epoch(self, state, run):
        if run.epoch_is_complete:
            run.record("accuracy", run.epoch / 4)
        return state


def _engine(steps, every=2):
    policies = [policy("CsvLog", path="out/l.csv", figures=["accuracy"]), Finding(), Looking(every)]
    return engine_of(trainee_of(PLAIN, descent), policies, steps=steps)


def test_every_step_is_a_row(here):
    _engine(10).train()
    first, *rows = Path("out/l.csv").read_text().splitlines()
    assert first == "step,epoch,step_in_epoch,loss,learning_rate,accuracy"
    assert [row.split(",")[:3] for row in rows] == [
        [str(step + 1), str(step // 5 + 1), str(step % 5 + 1)] for step in range(10)
    ]
    assert {row.split(",")[4] for row in rows} == {"0.100000001"}
    assert [row.split(",")[5] for row in rows] == [*[""] * 4, "0.25", *[""] * 4, "0.5"]


@pytest.mark.parametrize("at", [3, 5])
def test_continued_it_holds_the_rows_of_the_state_and_those_after(here, at):
    _engine(10).train()
    whole = Path("out/l.csv").read_bytes()
    first = _engine(at)
    state = []
    first._chain.ask = before_end(first._chain.ask, lambda: state.append(first.state))
    first.train()
    Path("out/l.csv").write_bytes(Path("out/l.csv").read_bytes() + b"9,9,9,9,9,\n")
    second = _engine(10)
    second.restore(state[0])
    second.train()
    assert Path("out/l.csv").read_bytes() == whole


def before_end(ask, call):
    """``ask``, but that something is called first when the end comes."""

    def asked(hook, run):
        if hook == "end":
            call()
        ask(hook, run)

    return asked


def test_steps_that_run_together_give_the_same_rows(here):
    _engine(10, every=1).train()
    one = Path("out/l.csv").read_bytes()
    _engine(10, every=4).train()
    assert Path("out/l.csv").read_bytes() == one


def test_where_it_cannot_be_written(here):
    Path("out").touch()
    with pytest.raises(Failure, match=r"out/l.csv cannot be written"):
        _engine(2).train()
