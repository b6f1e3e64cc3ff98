"""Losses: what training makes small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from declspore.ir.shape import Shape, TensorType, show_shape
from declspore.ir.term import Arguments
from declspore.registry.broadcast import broadcast
from declspore.registry.feeding import TakingKind
from declspore.registry.kind import Misfit


@dataclass(frozen=True, kw_only=True)
class LossKind(TakingKind):
    """A loss of what a network gives and a dataset says.

    ``fit(arguments, *types)`` takes the types of what enters in MindSpore's order and raises
    :class:`declspore.registry.kind.Misfit` where they do not fit. ``compute(ops, arguments,
    *tensors)`` gives the loss with its reduction applied (a scalar, or one value per sample for
    ``none``); ``ops`` is ``keras.ops``.
    """

    family: ClassVar[str] = "loss"
    title: ClassVar[str] = "Losses"
    room: ClassVar[str] = "losses"
    rank: ClassVar[int] = 40

    inputs: tuple[str, ...] = ("logits", "labels")
    labels: tuple[str, ...] = ("labels",)
    fit: Callable[..., None]
    compute: Callable[..., Any]


REDUCTIONS = ("none", "mean", "sum")


def alike(a: Arguments, logits: TensorType, labels: TensorType) -> None:
    """Values and targets have one shape. Raises Misfit."""
    if not logits.dtype.is_float:
        raise Misfit(f"floats are asked for, found {logits}")
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
        raise Misfit(f"floats are asked for, found {logits}")
    try:
        spread(logits.shape, labels.shape)
    except Misfit:
        raise Misfit(f"values are {logits}, targets {labels}: their shapes differ") from None


def reduced(ops: Any, losses: Any, reduction: str) -> Any:
    """Apply MindSpore's ``reduction``: mean or sum over all values, or none."""
    if reduction == "mean":
        return ops.mean(losses)
    return ops.sum(losses) if reduction == "sum" else losses
