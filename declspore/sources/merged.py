"""Datasets made of datasets (mindspore.dataset.Dataset.concat and mindspore.dataset.zip, 2.10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from declspore.ir.term import Arguments, Pipeline
from declspore.registry.data import Element, MergeKind, Reader, SourceKind
from declspore.registry.signature import Argument, signature
from declspore.registry.table import vocabulary
from declspore.registry.types import Data, ListOf

_DATASETS = Argument("datasets", ListOf(Data()), help="two or more, whose samples are not batched")


def _sources(a: Arguments) -> Iterator[tuple[SourceKind, Arguments]]:
    for pipeline in a.datasets:
        yield vocabulary().of(SourceKind, pipeline.source.word), pipeline.source.arguments


def _files(a: Arguments) -> tuple[str, ...]:
    found = chain.from_iterable(kind.files(arguments) for kind, arguments in _sources(a))
    return tuple(dict.fromkeys(found))


def _classes(a: Arguments) -> tuple[str, ...]:
    """Those of the first, where all have the same."""
    found = {kind.classes(arguments) for kind, arguments in _sources(a)}
    return found.pop() if len(found) == 1 else ()


def _element(a: Arguments, side_by_side: bool) -> Element:
    from declspore.flows.opened import merged
    from declspore.flows.order import element_of

    return merged([element_of(pipeline) for pipeline in a.datasets], side_by_side)


def _counts(a: Arguments) -> list[int]:
    from declspore.flows.order import opened

    counts = (opened(pipeline).after.count for pipeline in a.datasets)
    return [count for count in counts if count is not None]


def _parts(a: Arguments) -> tuple[Pipeline, ...]:
    found: tuple[Pipeline, ...] = a.datasets
    return found


def _no_reader(a: Arguments) -> Reader:
    raise TypeError("merged datasets are read part by part")


def _merging(
    name: str, summary: str, example: str, size: Callable[[list[int]], int], side_by_side: bool
) -> MergeKind:
    """``size`` gives the number of all samples from the numbers of each dataset."""
    return MergeKind(
        name=name,
        signature=signature(_DATASETS),
        summary=summary,
        example=example,
        element=lambda a: _element(a, side_by_side),
        size=lambda a: size(_counts(a)),
        open=_no_reader,
        files=_files,
        classes=_classes,
        damaged=lambda a: sum(kind.damaged(arguments) for kind, arguments in _sources(a)),
        parts=_parts,
        side_by_side=side_by_side,
    )


KINDS = (
    _merging(
        "Concat",
        "The samples of several datasets, one dataset after the other. All have the same columns.",
        'Concat([Digits(usage = "train"), Digits(usage = "test")])',
        sum,
        side_by_side=False,
    ),
    _merging(
        "Zip",
        "The columns of several datasets side by side: their first samples are one sample, "
        "and so on. The shortest dataset decides how many there are.",
        'Zip([Digits(), Digits() |> rename(["image", "label"], ["other", "same"])])',
        min,
        side_by_side=True,
    ),
)
