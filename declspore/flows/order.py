"""What the epochs of a pipeline consist of, and how many items and batches that are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from declspore.flows.chance import Keys, StepChance, key, mix
from declspore.flows.flow import Batches, Items
from declspore.flows.opened import Opened, merged
from declspore.flows.steps import Step, StepMisfit, all_steps, step_of
from declspore.flows.values import Measured
from declspore.ir.tensors import Numbers
from declspore.ir.term import Pipeline, Term
from declspore.numerics.files import stamps_of
from declspore.registry.data import (
    BucketKind,
    Element,
    GroupKind,
    MergeKind,
    OrderKind,
    SelectKind,
    SourceKind,
    StoreKind,
    Unavailable,
    Values,
)
from declspore.registry.kind import Misfit
from declspore.registry.table import vocabulary

Flow = Items | Batches
Epochs = Callable[[int], Flow]
_ITEM, _ORDER, _CHANGE, _PART = 1, 2, 3, 4
"""What a key is for."""


# ---- pipelines


def element_of(pipeline: Pipeline) -> Element:
    """What comes out of a pipeline, from types alone. Raises :class:`StepMisfit`."""
    return _arranged(pipeline, reads=False).after


def opened(pipeline: Pipeline, steps: Sequence[Term] | None = None) -> Opened:
    """A pipeline whose counts are known: from headers and listings, and from all items where a
    step looks at them. ``steps`` take the place of its own. Raises Unavailable and
    :class:`StepMisfit`."""
    return _arranged(pipeline, reads=True, terms=steps)


def _arranged(pipeline: Pipeline, *, reads: bool, terms: Sequence[Term] | None = None) -> Opened:
    source = pipeline.source
    found = _source(source, reads)
    element, steps = found.element, list[Step]()
    for term in all_steps(pipeline) if terms is None else terms:
        step = step_of(term, element, steps)
        if reads:
            _be_ready(step, term)
        looks = isinstance(step.kind, SelectKind | BucketKind)
        if reads and looks and element.count is not None:
            count = len(flow(replace(found, steps=(*steps, step)), 0)(0))
            if not count:
                raise StepMisfit(term, Misfit("it leaves no item"))
            step = replace(step, after=replace(step.after, count=count))
        steps.append(step)
        element = step.after
    return replace(found, steps=tuple(steps))


def _be_ready(step: Step, term: Term) -> None:
    try:
        step.kind.ready(step.arguments)
    except Unavailable as error:
        error.term = term
        raise


def _source(source: Term, reads: bool) -> Opened:
    kind, arguments = vocabulary().of(SourceKind, source.word), source.arguments
    if not isinstance(kind, MergeKind):
        try:
            element = kind.element(arguments)
        except Misfit as error:
            raise StepMisfit(source, error) from None
        if reads:
            count = kind.size(arguments)
            if not count:
                raise Unavailable(f"{source.word} has no sample")
            classes = len(kind.classes(arguments)) or element.classes
            element = replace(element, count=count, classes=classes)
        return Opened(source, element)
    parts = tuple(_arranged(part, reads=reads) for part in kind.parts(arguments))
    try:
        return Opened(source, merged([part.after for part in parts], kind.side_by_side), parts)
    except Misfit as error:
        raise StepMisfit(source, error) from None


# ---- flows


def flow(found: Opened, seed: int) -> Epochs:
    """The flow of an epoch, starting from 0, after all steps."""
    epochs = _merged(found, seed) if found.parts else _single(found)
    for place, step in enumerate(found.steps):
        epochs = _behind(found.until(place), step, epochs, seed)
    return lru_cache(maxsize=1)(epochs)


def _single(found: Opened) -> Epochs:
    count = found.element.count
    assert count is not None

    def source(epoch: int) -> Flow:
        return Items.of(count, key(_ITEM, epoch))

    return source


def _merged(found: Opened, seed: int) -> Epochs:
    parts = [flow(part, part_seed(seed, place)) for place, part in enumerate(found.parts)]

    def side_by_side(epoch: int) -> Flow:
        flows = [_items(part(epoch)) for part in parts]
        count = min(map(len, flows))
        flows = [each.take(slice(count)) for each in flows]
        numbers = np.concatenate([_columns(each.numbers) for each in flows], axis=1)
        keys = mix(sum((mix(each.keys + np.uint64(n)) for n, each in enumerate(flows))))
        return Items(numbers, keys, tuple(one for each in flows for one in each.drawn))

    def joined(epoch: int) -> Flow:
        first, *others = [
            _placed(_items(part(epoch)), place, found) for place, part in enumerate(parts)
        ]
        return first.joined(others)

    return side_by_side if found.side_by_side else joined


def part_seed(seed: int, place: int) -> int:
    """The seed of a part of merged datasets: two parts draw different numbers."""
    return key(_PART, seed, place)


def _items(found: Flow) -> Items:
    assert isinstance(found, Items)
    return found


def _columns(numbers: Numbers) -> Numbers:
    return numbers[:, None] if numbers.ndim == 1 else numbers


def _placed(items: Items, place: int, found: Opened) -> Items:
    """Items of one of several sources that follow each other."""
    own = _columns(items.numbers)
    numbers = np.zeros((len(items), found.width), np.int64)
    numbers[:, 0] = place
    numbers[:, 1 : 1 + own.shape[1]] = own
    nothing: Keys = np.zeros(len(items), np.uint64)
    missing = found.before_steps - len(items.drawn)
    return Items(numbers, mix(items.keys + np.uint64(place)), (*items.drawn, *(nothing,) * missing))


def _behind(found: Opened, step: Step, before: Epochs, seed: int) -> Epochs:
    """The flow after a step of a pipeline, of which ``found`` has the steps before it."""
    kind, arguments = step.kind, step.arguments
    if isinstance(kind, OrderKind):
        own = arguments.get("seed")
        base = key(_ORDER, seed, step.place) if own is None else key(_ORDER, own)

        def ordered(epoch: int) -> Flow:
            chance = StepChance(key(base, 0 if kind.lasting else epoch))
            arranged = kind.arrange(arguments, before, epoch, chance)
            assert isinstance(arranged, Items | Batches)
            return arranged

        return ordered
    if isinstance(kind, GroupKind):
        size, keeps_last = kind.size(arguments), kind.keeps_last(arguments)
        return lambda epoch: _items(before(epoch)).batched(size, keeps_last)
    if isinstance(kind, SelectKind):
        kept = _kept(kind, step, found)

        def selected(epoch: int) -> Flow:
            items = _items(before(epoch))
            return items.take(np.flatnonzero(kept.of(items.numbers)))

        return selected
    if isinstance(kind, BucketKind):
        buckets = kind.buckets(arguments)
        lengths = _lengths(kind, step, found)
        bounded = bool(kind.padding(arguments, step.before).boundaries)

        def bucketed(epoch: int) -> Flow:
            items = _items(before(epoch))
            if bounded:
                _check_bounds(lengths.of(items.numbers), buckets.boundaries[-1], items, found)
            return items.bucketed(buckets, lengths.of(items.numbers))

        return bucketed
    if step.draws:
        return lambda epoch: before(epoch).drawing(key(_CHANGE, seed, step.place))
    return before


def _check_bounds(lengths: Numbers, last: int, items: Items, found: Opened) -> None:
    """Raises Unavailable where an item has no boundary above it that it could be padded to."""
    beyond = np.flatnonzero(lengths >= last)
    if len(beyond):
        raise Unavailable(
            f"{found.place(items.numbers[beyond[0]])}: its length is {lengths[beyond[0]]}, and "
            f"pad_to_bucket_boundary needs a boundary above; the last one is {last}",
            f"a boundary of {int(lengths.max()) + 1}, or Truncate before it",
        )


# ---- steps that look at items


def _kept(kind: SelectKind, step: Step, found: Opened) -> Measured:
    def keeps(values: Values) -> int:
        return int(kind.chooses(step.arguments, step.before, values))

    return _remembered(f"{found} |> {step}", found, frozenset(kind.uses(step.arguments)), keeps)


def _lengths(kind: BucketKind, step: Step, found: Opened) -> Measured:
    def length(values: Values) -> int:
        return kind.length(step.arguments, step.before, values)

    return _remembered(f"{found} |> {step}", found, frozenset(kind.uses(step.arguments)), length)


_known: dict[str, tuple[object, Measured]] = {}
_MOST_KNOWN = 16


def _remembered(
    text: str, found: Opened, wanted: frozenset[str], function: Callable[[Values], int]
) -> Measured:
    """What was found of the same items in the same files: a plan reads them, and a run need not
    read them again."""
    if any(each.given is not None for each in _sources(found)):
        return Measured(found, wanted, function)
    stamps = tuple(
        stamps_of(vocabulary().of(SourceKind, each.source.word).files(each.source.arguments))
        for each in _sources(found)
    )
    if text not in _known or _known[text][0] != stamps:
        while len(_known) >= _MOST_KNOWN:
            del _known[next(iter(_known))]
        _known[text] = stamps, Measured(found, wanted, function)
    return _known[text][1]


def _sources(found: Opened) -> Iterator[Opened]:
    """Those that are read, without those that merge them."""
    for part in found.parts:
        yield from _sources(part)
    if not found.parts:
        yield found


def stored_at(steps: Sequence[Step]) -> int | None:
    """The place of the last step that keeps what the steps before it give."""
    places = [place for place, step in enumerate(steps) if isinstance(step.kind, StoreKind)]
    return places[-1] if places else None


def numbers(found: Opened, seed: int) -> Iterator[int]:
    """The numbers of the source's items in the order of the first epoch, those in batches, too."""
    first = flow(found, seed)(0)
    if isinstance(first, Items):
        yield from first.numbers.tolist()
        return
    for start, size in zip(first.starts.tolist(), first.counts.tolist(), strict=True):
        yield from first.items.numbers[start : start + size].tolist()
