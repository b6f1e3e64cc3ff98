"""Labels that are the number of no class: found with their places, before a training or where a
backend has refused them."""

import numpy as np
import pytest

from declspore.data.verify import labels_out_of_range
from declspore.lock.record import Recorder
from declspore.plan.planner import make_plan
from declspore.report import DiagnosticError
from declspore.run import task as tasks
from declspore.run.task import Silent, explained_task
from tests.cli.support import codes, failing
from tests.support import checked

SPEC = """
network N() {{
  fc = Dense(4, 3)
  construct(x: f32[B, 4]) = fc(x)
}}
dataset d = NumpySlices("d.npz", [Column("x", [4])], [Column("y", dtype = i32)]) {}|> batch(2)
train t {{ network = N() dataset = d loss = {} optimizer = SGD(0.1) length = 1 epochs }}
"""


@pytest.fixture
def files(here):
    y = np.array([0, 3, 1, -1, -100], np.int32)
    np.savez("d.npz", x=np.zeros((5, 4), np.float32), y=y)
    return here


def _found(steps="", loss="CrossEntropyLoss()"):
    return [
        problem
        for each in checked(SPEC.format(steps, loss)).tasks["t"].labels()
        for problem in labels_out_of_range(*each)
    ]


@pytest.mark.parametrize(
    ("steps", "loss", "found"),
    [
        ("", "CrossEntropyLoss()", ["item 1: expected a label below 3, found 3", "item 3"]),
        ("|> shuffle() ", "CrossEntropyLoss(ignore_index = -1)", ["item 1", "item 4"]),
        ("|> map(y = y % 3) ", "CrossEntropyLoss()", []),
        ("|> filter(y == 0) ", "CrossEntropyLoss()", []),
    ],
)
def test_what_is_out_of_range(files, steps, loss, found):
    problems = _found(steps, loss)
    assert len(problems) == len(found)
    assert all(problem.startswith(start) for problem, start in zip(problems, found, strict=True))


def test_a_loss_of_ones_own_may_take_any_number(files):
    loss = "loss L() { construct(x: f32[B, 3], y: i32[B]) = mean(x) }\n"
    text = loss + SPEC.format("", "L()")
    assert list(checked(text).tasks["t"].labels()) == []


def test_check_reads_them_all(files):
    (files / "s.spec").write_text("spec 1\n" + SPEC.format("", "CrossEntropyLoss()"))
    done = failing("check", "s.spec", "--data")
    assert codes(done) == ["E551", "E551"]
    assert "item 3: expected a label below 3, found -1" in done.stderr


def test_what_a_backend_refuses_has_a_place(files, monkeypatch):
    refusal = type("InvalidArgumentError", (Exception,), {"__module__": "tensorflow.errors"})

    def fail(*_):
        raise refusal("indices[0,0] = 3 is not in [0, 3)")

    (plan,) = make_plan(checked(SPEC.format("", "CrossEntropyLoss()"))).tasks
    monkeypatch.setattr(tasks, "run_task", fail)
    with pytest.raises(DiagnosticError) as caught:
        explained_task(plan, Silent(), Recorder())
    first, _ = caught.value.diagnostics
    assert (first.code, first.helps) == ("E551", ("class numbers start at 0",))
    assert first.title == "item 1: expected a label below 3, found 3"
