"""Pipelines: the type of a sample through source and transforms."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile

from declspore.dataclass import dataclass
from declspore.ir.term import Term
from declspore.language.errors import misfit, wrong_type
from declspore.language.values import UNKNOWN, Pipeline, Value, describe
from declspore.registry.data import Element, GroupKind, SourceKind, TransformKind
from declspore.registry.kind import Misfit
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.source import Span


@dataclass(frozen=True)
class Dataset:
    """A pipeline and the type of what comes out of it."""

    pipeline: Pipeline
    element: Element
    span: Span


def checked_dataset(value: Value, span: Span, sink: Sink) -> Dataset | None:
    """The dataset with the type of its elements, or None with the problem reported."""
    if value is UNKNOWN:
        return None
    if isinstance(value, Term) and value.family == "source":
        value = Pipeline(value, (), value.span)
    if not isinstance(value, Pipeline):
        sink.report(wrong_type(span, "a dataset", describe(value)))
        return None
    element = infer_element(value, None, sink, span)
    return None if element is None else Dataset(value, element, span)


def all_steps(pipeline: Pipeline) -> tuple[Term, ...]:
    """The steps of a pipeline after those that belong to its source."""
    source = pipeline.source
    first = vocabulary().of(SourceKind, source.word).first(source.arguments)
    return (*first, *pipeline.steps)


def before_batches(pipeline: Pipeline) -> Pipeline:
    """The pipeline up to the step that makes batches."""

    def is_single(step: Term) -> bool:
        return not isinstance(vocabulary().get(step.word), GroupKind)

    return replace(pipeline, steps=tuple(takewhile(is_single, pipeline.steps)))


def infer_element(
    pipeline: Pipeline, size: int | None, sink: Sink, span: Span, classes: int | None = None
) -> Element | None:
    """What comes out of a pipeline whose source has ``size`` samples of so many ``classes`` (None:
    not known yet)."""
    source = pipeline.source
    try:
        element = vocabulary().of(SourceKind, source.word).element(source.arguments)
    except Misfit as error:
        place = error.at or source.span or span
        sink.report(misfit(place, source.word, str(error), error.help))
        return None
    element = replace(element, count=size, classes=classes or element.classes)
    for step in all_steps(pipeline):
        kind = vocabulary().of(TransformKind, step.word)
        try:
            element = kind.infer(step.arguments, element)
        except Misfit as error:
            sink.report(misfit(step.span or span, step.word, str(error), error.help))
            return None
    return element
