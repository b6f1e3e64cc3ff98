"""The files that the samples of a dataset are read from."""

from __future__ import annotations

from collections.abc import Iterator

from declspore.check.datasets import Dataset
from declspore.plan.task import DataFile
from declspore.registry.data import SourceKind
from declspore.registry.table import vocabulary
from declspore.source import Span


def sample_files(dataset: Dataset, span: Span) -> Iterator[DataFile]:
    """Each under a name of its own; ``span`` is the place of a source that has none."""
    source = dataset.pipeline.source
    files = vocabulary().of(SourceKind, source.word).files(source.arguments)
    for index, path in enumerate(files):
        yield DataFile(f"dataset[{index}]", path, source.span or span)
