"""What multiplies the loss, by the network and its optimizer."""

import keras
import pytest

from declspore.policies.dynamic_loss_scale import DynamicLossScale
from declspore.training.scaling import scaling
from tests.training.support import engine_of, trainee_of, values


@pytest.fixture
def float16():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy(before)


def test_float32_has_a_fixed_scale_alone():
    assert [type(one).__name__ for one in scaling(trainee_of().network, 8.0)] == ["ScaledLoss"]


def test_float16_has_a_dynamic_one_besides(float16):
    trainee = trainee_of()
    policies = scaling(trainee.network, 1.0)
    assert isinstance(policies[-1], DynamicLossScale)
    engine = engine_of(trainee, policies)
    first, last = engine.state, engine.train()
    assert 1.0 < values(engine)["scale_sense"] <= 2.0**15
    assert values(engine)["current_iterator_step"] == 11
    assert 0 < last.loss < 10
    assert (values(engine)["two/kernel"] != first.variables["two/kernel"]).any()
