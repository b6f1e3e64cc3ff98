"""The steps of a dataset that run inside an exported file, before the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from declspore.check.datasets import Dataset
from declspore.dataclass import dataclass
from declspore.flows.steps import all_steps, steps_of
from declspore.ir.dtype import STRING, UINT8
from declspore.ir.network import Input
from declspore.ir.tensors import Array, Ops, Tensor
from declspore.ir.term import Arguments, Term
from declspore.registry.data import (
    BucketKind,
    ChangeKind,
    Element,
    GroupKind,
    ItemKind,
    PlaceKind,
    RowKind,
    SourceKind,
    StoreKind,
    Traced,
    TransformKind,
)
from declspore.registry.table import vocabulary

PICTURES, FILES = "pictures", "files"
"""What enters: images as bytes [B, H, W, C], or files as strings [B]."""


Item: TypeAlias = "Array | bytes"


class Unprepared(Exception):
    """A dataset does not have steps that a file can hold, and why."""


@dataclass(frozen=True)
class PreparedStep:
    """A step, and what flows before it."""

    kind: ChangeKind | ItemKind
    arguments: Arguments
    before: Element

    @property
    def words(self) -> tuple[str, Arguments]:
        return self.kind.name, self.arguments

    def traced(self, tf: Ops, data: Tensor) -> Tensor:
        """By TensorFlow's operations, for any number of items."""
        if isinstance(self.kind, ChangeKind):
            return self.kind.apply(tf, self.arguments, self.before, data, None, ())[0]
        return _traced(self).apply(tf, self.arguments, data)

    def computed(self, tf: Ops, item: Item) -> Array:
        """As the dataset computes it, for one item."""
        if isinstance(self.kind, ChangeKind):
            return _in_numpy(self.traced(tf, tf.constant(item)))
        found = self.kind.compute(self.arguments, self.before.data, item, ())
        assert not isinstance(found, bytes)  # texts do not enter a network
        return found


def _in_numpy(value: Tensor) -> Array:
    import numpy as np

    return np.asarray(value)


def _traced(step: PreparedStep) -> Traced:
    assert isinstance(step.kind, ItemKind)
    assert step.kind.traced is not None
    return step.kind.traced


@dataclass(frozen=True)
class Preparation:
    """What enters the file, a batch of it, and the steps that make of it what the network takes.

    ``before`` are the steps of the dataset that are left outside, up to the batch.
    """

    entry: Input
    steps: tuple[PreparedStep, ...]
    before: tuple[Term, ...]

    def apply(self, tf: Ops, data: Tensor) -> Tensor:
        """The input of the network of a batch. Files are decoded one by one."""
        if not self.takes_files:
            return self._all(tf, data, self.steps)
        last = max(i for i, step in enumerate(self.steps) if isinstance(step.kind, ItemKind))
        alone, together = self.steps[: last + 1], self.steps[last + 1 :]
        type = alone[-1].kind.infer(alone[-1].arguments, alone[-1].before).data
        sizes = [size if isinstance(size, int) else None for size in type.shape]
        spec = tf.TensorSpec(sizes, type.dtype.numpy)
        found = tf.map_fn(lambda one: self._all(tf, one, alone), data, fn_output_signature=spec)
        return self._all(tf, found, together)

    @staticmethod
    def _all(tf: Ops, data: Tensor, steps: Sequence[PreparedStep]) -> Tensor:
        for step in steps:
            data = step.traced(tf, data)
        return data

    @property
    def takes_files(self) -> bool:
        return self.entry.type.dtype is STRING

    @property
    def enters(self) -> str:
        return FILES if self.takes_files else PICTURES

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(step.kind.name for step in self.steps)

    @property
    def levels(self) -> int:
        """How far bytes of pictures may be from those of the dataset."""
        return sum(_traced(step).levels for step in self._of_items)

    @property
    def _of_items(self) -> Iterator[PreparedStep]:
        return (step for step in self.steps if isinstance(step.kind, ItemKind))

    def off_devices(self) -> tuple[str, ...]:
        """The words that LiteRT does not have."""
        return tuple(
            step.kind.name
            for step in self._of_items
            if not _traced(step).on_devices or step.arguments.get("interpolation") == "nearest"
        )

    def is_of(self, dataset: Dataset) -> bool:
        """Whether another dataset ends with the same steps."""
        try:
            other = preparation(dataset, self.enters)
        except Unprepared:
            return False
        mine, others = ([step.words for step in each.steps] for each in (self, other))
        return mine == others

    @property
    def allowed(self) -> float:
        """What :meth:`apart` may be."""
        (last, *_) = reversed(list(self._of_items))
        after = last.kind.infer(last.arguments, last.before).data
        return float(self.levels) if after.dtype is UINT8 else 1.0

    @property
    def changes_items(self) -> bool:
        """Whether it has steps that the dataset computes otherwise than the file."""
        return any(True for _ in self._of_items)

    def apart(self, tf: Ops, items: Sequence[Item]) -> float:
        """The largest difference of what steps of items make of some from what the dataset makes of
        them: in levels of bytes, or relative to the largest value."""
        import numpy as np

        last = max(
            (i for i, s in enumerate(self.steps) if isinstance(s.kind, ItemKind)), default=-1
        )
        worst = 0.0
        for item in items:
            found, wanted = tf.constant(item), item
            for step in self.steps[: last + 1]:
                found, wanted = step.traced(tf, found), step.computed(tf, wanted)
            found, wanted = (np.asarray(each) for each in (found, wanted))
            if found.shape != wanted.shape:
                return float("inf")
            scale = (
                1.0 if wanted.dtype == np.uint8 else max(float(np.abs(wanted).max()), 1.0) * 1e-4
            )
            apart = np.abs(found.astype(np.float64) - wanted.astype(np.float64))
            worst = max(worst, float(apart.max(initial=0.0)) / scale)
        return worst


