import numpy as np
import pytest

from declspore.registry.policy import policy
from tests.conftest import GOLDEN
from tests.oracle.policies import FIGURES, STOPS
from tests.policies.support import Judged
from tests.support import problems
from tests.tasks.train.support import with_policies


def _stopping(**options):
    return policy("EarlyStopping", monitor="accuracy", **options)


@pytest.mark.parametrize("name", STOPS)
def test_it_stops_where_mindspore_does(name):
    with np.load(GOLDEN / "policies.npz") as golden:
        expected = len(golden[f"EarlyStopping/{name}"])
    assert len(Judged(_stopping(**STOPS[name]), FIGURES).rates) == expected


def test_it_tells_why():
    found = Judged(_stopping(patience=2), FIGURES)
    assert found.moment.stop_reason == "accuracy was not better than 0.5 for 2 evaluations"


def test_a_baseline_must_be_passed():
    """MindSpore 2.10 takes min_delta for the baseline."""
    assert len(Judged(_stopping(patience=4, baseline=0.54), FIGURES).rates) == 4
    assert len(Judged(_stopping(patience=5, baseline=0.54), FIGURES).rates) == 14


def test_the_loss_is_that_of_the_last_step_and_less_is_better():
    falling = Judged(policy("EarlyStopping", monitor="loss", patience=2), (3, 2, 1, 1, 1, 1))
    assert len(falling.rates) == 5


def test_a_figure_that_is_no_number_is_not_better():
    assert len(Judged(_stopping(patience=2), (float("nan"),) * 5).rates) == 2


def test_it_goes_back_to_the_best_values():
    found = Judged(_stopping(patience=2, restore_best_weights=True), (0.1, 0.5, 0.4, 0.3))
    keeps = [[one for one in each if one == "ToKeep"] for each in found.requests]
    assert [bool(each) for each in keeps] == [True, True, False, False]
    assert found.requests[-1] == ["ToRecall"]


def test_the_figure_must_exist():
    validate = "Validate(d, metrics = [Accuracy()])"
    assert problems(with_policies(f'{validate}, EarlyStopping("accuracy", patience = 2)')) == []
    assert problems(with_policies(f'{validate}, EarlyStopping("accuracies", patience = 2)')) == [
        "E306 16 EarlyStopping: there is no figure `accuracies`; there are `loss`, `accuracy`"
    ]
    assert problems(with_policies("EarlyStopping(patience = 2)")) == [
        "E306 16 EarlyStopping: there is no figure `eval_loss`; there are `loss`"
    ]
