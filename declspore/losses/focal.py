"""Cross-entropy in which easy samples count less (mindspore.nn.FocalLoss, 2.10)."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.losses import REDUCTIONS, reduced
from declspore.registry.kind import Misfit
from declspore.registry.loss import LossKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, ListOf, Number, Optional


def _fit(a: Arguments, logits: TensorType, labels: TensorType) -> None:
    if logits.rank not in (2, 3, 4) or not logits.dtype.is_float:
        raise Misfit(f"logits must be floats [N, classes, ...] of up to 4 axes, found {logits}")
    size = logits.shape[1]
    if not isinstance(size, int):
        raise Misfit(f"how many classes there are must be known, found {logits}")
    numbered = (logits.shape[0], 1, *logits.shape[2:])
    if labels.shape not in (numbered, logits.shape):
        raise Misfit(f"labels must be like {logits}, or have 1 in its axis 1, found {labels}")
    if a.weight is not None and len(a.weight) != size:
        raise Misfit(f"weight names {len(a.weight)} classes, {logits} has {size}")


def _compute(ops: Ops, a: Arguments, logits: Tensor, labels: Tensor) -> Tensor:
    log_p = ops.log_softmax(logits, axis=1)
    shape = (1, -1) + (1,) * (len(logits.shape) - 2)
    weights = ops.ones_like(log_p)
    if a.weight is not None:
        weights = weights * ops.reshape(ops.convert_to_tensor(a.weight, log_p.dtype), shape)
    if labels.shape[1] == 1 and logits.shape[1] != 1:
        places = ops.cast(labels, "int32")
        log_p = ops.take_along_axis(log_p, places, axis=1)
        weights = ops.take_along_axis(weights, places, axis=1)
        labels = ops.ones_like(log_p)
    eased = ops.power(1.0 - ops.exp(log_p), a.gamma)
    losses = -eased * weights * ops.cast(labels, log_p.dtype) * log_p
    inner = tuple(range(2, len(losses.shape)))
    losses = ops.mean(losses, axis=inner) if inner else losses
    if losses.shape[1] == 1:
        losses = ops.squeeze(losses, axis=1)
    return reduced(ops, losses, a.reduction)


KINDS = (
    LossKind(
        name="FocalLoss",
        signature=signature(
            Argument("weight", Optional(ListOf(Number())), None, "of each class"),
            Argument("gamma", Number(0.0), 2.0, "how little easy samples count"),
            Argument("reduction", Choice(REDUCTIONS), "mean", "over the batch"),
        ),
        summary=(
            "-(1 - p)^gamma log(p), p being softmax(logits) at the label; for labels like logits, "
            "of each class times its label."
        ),
        example="FocalLoss()",
        fit=_fit,
        compute=_compute,
    ),
)
