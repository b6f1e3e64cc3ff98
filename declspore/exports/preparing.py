"""The steps of a dataset that run inside an exported file, before the network."""

from __future__ import annotations

from typing import Any

from declspore.check.datasets import Dataset
from declspore.dataclass import dataclass
from declspore.flows.steps import all_steps, steps_of
from declspore.ir.network import Input
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.data import (
    BucketKind,
    ChangeKind,
    Element,
    GroupKind,
    ItemKind,
    PlaceKind,
    RowKind,
    SourceKind,
)
from declspore.registry.table import vocabulary


@dataclass(frozen=True)
class Preparation:
    """What enters the file, a batch of it, and the steps that make of it what the network takes."""

    entry: Input
    steps: tuple[tuple[ChangeKind, Arguments, Element], ...]

    def apply(self, tf: Any, data: Any) -> Any:
        """The input of the network of a batch."""
        for kind, arguments, element in self.steps:
            data, _ = kind.apply(tf, arguments, element, data, None, None)
        return data

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(kind.name for kind, _, _ in self.steps)


def preparation(dataset: Dataset) -> Preparation | None:
    """The last steps before the batch that change data without chance and without NumPy; None where
    the step before the batch is another."""
    source = dataset.pipeline.source
    element = vocabulary().of(SourceKind, source.word).element(source.arguments)
    found: list[tuple[ChangeKind, Arguments, Element]] = []
    entering = element
    for step in steps_of(all_steps(dataset.pipeline), element):
        kind, before, after = step.kind, step.before, step.after
        if isinstance(kind, GroupKind | BucketKind):
            break
        of_labels = after.labels != before.labels and after.inputs == before.inputs
        if isinstance(kind, ChangeKind) and not step.draws:
            found += [] if of_labels else [(kind, step.arguments, before)]
        elif isinstance(kind, ChangeKind | ItemKind | RowKind | PlaceKind):
            found, entering = [], after
    if not found or len(entering.inputs) != 1:
        return None
    column = entering.inputs[0]
    batch = dataset.element.inputs[0].type.shape[0]
    return Preparation(Input(column.name, _batched(column.type, batch)), tuple(found))


def _batched(type: TensorType, batch: Any) -> TensorType:
    return type.with_shape((batch, *type.shape))
