"""Metrics as scripts use them: ``clear``, ``update``, ``eval``."""

from __future__ import annotations

from typing import Any

import numpy as np

from declspore.ir.dtype import BY_NUMPY
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments, Term
from declspore.registry.kind import Misfit
from declspore.registry.metric import MetricKind, State
from declspore.registry.table import vocabulary
from declspore.spelling import listing


class Metric:
    """A metric being fed batch by batch (mindspore.train.Metric)."""

    def __init__(self, term: Term) -> None:
        self.kind = vocabulary().of(MetricKind, term.word)
        self._arguments: Arguments = term.arguments
        self._state: State = {}
        self.clear()

    @classmethod
    def named(cls, key: str) -> Metric:
        """The metric MindSpore calls by that name, such as ``accuracy``. Raises ValueError."""
        for kind in vocabulary().every(MetricKind):
            if kind.key == key:
                return cls(Term("metric", kind.name, Arguments()))
        known = sorted(kind.key for kind in vocabulary().every(MetricKind))
        raise ValueError(f"no metric is called {key!r}; there are {listing(known)}")

    def clear(self) -> None:
        """Forget everything fed so far."""
        self._state = self.kind.start(self._arguments)

    def update(self, outputs: Any, labels: Any = None) -> None:
        """Feed a batch: outputs and labels, or the loss for a metric of losses.

        Raises ValueError where they do not fit together.
        """
        first = np.asarray(outputs)
        second = None if labels is None else np.asarray(labels)
        if second is not None:
            try:
                self.kind.fit(self._arguments, _type_of(first), _type_of(second))
            except Misfit as error:
                raise ValueError(f"{self.kind.name}: {error}") from None
        self._state = self.kind.update(self._arguments, self._state, first, second)

    def feed(self, outputs: Any, labels: Any, losses: Any) -> None:
        """Feed whichever of them the metric is about."""
        if not self.kind.of_loss:
            self.update(outputs, labels)
        elif losses is None:
            raise ValueError(f"the metric {self.kind.key!r} needs a loss")
        else:
            self.update(losses)

    def eval(self) -> Any:
        """The figure of all batches fed: a number, or an array where there are several."""
        found = self.kind.result(self._arguments, self._state)
        return np.array(found) if isinstance(found, tuple) else found


def _type_of(array: Any) -> TensorType:
    return TensorType(BY_NUMPY[array.dtype.name], array.shape)
