"""Figures of classification other than accuracy (mindspore.train, 2.10)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.numerics.classes import EVAL_TYPE, fit_classes, numbers_of, truths_of
from declspore.numerics.rows import Rows
from declspore.registry.kind import Misfit
from declspore.registry.metric import Figure, MetricKind, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, Number

_AVERAGE = Argument("average", Boolean(), False, "whether the figures' mean is given")

# ---- the k largest


def _fit_top(k: int | None, a: Arguments, outputs: TensorType, labels: TensorType) -> None:
    if outputs.rank != 2:
        raise Misfit(f"expected outputs [N, classes], found {outputs}")
    fit_classes(outputs, labels)
    size, wanted = outputs.shape[1], a.get("k", k)
    if isinstance(size, int) and wanted > size:
        raise Misfit(f"{outputs} has fewer than {wanted} classes")


def _top(k: int | None, a: Arguments, state: State, outputs: Array, labels: Array) -> State:
    largest = (-outputs).argsort(axis=1, kind="stable")[:, : a.get("k", k)]
    found = (largest == numbers_of(outputs, labels)[:, None]).any(axis=1)
    return {
        "correct": state["correct"] + int(found.sum()),
        "total": state["total"] + len(found),
    }


def _share(a: Arguments, state: State) -> float:
    return float(state["correct"] / state["total"]) if state["total"] else float("nan")


def _top_metric(name: str, key: str, k: int | None) -> MetricKind:
    """Of a fixed k, or of one that is an argument."""
    arguments = (Argument("k", Integer(1), help="how many"),) if k is None else ()
    return MetricKind(
        name=name,
        key=key,
        low=0.0,
        high=1.0,
        signature=signature(*arguments),
        summary=f"Share of samples whose label is among the {k or 'k'} largest outputs.",
        example=f"{name}({'3' if k is None else ''})",
        fit=partial(_fit_top, k),
        start=lambda a: {"correct": 0, "total": 0},
        update=partial(_top, k),
        result=_share,
    )


# ---- counts by class


def _fit(a: Arguments, outputs: TensorType, labels: TensorType) -> None:
    fit_classes(outputs, labels, a.get("eval_type", "classification"))


def _counts(a: Arguments, state: State, outputs: Array, labels: Array) -> State:
    """How often it was right, foretold and true: by class, or by sample for several labels."""
    import numpy as np

    if a.get("eval_type") == "multilabel":
        guess, truth = truths_of(outputs, labels)
        found = {"right": guess * truth, "foretold": guess, "true": truth}
        by_sample = {key: value.sum(axis=1) for key, value in found.items()}
        return {key: state[key].added(value) for key, value in by_sample.items()}
    classes = outputs.shape[1]
    truth, guess = numbers_of(outputs, labels).reshape(-1), outputs.argmax(axis=1).reshape(-1)
    if truth.size and not 0 <= truth.min() <= truth.max() < classes:
        raise Misfit(f"labels from {truth.min()} to {truth.max()}, outputs of {classes} classes")
    return {
        "right": state["right"] + np.bincount(truth[truth == guess], minlength=classes),
        "foretold": state["foretold"] + np.bincount(guess, minlength=classes),
        "true": state["true"] + np.bincount(truth, minlength=classes),
    }


def _start(a: Arguments) -> State:
    if a.get("eval_type") == "multilabel":
        return {"right": Rows(), "foretold": Rows(), "true": Rows()}
    return {"right": 0, "foretold": 0, "true": 0}


def _count(state: State, key: str) -> Array:
    """A count of all batches: of each class, or of each sample for several labels."""
    import numpy as np

    found = state[key]
    if isinstance(found, Rows):
        return found.array() if len(found) else np.empty(0)
    return found


_EPSILON = 1e-20
"""Added to a count, so that an absent class gives 0; MindSpore's is smaller still."""


def _ratio(a: Arguments, over: Array, under: Array) -> Figure:
    import numpy as np

    ratios = np.atleast_1d(over / (under + _EPSILON))
    return float(ratios.mean()) if a.average else tuple(map(float, ratios))


def _f_score(a: Arguments, beta: float, state: State) -> Figure:
    weighted = beta * beta * _count(state, "true") + _count(state, "foretold")
    return _ratio(a, (1 + beta * beta) * _count(state, "right"), weighted)


def _counted(
    name: str,
    key: str,
    summary: str,
    result: Callable[[Arguments, State], Figure],
    *arguments: Argument,
) -> MetricKind:
    required = any(argument.required for argument in arguments)
    return MetricKind(
        name=name,
        key=key,
        low=0.0,
        high=1.0,
        signature=signature(*arguments, _AVERAGE),
        summary=f"{summary} of each class, or their mean: `{key}[i]`, `{key}`.",
        example=f"{name}({'1.0, ' if required else ''}average = true)",
        fit=_fit,
        start=_start,
        update=_counts,
        result=result,
        trial=lambda a: 0.5 if a.average else None,
    )


KINDS = (
    _top_metric("TopKCategoricalAccuracy", "topk", None),
    _top_metric("Top1CategoricalAccuracy", "top_1_accuracy", 1),
    _top_metric("Top5CategoricalAccuracy", "top_5_accuracy", 5),
    _counted(
        "Precision",
        "precision",
        "right / foretold",
        lambda a, state: _ratio(a, _count(state, "right"), _count(state, "foretold")),
        EVAL_TYPE,
    ),
    _counted(
        "Recall",
        "recall",
        "right / true",
        lambda a, state: _ratio(a, _count(state, "right"), _count(state, "true")),
        EVAL_TYPE,
    ),
    _counted("F1", "F1", "2 right / (true + foretold)", lambda a, state: _f_score(a, 1.0, state)),
    _counted(
        "Fbeta",
        "fbeta",
        "(1 + b^2) right / (b^2 true + foretold)",
        lambda a, state: _f_score(a, a.beta, state),
        Argument("beta", Number(above=0.0), help="how much recall counts"),
    ),
)
