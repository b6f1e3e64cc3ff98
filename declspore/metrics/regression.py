"""Errors of values (mindspore.train, 2.10)."""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.metric import MetricKind, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, Number, Optional


def _fit(a: Arguments, outputs: TensorType, labels: TensorType) -> None:
    if outputs.shape != labels.shape:
        raise Misfit(f"outputs are {outputs}, labels {labels}: their shapes differ")


def _fit_values(a: Arguments, outputs: TensorType, labels: TensorType) -> None:
    """Of one shape, or but for axes of 1: MindSpore shapes labels as the outputs."""
    bare = [tuple(size for size in type.shape if size != 1) for type in (outputs, labels)]
    if bare[0] != bare[1]:
        _fit(a, outputs, labels)


def _error(power: int) -> Callable[..., State]:
    def update(a: Arguments, state: State, outputs: Array, labels: Array) -> State:
        labels = labels.reshape(outputs.shape)
        error = abs(outputs.astype("float64") - labels.astype("float64")) ** power
        return {"sum": state["sum"] + float(error.sum()), "count": state["count"] + len(outputs)}

    return update


def _mean(a: Arguments, state: State) -> float:
    return float(state["sum"] / state["count"]) if state["count"] else float("nan")


def _start(a: Arguments) -> State:
    return {"sum": 0.0, "count": 0}


# ---- perplexity


def _fit_perplexity(a: Arguments, outputs: TensorType, labels: TensorType) -> None:
    if outputs.rank != labels.rank + 1 or not labels.dtype.is_integer:
        raise Misfit(f"labels must be class numbers of {outputs}, found {labels}")


def _perplexity(a: Arguments, state: State, outputs: Array, labels: Array) -> State:
    import numpy as np

    rows = outputs.reshape(-1, outputs.shape[-1]).astype("float64")
    wanted = labels.reshape(-1)
    chosen = rows[np.arange(len(wanted)), np.where(wanted < rows.shape[1], wanted, 0)]
    if a.ignore_label is not None:
        counts = wanted != a.ignore_label
        chosen = np.where(counts, chosen, 1.0)
        number = int(counts.sum())
    else:
        number = len(wanted)
    loss = -float(np.log(np.maximum(chosen, 1e-10)).sum())
    return {"sum": state["sum"] + loss, "count": state["count"] + number}


def _exponential(a: Arguments, state: State) -> float:
    import math

    return math.exp(state["sum"] / state["count"]) if state["count"] else float("nan")


# ---- dice


def _dice(a: Arguments, state: State, outputs: Array, labels: Array) -> State:
    x, y = outputs.astype("float64").reshape(-1), labels.astype("float64").reshape(-1)
    both = float((x * y).sum())
    union = float((x * x).sum() + (y * y).sum()) + a.smooth
    return {"sum": state["sum"] + 2 * both / union, "count": state["count"] + len(labels)}


KINDS = (
    MetricKind(
        name="MAE",
        key="mae",
        low=0.0,
        signature=signature(),
        summary="sum(|x - y|) / the number of samples.",
        example="MAE()",
        fit=_fit_values,
        start=_start,
        update=_error(1),
        result=_mean,
    ),
    MetricKind(
        name="MSE",
        key="mse",
        low=0.0,
        signature=signature(),
        summary="sum((x - y)^2) / the number of samples.",
        example="MSE()",
        fit=_fit_values,
        start=_start,
        update=_error(2),
        result=_mean,
    ),
    MetricKind(
        name="Perplexity",
        key="perplexity",
        low=1.0,
        signature=signature(
            Argument("ignore_label", Optional(Integer()), None, "a label that does not count")
        ),
        summary="exp(mean(-log(p))), p being the output at the label.",
        example="Perplexity()",
        fit=_fit_perplexity,
        start=_start,
        update=_perplexity,
        result=_exponential,
    ),
    MetricKind(
        name="Dice",
        key="dice",
        low=0.0,
        high=1.0,
        signature=signature(Argument("smooth", Number(above=0.0), 1e-5, "added to the squares")),
        summary="2 sum(x y) / (sum(x^2) + sum(y^2) + smooth) of each batch, over all samples.",
        example="Dice()",
        fit=_fit,
        start=_start,
        update=_dice,
        result=_mean,
    ),
)
