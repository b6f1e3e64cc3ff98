"""Losses: what training makes small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.kind import Kind, Misfit


@dataclass(frozen=True, kw_only=True)
class LossKind(Kind):
    """A loss of logits and labels.

    ``fit(arguments, logits, labels)`` raises :class:`declspore.registry.kind.Misfit` where types
    do not fit. ``compute(ops, arguments, logits, labels)`` gives the loss with its reduction
    applied (a scalar, or one value per sample for ``none``); ``ops`` is ``keras.ops``.
    """

    family: ClassVar[str] = "loss"

    fit: Callable[[Arguments, TensorType, TensorType], None]
    compute: Callable[[Any, Arguments, Any, Any], Any]


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
