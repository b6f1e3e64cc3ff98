"""The numbers of items that an epoch consists of, and the keys that random steps draw from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from declspore.dataclass import dataclass
from declspore.flows.chance import Keys, keys, mix
from declspore.ir.tensors import Numbers
from declspore.registry.data import Buckets


@dataclass(frozen=True)
class Items:
    """Items in their order: the number of each (or several, of merged sources), its key, and the
    keys of the random steps so far [steps, items]."""

    numbers: Numbers
    keys: Keys
    drawn: tuple[Keys, ...] = ()

    @classmethod
    def of(cls, count: int, base: int) -> Items:
        """All items of a source in an epoch, which gives the base of their keys."""
        numbers = np.arange(count, dtype=np.int64)
        return cls(numbers, keys(base, numbers))

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, places: Numbers | slice) -> Items:
        drawn = tuple(each[places] for each in self.drawn)
        return Items(self.numbers[places], self.keys[places], drawn)

    def again(self, places: Numbers) -> Items:
        found = self.take(places)
        numbers = np.arange(len(places), dtype=np.uint64)
        return replace(
            found,
            keys=mix(found.keys + numbers),
            drawn=tuple(mix(each + numbers) for each in found.drawn),
        )

    def joined(self, others: Sequence[Items]) -> Items:
        every = (self, *others)
        drawn = zip(*(each.drawn for each in every), strict=True)
        return Items(
            np.concatenate([each.numbers for each in every]),
            np.concatenate([each.keys for each in every]),
            tuple(np.concatenate(parts) for parts in drawn),
        )

    def drawing(self, base: int) -> Items:
        """The flow after a random step, which has this key."""
        return replace(self, drawn=(*self.drawn, keys(base, self.keys)))

    def batched(self, size: int, keeps_last: bool) -> Batches:
        count = len(self) // size if not keeps_last else -(-len(self) // size)
        starts = np.arange(count, dtype=np.int64) * size
        counts = np.minimum(starts + size, len(self)) - starts
        return Batches(self, starts, counts, self.keys[starts], np.zeros_like(starts))

    def bucketed(self, buckets: Buckets, lengths: Numbers) -> Batches:
        """Batches of items of about one length, as MindSpore makes them: a bucket that is full is
        a batch, and at the end what is left of each is one."""
        places = np.searchsorted(buckets.boundaries, lengths, side="right")
        waiting: list[list[int]] = [[] for _ in buckets.sizes]
        found: list[tuple[int, list[int]]] = []
        for item, place in enumerate(places.tolist()):
            waiting[place].append(item)
            if len(waiting[place]) == buckets.sizes[place]:
                found.append((place, waiting[place]))
                waiting[place] = []
        if buckets.keeps_last:
            found += [(place, rest) for place, rest in enumerate(waiting) if rest]
        order = np.asarray([item for _, batch in found for item in batch], np.int64)
        counts = np.asarray([len(batch) for _, batch in found], np.int64)
        starts = np.cumsum(counts) - counts
        items = self.take(order)
        own = np.asarray([place for place, _ in found], np.int64)
        return Batches(items, starts, counts, items.keys[starts], own)


@dataclass(frozen=True)
class Batches:
    """Batches in their order: where each begins among the items, how many it has, keys as items
    have them, and the bucket of each."""

    items: Items
    starts: Numbers
    counts: Numbers
    keys: Keys
    buckets: Numbers
    drawn: tuple[Keys, ...] = ()

    def __len__(self) -> int:
        return len(self.starts)

    def take(self, places: Numbers | slice) -> Batches:
        drawn = tuple(each[places] for each in self.drawn)
        parts = self.starts[places], self.counts[places], self.keys[places]
        return Batches(self.items, *parts, self.buckets[places], drawn)

    def again(self, places: Numbers) -> Batches:
        found = self.take(places)
        numbers = np.arange(len(places), dtype=np.uint64)
        return replace(found, keys=mix(found.keys + numbers))

    def joined(self, others: Sequence[Batches]) -> Batches:
        first, *rest = every = (self, *others)
        ends = np.cumsum([0, *(len(each.items) for each in every)])
        starts = [each.starts + end for each, end in zip(every, ends, strict=False)]
        drawn = zip(*(each.drawn for each in every), strict=True)
        return Batches(
            first.items.joined([each.items for each in rest]),
            np.concatenate(starts),
            np.concatenate([each.counts for each in every]),
            np.concatenate([each.keys for each in every]),
            np.concatenate([each.buckets for each in every]),
            tuple(np.concatenate(parts) for parts in drawn),
        )

    def drawing(self, base: int) -> Batches:
        return replace(self, drawn=(*self.drawn, keys(base, self.keys)))

    def parts(self, places: Numbers) -> Batches:
        """Of each batch the items from one place up to another; at least one."""
        starts = self.starts + np.minimum(places[:, 0], self.counts - 1)
        counts = np.maximum(places[:, 1] - places[:, 0], 1)
        return replace(self, starts=starts, counts=counts)

    def rows(self, size: int) -> Numbers:
        """The places of every batch's items [batches, size]; a smaller one repeats its first."""
        offsets = np.arange(size)
        offsets = np.where(offsets < self.counts[:, None], offsets, 0)
        return self.starts[:, None] + offsets


def table(drawn: Sequence[Keys], shape: tuple[int, ...]) -> Numbers:
    """Keys [steps] of every unit of a shape, as int64 [*shape, steps]; zeros where there are none,
    since ``tf.data`` cannot take apart tensors without elements."""
    if not drawn:
        return np.zeros((*shape, 1), np.int64)
    return np.stack(drawn, axis=-1).view(np.int64)
