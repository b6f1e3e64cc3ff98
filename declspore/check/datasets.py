"""Pipelines: the type of a sample through source and transforms."""

from __future__ import annotations

from typing import NamedTuple

from declspore.dataclass import dataclass
from declspore.diagnostic import Diagnostic
from declspore.flows.steps import StepMisfit
from declspore.ir.term import Pipeline, pipeline_of
from declspore.language.errors import misfit, wrong_type
from declspore.language.values import UNKNOWN, Value, describe
from declspore.registry.data import Element
from declspore.report import Sink
from declspore.source import Span


@dataclass(frozen=True)
class Dataset:
    """A pipeline and the type of what comes out of it."""

    pipeline: Pipeline
    element: Element
    span: Span


class Labels(NamedTuple):
    """A dataset whose labels are numbers of ``classes`` classes, or among those that are
    ``ignored``."""

    dataset: Dataset
    classes: int
    ignored: frozenset[int]


def not_a_class(place: str, classes: int, label: int) -> str:
    """What is wrong with the label of an item that is the number of no class."""
    return f"{place}: expected a label below {classes}, found {label}"


def checked_dataset(value: Value, span: Span, sink: Sink) -> Dataset | None:
    """The dataset with the type of its elements, or None with the problem reported."""
    if value is UNKNOWN:
        return None
    pipeline = pipeline_of(value)
    if pipeline is None:
        help = None
        if isinstance(value, str):
            help = f'a source reads it: NumpySlices("{value}", [Column("x", [16])]) |> batch(32)'
        sink.report(wrong_type(span, "a dataset", describe(value), help))
        return None
    element = infer_element(pipeline, sink, span)
    return None if element is None else Dataset(pipeline, element, span)


def infer_element(pipeline: Pipeline, sink: Sink, span: Span) -> Element | None:
    """What comes out of a pipeline, from types alone, or None with the problem reported."""
    from declspore.flows.order import element_of  # it loads NumPy, which edits do without

    try:
        return element_of(pipeline)
    except StepMisfit as error:
        sink.report(step_misfit(error, span))
        return None


def step_misfit(error: StepMisfit, span: Span) -> Diagnostic:
    """A step that does not fit what flows into it; ``span`` is the place of one that has none."""
    return misfit(error.at or error.term.span or span, error.term.word, str(error), error.help)
