"""Losses: what training makes small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.kind import Kind, Misfit

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class LossKind(Kind):
    """A loss of what a network gives and a dataset says.

    ``inputs`` are the names of what enters, in MindSpore's order; those among ``labels`` come from
    the dataset, the others from the network. ``fit(arguments, *types)`` takes their types in that
    order and raises :class:`declspore.registry.kind.Misfit` where they do not fit.
    ``compute(ops, arguments, *tensors)`` gives the loss with its reduction applied (a scalar, or
    one value per sample for ``none``); ``ops`` is ``keras.ops``.
    """

    family: ClassVar[str] = "loss"

    inputs: tuple[str, ...] = ("logits", "labels")
    labels: tuple[str, ...] = ("labels",)
    fit: Callable[..., None]
    compute: Callable[..., Any]

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what comes from the network."""
        return tuple(name for name in self.inputs if name not in self.labels)

    def arranged(self, outputs: Sequence[T], labels: Sequence[T]) -> tuple[T, ...]:
        """What enters, in MindSpore's order. Raises Misfit where there is more or less of it."""
        if len(outputs) != len(self.outputs) or len(labels) != len(self.labels):
            raise Misfit(
                f"it takes {_counted('output', self.outputs)} and "
                f"{_counted('label', self.labels)}, and is given {len(outputs)} and {len(labels)}"
            )
        given = dict(zip((*self.outputs, *self.labels), (*outputs, *labels), strict=True))
        return tuple(given[name] for name in self.inputs)


def _counted(what: str, names: tuple[str, ...]) -> str:
    if not names:
        return f"no {what}"
    return f"{len(names)} {what}{'s' if len(names) > 1 else ''} ({', '.join(names)})"


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
