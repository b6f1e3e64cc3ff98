"""Labels that are the number of no class: found with their places, before a training or in it."""

import numpy as np
import pytest

from declspore.check.task import labels_of
from declspore.data.stream import Stream
from declspore.data.verify import labels_out_of_range
from declspore.registry.data import Unavailable
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
        for problem in labels_out_of_range(each)
    ]


@pytest.mark.parametrize(
    ("steps", "loss", "found"),
    [
        (
            "",
            "CrossEntropyLoss()",
            ["d.npz, item 1: expected a label below 3, found 3", "d.npz, item 3"],
        ),
        (
            "|> shuffle() ",
            "CrossEntropyLoss(ignore_index = -1)",
            ["d.npz, item 1", "d.npz, item 4"],
        ),
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


PLACED = "item 3: expected a label below 3, found -1"


@pytest.mark.parametrize(
    ("steps", "loss", "found"),
    [
        ("|> skip(3) ", "CrossEntropyLoss()", PLACED),
        ("|> skip(3) |> map(y = y + 0) ", "NLLLoss()", PLACED),
        ("|> skip(2) |> shuffle() ", "CrossEntropyLoss()", PLACED),
        ("|> skip(3) |> filter(y < 0) ", "CrossEntropyLoss()", PLACED),
    ],
)
def test_a_training_refuses_them_with_their_place(files, steps, loss, found):
    """Before a backend stops without a place, or computes NaN as JAX does."""
    task = checked(SPEC.format(steps, loss)).tasks["t"]
    stream = Stream(task.dataset, 0, labels=labels_of(task, task.dataset))
    with pytest.raises(Unavailable, match=found) as caught, stream.explained():
        list(stream.epoch(1))
    assert caught.value.helps == ("class numbers start at 0",)


def test_labels_that_a_loss_does_not_count(files):
    task = checked(SPEC.format("|> take(3) |> map(y = y - 1) ", "NLLLoss(ignore_index = -1)"))
    task = task.tasks["t"]
    stream = Stream(task.dataset, 0, labels=labels_of(task, task.dataset))
    found = [label.tolist() for _, label in stream.epoch(1).as_numpy_iterator()]
    assert found == [[-1, 2], [0]]
