"""Losses against MindSpore's golden numbers."""

import keras
import numpy as np
import pytest

from declspore import nn
from tests.conftest import GOLDEN
from tests.oracle import inputs
from tests.oracle.losses import LOSSES


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "losses.npz") as data:
        return dict(data)


@pytest.mark.parametrize("case", LOSSES)
def test_loss(case, golden, parity):
    word, given, values, labels = LOSSES[case]
    loss = getattr(nn, word)(**given)
    x, y = inputs.entering_loss(values), inputs.entering_loss(labels)
    parity.close(("loss", word), case, "value", loss.values(x, y), golden[case])
    expected = golden.get(f"{case}/gradient")
    if keras.backend.backend() != "tensorflow" or expected is None:
        return
    import tensorflow as tf

    entered = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(entered)
        total = keras.ops.sum(loss.values(entered, y))
    parity.close(("loss", word), case, "gradient", tape.gradient(total, entered), expected)


def test_soft_margin_follows_its_formula(parity):
    """MindSpore's CPU has no kernel for it."""
    x, y = inputs.entering_loss("logits"), inputs.entering_loss("signs")
    expected = np.log1p(np.exp(-y * x)).mean()
    parity.close(
        ("loss", "SoftMarginLoss"), "formula", "value", nn.SoftMarginLoss().values(x, y), expected
    )
    parity.deviation(("loss", "SoftMarginLoss"), "By its formula: MindSpore's CPU has no kernel.")


def test_margin_of_labels_follows_its_formula(parity):
    """MindSpore's CPU has no kernel for it."""
    x, y = inputs.entering_loss("logits"), inputs.entering_loss("ended")
    expected = np.zeros(len(x))
    for row, (values, labels) in enumerate(zip(x, y, strict=True)):
        named = [*labels, -1][: [*labels, -1].index(-1)]
        expected[row] = sum(
            max(0.0, 1 - values[label] + values[other]) / 5
            for label in named
            for other in set(range(5)) - set(named)
        )
    word = ("loss", "MultilabelMarginLoss")
    each = nn.MultilabelMarginLoss(reduction="none").values(x, y)
    parity.close(word, "none by formula", "value", each, expected)
    parity.close(
        word, "mean by formula", "value", nn.MultilabelMarginLoss().values(x, y), expected.mean()
    )
    parity.deviation(word, "By its formula: MindSpore's CPU has no kernel.")


@pytest.mark.parametrize("word", sorted({row[0] for row in LOSSES.values()}))
def test_shapes_are_checked(word):
    with pytest.raises(ValueError, match=word):
        getattr(nn, word)().values(np.ones((6, 5), np.float32), np.ones((4, 3, 2), np.float32))


def test_as_a_keras_loss():
    """Keras sees one number; for reduction none, the sum, as MindSpore differentiates it."""
    labels, logits = inputs.entering_loss("classes"), inputs.entering_loss("logits")
    mean = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    none = nn.SoftmaxCrossEntropyWithLogits(sparse=True)
    assert float(none(labels, logits)) == pytest.approx(6 * float(mean(labels, logits)), rel=1e-5)
    again = keras.losses.deserialize(keras.losses.serialize(mean))
    assert float(again(labels, logits)) == float(mean(labels, logits))
    with pytest.raises(ValueError, match="sample weights"):
        mean(labels, logits, sample_weight=np.ones(6))


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="others cannot raise there")
@pytest.mark.parametrize("label", [-1, 5])
def test_a_class_that_does_not_exist(label):
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True)
    with pytest.raises(Exception, match=f"label value of {label} "):
        loss.values(inputs.entering_loss("logits"), np.full(6, label, np.int32))


def test_wrong_arguments():
    with pytest.raises(TypeError, match="did you mean 'sparse'"):
        nn.SoftmaxCrossEntropyWithLogits(spares=True)
    with pytest.raises(ValueError, match="reduction"):
        nn.SoftmaxCrossEntropyWithLogits(reduction="avg")
    with pytest.raises(AttributeError, match="Sofmax"):
        _ = nn.Sofmax
