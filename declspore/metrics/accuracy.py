"""Accuracy and the mean loss (mindspore.train, 2.10)."""

from __future__ import annotations

from typing import Any

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.metric import MetricKind, State
from declspore.registry.signature import signature


def _fit(a: Arguments, outputs: TensorType, labels: TensorType) -> None:
    if outputs.rank != 2:
        raise Misfit(f"accuracy takes outputs [N, classes], found {outputs}")
    one_hot = labels.shape[1:] == outputs.shape[1:]
    if not one_hot and not (labels.rank == 1 and labels.dtype.is_integer):
        raise Misfit(f"labels must be class numbers [N] or like {outputs}, found {labels}")


def _update(a: Arguments, state: State, outputs: Any, labels: Any) -> State:
    truth = labels.argmax(axis=1) if labels.ndim == outputs.ndim else labels
    correct = int((outputs.argmax(axis=1) == truth).sum())
    return {"correct": state["correct"] + correct, "total": state["total"] + len(truth)}


def _mean_of(total: str, count: str) -> Any:
    def result(a: Arguments, state: State) -> float:
        return float(state[total] / state[count]) if state[count] else float("nan")

    return result


def _fit_anything(a: Arguments, outputs: TensorType, labels: TensorType) -> None:
    return None


def _update_loss(a: Arguments, state: State, loss: Any, _: Any) -> State:
    return {"sum": state["sum"] + float(loss.mean()), "batches": state["batches"] + 1}


KINDS = (
    MetricKind(
        name="Accuracy",
        key="accuracy",
        signature=signature(),
        summary="Share of samples whose largest output is at their label.",
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
        of_loss=True,
    ),
)
