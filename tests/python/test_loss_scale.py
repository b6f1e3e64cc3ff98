"""The loss scale: what multiplies the loss is what the optimizer divides by."""

import numpy as np
import pytest

from declspore import Model, nn
from declspore.lower.network import compile_network
from declspore.train import FixedLossScaleManager
from tests.oracle import inputs
from tests.support import checked

NET = "network Net() {\n  body = Dense(6, 4)\n  construct(x: f32[B, 6]) = x |> body\n}"
BATCHES = [(inputs.numbers((8, 6), f"x {i}"), inputs.numbers((8, 4), f"y {i}")) for i in range(3)]


def _trained(optimizer_scale, manager):
    net = compile_network(checked(NET).networks["Net"], seed=1)
    optimizer = nn.Momentum(
        net.trainable_params(), 0.1, 0.9, weight_decay=0.1, loss_scale=optimizer_scale
    )
    Model(net, nn.MSELoss(), optimizer, loss_scale_manager=manager).train(1, BATCHES)
    return net.parameters_dict()["body.weight"].asnumpy()


def test_a_manager_scales_what_the_optimizer_divides():
    plain = _trained(1.0, None)
    scaled = _trained(1024.0, FixedLossScaleManager(1024.0, drop_overflow_update=False))
    np.testing.assert_allclose(scaled, plain, rtol=1e-5)


def test_another_scale_is_told():
    """MindSpore trains on with steps of another length, and says nothing."""
    with pytest.warns(UserWarning, match="multiplied by 1, Momentum divides gradients by 1024"):
        found = _trained(1024.0, None)
    assert np.abs(found - _trained(1.0, None)).max() > 1e-3
    with pytest.raises(ValueError, match="mixed_float16"):
        FixedLossScaleManager(1024.0)
    with pytest.raises(ValueError, match="at least 1"):
        FixedLossScaleManager(0.5, drop_overflow_update=False)
