"""Losses against MindSpore's golden numbers."""

import keras
import numpy as np
import pytest

from declspore import nn
from tests.conftest import GOLDEN
from tests.oracle import inputs
from tests.oracle.losses import LOSSES, floats_of


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "losses.npz") as data:
        return dict(data)


ZERO_INFINITY = (
    "zero_infinity by its text: MindSpore's CPU kernel ignores it. Gradients are compared behind a "
    "log_softmax, without which the kernel's are wrong."
)


def word_of(case) -> tuple[str, str]:
    return "loss", LOSSES[case][0]


@pytest.mark.parametrize("case", LOSSES)
def test_loss(case, golden, parity):
    word, given, *kinds = LOSSES[case]
    loss = getattr(nn, word)(**given)
    entering = [inputs.entering_loss(kind) for kind in kinds]
    expected = golden[case]
    if given.get("zero_infinity"):
        parity.deviation(("loss", word), ZERO_INFINITY)
        expected = np.where(np.isinf(expected), 0, expected)
    parity.close(("loss", word), case, "value", loss.values(*entering), expected)
    if keras.backend.backend() != "tensorflow":
        return
    import tensorflow as tf

    for index in floats_of(word, kinds):
        expected = golden.get(f"{case}/gradient{index or ''}")
        if expected is None:
            continue
        x = tf.constant(entering[index])
        with tf.GradientTape() as tape:
            tape.watch(x)
            given = keras.ops.log_softmax(x, -1) if word == "CTCLoss" else x
            total = keras.ops.sum(loss.values(*entering[:index], given, *entering[index + 1 :]))
        parity.close(("loss", word), case, "gradient", tape.gradient(total, x), expected)


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


@pytest.mark.parametrize("p", [1, 2, 3])
@pytest.mark.parametrize("swap", [False, True])
def test_triplets_follow_their_formula(p, swap, parity):
    """MindSpore has a kernel for GPUs only."""
    x, positive, negative = (inputs.entering_loss(kind) for kind in ("left", "right", "other"))

    def distance(one, other):
        return (np.abs(one - other + 1e-6) ** p).sum(axis=1) ** (1 / p)

    far = distance(x, negative)
    far = np.minimum(far, distance(positive, negative)) if swap else far
    expected = np.maximum(distance(x, positive) - far + 0.8, 0)
    word, variant = ("loss", "TripletMarginLoss"), f"p = {p}{', swap' if swap else ''} by formula"
    given = {"p": p, "swap": swap, "margin": 0.8}
    each = nn.TripletMarginLoss(**given, reduction="none").values(x, positive, negative)
    parity.close(word, variant, "value", each, expected)
    mean = nn.TripletMarginLoss(**given).values(x, positive, negative)
    parity.close(word, variant, "value", mean, expected.mean())
    parity.deviation(word, "By its formula and the result MindSpore documents: a kernel for GPUs.")


def test_triplets_as_documented():
    given = [[[0.3, 0.7], [0.5, 0.5]], [[0.4, 0.6], [0.4, 0.6]], [[0.2, 0.9], [0.3, 0.7]]]
    found = nn.TripletMarginLoss().values(*(np.array(one, np.float32) for one in given))
    assert float(found) == pytest.approx(0.8881968, rel=1e-6)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="differentiates with it")
@pytest.mark.parametrize("word", ["TripletMarginLoss", "TripletMarginWithDistanceLoss"])
def test_triplets_that_coincide_have_a_gradient(word):
    import tensorflow as tf

    x = tf.ones((2, 3))
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = getattr(nn, word)().values(x, tf.ones((2, 3)), tf.ones((2, 3)))
    assert np.isfinite(tape.gradient(loss, x)).all()


ONE_CASE = {row[0]: case for case, row in LOSSES.items()}


@pytest.mark.parametrize("word", sorted(ONE_CASE))
def test_shapes_are_checked(word):
    wrong = [np.ones((6, 5), np.float32), np.ones((4, 3, 2), np.float32)] * 2
    entering = wrong[: len(LOSSES[ONE_CASE[word]]) - 2]
    with pytest.raises(ValueError, match=word):
        getattr(nn, word)().values(*entering)


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


def test_several_outputs_and_labels():
    """As Keras calls it: lists where there are several, in the order of the loss's names."""
    left, right, pairs = (inputs.entering_loss(kind) for kind in ("left", "right", "pairs"))
    loss = nn.CosineEmbeddingLoss(margin=0.3)
    assert float(loss(pairs, [left, right])) == float(loss.values(left, right, pairs))
    with pytest.raises(ValueError, match=r"2 outputs \(logits_x1, logits_x2\) and 1 label"):
        loss(pairs, left)
    mean, variance = inputs.entering_loss("logits"), inputs.entering_loss("positive")
    nll, truth = nn.GaussianNLLLoss(), inputs.entering_loss("values")
    assert float(nll([truth], (mean, variance))) == float(nll.values(mean, truth, variance))


def test_wrong_arguments():
    with pytest.raises(TypeError, match="did you mean 'sparse'"):
        nn.SoftmaxCrossEntropyWithLogits(spares=True)
    with pytest.raises(ValueError, match="reduction"):
        nn.SoftmaxCrossEntropyWithLogits(reduction="avg")
    with pytest.raises(AttributeError, match="Sofmax"):
        _ = nn.Sofmax
