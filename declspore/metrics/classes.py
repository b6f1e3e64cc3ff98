"""Figures of classification beside accuracy (mindspore.train, 2.10)."""

from __future__ import annotations

from typing import Any

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.metric import MetricKind, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, Number


def _fit(a: Arguments, outputs: TensorType, labels: TensorType) -> None:
    if outputs.rank != 2:
        raise Misfit(f"outputs [N, classes] are asked for, found {outputs}")
    one_hot = labels.shape[1:] == outputs.shape[1:]
    if not one_hot and not (labels.rank == 1 and labels.dtype.is_integer):
        raise Misfit(f"labels must be class numbers [N] or like {outputs}, found {labels}")


def _truth(outputs: Any, labels: Any) -> Any:
    return labels.argmax(axis=1) if labels.ndim == outputs.ndim else labels


# ---- the k largest


def _fit_top(a: Arguments, outputs: TensorType, labels: TensorType) -> None:
    _fit(a, outputs, labels)
    size = outputs.shape[1]
    if isinstance(size, int) and a.get("k", 1) > size:
        raise Misfit(f"{outputs} has fewer than {a.k} classes")


def _top(k: int | None) -> Any:
    def update(a: Arguments, state: State, outputs: Any, labels: Any) -> State:
        wanted = a.k if k is None else k
        largest = (-outputs).argsort(axis=1, kind="stable")[:, :wanted]
        found = (largest == _truth(outputs, labels)[:, None]).any(axis=1)
        return {
            "correct": state["correct"] + int(found.sum()),
            "total": state["total"] + len(found),
        }

    return update


def _share(a: Arguments, state: State) -> float:
    return float(state["correct"] / state["total"]) if state["total"] else float("nan")


def _top_metric(name: str, key: str, k: int | None) -> MetricKind:
    arguments = (Argument("k", Integer(1), help="how many"),) if k is None else ()
    return MetricKind(
        name=name,
        key=key,
        signature=signature(*arguments),
        summary=f"Share of samples whose label is among the {k or 'k'} largest outputs.",
        example=f"{name}({'3' if k is None else ''})",
        fit=_fit_top,
        start=lambda a: {"correct": 0, "total": 0},
        update=_top(k),
        result=_share,
    )


# ---- counts by class


def _counts(a: Arguments, state: State, outputs: Any, labels: Any) -> State:
    """Per class: how often it was right, foretold, and true."""
    import numpy as np

    classes = outputs.shape[1]
    truth, guess = _truth(outputs, labels), outputs.argmax(axis=1)
    right = np.bincount(truth[truth == guess], minlength=classes)
    return {
        "right": state["right"] + right,
        "foretold": state["foretold"] + np.bincount(guess, minlength=classes),
        "true": state["true"] + np.bincount(truth, minlength=classes),
    }


def _start_counts(a: Arguments) -> State:
    return {"right": 0, "foretold": 0, "true": 0}


def _mean(values: Any) -> float:
    import numpy as np

    return float(np.mean(values))


_EPSILON = 1e-20
"""What MindSpore adds to a count, so that an absent class gives 0."""


def _precision(a: Arguments, state: State) -> float:
    return _mean(state["right"] / (state["foretold"] + _EPSILON))


def _recall(a: Arguments, state: State) -> float:
    return _mean(state["right"] / (state["true"] + _EPSILON))


def _f_score(beta: float, state: State) -> float:
    weighted = beta * beta * state["true"] + state["foretold"]
    return _mean((1 + beta * beta) * state["right"] / (weighted + _EPSILON))


def _counted(name: str, key: str, summary: str, result: Any, *arguments: Argument) -> MetricKind:
    return MetricKind(
        name=name,
        key=key,
        signature=signature(*arguments),
        summary=summary,
        example=f"{name}({'1.0' if arguments else ''})",
        fit=_fit,
        start=_start_counts,
        update=_counts,
        result=result,
    )


KINDS = (
    _top_metric("TopKCategoricalAccuracy", "topk", None),
    _top_metric("Top1CategoricalAccuracy", "top_1_accuracy", 1),
    _top_metric("Top5CategoricalAccuracy", "top_5_accuracy", 5),
    _counted(
        "Precision",
        "precision",
        "right / foretold of each class, their mean (MindSpore: eval(average=True)).",
        _precision,
    ),
    _counted(
        "Recall",
        "recall",
        "right / true of each class, their mean (MindSpore: eval(average=True)).",
        _recall,
    ),
    _counted(
        "F1",
        "F1",
        "2 right / (true + foretold) of each class, their mean (MindSpore: eval(average=True)).",
        lambda a, state: _f_score(1.0, state),
    ),
    _counted(
        "Fbeta",
        "fbeta",
        "(1 + b^2) right / (b^2 true + foretold) of each class, their mean.",
        lambda a, state: _f_score(a.beta, state),
        Argument("beta", Number(above=0.0), help="how much recall counts"),
    ),
)
