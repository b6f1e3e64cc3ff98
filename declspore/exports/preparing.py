"""The steps of a dataset that run inside an exported file, before the network."""

from __future__ import annotations

from typing import Any

from declspore.check.datasets import Dataset, all_steps
from declspore.dataclass import dataclass
from declspore.ir.network import Input
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.data import (
    ChangeKind,
    Element,
    GroupKind,
    ItemKind,
    SourceKind,
    TransformKind,
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
    for term in all_steps(dataset.pipeline):
        kind = vocabulary().of(TransformKind, term.word)
        if isinstance(kind, GroupKind):
            break
        after = kind.infer(term.arguments, element)
        of_labels = after.labels != element.labels and after.inputs == element.inputs
        if isinstance(kind, ChangeKind) and not kind.draws(term.arguments):
            found += [] if of_labels else [(kind, term.arguments, element)]
        elif isinstance(kind, ChangeKind | ItemKind):
            found, entering = [], after
        element = after
    if not found or len(entering.inputs) != 1:
        return None
    column = entering.inputs[0]
    batch = dataset.element.inputs[0].type.shape[0]
    return Preparation(Input(column.name, _batched(column.type, batch)), tuple(found))


def _batched(type: TensorType, batch: Any) -> TensorType:
    return type.with_shape((batch, *type.shape))
