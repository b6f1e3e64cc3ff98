"""Losses between values and targets of one shape (mindspore.nn, 2.10)."""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.elementwise import larger, magnitude
from declspore.numerics.losses import REDUCTIONS, alike, reduced, spread_alike
from declspore.registry.kind import Misfit
from declspore.registry.loss import LossKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice, Number


def _reduction(default: str) -> Argument:
    return Argument("reduction", Choice(REDUCTIONS), default, "over all elements")


def _loss(
    word: str,
    arguments: tuple[Argument, ...],
    summary: str,
    formula: Callable[[Ops, Arguments, Tensor, Tensor], Tensor],
    reduction: str | None = "mean",
    fit: Callable[[Arguments, TensorType, TensorType], None] = spread_alike,
) -> LossKind:
    """``formula`` gives the loss of each element; ``reduction`` is MindSpore's default."""

    def compute(ops: Ops, a: Arguments, logits: Tensor, labels: Tensor) -> Tensor:
        labels = ops.cast(labels, logits.dtype)
        found = formula(ops, a, logits, labels)
        return found if reduction is None else reduced(ops, found, a.reduction)

    tail = () if reduction is None else (_reduction(reduction),)
    return LossKind(
        name=word,
        signature=signature(*arguments, *tail),
        summary=summary,
        example=f"{word}()",
        fit=fit,
        compute=compute,
        by_sample=lambda a: reduction is not None,
    )


def _smooth(ops: Ops, a: Arguments, x: Tensor, y: Tensor) -> Tensor:
    error = magnitude(ops, x - y)
    near = ops.minimum(error, a.beta)  # the square of what is far may be infinite
    return ops.where(error < a.beta, 0.5 * near * near / a.beta, error - 0.5 * a.beta)


def _huber(ops: Ops, a: Arguments, x: Tensor, y: Tensor) -> Tensor:
    error = magnitude(ops, x - y)
    far = a.delta * (error - 0.5 * a.delta)
    return ops.where(error <= a.delta, 0.5 * error * error, far)


def _hinge(ops: Ops, a: Arguments, x: Tensor, y: Tensor) -> Tensor:
    apart = ops.where(y < 0, larger(ops, a.margin - x, 0.0), ops.zeros_like(y))
    return ops.where(y > 0, x, apart)


def _poisson(ops: Ops, a: Arguments, x: Tensor, y: Tensor) -> Tensor:
    loss = ops.exp(x) - y * x if a.log_input else x - y * ops.log(x + a.eps)
    if a.full:
        large = ops.where(y > 1, y, ops.ones_like(y))
        stirling = large * ops.log(large) - large + 0.5 * ops.log(6.283185307179586 * large)
        loss = loss + ops.where(y > 1, stirling, ops.zeros_like(y))
    return loss


def _dice(ops: Ops, a: Arguments, x: Tensor, y: Tensor) -> Tensor:
    both = ops.sum(x * y)
    return 1.0 - 2.0 * both / (ops.sum(x * x) + ops.sum(y * y) + a.smooth)


def _kl_fit(a: Arguments, logits: TensorType, labels: TensorType) -> None:
    alike(a, logits, labels)
    if logits.rank == 0:
        raise Misfit("KLDivLoss takes at least one axis")


def _kl(ops: Ops, a: Arguments, x: Tensor, y: Tensor) -> Tensor:
    """0 where y is not above 0, whatever x is there, as y log(y) tends to 0. The target has no
    gradient, as in MindSpore."""
    y = ops.stop_gradient(y)
    nothing = ops.less_equal(y, 0)
    logarithm = ops.log(ops.where(nothing, ops.ones_like(y), y))
    difference = logarithm - ops.where(nothing, ops.zeros_like(x), x)
    loss = ops.where(nothing, ops.zeros_like(x), y * difference)
    if a.reduction == "batchmean":
        return ops.sum(loss) / ops.cast(ops.shape(x)[0], x.dtype)
    return reduced(ops, loss, a.reduction)


KINDS = (
    _loss("L1Loss", (), "|x - y|.", lambda o, a, x, y: magnitude(o, x - y)),
    _loss("MSELoss", (), "(x - y)^2.", lambda o, a, x, y: o.square(x - y)),
    _loss("MAELoss", (), "|x - y|.", lambda o, a, x, y: magnitude(o, x - y)),
    _loss(
        "RMSELoss",
        (),
        "sqrt(mean((x - y)^2)).",
        lambda o, a, x, y: o.sqrt(o.mean(o.square(x - y))),
        None,
    ),
    _loss(
        "SmoothL1Loss",
        (Argument("beta", Number(above=0.0), 1.0, "where the square ends"),),
        "e = |x - y|: e^2 / (2 beta) where e < beta, else e - beta / 2.",
        _smooth,
        "none",
        alike,
    ),
    LossKind(
        name="HuberLoss",
        signature=signature(
            _reduction("mean"), Argument("delta", Number(above=0.0), 1.0, "where the square ends")
        ),
        summary="e = |x - y|: e^2 / 2 where e <= delta, else delta (e - delta / 2).",
        example="HuberLoss()",
        fit=spread_alike,
        compute=lambda ops, a, x, y: reduced(
            ops, _huber(ops, a, x, ops.cast(y, x.dtype)), a.reduction
        ),
        by_sample=lambda a: True,
    ),
    LossKind(
        name="SoftMarginLoss",
        signature=signature(_reduction("mean")),
        summary="log(1 + exp(-y x)), y being 1 or -1.",
        example="SoftMarginLoss()",
        fit=alike,
        compute=lambda ops, a, x, y: reduced(
            ops, ops.softplus(-ops.cast(y, x.dtype) * x), a.reduction
        ),
        by_sample=lambda a: True,
    ),
    _loss(
        "HingeEmbeddingLoss",
        (Argument("margin", Number(), 1.0, "how far apart is far enough"),),
        "x where y is 1, max(0, margin - x) where y is -1, else 0.",
        _hinge,
    ),
    _loss(
        "PoissonNLLLoss",
        (
            Argument("log_input", Boolean(), True, "whether x is a logarithm"),
            Argument("full", Boolean(), False, "whether Stirling's term is added"),
            Argument("eps", Number(above=0.0), 1e-8, "added to x before its logarithm"),
        ),
        "exp(x) - y x, or x - y log(x + eps) where x is not a logarithm.",
        _poisson,
    ),
    LossKind(
        name="KLDivLoss",
        signature=signature(
            Argument("reduction", Choice((*REDUCTIONS, "batchmean")), "mean", "over all elements")
        ),
        summary="y (log(y) - x), x being logarithms of probabilities; batchmean: sum / N.",
        example="KLDivLoss()",
        fit=_kl_fit,
        compute=lambda ops, a, x, y: _kl(ops, a, x, ops.cast(y, x.dtype)),
        by_sample=lambda a: True,
    ),
    LossKind(
        name="DiceLoss",
        signature=signature(Argument("smooth", Number(above=0.0), 1e-5, "added to both")),
        summary="1 - 2 sum(x y) / (sum(x^2) + sum(y^2) + smooth).",
        example="DiceLoss()",
        fit=alike,
        compute=lambda ops, a, x, y: _dice(ops, a, x, ops.cast(y, x.dtype)),
    ),
)
