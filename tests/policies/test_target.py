import pytest

from declspore.registry.policy import policy
from tests.policies.support import Judged
from tests.support import problems
from tests.tasks.train.support import with_policies


@pytest.mark.parametrize(
    ("name", "mode", "figures", "epochs"),
    [
        ("accuracy", "auto", (0.1, 0.5, 0.6), 2),
        ("eval_loss", "auto", (0.9, 0.7, 0.4, 0.1), 3),
        ("ema_eval_loss", "auto", (0.9, 0.4), 2),
        ("accuracy", "min", (0.9, 0.3, 0.1), 2),
        ("accuracy", "auto", (float("nan"), 0.3), 2),
        ("loss", "auto", (0.8, 0.5, 0.4), 2),
    ],
)
def test_it_stops_once_the_figure_is_there(name, mode, figures, epochs):
    target = policy("Target", monitor=name, value=0.5, mode=mode)
    assert len(Judged(target, figures, name).rates) == epochs


def test_it_says_why():
    found = Judged(policy("Target", monitor="accuracy", value=0.5), (0.75,))
    assert found.moment.stop_reason == "accuracy is 0.75, the target was 0.5"


def test_the_figure_must_exist():
    assert problems(with_policies('Target("accuracy", 0.9)')) == [
        "E306 16 Target: there is no figure `accuracy`; there are `loss`"
    ]
