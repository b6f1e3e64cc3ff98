"""The steps of a pipeline with what flows into each, and the random ones numbered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from declspore.data.chance import StepChance, key
from declspore.data.flow import Batches, Items
from declspore.ir.term import Arguments, Term
from declspore.registry.data import Element, GroupKind, OrderKind, TransformKind
from declspore.registry.table import vocabulary

Flow = Items | Batches
_ITEM, _ORDER, _CHANGE = 1, 2, 3
"""What a key is for."""


@dataclass(frozen=True)
class Step:
    """A step, what flows before it, and its number among the random steps (0: it is none)."""

    kind: TransformKind
    arguments: Arguments
    before: Element
    place: int

    @property
    def draws(self) -> int:
        return self.kind.draws(self.arguments)

    @property
    def after(self) -> Element:
        return self.kind.infer(self.arguments, self.before)


def steps_of(terms: Sequence[Term], element: Element) -> list[Step]:
    """The steps behind a source that gives ``element``."""
    found: list[Step] = []
    place = 0
    for term in terms:
        kind, arguments = vocabulary().of(TransformKind, term.word), term.arguments
        random = kind.draws(arguments) > 0 or (isinstance(kind, OrderKind) and kind.random)
        place += random
        found.append(Step(kind, arguments, element, place if random else 0))
        element = kind.infer(arguments, element)
    return found


def flows(count: int, steps: Sequence[Step], seed: int) -> Callable[[int], Flow]:
    """The flow of an epoch, starting from 0, behind all steps."""

    def source(epoch: int) -> Flow:
        return Items.of(count, key(_ITEM, epoch))

    found: Callable[[int], Flow] = source
    for step in steps:
        found = _behind(step, found, seed)
    return lru_cache(maxsize=1)(found)


def _behind(step: Step, before: Callable[[int], Flow], seed: int) -> Callable[[int], Flow]:
    kind, arguments = step.kind, step.arguments
    if isinstance(kind, OrderKind):
        own = arguments.get("seed")
        base = key(_ORDER, seed, step.place) if own is None else key(_ORDER, own)

        def ordered(epoch: int) -> Flow:
            chance = StepChance(key(base, 0 if kind.lasting else epoch))
            found: Flow = kind.arrange(arguments, before, epoch, chance)
            return found

        return ordered
    if isinstance(kind, GroupKind):
        size, keeps_last = kind.size(arguments), kind.keeps_last(arguments)

        def grouped(epoch: int) -> Flow:
            flow = before(epoch)
            assert isinstance(flow, Items)
            return flow.batched(size, keeps_last)

        return grouped
    if step.draws:
        return lambda epoch: before(epoch).drawing(key(_CHANGE, seed, step.place))
    return before


def numbers(count: int, steps: Sequence[Step], seed: int) -> Iterator[int]:
    """The numbers of the source's items in the order of the first epoch, those in batches, too."""
    flow = flows(count, steps, seed)(0)
    if isinstance(flow, Items):
        yield from flow.numbers.tolist()
        return
    for start, size in zip(flow.starts.tolist(), flow.counts.tolist(), strict=True):
        yield from flow.items.numbers[start : start + size].tolist()
