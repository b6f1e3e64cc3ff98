"""Pipelines: the type of a sample through source and transforms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from declspore.check import errors
from declspore.check.result import Dataset
from declspore.check.values import UNKNOWN, Pipeline, describe
from declspore.ir.term import Term
from declspore.registry.data import Element, SourceKind, TransformKind
from declspore.registry.kind import Misfit
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.source import Span


def checked_dataset(value: Any, span: Span, sink: Sink) -> Dataset | None:
    """The dataset with the type of its elements, or None with the problem reported."""
    if value is UNKNOWN:
        return None
    if isinstance(value, Term) and value.family == "source":
        value = Pipeline(value, (), value.span)
    if not isinstance(value, Pipeline):
        sink.report(errors.wrong_type(span, "a dataset", describe(value)))
        return None
    element = infer_element(value, None, sink, span)
    return None if element is None else Dataset(value, element, span)


def infer_element(pipeline: Pipeline, size: int | None, sink: Sink, span: Span) -> Element | None:
    """What comes out of a pipeline whose source has ``size`` samples (None: not known yet)."""
    source = pipeline.source
    element = vocabulary().of(SourceKind, source.word).element(source.arguments)
    element = replace(element, count=size)
    for step in pipeline.steps:
        kind = vocabulary().of(TransformKind, step.word)
        try:
            element = kind.infer(step.arguments, element)
        except Misfit as error:
            sink.report(errors.misfit(step.span or span, step.word, str(error), error.help))
            return None
    return element
