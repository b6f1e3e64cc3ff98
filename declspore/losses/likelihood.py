"""The likelihood of values under a distribution that a network gives (mindspore.nn, 2.10)."""

from __future__ import annotations

import math

from declspore.ir.shape import Shape, TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.broadcast import broadcast
from declspore.numerics.elementwise import larger
from declspore.numerics.losses import REDUCTIONS, reduced
from declspore.registry.kind import Misfit
from declspore.registry.loss import LossKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice, Number


def _spreads(shape: Shape, over: Shape) -> bool:
    """Whether a shape is spread over another."""
    try:
        return broadcast(shape, over) == over
    except Misfit:
        return False


def _fit(a: Arguments, logits: TensorType, labels: TensorType, var: TensorType) -> None:
    if not logits.dtype.is_float or not var.dtype.is_float:
        raise Misfit(f"means and variances must be floats, found {logits} and {var}")
    if labels.rank != logits.rank or not _spreads(labels.shape, logits.shape):
        raise Misfit(f"means are {logits}, labels {labels}: their shapes differ")
    if var.shape != logits.shape[:-1] and not _spreads(var.shape, logits.shape):
        raise Misfit(
            f"variances {var} do not fit means {logits}: their shape, or with axes of 1, or "
            "without the last axis"
        )


def _gaussian(ops: Ops, a: Arguments, logits: Tensor, labels: Tensor, var: Tensor) -> Tensor:
    if len(logits.shape) > len(var.shape) and tuple(var.shape) == tuple(logits.shape[:-1]):
        var = ops.expand_dims(var, -1)
    variance = larger(ops, var, a.eps)
    squares = ops.square(logits - ops.cast(labels, logits.dtype))
    losses = 0.5 * (ops.log(variance) + squares / variance)
    if a.full:
        losses = losses + 0.5 * math.log(2 * math.pi)
    return reduced(ops, losses, a.reduction)


KINDS = (
    LossKind(
        name="GaussianNLLLoss",
        signature=signature(
            Argument("full", Boolean(), False, "whether log(2 pi) / 2 is added"),
            Argument("eps", Number(above=0.0), 1e-6, "the least variance"),
            Argument("reduction", Choice(REDUCTIONS), "mean", "over all elements"),
        ),
        summary="(log(v) + (x - y)^2 / v) / 2, v being max(var, eps).",
        example="GaussianNLLLoss()",
        inputs=("logits", "labels", "var"),
        fit=_fit,
        compute=_gaussian,
    ),
)
