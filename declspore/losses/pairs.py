"""Losses of how near outputs lie to each other: pairs and triplets (mindspore.nn, 2.10)."""

from __future__ import annotations

from declspore.ir.shape import Shape, TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.elementwise import larger, magnitude, smaller
from declspore.numerics.losses import REDUCTIONS, reduced, spread
from declspore.registry.kind import Misfit
from declspore.registry.loss import LossKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice, Integer, Number

_REDUCTION = Argument("reduction", Choice(REDUCTIONS), "mean", "over the batch")
_SWAP = Argument(
    "swap", Boolean(), False, "whether d(positive, negative) counts where it is less than d(x, n)"
)
_MARGIN = Argument("margin", Number(), 1.0, "how far apart is far enough")


def _vectors(*types: TensorType) -> None:
    """All are floats [N, D, ...] of one shape. Raises Misfit."""
    first = types[0]
    for type in types:
        if type.rank < 2 or not type.dtype.is_float:
            raise Misfit(f"expected vectors, floats [N, D, ...], found {type}")
        if type.shape != first.shape:
            raise Misfit(f"the shapes differ: {first} and {type}")


def _signs(type: TensorType, shape: Shape) -> None:
    if type.shape != shape:
        wanted = TensorType(type.dtype, shape)
        raise Misfit(f"labels must be 1 or -1 for each pair, such as {wanted}, found {type}")


# ---- pairs


def _cosine_fit(a: Arguments, x1: TensorType, x2: TensorType, labels: TensorType) -> None:
    _vectors(x1, x2)
    _signs(labels, (x1.shape[0], *x1.shape[2:]))


def _cosine(ops: Ops, a: Arguments, x1: Tensor, x2: Tensor, labels: Tensor) -> Tensor:
    lengths = ops.sqrt(ops.sum(x1 * x1, axis=1)) * ops.sqrt(ops.sum(x2 * x2, axis=1))
    cosine = ops.sum(x1 * x2, axis=1) / lengths
    nothing = ops.zeros_like(cosine)
    near = ops.where(ops.equal(labels, 1), 1.0 - cosine, nothing)
    far = ops.where(ops.equal(labels, -1), larger(ops, cosine - a.margin, 0.0), nothing)
    return reduced(ops, near + far, a.reduction)


def _ranking_fit(a: Arguments, x1: TensorType, x2: TensorType, labels: TensorType) -> None:
    if not x1.dtype.is_float or not x2.dtype.is_float:
        raise Misfit(f"expected two floats of one shape, found {x1} and {x2}")
    try:
        both = spread(x1.shape, x2.shape)
        spread(both, labels.shape)
    except Misfit:
        raise Misfit(
            f"values are {x1} and {x2}, labels (1 or -1) {labels}: their shapes differ"
        ) from None


def _ranking(ops: Ops, a: Arguments, x1: Tensor, x2: Tensor, labels: Tensor) -> Tensor:
    """What lies on the margin has all of its gradient, as in MindSpore."""
    lacking = a.margin - ops.cast(labels, x1.dtype) * (x1 - x2)
    return reduced(ops, ops.where(lacking < 0, ops.zeros_like(lacking), lacking), a.reduction)


# ---- triplets


def _triplet_fit(a: Arguments, x: TensorType, positive: TensorType, negative: TensorType) -> None:
    _vectors(x, positive, negative)


def _norm(ops: Ops, difference: Tensor, p: int) -> Tensor:
    """The p-norm of each row; its gradient is 0, not NaN, where the row is."""
    powers = ops.sum(ops.power(magnitude(ops, difference), float(p)), axis=1)
    if p == 1:
        return powers
    there = powers > 0
    roots = ops.power(ops.where(there, powers, ops.ones_like(powers)), 1.0 / p)
    return ops.where(there, roots, ops.zeros_like(powers))


def _triplet(ops: Ops, a: Arguments, x: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
    p, eps = a.get("p", 2), a.get("eps", 0.0)
    near = _norm(ops, x - positive + eps, p)
    far = _norm(ops, x - negative + eps, p)
    if a.swap:
        far = smaller(ops, far, _norm(ops, positive - negative + eps, p))
    return reduced(ops, larger(ops, near - far + a.margin, 0.0), a.reduction)


_PAIR = ("logits_x1", "logits_x2", "labels")
_TRIPLET = ("x", "positive", "negative")

KINDS = (
    LossKind(
        name="CosineEmbeddingLoss",
        signature=signature(
            Argument("margin", Number(-1.0, 1.0), 0.0, "the cosine that is far enough"), _REDUCTION
        ),
        summary="1 - cos(x1, x2) where the label is 1, max(0, cos(x1, x2) - margin) where -1.",
        example="CosineEmbeddingLoss(margin = 0.5)",
        inputs=_PAIR,
        fit=_cosine_fit,
        compute=_cosine,
    ),
    LossKind(
        name="MarginRankingLoss",
        signature=signature(
            Argument("margin", Number(), 0.0, "how far apart is far enough"), _REDUCTION
        ),
        summary="max(0, margin - y (x1 - x2)), y being 1 where x1 ranks higher, -1 where x2 does.",
        example="MarginRankingLoss(margin = 0.1)",
        inputs=("input1", "input2", "target"),
        labels=("target",),
        fit=_ranking_fit,
        compute=_ranking,
    ),
    LossKind(
        name="TripletMarginLoss",
        signature=signature(
            Argument("p", Integer(1), 2, "degree of the norm"),
            _SWAP,
            Argument("eps", Number(above=0.0), 1e-6, "added to every difference"),
            _REDUCTION,
            _MARGIN,
        ),
        summary=(
            "max(0, d(x, positive) - d(x, negative) + margin), d being the norm of the difference."
        ),
        example="TripletMarginLoss(margin = 0.5)",
        inputs=_TRIPLET,
        labels=(),
        fit=_triplet_fit,
        compute=_triplet,
    ),
    LossKind(
        name="TripletMarginWithDistanceLoss",
        signature=signature(_SWAP, _REDUCTION, _MARGIN),
        summary=(
            "max(0, d(x, positive) - d(x, negative) + margin), d being the length of the "
            "difference; MindSpore's argument distance_function is not offered."
        ),
        example="TripletMarginWithDistanceLoss(swap = true)",
        inputs=_TRIPLET,
        labels=(),
        fit=_triplet_fit,
        compute=_triplet,
    ),
)
