import pytest

from declspore import load
from declspore.registry.policy import policy
from tests.tasks.train.support import interrupted, written
from tests.training.support import engine_of, trainee_of

MORE = 'save "out/last.ckpt" every 1 epochs'


def _spec(here):
    measures = ("Accuracy()], every = 1 epochs", "Loss()], every = 4 steps")
    validate = ", ".join(f"Validate(d, metrics = [{each})" for each in measures)
    return written(here, validate, length="3 epochs", more=MORE)


def test_a_result_says_what_a_training_was_like(here):
    spec = _spec(here)
    history = load(spec).t().history
    assert [row["epoch"] for row in history.epochs] == [1, 2, 3]
    assert [row["step"] for row in history.epochs] == [5, 10, 15]
    losses = [loss for _, loss in history.curves["loss"]]
    assert [step for step, _ in history.curves["loss"]] == list(range(1, 16))
    assert history.epochs[1]["loss"] == pytest.approx(sum(losses[5:10]) / 5)
    assert history.epochs[1]["last_loss"] == losses[9]
    assert [row["step"] for row in history.figures] == [4, 5, 8, 10, 12, 15]
    assert history.epochs[2]["accuracy"] == history.figures[-1]["accuracy"]
    assert history.epochs[2]["eval_loss"] == history.figures[-2]["eval_loss"]
    assert all(row["seconds"] > 0 and row["steps"] == 5 for row in history.epochs)


def test_it_is_whole_after_an_interruption(here):
    spec = _spec(here)
    whole = load(spec).t().history
    interrupted(spec, 7)
    found = load(spec).t().history
    assert found.curves == whole.curves
    assert found.figures == whole.figures
    assert [row["loss"] for row in found.epochs] == [row["loss"] for row in whole.epochs]


def test_of_many_steps_some_remain(monkeypatch):
    monkeypatch.setattr("declspore.policies.history._MOST", 10)
    engine = engine_of(trainee_of(), [policy("History")], epochs=8)
    engine.train()
    curve = engine.remembered_by("History")["curves"]["loss"]
    assert [step for step, _ in curve] == list(range(2, 41, 2))
