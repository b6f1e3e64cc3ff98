"""Metrics against MindSpore's golden numbers."""

import numpy as np
import pytest

from declspore import nn
from declspore.train import auc
from declspore.train.metric import Metric
from tests.conftest import GOLDEN
from tests.oracle.metrics import METRICS, fed

_FORGETFUL = "MindSpore forgets all batches but the last; here all count"
DEVIATIONS = {
    "ROC": f"{_FORGETFUL}. Of several classes by its text: MindSpore mixes classes and samples up.",
    "AUC": "MindSpore's function `auc` of its ROC.",
    "CosineSimilarity": f"{_FORGETFUL}.",
    **dict.fromkeys(
        ("HausdorffDistance", "MeanSurfaceDistance", "RootMeanSquareDistance"),
        f"{_FORGETFUL}, each sample as an image of its own, and the figure is their mean.",
    ),
}


@pytest.mark.parametrize("case", METRICS)
def test_metric(case, parity):
    word, given, *_ = METRICS[case]
    metric = getattr(nn, word)(*given)
    for parts in fed(case):
        metric.update(*parts)
    with np.load(GOLDEN / "metrics.npz") as golden:
        parity.close(("metric", word), case, "figure", metric.eval(), golden[case], 1e-6)
    if word in DEVIATIONS:
        parity.deviation(("metric", word), DEVIATIONS[word])


@pytest.mark.parametrize("case", [case for case in METRICS if METRICS[case][3] is not None])
def test_shapes_are_checked(case):
    word, given, *_ = METRICS[case]
    metric = getattr(nn, word)(*given)
    with pytest.raises(ValueError, match=rf"{word}: .*\[6, 5\]"):
        metric.update(np.ones((6, 5), np.float32), np.ones((6, 2, 2), np.float32))


def test_figures_by_class_or_their_mean():
    """As MindSpore's ``eval``; ``average`` of the call stands before the argument."""
    outputs, labels = np.eye(3, dtype=np.float32)[[0, 1, 1, 2]], np.array([0, 1, 2, 2])
    metric = nn.Precision()
    metric.update(outputs, labels)
    assert metric.eval().tolist() == [1.0, 0.5, 1.0]
    assert metric.eval(average=True) == pytest.approx(2.5 / 3)
    with pytest.raises(TypeError, match="nothing to average"):
        nn.Accuracy().eval(average=True)


def test_curves_of_several_classes():
    """Each against the rest, as those of one class are."""
    random = np.random.Generator(np.random.Philox(11))
    scores, labels = random.random((30, 3)).astype(np.float32), random.integers(0, 3, 30)
    roc, area = nn.ROC(class_num=3), nn.AUC(class_num=3)
    for part in (slice(0, 10), slice(10, 30)):
        roc.update(scores[part], labels[part])
        area.update(scores[part], labels[part])
    curves = roc.eval()
    for number in range(3):
        one = nn.ROC(pos_label=number)
        one.update(scores[:, number], labels)
        for found, expected in zip(curves, one.eval(), strict=True):
            np.testing.assert_allclose(found[number], expected)
        assert area.eval()[number] == pytest.approx(auc(*one.eval()[:2]))


def test_the_area_under_points():
    x, y = [0.0, 0.5, 1.0], [0.0, 1.0, 1.0]
    assert auc(x, y) == 0.75
    assert auc(x[::-1], y[::-1]) == 0.75
    assert auc([0.5, 0.0, 1.0], [1.0, 0.0, 1.0], reorder=True) == 0.75
    with pytest.raises(ValueError, match="reorder=True"):
        auc([0.5, 0.0, 1.0], [1.0, 0.0, 1.0])


def test_sentences_as_lists():
    """MindSpore's example: words, and two references of one translation."""
    metric = nn.BleuScore()
    references = ["i have a pen in my desk", "there is a pen on the desk"]
    metric.update(
        [["i", "have", "a", "pen", "on", "my", "desk"]], [[one.split() for one in references]]
    )
    assert metric.eval() == pytest.approx(0.5946035575013605)


