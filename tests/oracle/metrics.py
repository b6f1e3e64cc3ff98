"""Metrics to compare: the word, its arguments, and the kinds of outputs and labels fed to it."""

import numpy as np

from tests.oracle import inputs

METRICS = {
    "Accuracy": ("Accuracy", (), "probabilities", "classes"),
    "Accuracy_one_hot": ("Accuracy", (), "probabilities", "one_hot"),
    "Top1CategoricalAccuracy": ("Top1CategoricalAccuracy", (), "probabilities", "classes"),
    "Top5CategoricalAccuracy": ("Top5CategoricalAccuracy", (), "probabilities", "classes"),
    "TopKCategoricalAccuracy": ("TopKCategoricalAccuracy", (3,), "probabilities", "classes"),
    "Precision": ("Precision", (), "probabilities", "classes"),
    "Recall": ("Recall", (), "probabilities", "classes"),
    "F1": ("F1", (), "probabilities", "classes"),
    "Fbeta": ("Fbeta", (2.0,), "probabilities", "one_hot"),
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
CLASSES = 7


def batch(kind, part, index):
    """What is fed: outputs or labels of one of three batches."""
    size = (6, CLASSES)
    normal = inputs.numbers(size, f"{part} {kind} {index}")
    if kind == "loss":
        return normal[0, :1].mean()
    if kind == "values":
        return normal
    if kind == "truths":
        return (normal > 0).astype(np.float32)
    classes = (np.abs(normal[:, 0]) * 10).astype(np.int32) % CLASSES
    if kind == "classes":
        return classes
    if kind == "one_hot":
        return np.eye(CLASSES, dtype=np.float32)[classes]
    shares = np.abs(normal) + np.float32(0.01)
    return shares / shares.sum(axis=1, keepdims=True)


def fed(case):
    """The three updates of a case."""
    _, _, outputs, labels = METRICS[case]
    for index in range(3):
        parts = [batch(outputs, "outputs", index)]
        yield parts if labels is None else [*parts, batch(labels, "labels", index)]
