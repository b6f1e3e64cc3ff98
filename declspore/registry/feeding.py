"""What enters a loss or a metric: outputs of a network and labels of a dataset, by choice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, TypeVar

from declspore.dataclass import dataclass
from declspore.ir.term import Term
from declspore.registry.kind import Kind, Misfit

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class TakingKind(Kind):
    """A word that outputs and labels enter.

    ``inputs`` are the names of what enters, in MindSpore's order; those among ``labels`` come from
    the dataset, the others from the network.
    """

    inputs: tuple[str, ...] = ("logits", "labels")
    labels: tuple[str, ...] = ("labels",)

    def notes(self) -> Iterator[str]:
        parts = [f"{', '.join(self.outputs)} of the network"] if self.outputs else []
        parts += [f"{', '.join(self.labels)} of the dataset"] if self.labels else []
        yield f"Takes {' and '.join(parts)}."

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what comes from the network."""
        return tuple(name for name in self.inputs if name not in self.labels)

    def arranged(self, outputs: Sequence[T], labels: Sequence[T]) -> tuple[T, ...]:
        """What enters, in MindSpore's order. Raises Misfit where there is more or less of it."""
        more = len(outputs) - len(self.outputs), len(labels) - len(self.labels)
        if any(more):
            help = None
            if min(more) >= 0:
                places = list(range(len(self.outputs)))
                help = f"On({self.name}(...), outputs = {places}, labels = [...]) chooses"
            raise Misfit(
                f"it takes {_counted('output', self.outputs)} and "
                f"{_counted('label', self.labels)}, and is given {len(outputs)} and {len(labels)}",
                help,
            )
        given = dict(zip((*self.outputs, *self.labels), (*outputs, *labels), strict=True))
        return tuple(given[name] for name in self.inputs)


def _counted(what: str, names: tuple[str, ...]) -> str:
    if not names:
        return f"no {what}"
    return f"{len(names)} {what}{'s' if len(names) > 1 else ''} ({', '.join(names)})"


@dataclass(frozen=True, kw_only=True)
class FeedingKind(Kind):
    """A word that chooses what enters a loss or a metric."""

    family: ClassVar[str] = "feeding"
    title: ClassVar[str] = "What enters losses and metrics"
    room: ClassVar[str] = "losses"
    rank: ClassVar[int] = 100


@dataclass(frozen=True)
class Fed:
    """A loss or metric and what enters it: outputs and labels by position, all where None.

    ``weight`` is the factor of a loss, ``name`` that of a metric's figure.
    """

    term: Term
    outputs: tuple[int, ...] | None = None
    labels: tuple[int, ...] | None = None
    weight: float = 1.0
    name: str = ""

    def chosen(
        self, outputs: Sequence[T], labels: Sequence[T]
    ) -> tuple[tuple[T, ...], tuple[T, ...]]:
        """The outputs and labels that enter. Raises Misfit where one is not there."""
        return _picked(outputs, self.outputs), _picked(labels, self.labels)


def _picked(given: Sequence[T], places: tuple[int, ...] | None) -> tuple[T, ...]:
    if places is None:
        return tuple(given)
    if places and max(places) >= len(given):
        raise Misfit(f"index {max(places)} is out of range for length {len(given)}")
    return tuple(given[place] for place in places)


def chosen(
    term: Term,
    outputs: Sequence[int] | None,
    labels: Sequence[int] | None,
    weight: float = 1.0,
) -> Fed:
    """A loss or metric of outputs and labels by position."""
    first = None if outputs is None else tuple(outputs)
    return Fed(term, first, None if labels is None else tuple(labels), weight)


def fed(term: Term, names: Sequence[str], outputs: int) -> Fed:
    """A loss, a metric, or one of them with a choice, where the labels have ``names`` and there
    are so many ``outputs``. Raises Misfit where something chosen is not there."""
    if term.family != FeedingKind.family:
        return Fed(term)
    a = term.arguments
    for place in a.outputs or ():
        if place >= outputs:
            raise Misfit(
                f"output {place} is out of range: the network has {outputs} outputs, "
                "numbered from 0"
            )
    for name in a.labels or ():
        if name not in names:
            raise Misfit(f"no label is called {name!r}; there are {', '.join(names) or 'none'}")
    labels = None if a.labels is None else tuple(names.index(name) for name in a.labels)
    return Fed(a.word, a.outputs, labels, a.weight, a.name or "")
