"""Losses of classes and truth values (mindspore.nn, 2.10)."""

from __future__ import annotations

from declspore.ir.shape import Shape, TensorType, show_shape, sizes_of
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.losses import REDUCTIONS, agree, alike, class_numbers_help, reduced
from declspore.registry.kind import Misfit
from declspore.registry.loss import LossKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Integer, ListOf, Number, Numbers, Optional

_REDUCTION = Argument("reduction", Choice(REDUCTIONS), "mean", "over the batch")
_WEIGHTS = Argument("weight", Optional(ListOf(Number())), None, "of each class")
_SPREAD = Argument("weight", Optional(Numbers()), None, "of each value, spread over them")
_IGNORED = Argument("ignore_index", Integer(), -100, "a class that does not count")


# ---- classes [N, C, ...]


def _classes_fit(a: Arguments, logits: TensorType, labels: TensorType) -> None:
    if logits.rank < 2 or not logits.dtype.is_float:
        raise Misfit(f"logits must be floats [N, classes, ...], found {logits}")
    size = logits.shape[1]
    if a.weight is not None and size != len(a.weight):
        raise Misfit(f"weight names {len(a.weight)} classes, {logits} has {size}")
    if labels.dtype.is_integer and agree(labels.shape, (logits.shape[0], *logits.shape[2:])):
        return
    if labels.dtype.is_float and agree(labels.shape, logits.shape):
        return
    raise Misfit(
        f"labels must be class numbers [N, ...] or probabilities like {logits}, found {labels}",
        class_numbers_help(logits, labels),
    )


def _nll_fit(a: Arguments, logits: TensorType, labels: TensorType) -> None:
    _classes_fit(a, logits, labels)
    if not labels.dtype.is_integer:
        raise Misfit(
            f"labels must be class numbers [N], found {labels}", class_numbers_help(logits, labels)
        )


