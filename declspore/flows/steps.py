"""The steps of a pipeline with what flows into each, and the random ones numbered."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.dataclass import dataclass
from declspore.ir.term import Arguments, Pipeline, Term
from declspore.registry.data import (
    ChangeKind,
    Element,
    ItemKind,
    OrderKind,
    SourceKind,
    TransformKind,
)
from declspore.registry.kind import Misfit
from declspore.registry.table import vocabulary


class StepMisfit(Misfit):
    """A step does not fit what flows into it: ``term`` is the step, or the source."""

    def __init__(self, term: Term, error: Misfit) -> None:
        super().__init__(str(error), error.help, error.fits, error.at)
        self.term = term


@dataclass(frozen=True)
class Step:
    """A step, what flows before and after it, and its number among the random steps (0: it is
    none)."""

    kind: TransformKind
    arguments: Arguments
    before: Element
    after: Element
    place: int

    @property
    def draws(self) -> int:
        return self.kind.draws(self.arguments)

    def __str__(self) -> str:
        return str(Term(self.kind.family, self.kind.name, self.arguments))


def all_steps(pipeline: Pipeline) -> tuple[Term, ...]:
    """The steps of a pipeline after those that belong to its source."""
    source = pipeline.source
    first = vocabulary().of(SourceKind, source.word).first(source.arguments)
    return (*first, *pipeline.steps)


def step_of(term: Term, before: Element, earlier: Sequence[Step]) -> Step:
    """A step behind others. Raises :class:`StepMisfit`."""
    kind, arguments = vocabulary().of(TransformKind, term.word), term.arguments
    try:
        after = _marked(kind, arguments, before, kind.infer(arguments, before))
    except Misfit as error:
        raise StepMisfit(term, error) from None
    random = kind.draws(arguments) > 0 or (isinstance(kind, OrderKind) and kind.random)
    place = 1 + max((step.place for step in earlier), default=0) if random else 0
    return Step(kind, arguments, before, after, place)


def _marked(kind: TransformKind, arguments: Arguments, before: Element, after: Element) -> Element:
    """The element with the columns whose values the step gives only in a run: by chance, or by
    TensorFlow."""
    if not isinstance(kind, ChangeKind) and not (
        isinstance(kind, ItemKind) and kind.draws(arguments)
    ):
        return after
    of_labels = after.labels != before.labels
    columns = after.labels if of_labels else ()
    if not of_labels or after.inputs != before.inputs:
        columns = (*after.inputs, *columns)
    return after.marked([column.name for column in columns], kind.name)


def steps_of(terms: Sequence[Term], element: Element) -> list[Step]:
    """The steps behind a source that gives ``element``. Raises :class:`StepMisfit`."""
    found: list[Step] = []
    for term in terms:
        found.append(step_of(term, element, found))
        element = found[-1].after
    return found
