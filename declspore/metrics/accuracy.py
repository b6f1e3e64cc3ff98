"""Accuracy and the mean loss (mindspore.train, 2.10)."""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.numerics.classes import EVAL_TYPE, fit_classes, numbers_of, truths_of
from declspore.registry.metric import MetricKind, State
from declspore.registry.signature import signature


def _fit(a: Arguments, outputs: TensorType, labels: TensorType) -> None:
    fit_classes(outputs, labels, a.eval_type)


def _update(a: Arguments, state: State, outputs: Array, labels: Array) -> State:
    if a.eval_type == "multilabel":
        guess, truth = truths_of(outputs, labels)
        right = (guess == truth).all(axis=1)
    else:
        right = outputs.argmax(axis=1) == numbers_of(outputs, labels)
    return {"correct": state["correct"] + int(right.sum()), "total": state["total"] + right.size}


def _mean_of(total: str, count: str) -> Callable[[Arguments, State], float]:
    def result(a: Arguments, state: State) -> float:
        return float(state[total] / state[count]) if state[count] else float("nan")

    return result


def _fit_anything(a: Arguments, *types: TensorType) -> None:
    return None


def _update_loss(a: Arguments, state: State, loss: Array) -> State:
    return {"sum": state["sum"] + float(loss.mean()), "batches": state["batches"] + 1}


KINDS = (
    MetricKind(
        name="Accuracy",
        key="accuracy",
        low=0.0,
        high=1.0,
        signature=signature(EVAL_TYPE),
        summary="Share of samples whose largest output is at their label, or all labels are.",
        example="Accuracy()",
        fit=_fit,
        start=lambda a: {"correct": 0, "total": 0},
        update=_update,
        result=_mean_of("correct", "total"),
    ),
    MetricKind(
        name="Loss",
        key="loss",
        signature=signature(),
        summary="The mean over batches of the loss.",
        example="Loss()",
        fit=_fit_anything,
        start=lambda a: {"sum": 0.0, "batches": 0},
        update=_update_loss,
        result=_mean_of("sum", "batches"),
        inputs=("loss",),
        labels=(),
        of_loss=True,
    ),
)
