"""Transforms of the flow of samples: their order, number and grouping."""

from __future__ import annotations

from dataclasses import replace

from declspore.ir.shape import Dim, TensorType, symbol
from declspore.ir.term import Arguments
from declspore.registry.data import Element, TransformKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, Optional


def _batch_count(count: int | None, size: int, drop_remainder: bool) -> int | None:
    if count is None:
        return None
    return count // size if drop_remainder else -(-count // size)


def _infer_batch(a: Arguments, element: Element) -> Element:
    if element.batched:
        raise Misfit("the samples are batched already", "one `batch` is enough")
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


def _same(a: Arguments, element: Element) -> Element:
    return element


KINDS = (
    TransformKind(
        name="shuffle",
        signature=signature(
            Argument("buffer_size", Integer(1), help="samples to draw from"),
            Argument("seed", Optional(Integer(0)), None, "none: the seed of the task"),
        ),
        summary="Samples in random order, another one each epoch, the same for the same seed.",
        example="Digits() |> shuffle(1000, seed = 7)",
        infer=_same,
        apply=lambda tf, a, dataset, element: dataset.shuffle(
            a.buffer_size, seed=a.seed, reshuffle_each_iteration=True
        ),
    ),
    TransformKind(
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
        apply=lambda tf, a, dataset, element: dataset.batch(
            a.batch_size, drop_remainder=a.drop_remainder, num_parallel_calls=tf.data.AUTOTUNE
        ),
    ),
    TransformKind(
        name="repeat",
        signature=signature(Argument("count", Integer(1), help="how often")),
        summary="The samples several times over.",
        example="Digits() |> repeat(2)",
        infer=lambda a, e: replace(e, count=None if e.count is None else e.count * a.count),
        apply=lambda tf, a, dataset, element: dataset.repeat(a.count),
    ),
    TransformKind(
        name="take",
        signature=signature(Argument("count", Integer(1), help="how many")),
        summary="The first samples only.",
        example="Digits() |> take(100)",
        infer=lambda a, e: replace(e, count=None if e.count is None else min(e.count, a.count)),
        apply=lambda tf, a, dataset, element: dataset.take(a.count),
    ),
    TransformKind(
        name="skip",
        signature=signature(Argument("count", Integer(1), help="how many")),
        summary="All but the first samples.",
        example="Digits() |> skip(100)",
        infer=lambda a, e: replace(e, count=None if e.count is None else max(e.count - a.count, 0)),
        apply=lambda tf, a, dataset, element: dataset.skip(a.count),
    ),
    TransformKind(
        name="cache",
        signature=signature(),
        summary="The samples kept in memory, so that the steps before run once.",
        example="Digits() |> Resize([32, 32]) |> cache() |> shuffle(1000)",
        infer=_same,
        apply=lambda tf, a, dataset, element: dataset.cache(),
    ),
)