def _chosen(ops: Ops, a: Arguments, log_p: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The loss of each label and its weight; 0 where the class does not count."""
    labels = ops.cast(labels, "int32")
    counts = ops.not_equal(labels, a.ignore_index)
    log_p = _of_counting(ops, log_p, counts)
    safe = ops.where(counts, labels, ops.zeros_like(labels))
    picked = ops.squeeze(ops.take_along_axis(log_p, ops.expand_dims(safe, 1), axis=1), axis=1)
    weights = ops.ones_like(picked)
    if a.weight is not None:
        weights = ops.take(ops.convert_to_tensor(a.weight, dtype=log_p.dtype), safe)
    weights = weights * ops.cast(counts, log_p.dtype)
    return -picked * weights, weights


def _of_counting(ops: Ops, x: Tensor, counts: Tensor) -> Tensor:
    """The classes of the labels that count, 0 for others: NaN and infinity would pass through a
    product with 0, and through its gradient."""
    return ops.where(ops.expand_dims(counts, 1), x, ops.zeros_like(x))


def _averaged(ops: Ops, a: Arguments, losses: Tensor, weights: Tensor) -> Tensor:
    if a.reduction == "mean":
        return _divided(ops, ops.sum(losses), ops.sum(weights))
    return reduced(ops, losses, a.reduction)


def _divided(ops: Ops, total: Tensor, by: Tensor) -> Tensor:
    """NaN where no label counts; its gradient is 0 then, as in MindSpore, and weights stay."""
    there = ops.not_equal(by, 0)
    mean = total / ops.where(there, by, ops.ones_like(by))
    return ops.where(there, mean, ops.full_like(mean, float("nan")))


def _nll(ops: Ops, a: Arguments, log_p: Tensor, labels: Tensor) -> Tensor:
    return _averaged(ops, a, *_chosen(ops, a, log_p, labels))


def _cross_entropy(ops: Ops, a: Arguments, logits: Tensor, labels: Tensor) -> Tensor:
    by_number = len(labels.shape) != len(logits.shape)
    if by_number:
        counting = ops.not_equal(ops.cast(labels, "int32"), a.ignore_index)
        logits = _of_counting(ops, logits, counting)
    log_p = ops.log_softmax(logits, axis=1)
    classes = logits.shape[1]
    shape = (1, classes) + (1,) * (len(logits.shape) - 2)
    by_class = ops.ones(shape, logits.dtype)
    if a.weight is not None:
        by_class = ops.reshape(ops.convert_to_tensor(a.weight, dtype=logits.dtype), shape)
    smoothing = a.label_smoothing
    if not by_number:
        target = ops.cast(labels, logits.dtype) * (1.0 - smoothing) + smoothing / classes
        return reduced(ops, -ops.sum(log_p * target * by_class, axis=1), a.reduction)
    losses, weights = _chosen(ops, a, log_p, labels)
    if not smoothing:
        return _averaged(ops, a, losses, weights)
    smooth = -ops.sum(log_p * by_class, axis=1) * ops.cast(counting, logits.dtype)
    share = smoothing / classes
    if a.reduction == "mean":
        both = (1.0 - smoothing) * ops.sum(losses) + share * ops.sum(smooth)
        return _divided(ops, both, ops.sum(weights))
    return reduced(ops, (1.0 - smoothing) * losses + share * smooth, a.reduction)


# ---- truth values

_LEAST = 1e-12
"""Added before a logarithm, as in MindSpore's kernel: what is right for sure has a loss of 0."""


def _truths_fit(a: Arguments, x: TensorType, y: TensorType) -> None:
    """As :func:`alike`, and weights can be spread over the values. Raises Misfit."""
    alike(a, x, y)
    for name in ("weight", "pos_weight"):
        shape = sizes_of(a.get(name))
        if not _spreads(shape, x.shape):
            raise Misfit(f"{name} is {show_shape(shape)}, which cannot be spread over {x}")


def _spreads(shape: Shape, over: Shape) -> bool:
    """Whether a tensor is spread over another, as far as that one's sizes are known."""
    pairs = zip(reversed(shape), reversed(over), strict=False)
    return len(shape) <= len(over) and all(
        n in (1, size) or not isinstance(size, int) for n, size in pairs
    )


def _weighted(ops: Ops, a: Arguments, losses: Tensor) -> Tensor:
    if a.weight is not None:
        losses = losses * ops.convert_to_tensor(a.weight, dtype=losses.dtype)
    return reduced(ops, losses, a.reduction)


def _is_by_sample(a: Arguments) -> bool:
    """Weights may differ from sample to sample of a batch."""
    return a.weight is None and a.get("pos_weight") is None


def _bce(ops: Ops, a: Arguments, x: Tensor, y: Tensor) -> Tensor:
    # 1e-12 is 0 in float16
    wide = x if "float64" in str(x.dtype) else ops.cast(x, "float32")
    y = ops.cast(y, wide.dtype)
    right, wrong = y * ops.log(wide + _LEAST), (1.0 - y) * ops.log(1.0 - wide + _LEAST)
    return ops.cast(_weighted(ops, a, -(right + wrong)), x.dtype)


def _bce_logits(ops: Ops, a: Arguments, x: Tensor, y: Tensor) -> Tensor:
    y = ops.cast(y, x.dtype)
    positive = 1.0
    if a.pos_weight is not None:
        positive = ops.convert_to_tensor(a.pos_weight, dtype=x.dtype)
    losses = positive * y * ops.softplus(-x) + (1.0 - y) * ops.softplus(x)
    return _weighted(ops, a, losses)


def _multi_label(ops: Ops, a: Arguments, x: Tensor, y: Tensor) -> Tensor:
    y = ops.cast(y, x.dtype)
    losses = y * ops.softplus(-x) + (1.0 - y) * ops.softplus(x)
    if a.weight is not None:
        losses = losses * ops.convert_to_tensor(a.weight, dtype=x.dtype)
    return reduced(ops, ops.mean(losses, axis=-1), a.reduction)


def _rows_fit(a: Arguments, x: TensorType, y: TensorType) -> None:
    if not x.rank:
        raise Misfit(f"expected at least one axis, found {x}")
    _truths_fit(a, x, y)


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
        signature=signature(_SPREAD, _REDUCTION),
        summary="-(y log(x) + (1 - y) log(1 - x)), 1e-12 being added before a logarithm.",
        example="BCELoss()",
        fit=_truths_fit,
        compute=_bce,
        by_sample=_is_by_sample,
    ),
    LossKind(
        name="BCEWithLogitsLoss",
        signature=signature(
            _REDUCTION,
            _SPREAD,
            Argument("pos_weight", Optional(Numbers()), None, "of what is true, spread likewise"),
        ),
        summary="BCELoss of sigmoid(x), the part of what is true times pos_weight.",
        example="BCEWithLogitsLoss()",
        fit=_truths_fit,
        compute=_bce_logits,
        by_sample=_is_by_sample,
    ),
    LossKind(
        name="MultiLabelSoftMarginLoss",
        signature=signature(_SPREAD, _REDUCTION),
        summary="The mean over classes of BCEWithLogitsLoss.",
        example="MultiLabelSoftMarginLoss()",
        fit=_rows_fit,
        compute=_multi_label,
        by_sample=_is_by_sample,
    ),
)