def preparation(dataset: Dataset, enters: str = PICTURES) -> Preparation:
    """The last steps before the batch, as many as a file can hold. Raises Unprepared."""
    source = dataset.pipeline.source
    element = vocabulary().of(SourceKind, source.word).element(source.arguments)
    found: list[tuple[int, PreparedStep]] = []
    entering, why = element, "its source is followed by the batch"
    terms = all_steps(dataset.pipeline)
    group = len(terms)
    for place, step in enumerate(steps_of(terms, element)):
        kind, before, after = step.kind, step.before, step.after
        if isinstance(kind, GroupKind | BucketKind):
            group = min(group, place)
        elif step.columns:
            if min(step.columns) < len(before.inputs):
                found, entering, why = [], after, f"{kind.name} changes chosen columns"
        elif after.labels == before.labels and isinstance(kind, ChangeKind | ItemKind):
            if place > group:
                raise Unprepared(f"{kind.name} comes after the batch")
            reason = _unlike(kind, step.arguments, before, enters)
            if reason is None:
                found.append((place, PreparedStep(kind, step.arguments, before)))
            else:
                found, entering, why = [], after, reason
        elif isinstance(kind, RowKind | PlaceKind) or (
            after.inputs != before.inputs and not isinstance(kind, StoreKind)
        ):
            found, entering, why = [], after, f"{kind.name} does not have a form in TensorFlow"
    if not found:
        raise Unprepared(why)
    if len(entering.inputs) != 1:
        raise Unprepared(f"it has {len(entering.inputs)} columns of data, one is prepared")
    is_file = entering.inputs[0].type.dtype is STRING
    if enters == FILES and not is_file:
        raise Unprepared(f"{why}, so that no file enters")
    column, batch = entering.inputs[0], dataset.element.inputs[0].type.shape[0]
    own = {place for place, _ in found}
    left = tuple(term for place, term in enumerate(terms[:group]) if place not in own)
    entry = Input(column.name, column.type.with_shape((batch, *column.type.shape)))
    return Preparation(entry, tuple(step for _, step in found), left)


def _unlike(kind: TransformKind, arguments: Arguments, element: Element, enters: str) -> str | None:
    """Why a file does not hold a step, if it does not."""
    if kind.draws(arguments):
        return f"{kind.name} draws random numbers"
    if not isinstance(kind, ItemKind):
        return None
    if kind.traced is None:
        return f"{kind.name} does not have a form in TensorFlow"
    type = element.data
    if type.dtype is STRING and enters != FILES:
        return f"{kind.name} is before what enters"
    return kind.traced.refusal(arguments, type)


def pictures(
    preparation: Preparation, sizes: Sequence[tuple[int, int]], seed: int
) -> Sequence[Item]:
    """Random pictures of these sizes as they enter: files, or bytes of images."""
    import numpy as np

    rng = np.random.default_rng(seed)
    last = preparation.entry.type.shape[-1:]
    channels = int(last[0]) if last and isinstance(last[0], int) else 3
    found = [rng.integers(0, 256, (*size, channels), dtype=np.uint8) for size in sizes]
    if not preparation.takes_files:
        return found
    from declspore.numerics.opencv import opencv

    cv2 = opencv()
    return [
        bytes(cv2.imencode((".jpg", ".png")[index % 2], cv2.GaussianBlur(each, (0, 0), 1.5))[1])
        for index, each in enumerate(found)
    ]
