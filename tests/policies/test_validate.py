from declspore.ir.amount import Amount
from declspore.ir.value import Described
from declspore.registry.policy import policy
from tests.policies.support import Rehearsal
from tests.support import problems
from tests.tasks.train.support import with_policies

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
    validate = policy("Validate", dataset=Described(), metrics=(), every=Amount(amount, unit))
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
