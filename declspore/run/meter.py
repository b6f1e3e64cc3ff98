"""A metric that is fed batch by batch."""

from __future__ import annotations

from collections.abc import Iterator

from declspore.lower.loss import several
from declspore.registry.feeding import Fed
from declspore.registry.kind import Misfit
from declspore.registry.metric import MetricKind, State
from declspore.registry.table import vocabulary
from declspore.run import errors
from declspore.source import Span


class Meter:
    """A metric of a task and its state; ``span`` is where its problems are reported."""

    def __init__(self, metric: Fed, span: Span) -> None:
        self.name = metric.name
        self._fed = metric
        self._span = span
        self._kind = vocabulary().of(MetricKind, metric.term.word)
        self._arguments = metric.term.arguments
        self._state: State = self._kind.start(self._arguments)

    def feed(self, outputs: object, labels: object, losses: object = None) -> None:
        """Feed a batch. Raises DiagnosticError where its values do not fit the metric."""
        entering: tuple[object, ...] = (losses,)
        try:
            if not self._kind.of_loss:
                chosen = self._fed.chosen(several(outputs), several(labels))
                entering = self._kind.arranged(*chosen)
            self._state = self._kind.update(self._arguments, self._state, *entering)
        except Misfit as error:
            raise errors.unfit_values(self._span, self.name, str(error), error.help) from None

    @property
    def figure(self) -> object:
        return self._kind.result(self._arguments, self._state)

    @property
    def number(self) -> float:
        """The figure of a metric that gives one number."""
        found = self._kind.result(self._arguments, self._state)
        assert not isinstance(found, tuple)
        return float(found)


_MANY = 1e15


def shown(figure: object) -> str:
    """A number to four digits, or rows of numbers as a list: where all of them are whole, as those
    of a confusion matrix that counts, without places."""
    if not isinstance(figure, tuple):
        return f"{figure:.4f}"
    whole = all(each.is_integer() and abs(each) < _MANY for each in _numbers(figure))
    return _listed(figure, "d" if whole else ".4f")


def _numbers(rows: object) -> Iterator[float]:
    if isinstance(rows, tuple):
        for row in rows:
            yield from _numbers(row)
    elif isinstance(rows, int | float):
        yield float(rows)


def _listed(figure: object, form: str) -> str:
    if isinstance(figure, tuple):
        return f"[{', '.join(_listed(each, form) for each in figure)}]"
    assert isinstance(figure, int | float)
    return format(int(figure) if form == "d" else figure, form)
