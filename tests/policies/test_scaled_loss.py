import pytest

from declspore.nn import Momentum
from declspore.registry.policy import policy
from tests.training.support import PLAIN, assert_same, engine_of, trainee_of, weights


@pytest.mark.parametrize("scale", [1.0, 64.0])
def test_it_multiplies_what_is_derived_and_not_the_loss(scale):
    """The optimizer divides by the same power of two, so no bit is lost."""

    def scaled(net):
        return Momentum(net.trainable_params(), 0.1, 0.9, loss_scale=scale)

    engine = engine_of(trainee_of(PLAIN, scaled), [policy("ScaledLoss", loss_scale=scale)])
    plain = engine_of(trainee_of(PLAIN))
    assert engine.train().loss == plain.train().loss
    assert_same(weights(engine), weights(plain))


def test_without_the_optimizers_part_steps_are_larger():
    found, plain = (
        engine_of(trainee_of(PLAIN), policies, steps=1)
        for policies in ([policy("ScaledLoss", loss_scale=64.0)], [])
    )
    found.train()
    plain.train()
    assert any((weights(found)[path] != value).any() for path, value in weights(plain).items())
