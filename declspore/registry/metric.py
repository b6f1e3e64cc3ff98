"""Metrics: figures of merit over a dataset, computed in float64 on the host as MindSpore does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, TypeAlias

from declspore.dataclass import dataclass
from declspore.ir.term import Arguments
from declspore.registry.feeding import TakingKind

State = dict[str, Any]
"""What a metric keeps between batches, by name: each kind its own numbers, arrays or rows."""
Figure: TypeAlias = "float | tuple[Figure, ...]"
"""What a metric gives: a number, or rows of numbers."""


@dataclass(frozen=True, kw_only=True)
class MetricKind(TakingKind):
    """A metric that is fed batch by batch.

    ``key`` is the name MindSpore reports it under. ``fit(arguments, *types)`` takes the types
    of what enters in MindSpore's order and raises :class:`declspore.registry.kind.Misfit` where
    they do not fit. ``start(arguments)`` is the state before the first batch,
    ``update(arguments, state, *arrays)`` the state after a batch, ``result(arguments, state)``
    the figure: a number, or rows of numbers. ``of_loss`` feeds it the loss of the batch instead
    of outputs and labels. ``takes_lists`` says that Python may feed it
    lists of any lengths. ``trial(arguments)`` is a figure to try an ``ensure`` with, before
    there is one; None where its form is not known. ``low`` and ``high`` bound the figure, where it
    has bounds.
    """

    family: ClassVar[str] = "metric"
    title: ClassVar[str] = "Metrics"
    room: ClassVar[str] = "metrics"
    rank: ClassVar[int] = 90

    inputs: tuple[str, ...] = ("y_pred", "y")
    labels: tuple[str, ...] = ("y",)
    key: str
    low: float | None = None
    high: float | None = None
    fit: Callable[..., None]
    start: Callable[[Arguments], State]
    update: Callable[..., State]
    result: Callable[[Arguments, State], Figure]
    of_loss: bool = False
    takes_lists: bool = False
    trial: Callable[[Arguments], Figure | None] = lambda arguments: 0.5

    def notes(self) -> Iterator[str]:
        return iter(()) if self.of_loss else super().notes()
