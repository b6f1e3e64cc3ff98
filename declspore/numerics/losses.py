"""Shapes and reductions that losses share."""

from __future__ import annotations

from declspore.ir.shape import Shape, TensorType, show_shape
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.broadcast import broadcast
from declspore.registry.kind import Misfit

REDUCTIONS = ("none", "mean", "sum")


def alike(a: Arguments, logits: TensorType, labels: TensorType) -> None:
    """Values and targets have one shape. Raises Misfit."""
    if not logits.dtype.is_float:
        raise Misfit(f"expected floats, found {logits}")
    if logits.shape != labels.shape:
        raise Misfit(f"values are {logits}, targets {labels}: their shapes differ")


def agree(one: Shape, other: Shape) -> bool:
    """Whether shapes are alike as far as their sizes are known."""
    return len(one) == len(other) and all(
        not isinstance(size, int) or not isinstance(wanted, int) or size == wanted
        for size, wanted in zip(one, other, strict=True)
    )


def spread(*shapes: Shape) -> Shape:
    """The greatest of shapes, over which the others are spread. Raises Misfit.

    MindSpore would also spread [N, 1] and [N] over [N, N], which is hardly ever meant.
    """
    result: Shape = ()
    for shape in shapes:
        result = broadcast(result, shape)
    if result not in shapes:
        raise Misfit(f"none of {', '.join(map(show_shape, shapes))} holds the others")
    return result


def spread_alike(a: Arguments, logits: TensorType, labels: TensorType) -> None:
    """Values and targets have one shape, or one of them is spread over the other. Raises Misfit."""
    if not logits.dtype.is_float:
        raise Misfit(f"expected floats, found {logits}")
    try:
        spread(logits.shape, labels.shape)
    except Misfit:
        raise Misfit(f"values are {logits}, targets {labels}: their shapes differ") from None


def reduced(ops: Ops, losses: Tensor, reduction: str) -> Tensor:
    """Apply MindSpore's ``reduction``: mean or sum over all values, or none."""
    if reduction == "mean":
        return ops.mean(losses)
    return ops.sum(losses) if reduction == "sum" else losses
