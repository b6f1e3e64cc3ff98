"""Shapes and reductions that losses share."""

from __future__ import annotations

from declspore.ir.shape import Shape, TensorType, show_shape, symbols
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
    """Whether shapes are alike as far as their sizes are known. The first counts samples: it is the
    same form (``B`` is not ``2*B``, nor a number)."""
    return (
        len(one) == len(other)
        and one[:1] == other[:1]
        and all(
            size == wanted or symbols(size) != symbols(wanted)
            for size, wanted in zip(one, other, strict=True)
        )
    )


def class_numbers_help(logits: TensorType, labels: TensorType) -> str | None:
    """What makes class numbers of labels that are none."""
    if not labels.dtype.is_integer:
        return 'class numbers are integers: Column("label", dtype = i32)'
    if labels.shape[-1:] == (1,) and labels.rank == logits.rank:
        return 'a number for each sample has no shape: Column("label", dtype = i32)'
    if labels.shape[:1] != logits.shape[:1]:
        return "the first axis counts samples, of outputs and of labels"
    return None


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
        help = None
        if labels.dtype.is_integer and labels.rank == 1 and logits.rank == 2:
            help = "CrossEntropyLoss() takes class numbers; or |> OneHot(...), before `batch`"
        raise Misfit(f"values are {logits}, targets {labels}: their shapes differ", help) from None


def reduced(ops: Ops, losses: Tensor, reduction: str) -> Tensor:
    """Apply MindSpore's ``reduction``: mean or sum over all values, or none."""
    if reduction == "mean":
        return ops.mean(losses)
    return ops.sum(losses) if reduction == "sum" else losses