def test_padding_does_not_count():
    padded, plain = nn.BleuScore(n_gram=2, pad=0), nn.BleuScore(n_gram=2)
    padded.update(np.array([[5, 6, 7, 0, 0]]), np.array([[5, 6, 8, 9, 0]]))
    plain.update([[5, 6, 7]], [[[5, 6, 8, 9]]])
    assert padded.eval() == plain.eval() > 0


def test_surfaces_of_an_image_without_the_label():
    image = np.zeros((2, 4, 4), np.int32)
    image[0, 1:3, 1:3] = 1
    metric = nn.HausdorffDistance()
    metric.update(image, image)
    assert metric.eval() == 0.0
    metric.update(image, np.zeros_like(image))
    assert metric.eval() == np.inf


@pytest.mark.parametrize(
    ("metric", "given", "reason"),
    [
        (nn.Accuracy("multilabel"), (np.full((2, 3), 0.5), np.ones((2, 3))), "must be 0 or 1"),
        (nn.Recall(), (np.ones((2, 3)), np.array([0, 3])), "labels from 0 to 3"),
        (nn.ConfusionMatrixMetric(), (np.ones((2, 3)), np.full((2, 3), 2)), "must be 0 or 1"),
        (
            nn.ConfusionMatrixMetric(calculation_method=True),
            (np.ones((2, 3)), np.ones((2, 3))),
            "more than one place",
        ),
        (nn.ROC(), (np.ones((2, 3)), np.array([0, 1])), "class_num is None"),
        (nn.BleuScore(), (np.ones((2, 3)), np.ones((2, 3))), "integers"),
        (nn.CosineSimilarity(), (np.ones(3),), r"vectors \[N, D\]"),
        (nn.Top5CategoricalAccuracy(), (np.ones((2, 3)), np.array([0, 1])), "fewer than 5"),
        (nn.MSE(), (np.ones((3, 1)), np.ones(4)), "their shapes differ"),
        (nn.MAE(), (np.array(["a"]), np.array(["a"])), "expected numbers"),
        (nn.MAE(), (np.ones(3),), "takes y_pred, y; 1 are given"),
    ],
    ids=lambda value: value.kind.name if hasattr(value, "kind") else "",
)
def test_what_does_not_fit_is_told(metric, given, reason):
    with pytest.raises(ValueError, match=reason):
        metric.update(*given)


@pytest.mark.parametrize("word", ["MAE", "MSE"])
def test_labels_without_an_axis_of_one(word):
    """Values [N, 1] and labels [N] or the other way round, as MindSpore takes them."""
    x, y = np.arange(4.0, dtype=np.float32), np.array([1.0, 1.0, 5.0, 3.0], np.float32)
    figures = []
    for outputs, labels in ((x, y), (x[:, None], y), (x, y[:, None])):
        metric = getattr(nn, word)()
        metric.update(outputs, labels)
        figures.append(metric.eval())
    assert figures == [{"MAE": 1.0, "MSE": 2.5}[word]] * 3


def test_a_curve_needs_both_kinds():
    metric = nn.AUC()
    with pytest.raises(ValueError, match="no sample"):
        metric.eval()
    metric.update(np.array([0.2, 0.4]), np.array([1, 1]))
    with pytest.raises(ValueError, match="there is no curve"):
        metric.eval()


def test_a_rate_by_any_of_its_names():
    names = ("hit rate", "Recall", "TPR", "true_positive_rate")
    outputs, labels = np.eye(2)[[0, 1, 1]], np.eye(2)[[0, 0, 1]]
    for name in names:
        metric = nn.ConfusionMatrixMetric(metric_name=name)
        metric.update(outputs, labels)
        assert metric.eval() == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="the name of a rate"):
        nn.ConfusionMatrixMetric(metric_name="specifity")


def test_metrics_by_mindspores_keys():
    for key in ("roc", "bleu_score", "precision", "hausdorff_distance", "cosine_similarity"):
        assert Metric.named(key).kind.key == key
    assert Metric.named("acc").kind.name == "Accuracy"
