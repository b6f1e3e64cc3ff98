"""What tests of the doors in Python share."""

from declspore import Model
from declspore.nn import Momentum, SoftmaxCrossEntropyWithLogits
from tests.conftest import GOLDEN

LENET = GOLDEN / "lenet-1_5.ckpt"


def model_of(net, **options):
    optimizer = Momentum(net.trainable_params(), 0.01, 0.9)
    loss = SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    return Model(net, loss, optimizer, **options)
