"""Losses against MindSpore's golden numbers."""

import keras
import numpy as np
import pytest

from declspore import Tensor, nn
from tests.conftest import GOLDEN
from tests.gradients import gradients
from tests.oracle import inputs
from tests.oracle.losses import LOSSES, floats_of


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "losses.npz") as data:
        return dict(data)


ZERO_INFINITY = (
    "zero_infinity by its text: MindSpore's CPU kernel ignores it. Gradients are compared after a "
    "log_softmax, without which the kernel's are wrong."
)


def word_of(case) -> tuple[str, str]:
    return "loss", LOSSES[case][0]


@pytest.mark.parametrize("case", LOSSES)
def test_loss(case, golden, parity, forward_alone):
    word, given, *kinds = LOSSES[case]
    loss = getattr(nn, word)(**given)
    entering = [inputs.entering_loss(kind) for kind in kinds]
    expected = golden[case]
    if given.get("zero_infinity"):
        parity.deviation(("loss", word), ZERO_INFINITY)
        expected = np.where(np.isinf(expected), 0, expected)
    parity.close(("loss", word), case, "value", loss.values(*entering), expected)
    if forward_alone:
        return
    for index in floats_of(word, kinds):
        expected = golden.get(f"{case}/gradient{index or ''}")
        if expected is None:
            continue

        def total(x, index=index):
            given = keras.ops.log_softmax(x[0], -1) if word == "CTCLoss" else x[0]
            return keras.ops.sum(loss.values(*entering[:index], given, *entering[index + 1 :]))

        [found], _ = gradients(total, [entering[index]])
        parity.close(("loss", word), case, "gradient", found, expected)


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


@pytest.mark.parametrize("word", ["TripletMarginLoss", "TripletMarginWithDistanceLoss"])
def test_triplets_that_coincide_have_a_gradient(word):
    x = np.ones((2, 3), np.float32)
    [found], _ = gradients(lambda given: getattr(nn, word)().values(given[0], x, x), [x])
    assert np.isfinite(found).all()


ONE_CASE = {row[0]: case for case, row in LOSSES.items()}


@pytest.mark.parametrize("word", sorted(ONE_CASE))
def test_shapes_are_checked(word):
    wrong = [np.ones((6, 5), np.float32), np.ones((4, 3, 2), np.float32)] * 2
    entering = wrong[: len(LOSSES[ONE_CASE[word]]) - 2]
    with pytest.raises(ValueError, match=word):
        getattr(nn, word)().values(*entering)


def test_what_is_certain():
    """Probabilities of 0 and 1 have a loss, as in MindSpore's kernel, and none where they are
    right; in float16 too, which has no 1e-12."""
    x, y = np.array([0.0, 1.0, 0.0, 1.0, 0.5]), np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    expected = [0.0, 0.0, 27.6310215, 27.6310215, 0.69314718]
    loss = nn.BCELoss(reduction="none")
    for dtype, error in (("float32", 1e-6), ("float16", 1e-3)):
        found = np.asarray(loss.values(x.astype(dtype), y.astype(dtype)))
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, error)


@pytest.mark.parametrize("word", ["CrossEntropyLoss", "NLLLoss"])
def test_a_batch_of_which_no_label_counts_moves_nothing(word):
    """As in MindSpore: the mean is of nothing, and its gradient 0."""
    x = inputs.entering_loss("log")
    given = {"label_smoothing": 0.1} if word == "CrossEntropyLoss" else {}
    loss = getattr(nn, word)(ignore_index=2, **given)
    labels = np.full(6, 2, np.int32)
    assert np.isnan(keras.ops.convert_to_numpy(loss.values(x, labels)))
    [found], _ = gradients(lambda given: loss.values(given[0], labels), [x])
    assert not np.any(found)


def test_what_is_infinitely_far_has_a_slope():
    x, loss = np.array([np.inf, 0.5], np.float32), nn.SmoothL1Loss(reduction="sum")
    [found], _ = gradients(lambda given: loss.values(given[0], np.zeros(2, np.float32)), [x])
    assert found.tolist() == [1.0, 0.5]


