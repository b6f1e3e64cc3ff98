"""Losses: what training makes small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
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


def reduced(ops: Any, losses: Any, reduction: str) -> Any:
    """Apply MindSpore's ``reduction``: mean or sum over all values, or none."""
    if reduction == "mean":
        return ops.mean(losses)
    return ops.sum(losses) if reduction == "sum" else losses
