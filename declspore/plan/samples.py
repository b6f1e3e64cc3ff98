"""The files that the samples of a dataset are made of."""

from __future__ import annotations

from collections.abc import Iterator

from declspore.check.datasets import Dataset
from declspore.flows.steps import all_steps
from declspore.ir.term import Pipeline
from declspore.plan.task import DataFile
from declspore.registry.data import MergeKind, SourceKind, TransformKind
from declspore.registry.table import vocabulary
from declspore.source import Span


def sample_files(dataset: Dataset, span: Span) -> Iterator[DataFile]:
    """Each under a name of its own; ``span`` is the place of a source that has none."""
    found = dict(reversed(list(_files(dataset.pipeline))))
    for index, (path, place) in enumerate(reversed(found.items())):
        yield DataFile(f"dataset[{index}]", path, place or span)


def _files(pipeline: Pipeline) -> Iterator[tuple[str, Span | None]]:
    """Those of the source, or of the datasets it merges, then those that steps read."""
    source = pipeline.source
    kind = vocabulary().of(SourceKind, source.word)
    if isinstance(kind, MergeKind):
        for part in kind.parts(source.arguments):
            yield from _files(part)
    else:
        for path in kind.files(source.arguments):
            yield path, source.span
    for term in all_steps(pipeline):
        for path in vocabulary().of(TransformKind, term.word).files(term.arguments):
            yield path, term.span
