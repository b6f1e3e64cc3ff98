"""Losses against MindSpore's golden numbers."""

import keras
import numpy as np
import pytest

from declspore import nn
from tests.conftest import GOLDEN
from tests.oracle import inputs
from tests.oracle.cases import LOSSES
from tests.support import closeness


def _targets():
    probabilities = np.abs(inputs.numbers((6, 5), "probabilities"))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return np.arange(6, dtype=np.int32) % 5, probabilities


@pytest.mark.parametrize("case", LOSSES)
def test_loss(case):
    sparse, reduction = LOSSES[case]
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=sparse, reduction=reduction)
    labels, probabilities = _targets()
    logits = inputs.numbers((6, 5), "logits")
    with np.load(GOLDEN / "losses.npz") as golden:
        found = loss.values(logits, labels if sparse else probabilities)
        assert closeness(found, golden[case]) < 1e-5


def test_as_a_keras_loss():
    """Keras sees one number; for reduction none, the sum, as MindSpore differentiates it."""
    labels, _ = _targets()
    logits = inputs.numbers((6, 5), "logits")
    mean = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    none = nn.SoftmaxCrossEntropyWithLogits(sparse=True)
    assert float(none(labels, logits)) == pytest.approx(6 * float(mean(labels, logits)), rel=1e-5)
    again = keras.losses.deserialize(keras.losses.serialize(mean))
    assert float(again(labels, logits)) == float(mean(labels, logits))
    with pytest.raises(ValueError, match="sample weights"):
        mean(labels, logits, sample_weight=np.ones(6))


def test_wrong_arguments():
    with pytest.raises(TypeError, match="did you mean 'sparse'"):
        nn.SoftmaxCrossEntropyWithLogits(spares=True)
    with pytest.raises(ValueError, match="reduction"):
        nn.SoftmaxCrossEntropyWithLogits(reduction="avg")
    with pytest.raises(AttributeError, match="Sofmax"):
        _ = nn.Sofmax
