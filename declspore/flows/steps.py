"""The steps of a pipeline with what flows into each, and the random ones numbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from declspore.dataclass import dataclass
from declspore.ir.dtype import STRING
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
from declspore.spelling import repeated


class StepMisfit(Misfit):
    """A step does not fit what flows into it: ``term`` is the step, or the source."""

    def __init__(self, term: Term, error: Misfit) -> None:
        super().__init__(str(error), error.help, error.fits, error.at)
        self.term = term


@dataclass(frozen=True)
class Step:
    """A step, what flows before and after it, and its number among the random steps (0: it is
    none). ``columns`` are the places of those that it changes one by one, where they were chosen.
    """

    kind: TransformKind
    arguments: Arguments
    before: Element
    after: Element
    place: int
    columns: tuple[int, ...] = ()

    @cached_property
    def alone(self) -> tuple[tuple[int, Step], ...]:
        """The step as one of each chosen column alone, with its place."""
        of_labels = self.kind.changes == "labels"
        before, after = (
            [element.alone(place, as_label=of_labels) for place in self.columns]
            for element in (self.before, self.after)
        )
        return tuple(
            (place, Step(self.kind, self.arguments, own, made, self.place))
            for place, own, made in zip(self.columns, before, after, strict=True)
        )

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
    """A step after others. Raises :class:`StepMisfit`."""
    kind, arguments = vocabulary().of(TransformKind, term.word), term.arguments
    try:
        columns = chosen(kind, arguments, before)
        after = _marked(
            kind, arguments, before, _inferred(kind, arguments, before, columns), columns
        )
    except Misfit as error:
        raise StepMisfit(term, error) from None
    random = kind.draws(arguments) > 0 or (isinstance(kind, OrderKind) and kind.random)
    place = 1 + max((step.place for step in earlier), default=0) if random else 0
    return Step(kind, arguments, before, after, place, columns)


def chosen(kind: TransformKind, arguments: Arguments, element: Element) -> tuple[int, ...]:
    """The places of the columns that ``input_columns`` chooses; none where that is what the step
    changes without it. Raises Misfit."""
    if kind.changes is None:
        return ()
    names = arguments.get("input_columns")
    every = [column.name for column in element.columns]
    own = element.inputs if kind.changes == "data" else element.labels
    if names is None:
        if len(own) > 1:
            shown = ", ".join(column.name for column in own)
            raise Misfit(
                f"it changes one column of {kind.changes}, the dataset has {shown}",
                f'input_columns = ["{own[0].name}"], or several of them',
            )
        return ()
    if not names:
        raise Misfit("input_columns is empty", f'input_columns = ["{every[0]}"]')
    element.check_known(names)
    if (twice := repeated(names)) is not None:
        raise Misfit(f"the column {twice!r} is chosen twice")
    if len(own) == 1 and names == (own[0].name,):
        return ()
    return tuple(every.index(name) for name in names)


def _inferred(
    kind: TransformKind, arguments: Arguments, before: Element, columns: tuple[int, ...]
) -> Element:
    if not columns:
        return kind.infer(arguments, before)
    if kind.draws(arguments) and len(columns) > 1:
        _check_alike(before, columns)
    of_labels = kind.changes == "labels"
    types = {}
    for place in columns:
        made = kind.infer(arguments, before.alone(place, as_label=of_labels))
        types[place] = made.label if of_labels else made.data
    labels = range(len(before.inputs), len(before.columns))
    touched = any(place in labels for place in columns)
    return replace(before.with_types(types), classes=None if touched else before.classes)


def _check_alike(before: Element, columns: tuple[int, ...]) -> None:
    """Raises Misfit where columns that are to change alike cannot, since they differ in size."""
    several = [before.columns[place] for place in columns]
    for column in several:
        if column.type.dtype is STRING:
            raise Misfit(
                f"the size of {column} is known when it is decoded, and columns that change alike "
                "have one size",
                "Decode before it",
            )
    first, *others = several
    for other in others:
        pairs = zip(first.type.shape, other.type.shape, strict=False)
        if any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in list(pairs)[:2]):
            raise Misfit(
                f"columns that change alike have one size, found {first} and {other}",
                "Resize of one of them, before it",
            )


def _marked(
    kind: TransformKind,
    arguments: Arguments,
    before: Element,
    after: Element,
    chosen: tuple[int, ...],
) -> Element:
    """The element with the columns whose values the step gives only in a run: by chance, or by
    TensorFlow."""
    if not isinstance(kind, ChangeKind) and not (
        isinstance(kind, ItemKind) and kind.draws(arguments)
    ):
        return after
    if chosen:
        return after.marked([after.columns[place].name for place in chosen], kind.name)
    of_labels = after.labels != before.labels
    columns = after.labels if of_labels else ()
    if not of_labels or after.inputs != before.inputs:
        columns = (*after.inputs, *columns)
    return after.marked([column.name for column in columns], kind.name)


def steps_of(terms: Sequence[Term], element: Element) -> list[Step]:
    """The steps after a source that gives ``element``. Raises :class:`StepMisfit`."""
    found: list[Step] = []
    for term in terms:
        found.append(step_of(term, element, found))
        element = found[-1].after
    return found
