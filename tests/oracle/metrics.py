"""Metrics to compare: the word, its arguments, and the kinds of outputs and labels fed to it."""

import numpy as np

from tests.oracle import inputs

RATES = (
    *("sensitivity", "specificity", "precision", "negative predictive value", "miss rate"),
    *("fall out", "false discovery rate", "false omission rate", "prevalence threshold"),
    *("threat score", "accuracy", "balanced accuracy", "f1 score"),
    *("matthews correlation coefficient", "fowlkes mallows index", "informedness", "markedness"),
)
METRICS = {
    "Accuracy": ("Accuracy", (), "probabilities", "classes"),
    "Accuracy_one_hot": ("Accuracy", (), "probabilities", "one_hot"),
    "Top1CategoricalAccuracy": ("Top1CategoricalAccuracy", (), "probabilities", "classes"),
    "Top5CategoricalAccuracy": ("Top5CategoricalAccuracy", (), "probabilities", "classes"),
    "TopKCategoricalAccuracy": ("TopKCategoricalAccuracy", (3,), "probabilities", "classes"),
    "Precision": ("Precision", ("classification", True), "probabilities", "classes"),
    "Recall": ("Recall", ("classification", True), "probabilities", "classes"),
    "F1": ("F1", (True,), "probabilities", "classes"),
    "Fbeta": ("Fbeta", (2.0, True), "probabilities", "one_hot"),
    "MAE": ("MAE", (), "values", "values"),
    "MSE": ("MSE", (), "values", "values"),
    "Loss": ("Loss", (), "loss", None),
    "Perplexity": ("Perplexity", (), "probabilities", "classes"),
    "Perplexity_ignore": ("Perplexity", (2,), "probabilities", "classes"),
    "ConfusionMatrix": ("ConfusionMatrix", (7,), "probabilities", "classes"),
    **{
        f"ConfusionMatrix_{normalize}": (
            "ConfusionMatrix",
            (7, normalize),
            "probabilities",
            "classes",
        )
        for normalize in ("target", "prediction", "all")
    },
    "Dice": ("Dice", (), "probabilities", "truths"),
}
_MASKS = ("masks", "masks")
METRICS |= {
    "Accuracy_of_places": ("Accuracy", (), "maps", "numbers"),
    "Accuracy_multilabel": ("Accuracy", ("multilabel",), "some", "same"),
    **{
        f"{word}_{name}": (word, given, *fed)
        for word in ("Precision", "Recall")
        for name, given, *fed in (
            ("by_class", ("classification", False), "probabilities", "classes"),
            ("of_places", ("classification", False), "maps", "numbers"),
            ("multilabel", ("multilabel", False), "some", "same"),
            ("multilabel_average", ("multilabel", True), "some", "same"),
            ("multilabel_places", ("multilabel", False), "spots", "spots_too"),
        )
    },
    "F1_by_class": ("F1", (False,), "probabilities", "classes"),
    "Fbeta_by_class": ("Fbeta", (0.5, False), "probabilities", "classes"),
    "ConfusionMatrix_threshold": ("ConfusionMatrix", (2, "no_norm", 0.3), "scores", "binary"),
    **{
        f"ConfusionMatrixMetric_{name.replace(' ', '_')}": (
            *("ConfusionMatrixMetric", (True, name, False, "mean")),
            *("spots", "spots_too"),
        )
        for name in RATES
    },
    **{
        f"ConfusionMatrixMetric_{name}": (
            *("ConfusionMatrixMetric", (channel, rate, True, decrease)),
            *("spots", "spots_too"),
        )
        for name, channel, rate, decrease in (
            ("of_samples", True, "precision", "mean"),
            ("of_samples_sum", True, "recall", "sum"),
            ("of_samples_first_left_out", False, "mcc", "mean"),
        )
    },
    "ConfusionMatrixMetric_first_left_out": (
        *("ConfusionMatrixMetric", (False, "f1", False, "mean")),
        *("spots", "spots_too"),
    ),
    "ROC": ("ROC", (), "scores", "binary"),
    "ROC_label": ("ROC", (None, 3), "scores", "steps"),
    "AUC": ("AUC", (), "scores", "binary"),
    "CosineSimilarity": ("CosineSimilarity", (), "values", None),
    **{
        f"CosineSimilarity_{similarity}_{reduction}": (
            *("CosineSimilarity", (similarity, reduction, diagonal)),
            *("values", None),
        )
        for similarity, reduction, diagonal in (("dot", "none", False), ("cosine", "mean", True))
    },
    "CosineSimilarity_sum": ("CosineSimilarity", ("cosine", "sum", False), "values", None),
    "BleuScore": ("BleuScore", (), "sentences", "references"),
    "BleuScore_smooth": ("BleuScore", (2, True), "sentences", "references"),
    **{
        f"HausdorffDistance_{name}": ("HausdorffDistance", given, *_MASKS)
        for name, given in (
            ("euclidean", ()),
            ("chessboard_percentile", ("chessboard", 80.0)),
            ("taxicab_directed", ("taxicab", None, True)),
            ("whole", ("euclidean", 50.0, False, False)),
        )
    },
    **{
        f"{word}_{name}": (word, given, *_MASKS)
        for word in ("MeanSurfaceDistance", "RootMeanSquareDistance")
        for name, given in (
            ("euclidean", ()),
            ("symmetric", (True,)),
            ("chessboard", (False, "chessboard")),
            ("taxicab_symmetric", (True, "taxicab")),
        )
    },
}
AVERAGED = ("Precision", "Recall", "F1", "Fbeta")
"""Whose argument average is one of MindSpore's ``eval``; the last of theirs."""
CLASSES = 7


