"""Parts of datasets: splits and samplers (mindspore.dataset, 2.10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from declspore.ir.term import Arguments
from declspore.registry.data import Chance, Element, Flow, OrderKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, ListOf, Number, Optional

Before = Callable[[int], Flow]
_SEED = Argument("seed", Optional(Integer(0)), None, "none: the seed of the task")


# ---- split


def _sizes(shares: Sequence[float], count: int) -> list[int]:
    """How many samples each share has: rounded, and the first corrected so that none is left."""
    found = [round(share * count) for share in shares]
    found[0] += count - sum(found)
    return found


def _infer_split(a: Arguments, element: Element) -> Element:
    if element.batched:
        raise Misfit("it divides single samples", "put part before `batch`")
    if element.shuffled:
        raise Misfit(
            "the samples are in another order each epoch, so the parts would mix",
            "put part before `shuffle`",
        )
    if abs(sum(a.sizes) - 1) > 1e-6:
        raise Misfit(f"the shares add up to {sum(a.sizes):g}, expected 1")
    if a.index >= len(a.sizes):
        raise Misfit(f"index is {a.index} of {len(a.sizes)}, starting from 0")
    if element.count is None:
        return element
    count = _sizes(a.sizes, element.count)[a.index]
    if count < 1:
        raise Misfit(f"{element.count} samples leave none for this part")
    return replace(element, count=count)


def _split(a: Arguments, before: Before, epoch: int, chance: Chance) -> Flow:
    flow = before(epoch)
    sizes = _sizes(a.sizes, len(flow))
    first = sum(sizes[: a.index])
    part = slice(first, first + sizes[a.index])
    return flow.take(chance.order(len(flow))[part] if a.randomize else part)


# ---- samplers


def _counted(element: Element, count: int | None) -> Element:
    if element.batched:
        raise Misfit("it chooses single samples", "put it before `batch`")
    return replace(element, count=count)


def _infer_subset(a: Arguments, element: Element) -> Element:
    if element.count is not None and max(a.indices, default=0) >= element.count:
        raise Misfit(f"index {max(a.indices)} is out of range for {element.count} samples")
    if not a.indices:
        raise Misfit("the list of indices is empty")
    return replace(_counted(element, len(a.indices)), varies=element.shuffled)


def _subset(a: Arguments, before: Before, epoch: int, chance: Chance) -> Flow:
    import numpy as np

    return before(epoch).again(np.asarray(a.indices, np.int64))


def _infer_random(a: Arguments, element: Element) -> Element:
    if a.num_samples is None:
        count = element.count
    elif a.replacement or element.count is None:
        count = a.num_samples
    else:
        count = min(a.num_samples, element.count)
    varies = element.varies or a.replacement or a.num_samples is not None
    return replace(_counted(element, count), shuffled=True, varies=varies)


def _random(a: Arguments, before: Before, epoch: int, chance: Chance) -> Flow:
    import numpy as np

    flow = before(epoch)
    count = len(flow) if a.num_samples is None else a.num_samples
    if not a.replacement:
        return flow.take(chance.order(len(flow))[:count])
    return flow.again((chance.uniform(count) * len(flow)).astype(np.int64))


def _infer_weighted(a: Arguments, element: Element) -> Element:
    if element.count is not None and len(a.weights) != element.count:
        raise Misfit(f"there are {len(a.weights)} weights for {element.count} samples")
    if not sum(a.weights):
        raise Misfit("the weights add up to 0")
    positive = sum(weight > 0 for weight in a.weights)
    if not a.replacement and a.num_samples > positive:
        raise Misfit(f"{a.num_samples} different samples of {positive} with a weight above 0")
    return replace(_counted(element, a.num_samples), shuffled=True, varies=True)


def _weighted(a: Arguments, before: Before, epoch: int, chance: Chance) -> Flow:
    import numpy as np

    flow, weights = before(epoch), np.asarray(a.weights, np.float64)
    if a.replacement:
        ends = np.cumsum(weights / weights.sum())
        places = np.searchsorted(ends, chance.uniform(a.num_samples), side="right")
        return flow.again(np.minimum(places, len(weights) - 1))
    # the greatest of u ** (1 / weight): Efraimidis and Spirakis, 2006
    with np.errstate(divide="ignore"):
        ranks = np.log(np.maximum(chance.uniform(len(weights)), 1e-300)) / weights
    return flow.take(np.argsort(-ranks, kind="stable")[: a.num_samples])


def _infer_distributed(a: Arguments, element: Element) -> Element:
    if a.shard_id >= a.num_shards:
        raise Misfit(f"shard_id is {a.shard_id} of {a.num_shards}, starting from 0")
    count = None if element.count is None else -(-element.count // a.num_shards)
    shuffled = element.shuffled or a.shuffle
    return replace(_counted(element, count), shuffled=shuffled, varies=shuffled)


def _distributed(a: Arguments, before: Before, epoch: int, chance: Chance) -> Flow:
    """Every shard has equally many: the first samples come again where the number does not divide
    evenly."""
    import numpy as np

    flow = before(epoch)
    count = -(-len(flow) // a.num_shards)
    places = (a.shard_id + np.arange(count) * a.num_shards) % len(flow)
    order = chance.order(len(flow))[places] if a.shuffle else places
    return flow.take(order)


KINDS = (
    OrderKind(
        name="part",
        signature=signature(
            Argument("sizes", ListOf(Number(above=0.0)), help="shares that add up to 1"),
            Argument("index", Integer(0), help="which of them, starting from 0"),
            Argument("seed", Integer(0), 0, "the same for all parts of a dataset"),
            Argument("randomize", Boolean(), True, "whether samples are drawn at random"),
        ),
        summary="One of the parts of a split. Parts with the same shares and seed share nothing.",
        example="Digits() |> part([0.8, 0.2], 0, seed = 7)",
        infer=_infer_split,
        arrange=_split,
        random=True,
        lasting=True,
    ),
    OrderKind(
        name="SubsetSampler",
        signature=signature(Argument("indices", ListOf(Integer(0)), help="starting from 0")),
        summary="The samples with these numbers, in this order.",
        example="Digits() |> SubsetSampler([0, 2, 4])",
        infer=_infer_subset,
        arrange=_subset,
    ),
    OrderKind(
        name="RandomSampler",
        signature=signature(
            Argument("replacement", Boolean(), False, "whether a sample may come again"),
            Argument("num_samples", Optional(Integer(1)), None, "how many; none: as there are"),
            _SEED,
        ),
        summary="Samples drawn at random, others each epoch.",
        example="Digits() |> RandomSampler(replacement = true, num_samples = 100)",
        infer=_infer_random,
        arrange=_random,
        random=True,
    ),
    OrderKind(
        name="WeightedRandomSampler",
        signature=signature(
            Argument("weights", ListOf(Number(0.0)), help="one for each sample"),
            Argument("num_samples", Integer(1), help="how many an epoch"),
            Argument("replacement", Boolean(), True, "whether a sample may come again"),
            _SEED,
        ),
        summary="Samples drawn at random, as likely as their weights.",
        example="Digits() |> take(3) |> WeightedRandomSampler([1, 1, 2], num_samples = 8)",
        infer=_infer_weighted,
        arrange=_weighted,
        random=True,
    ),
    OrderKind(
        name="DistributedSampler",
        signature=signature(
            Argument("num_shards", Integer(1), help="how many take part"),
            Argument("shard_id", Integer(0), help="which of them this is, starting from 0"),
            Argument("shuffle", Boolean(), True, "whether the order is random, the same for all"),
            _SEED,
        ),
        summary="Every num_shards-th sample.",
        example="Digits() |> DistributedSampler(4, 0)",
        infer=_infer_distributed,
        arrange=_distributed,
        random=True,
    ),
)
