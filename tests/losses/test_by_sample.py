"""Losses that devices which share a batch compute each of its own samples."""

import keras
import numpy as np
import pytest
from keras import ops

from declspore.lower.loss import Loss
from declspore.lower.loss_part import loss_of_part
from declspore.registry.loss import LossKind
from declspore.registry.python import bind_call
from declspore.registry.table import vocabulary
from declspore.train.keras_parts import KerasObjective

KINDS = {kind.name: kind for kind in vocabulary() if isinstance(kind, LossKind)}
CASES = [
    (kind.name, reduction)
    for kind in KINDS.values()
    for reduction in ("none", "mean", "sum", "batchmean")
    if "reduction" in kind.signature.names
    and (reduction != "batchmean" or kind.name == "KLDivLoss")
    and kind.by_sample(bind_call(kind, (), {}))
]


def test_it_is_known_of_which():
    names = {name for name, _ in CASES}
    assert names >= {"MSELoss", "BCELoss", "SoftmaxCrossEntropyWithLogits", "KLDivLoss"}
    assert not names & {"CrossEntropyLoss", "DiceLoss", "RMSELoss", "TripletMarginLoss"}


@pytest.mark.parametrize(("name", "reduction"), CASES)
def test_the_parts_of_a_batch_give_its_loss(name, reduction):
    kind = KINDS[name]
    arguments = bind_call(kind, (), {"reduction": reduction})
    loss = Loss(name, arguments)
    source = np.random.default_rng(0)
    x, y = source.uniform(0.1, 0.9, (2, 7, 4)).astype(np.float32)
    y = np.sign(y - 0.5) if "Hinge" in name or "Soft" in name else y
    whole = ops.convert_to_numpy(loss.values(x, y))
    parts = [ops.convert_to_numpy(loss.values(x[a:b], y[a:b])) for a, b in ((0, 3), (3, 7))]
    if reduction == "none":
        found = np.concatenate(parts)
    else:
        shares = (1, 1) if loss.made_by == "sum" else (3 / 7, 4 / 7)
        found = sum(part * share for part, share in zip(parts, shares, strict=True))
    np.testing.assert_allclose(found, whole, rtol=1e-6)


class _Second:
    """The second of two devices, which has 4 of 7 samples; the other's are ``before``."""

    place, statistics = np.asarray([3, 7, 7], np.int32), "own"

    def __init__(self, *before):
        self._before = list(before)

    def sum(self, tensor):
        return tensor

    def rows(self, tensor):
        return ops.concatenate([self._before.pop(0), tensor])


def test_a_loss_of_keras_sees_the_samples_of_all_devices():
    outputs, labels = np.random.default_rng(0).uniform(size=(2, 7, 4)).astype(np.float32)
    loss = KerasObjective(keras.losses.MeanSquaredError())
    devices = _Second(outputs[:3], labels[:3])
    derived, told = loss_of_part(loss, outputs[3:], labels[3:], devices)
    whole = ops.convert_to_numpy(loss.of_batch(outputs, labels))
    np.testing.assert_allclose(ops.convert_to_numpy(derived), whole, rtol=1e-6)
    np.testing.assert_allclose(ops.convert_to_numpy(told), whole * 4 / 7, rtol=1e-6)