def batch(kind, part, index):
    """What is fed: outputs or labels of one of three batches."""
    size = (6, CLASSES)
    normal = inputs.numbers(size, f"{part} {kind} {index}")
    places = inputs.numbers((6, CLASSES, 2, 3), f"{part} {kind} {index}")
    classes = (np.abs(normal[:, 0]) * 10).astype(np.int32) % CLASSES
    shares = np.abs(normal) + np.float32(0.01)
    made = {
        "loss": normal[0, :1].mean,
        "values": lambda: normal,
        "truths": lambda: (normal > 0).astype(np.float32),
        "classes": lambda: classes,
        "one_hot": lambda: np.eye(CLASSES, dtype=np.float32)[classes],
        "some": lambda: _some(index),
        "same": lambda: _changed(_some(index), index),
        "maps": lambda: places,
        "numbers": lambda: (np.abs(places[:, 0]) * 10).astype(np.int32) % CLASSES,
        "spots": lambda: (places > 0).astype(np.float32),
        "spots_too": lambda: (places > 0.5).astype(np.float32),
        "scores": lambda: np.round(np.abs(normal[:, 0]), 1),
        "binary": lambda: (normal[:, 0] > 0).astype(np.int32),
        "steps": lambda: classes,
        "sentences": lambda: (np.abs(normal) * 3).astype(np.int32) % 3,
        "references": lambda: (np.abs(places[..., 0].swapaxes(1, 2)) * 3).astype(np.int32) % 3,
        "masks": lambda: (_smooth(part, index) > 0.4).astype(np.int32),
    }
    return made.get(kind, lambda: shares / shares.sum(axis=1, keepdims=True))()


def _some(index):
    """Labels of which samples have several."""
    return (inputs.numbers((6, CLASSES), f"some {index}") > 0).astype(np.int32)


def _changed(labels, index):
    """Every other sample of labels changed in one place."""
    changed = labels.copy()
    changed[::2, index] = 1 - changed[::2, index]
    return changed


def _smooth(part, index):
    """Blots [2, 9, 8], some of which two parts have in common."""
    values = 0.6 * inputs.numbers((2, 9, 8), f"blots {index}")
    values += 0.4 * inputs.numbers((2, 9, 8), f"{part} blots {index}")
    for axis in (1, 2):
        values = values + np.roll(values, 1, axis) + np.roll(values, 2, axis)
    return values


def fed(case):
    """The three updates of a case."""
    _, _, outputs, labels = METRICS[case]
    for index in range(3):
        parts = [batch(outputs, "outputs", index)]
        yield parts if labels is None else [*parts, batch(labels, "labels", index)]
