"""Transforms of the flow of samples: their order, number and grouping."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from declspore.ir.shape import Dim, TensorType, static, symbol
from declspore.ir.tensors import Numbers
from declspore.ir.term import Arguments
from declspore.registry.data import Chance, Element, Flow, GroupKind, OrderKind, StoreKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, Optional


def _batch_count(count: int | None, size: int, drop_remainder: bool) -> int | None:
    if count is None:
        return None
    return count // size if drop_remainder else -(-count // size)


def check_one_size(element: Element) -> None:
    """Raises Misfit where samples differ in size."""
    for column in (*element.inputs, *element.labels):
        if static(column.type.shape) is None:
            help = "one size for all, before it: Resize([224, 224]), or CenterCrop(224)"
            if column.type.rank != 3:
                help = "padded_batch(...) fills up each batch; PadEnd(64), before it, all samples"
            raise Misfit(f"the samples differ in size: {column}", help)


def _infer_batch(a: Arguments, element: Element) -> Element:
    if element.batched:
        raise Misfit("the samples are batched already", "one `batch` is enough")
    check_one_size(element)
    first: Dim = a.batch_size if a.drop_remainder else symbol("B")
    count = _batch_count(element.count, a.batch_size, a.drop_remainder)
    if count == 0:
        raise Misfit(
            f"{element.count} samples make no whole batch of {a.batch_size}",
            "a smaller batch_size, or drop_remainder = false",
        )

    def batched(type: TensorType) -> TensorType:
        return type.with_shape((first, *type.shape))

    return replace(element.each(batched), count=count, batched=True)


def _infer_cache(a: Arguments, element: Element) -> Element:
    if element.batched:
        raise Misfit("it keeps single samples", "put cache before `batch`")
    check_one_size(element)
    return element


def _shuffled(a: Arguments, before: Callable[[int], Flow], epoch: int, chance: Chance) -> Flow:
    flow = before(epoch)
    if a.buffer_size is None or a.buffer_size >= len(flow):
        return flow.take(chance.order(len(flow)))
    return flow.take(_through_buffer(len(flow), a.buffer_size, chance))


def _through_buffer(count: int, size: int, chance: Chance) -> Numbers:
    """MindSpore's and TensorFlow's shuffle: of a buffer of samples a random one comes, and the next
    takes its place; at the end the buffer empties in random order."""
    import numpy as np

    draws = chance.uniform(count)
    slots = (draws * size).astype(np.int64).tolist()
    buffer, found = list(range(size)), []
    for following, slot in zip(range(size, count), slots, strict=False):
        found.append(buffer[slot])
        buffer[slot] = following
    last = np.argsort(draws[count - size :], kind="stable")
    return np.concatenate([np.asarray(found, np.int64), np.asarray(buffer)[last]])


def _repeated(a: Arguments, before: Callable[[int], Flow], epoch: int, chance: Chance) -> Flow:
    """The samples come as in epochs that follow each other."""
    first, *others = (before(epoch * a.count + number) for number in range(a.count))
    return first.joined(others)


KINDS = (
    OrderKind(
        name="shuffle",
        signature=signature(
            Argument(
                "buffer_size", Optional(Integer(1)), None, "samples to draw from; none: all of them"
            ),
            Argument("seed", Optional(Integer(0)), None, "none: the seed of the task"),
        ),
        summary="Samples in random order, another one each epoch, the same for the same seed.",
        example="Digits() |> shuffle(1000, seed = 7)",
        infer=lambda a, e: replace(e, shuffled=True),
        arrange=_shuffled,
        random=True,
    ),
    GroupKind(
        name="batch",
        signature=signature(
            Argument("batch_size", Integer(1), help="samples in a batch"),
            Argument(
                "drop_remainder", Boolean(), False, "whether a smaller last batch is left out"
            ),
        ),
        summary="Samples grouped into batches.",
        example="Digits() |> batch(32, drop_remainder = true)",
        infer=_infer_batch,
        size=lambda a: int(a.batch_size),
        keeps_last=lambda a: not a.drop_remainder,
    ),
    OrderKind(
        name="repeat",
        signature=signature(Argument("count", Integer(1), help="how often")),
        summary="The samples several times over.",
        example="Digits() |> repeat(2)",
        infer=lambda a, e: replace(e, count=None if e.count is None else e.count * a.count),
        arrange=_repeated,
    ),
    OrderKind(
        name="take",
        signature=signature(Argument("count", Integer(1), help="how many")),
        summary="The first samples only.",
        example="Digits() |> take(100)",
        infer=lambda a, e: replace(
            e, count=None if e.count is None else min(e.count, a.count), varies=e.shuffled
        ),
        arrange=lambda a, before, epoch, chance: before(epoch).take(slice(a.count)),
    ),
    OrderKind(
        name="skip",
        signature=signature(Argument("count", Integer(1), help="how many")),
        summary="All but the first samples.",
        example="Digits() |> skip(100)",
        infer=lambda a, e: replace(
            e, count=None if e.count is None else max(e.count - a.count, 0), varies=e.shuffled
        ),
        arrange=lambda a, before, epoch, chance: before(epoch).take(slice(a.count, None)),
    ),
    StoreKind(
        name="cache",
        signature=signature(),
        summary="The samples of the first epoch kept in memory, so that the steps before run once.",
        example="Digits() |> Resize([32, 32]) |> cache() |> shuffle(1000)",
        infer=_infer_cache,
    ),
)