@pytest.mark.parametrize("word", ["MSELoss", "CrossEntropyLoss", "GaussianNLLLoss", "BCELoss"])
def test_narrow_outputs_and_wide_labels_meet_in_the_wide(word):
    """As MindSpore promotes: float16 would not hold what such a loss adds up."""
    x = np.full((6, 5), 0.25, np.float16)
    given = [x, np.full((6, 5), 0.5, np.float32), x][: 3 if word == "GaussianNLLLoss" else 2]
    found = np.asarray(getattr(nn, word)(reduction="sum").values(*given))
    assert found.dtype == np.float32
    wide = getattr(nn, word)(reduction="sum").values(*(one.astype(np.float32) for one in given))
    assert float(found) == float(wide)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_probabilities_in_float16(smoothing):
    logits, labels = inputs.entering_loss("logits"), inputs.entering_loss("probabilities")
    loss = nn.CrossEntropyLoss(label_smoothing=smoothing)
    found = loss.values(logits.astype(np.float16), labels.astype(np.float16))
    assert float(found) == pytest.approx(float(loss.values(logits, labels)), rel=5e-3)


@pytest.mark.parametrize(
    ("loss", "shapes", "reason"),
    [
        (nn.CrossEntropyLoss(), [(6, 5), (4,)], "class numbers"),
        (nn.CrossEntropyLoss(), [(6, 5, 3), (6, 2)], "class numbers"),
        (nn.SoftmaxCrossEntropyWithLogits(sparse=True), [(6, 5), (4,)], "class numbers"),
        (nn.MultiMarginLoss(), [(6, 5), (3,)], "class numbers"),
        (nn.BCELoss(weight=[1.0, 2.0]), [(6, 5), (6, 5)], r"weight is \[2\]"),
        (nn.BCEWithLogitsLoss(pos_weight=[1.0, 2.0]), [(6, 5), (6, 5)], r"pos_weight is \[2\]"),
        (nn.BCEWithLogitsLoss(weight=[[1.0], [2.0]]), [(6, 5), (6, 5)], r"weight is \[2, 1\]"),
        (nn.BCEWithLogitsLoss(weight=[[[1.0]]]), [(6, 5), (6, 5)], r"weight is \[1, 1, 1\]"),
        (nn.MultiLabelSoftMarginLoss(), [(), ()], "one axis"),
        (nn.MSELoss(), [(6, 1), (6,)], "shapes differ"),
        (nn.MarginRankingLoss(), [(6, 1), (6,), (6,)], "shapes differ"),
    ],
    ids=lambda value: value.word if hasattr(value, "word") else None,
)
def test_sizes_are_checked(loss, shapes, reason):
    """What fits in its axes and not in their sizes is told before anything is computed."""
    whole = reason == "class numbers"
    given = [
        np.ones(shape, np.int32 if whole and place else np.float32)
        for place, shape in enumerate(shapes)
    ]
    with pytest.raises(ValueError, match=f"{loss.word}: .*{reason}"):
        loss.values(*given)


def test_weights_may_be_tensors():
    x, y = inputs.entering_loss("probabilities"), inputs.entering_loss("truths")
    columns = np.linspace(0.5, 2.0, 6, dtype=np.float32)[:, None]
    plain = np.asarray(nn.BCELoss(reduction="none").values(x, y))
    for weight in (columns.tolist(), columns, Tensor(columns)):
        found = nn.BCELoss(weight=weight, reduction="none").values(x, y)
        np.testing.assert_allclose(found, plain * columns, rtol=1e-6)
    with pytest.raises(ValueError, match="rows of the tensor differ in length"):
        nn.BCELoss(weight=[[1.0], [1.0, 2.0]])


def test_texts_are_no_numbers():
    with pytest.raises(ValueError, match="L1Loss: expected numbers"):
        nn.L1Loss().values(np.array(["a"]), np.array(["b"]))


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
