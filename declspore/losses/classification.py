"""Losses of classes and truth values (mindspore.nn, 2.10)."""

from __future__ import annotations

from typing import Any

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.loss import REDUCTIONS, LossKind, alike, reduced
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Integer, ListOf, Number, Optional

_REDUCTION = Argument("reduction", Choice(REDUCTIONS), "mean", "over the batch")
_WEIGHTS = Argument("weight", Optional(ListOf(Number())), None, "of each class")
_IGNORED = Argument("ignore_index", Integer(), -100, "a class that does not count")


# ---- classes [N, C, ...]


def _classes_fit(a: Arguments, logits: TensorType, labels: TensorType) -> None:
    if logits.rank < 2 or not logits.dtype.is_float:
        raise Misfit(f"logits must be floats [N, classes, ...], found {logits}")
    size = logits.shape[1]
    if a.weight is not None and size != len(a.weight):
        raise Misfit(f"weight names {len(a.weight)} classes, {logits} has {size}")
    if labels.dtype.is_integer and labels.rank == logits.rank - 1:
        return
    if labels.dtype.is_float and labels.rank == logits.rank:
        return
    raise Misfit(
        f"labels must be class numbers [N, ...] or probabilities like {logits}, found {labels}"
    )


def _nll_fit(a: Arguments, logits: TensorType, labels: TensorType) -> None:
    _classes_fit(a, logits, labels)
    if not labels.dtype.is_integer:
        raise Misfit(f"labels must be class numbers [N], found {labels}")


def _chosen(ops: Any, a: Arguments, log_p: Any, labels: Any) -> tuple[Any, Any]:
    """The loss of each label and its weight; 0 where the class does not count."""
    labels = ops.cast(labels, "int32")
    counts = ops.not_equal(labels, a.ignore_index)
    safe = ops.where(counts, labels, ops.zeros_like(labels))
    picked = ops.squeeze(ops.take_along_axis(log_p, ops.expand_dims(safe, 1), axis=1), axis=1)
    weights = ops.ones_like(picked)
    if a.weight is not None:
        weights = ops.take(ops.convert_to_tensor(a.weight, dtype=log_p.dtype), safe)
    weights = weights * ops.cast(counts, log_p.dtype)
    return -picked * weights, weights


def _averaged(ops: Any, a: Arguments, losses: Any, weights: Any) -> Any:
    if a.reduction == "mean":
        return ops.sum(losses) / ops.sum(weights)
    return reduced(ops, losses, a.reduction)


def _nll(ops: Any, a: Arguments, log_p: Any, labels: Any) -> Any:
    return _averaged(ops, a, *_chosen(ops, a, log_p, labels))


def _cross_entropy(ops: Any, a: Arguments, logits: Any, labels: Any) -> Any:
    log_p = ops.log_softmax(logits, axis=1)
    classes = logits.shape[1]
    shape = (1, classes) + (1,) * (len(logits.shape) - 2)
    by_class = ops.ones(shape, logits.dtype)
    if a.weight is not None:
        by_class = ops.reshape(ops.convert_to_tensor(a.weight, dtype=logits.dtype), shape)
    smoothing = a.label_smoothing
    if len(labels.shape) == len(logits.shape):
        target = ops.cast(labels, logits.dtype) * (1.0 - smoothing) + smoothing / classes
        losses = -ops.sum(log_p * target * by_class, axis=1)
        return (
            reduced(ops, losses, a.reduction)
            if a.reduction != "mean"
            else (ops.sum(losses) / _samples(ops, labels))
        )
    losses, weights = _chosen(ops, a, log_p, labels)
    if not smoothing:
        return _averaged(ops, a, losses, weights)
    counts = ops.cast(ops.not_equal(ops.cast(labels, "int32"), a.ignore_index), logits.dtype)
    smooth = -ops.sum(log_p * by_class, axis=1) * counts
    share = smoothing / classes
    if a.reduction == "mean":
        total = ops.sum(weights)
        return (1.0 - smoothing) * ops.sum(losses) / total + share * ops.sum(smooth) / total
    return reduced(ops, (1.0 - smoothing) * losses + share * smooth, a.reduction)


def _samples(ops: Any, labels: Any) -> Any:
    """How many distributions there are: all elements but those of the class axis."""
    return ops.cast(ops.size(labels) // labels.shape[1], "float32")


# ---- truth values


def _weighted(ops: Any, a: Arguments, losses: Any) -> Any:
    if a.weight is not None:
        losses = losses * ops.convert_to_tensor(a.weight, dtype=losses.dtype)
    return reduced(ops, losses, a.reduction)


def _bce(ops: Any, a: Arguments, x: Any, y: Any) -> Any:
    y = ops.cast(y, x.dtype)
    return _weighted(ops, a, -(y * ops.log(x) + (1.0 - y) * ops.log(1.0 - x)))


def _bce_logits(ops: Any, a: Arguments, x: Any, y: Any) -> Any:
    y = ops.cast(y, x.dtype)
    positive = 1.0
    if a.pos_weight is not None:
        positive = ops.convert_to_tensor(a.pos_weight, dtype=x.dtype)
    losses = positive * y * ops.softplus(-x) + (1.0 - y) * ops.softplus(x)
    return _weighted(ops, a, losses)


def _multi_label(ops: Any, a: Arguments, x: Any, y: Any) -> Any:
    y = ops.cast(y, x.dtype)
    losses = y * ops.softplus(-x) + (1.0 - y) * ops.softplus(x)
    if a.weight is not None:
        losses = losses * ops.convert_to_tensor(a.weight, dtype=x.dtype)
    return reduced(ops, ops.mean(losses, axis=-1), a.reduction)


KINDS = (
    LossKind(
        name="CrossEntropyLoss",
        signature=signature(
            _WEIGHTS,
            _IGNORED,
            _REDUCTION,
            Argument("label_smoothing", Number(0.0, 1.0), 0.0, "share spread over all classes"),
        ),
        summary=(
            "-log(softmax(logits)) at the label, or its mean under label probabilities; the mean "
            "is by the weights of the labels."
        ),
        example="CrossEntropyLoss(label_smoothing = 0.1)",
        fit=_classes_fit,
        compute=_cross_entropy,
    ),
    LossKind(
        name="NLLLoss",
        signature=signature(_WEIGHTS, _IGNORED, _REDUCTION),
        summary="-x at the label, x being logarithms of probabilities.",
        example="NLLLoss()",
        fit=_nll_fit,
        compute=_nll,
    ),
    LossKind(
        name="BCELoss",
        signature=signature(_WEIGHTS, _REDUCTION),
        summary="-(y log(x) + (1 - y) log(1 - x)).",
        example="BCELoss()",
        fit=alike,
        compute=_bce,
    ),
    LossKind(
        name="BCEWithLogitsLoss",
        signature=signature(
            _REDUCTION,
            _WEIGHTS,
            Argument("pos_weight", Optional(ListOf(Number())), None, "of what is true"),
        ),
        summary="BCELoss of sigmoid(x), the part of what is true times pos_weight.",
        example="BCEWithLogitsLoss()",
        fit=alike,
        compute=_bce_logits,
    ),
    LossKind(
        name="MultiLabelSoftMarginLoss",
        signature=signature(_WEIGHTS, _REDUCTION),
        summary="The mean over classes of BCEWithLogitsLoss.",
        example="MultiLabelSoftMarginLoss()",
        fit=alike,
        compute=_multi_label,
    ),
)
