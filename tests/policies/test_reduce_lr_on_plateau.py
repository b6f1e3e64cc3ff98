import numpy as np
import pytest

from declspore.registry.policy import policy
from tests.conftest import GOLDEN
from tests.oracle.policies import FIGURES, PLATEAUS
from tests.policies.support import Judged
from tests.support import problems
from tests.tasks.train.support import with_policies
from tests.training.support import engine_of, momentum, trainee_of

REFUSED = (
    "it lowers one learning rate that is a number; the optimizer's depends on the step or on groups"
)


@pytest.mark.parametrize("name", PLATEAUS)
def test_rates_are_mindspores(name):
    with np.load(GOLDEN / "policies.npz") as golden:
        expected = golden[f"ReduceLROnPlateau/{name}"]
    falls = policy("ReduceLROnPlateau", monitor="accuracy", **PLATEAUS[name])
    np.testing.assert_allclose(Judged(falls, FIGURES).rates, expected, rtol=2e-7)


def test_it_tells_the_new_rate():
    falls = policy("ReduceLROnPlateau", monitor="loss", patience=1, factor=0.5)
    assert Judged(falls, (1.0, 1.0)).shown.lines == [
        "epoch 2: the learning rate falls from 0.1 to 0.05"
    ]


def test_the_optimizer_trains_with_it_and_the_checkpoint_holds_it():
    falls = policy("ReduceLROnPlateau", monitor="loss", patience=1, factor=0.5, min_delta=1e9)
    engine = engine_of(trainee_of(optimizer=momentum), [falls], epochs=3)
    engine.train()
    assert float(engine.parameters["learning_rate"].asnumpy()) == np.float32(0.025)


def test_a_rate_that_is_no_number_is_refused():
    rate = "CosineDecayLR(0.0, 0.1, 10)"
    assert problems(with_policies('ReduceLROnPlateau("loss")', rate=rate)) == [
        f"E306 16 ReduceLROnPlateau: {REFUSED}"
    ]
