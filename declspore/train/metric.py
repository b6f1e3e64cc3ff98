"""Metrics as scripts use them: ``clear``, ``update``, ``eval``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from declspore.ir.term import Arguments, Term
from declspore.lower.entering import type_entering
from declspore.lower.loss import several
from declspore.registry.feeding import Fed, chosen
from declspore.registry.kind import Misfit
from declspore.registry.metric import MetricKind, State
from declspore.registry.python import bind_call, signed
from declspore.registry.table import vocabulary
from declspore.spelling import listing

_ALIASES = {"acc": "accuracy"}
"""MindSpore's other names."""


class Metric:
    """A metric being fed batch by batch (mindspore.train.Metric)."""

    def __init__(self, term: Term) -> None:
        self.kind = vocabulary().of(MetricKind, term.word)
        self._arguments: Arguments = term.arguments
        self._fed = Fed(term)
        self._state: State = {}
        self.clear()

    @classmethod
    def named(cls, key: str) -> Metric:
        """The metric MindSpore calls by that name, such as ``accuracy``. Raises ValueError, and
        TypeError where it needs arguments."""
        for kind in vocabulary().every(MetricKind):
            if kind.key == _ALIASES.get(key, key):
                return cls(Term("metric", kind.name, bind_call(kind, (), {})))
        known = sorted(kind.key for kind in vocabulary().every(MetricKind))
        raise ValueError(f"no metric is called {key!r}; there are {listing(known)}")

    def on(self, outputs: Sequence[int] | None, labels: Sequence[int] | None) -> Metric:
        """This metric, fed with some outputs and labels of a batch, starting from 0."""
        self._fed = chosen(self._fed.term, outputs, labels)
        return self

    def clear(self) -> None:
        """Forget everything fed so far."""
        self._state = self.kind.start(self._arguments)

    def update(self, *given: Any) -> None:
        """Feed a batch: outputs and labels, or whatever else the metric takes, in its order.

        Raises ValueError where they do not fit together.
        """
        if len(given) != len(self.kind.inputs):
            names = ", ".join(self.kind.inputs)
            raise ValueError(f"{self.kind.name} takes {names}; {len(given)} are given")
        arrays = given
        if not (self.kind.takes_lists and isinstance(given[0], list)):
            arrays = tuple(np.asarray(one) for one in given)
        try:
            if arrays is not given:
                self.kind.fit(self._arguments, *map(type_entering, arrays))
            self._state = self.kind.update(self._arguments, self._state, *arrays)
        except Misfit as error:
            raise ValueError(f"{self.kind.name}: {error}") from None

    def feed(self, outputs: object, labels: object, losses: object) -> None:
        """Feed whichever of them the metric is about. Raises ValueError."""
        if self.kind.of_loss:
            if losses is None:
                raise ValueError(f"the metric {self.kind.key!r} needs a loss")
            self.update(losses)
            return
        try:
            entering = self.kind.arranged(*self._fed.chosen(several(outputs), several(labels)))
        except Misfit as error:
            raise ValueError(f"{self.kind.name}: {error}") from None
        self.update(*entering)

    def eval(self, average: bool | None = None) -> Any:
        """The figure of all batches fed: a number, arrays where there are several.

        ``average`` replaces the argument of that name. Raises TypeError where the metric
        has none, and ValueError where what was fed has no figure.
        """
        arguments = self._arguments
        if average is not None:
            if "average" not in arguments:
                raise TypeError(f"{self.kind.name} has nothing to average")
            arguments = Arguments(arguments, average=average)
        try:
            return _as_arrays(self.kind.result(arguments, self._state))
        except Misfit as error:
            raise ValueError(f"{self.kind.name}: {error}") from None


def metric_maker(kind: MetricKind) -> Callable[..., Metric]:
    """What makes a metric of that word, as scripts call its class."""

    def make(*arguments: object, **keywords: object) -> Metric:
        return Metric(Term("metric", kind.name, bind_call(kind, arguments, keywords)))

    return signed(make, kind.name, kind, home="declspore.train")


def get_metric_fn(name: str, *arguments: object, **keywords: object) -> Metric:
    """The metric MindSpore calls by that name, with its arguments. Raises ValueError, TypeError."""
    if arguments or keywords:
        kind = Metric.named(name).kind
        return metric_maker(kind)(*arguments, **keywords)
    return Metric.named(name)


def names() -> list[str]:
    """The names of :func:`get_metric_fn`."""
    return sorted({*_ALIASES, *(kind.key for kind in vocabulary().every(MetricKind))})


def auc(x: object, y: object, reorder: bool = False) -> float:
    """The area under a curve of points, by trapezoids (mindspore.train.auc).

    ``x`` must rise or fall throughout, unless ``reorder`` says that the points are to be sorted.
    Raises ValueError.
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if x.ndim != 1 or x.shape != y.shape or len(x) < 2:
        raise ValueError(f"auc takes two lists of at least 2 points, found {x.shape}, {y.shape}")
    if reorder:
        order = np.lexsort((y, x))
        x, y = x[order], y[order]
    steps = np.diff(x)
    if (steps < 0).any() and (steps > 0).any():
        raise ValueError("auc: x must rise or fall throughout; reorder=True sorts the points")
    area = float(np.trapezoid(y, x))
    return -area if (steps < 0).any() else area


def _as_arrays(figure: object) -> Any:
    """Rows of numbers as arrays; of unequal rows a tuple of arrays, in lists where there are
    several classes, as MindSpore gives them."""
    if not isinstance(figure, tuple):
        return figure
    try:
        return np.array(figure)
    except ValueError:
        return tuple(
            np.array(part) if isinstance(part[0], float) else [np.array(row) for row in part]
            for part in figure
        )
