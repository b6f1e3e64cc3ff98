from pathlib import Path

import keras
import numpy as np
import pytest

from declspore import load, load_checkpoint
from declspore.ir.amount import Amount
from declspore.ir.term import Arguments, Pipeline, Term
from declspore.registry.policy import policy
from tests.cli.support import said
from tests.policies.support import Rehearsal
from tests.support import problems
from tests.tasks.train.support import with_policies, written

SOURCE = Pipeline(Term("source", "Digits", Arguments()))
ROWS = "`ConfusionMatrix` gives rows of numbers here; a policy follows one number"


class Measuring:
    """Counts how often it is asked."""

    def __init__(self):
        self.times = 0

    def __call__(self):
        self.times += 1
        return {"accuracy": self.times / 10}


def _rehearsed(amount, unit):
    measuring = Measuring()
    validate = policy("Validate", dataset=SOURCE, metrics=(), every=Amount(amount, unit))
    return Rehearsal(validate.measuring(measuring)).run(), measuring


def test_every_few_steps():
    found, measuring = _rehearsed(3, "step")
    assert measuring.times == 3
    assert found.shown.lines[0] == "epoch 1, step 3: accuracy 0.1000"


def test_every_few_epochs_that_are_complete():
    found, measuring = _rehearsed(1, "epoch")
    assert measuring.times == 2
    assert found.shown.lines[1] == "epoch 2, step 8: accuracy 0.2000"


def test_what_is_measured_must_fit_the_network():
    narrow = "Digits() |> Resize([4, 4]) |> batch(4)"
    (found,) = problems(with_policies(f"Validate({narrow}, metrics = [Accuracy()])"))
    assert found.startswith("E404 16 the dataset gives")
    assert problems(with_policies("Validate(d, metrics = [ConfusionMatrix(3)])")) == [
        f"E306 16 Validate: {ROWS}"
    ]
    assert problems(with_policies("Validate(3, metrics = [Accuracy()])")) == [
        "E305 16 `dataset` of Validate: expected a dataset, found `3`"
    ]
    two = "Validate(d, metrics = [Accuracy()])"
    assert problems(with_policies(f"{two}, {two}")) == [
        "E306 16 Validate: two policies find a figure `accuracy`"
    ]


def test_averages_are_measured_in_place_of_the_parameters(here):
    """The figures are those of a network whose parameters are the averages in the checkpoint; the
    training itself does not change."""
    both = "EMA(0.9), Validate(d, metrics = [Loss()]), Validate(d, metrics = [Loss()], ema = true)"
    save = 'save "out/last.ckpt" every 9 epochs'
    spec = written(here, both, more=f'{save}\n  save "out/best.ckpt" best ema_eval_loss')
    result = load(spec).t()
    with_both = Path("out/last.ckpt").read_bytes()
    found = result.history.figures
    assert found[-1]["ema_eval_loss"] == pytest.approx(_loss(spec), rel=1e-6)
    assert found[-1]["ema_eval_loss"] != found[-1]["eval_loss"]
    assert Path("out/best.ckpt").read_bytes() == with_both  # the average falls all the time
    said("run", written(here, "EMA(0.9)", more=save), "--no-lock")
    assert Path("out/last.ckpt").read_bytes() == with_both


def _loss(spec):
    """The loss over all samples with the averages of the checkpoint."""
    found = load_checkpoint("out/last.ckpt")
    network = load(spec).Net()
    for parameter in network.get_parameters():
        parameter.set_data(found[f"ema.{parameter.name}"])
    with np.load("d.npz") as data:
        x, y = data["x"], data["y"]
    rows = keras.ops.convert_to_numpy(network(x))
    return np.mean(np.log(np.exp(rows).sum(1)) - rows[np.arange(len(y)), y])


def test_there_must_be_averages():
    assert problems(with_policies("Validate(d, metrics = [Loss()], ema = true)")) == [
        "E306 16 Validate: no policy keeps an average of the parameters"
    ]
