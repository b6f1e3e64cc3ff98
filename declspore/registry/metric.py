"""Metrics: figures of merit over a dataset, computed in float64 on the host as MindSpore does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.kind import Kind

State = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class MetricKind(Kind):
    """A metric that is fed batch by batch.

    ``key`` is the name MindSpore reports it under. ``fit(arguments, outputs, labels)`` raises
    :class:`declspore.registry.kind.Misfit` where types do not fit. ``start(arguments)`` is the
    state before the first batch, ``update(arguments, state, outputs, labels)`` the state after a
    batch of arrays, ``result(arguments, state)`` the figure: a number, or rows of numbers.
    ``of_loss`` feeds it the loss of the batch instead of outputs and labels. ``trial(arguments)``
    is a figure to try an ``ensure`` with, before there is one.
    """

    family: ClassVar[str] = "metric"

    key: str
    fit: Callable[[Arguments, TensorType, TensorType], None]
    start: Callable[[Arguments], State]
    update: Callable[[Arguments, State, Any, Any], State]
    result: Callable[[Arguments, State], Any]
    of_loss: bool = False
    trial: Callable[[Arguments], Any] = lambda arguments: 0.5
