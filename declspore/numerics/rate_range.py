"""Which learning rate a range test recommends (Smith, Cyclical Learning Rates for Training Neural
Networks, 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite, log10, sqrt
from statistics import fmean

from declspore.dataclass import dataclass

DIVERGED = 4.0
"""Times the lowest average of the losses before, from which on a loss counts as diverged:
fastai's."""
_SMOOTHING = 0.9
"""How much of the average of the losses before stays at a step."""
_AT_LEAST = 5
"""Steps whose losses say too little of where they go."""
_LEAST_FALL, _NOISE = 0.01, 2.0
"""A fall is more than so much of the first losses, and so many deviations from the mean."""


@dataclass(frozen=True, slots=True)
class RateRange:
    """What a range test found. ``smoothed`` are the means of losses at neighbouring rates,
    ``steepest`` the rate at which they fall fastest over its logarithm, ``lowest`` that of the
    lowest; both are None where they fall by no more than the losses vary. ``diverged`` is the rate
    at which the loss went beyond four times the lowest average before, or was not finite."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    steepest: float | None
    lowest: float | None
    diverged: float | None


def geometric(low: float, high: float, count: int) -> tuple[float, ...]:
    """``count`` rates from ``low`` to ``high``, each the same multiple of the one before."""
    ratio = (high / low) ** (1.0 / max(count - 1, 1))
    return tuple(low * ratio**n for n in range(count))


def smoothed(losses: Sequence[float], around: int) -> tuple[float, ...]:
    """The mean of each loss and of as many on both sides, up to ``around``."""
    found = []
    for place in range(len(losses)):
        reach = min(around, place, len(losses) - 1 - place)
        found.append(fmean(losses[place - reach : place + reach + 1]))
    return tuple(found)


def diverged_at(losses: Sequence[float]) -> int | None:
    """The place of the first loss that counts as diverged."""
    best, average = inf, 0.0
    for place, loss in enumerate(losses):
        average = _SMOOTHING * average + (1 - _SMOOTHING) * loss
        mean = average / (1 - _SMOOTHING ** (place + 1))
        if not isfinite(mean) or (place >= _AT_LEAST and mean > DIVERGED * best > 0):
            return place
        best = min(best, mean)
    return None


def judged(rates: Sequence[float], losses: Sequence[float]) -> RateRange:
    """What the losses at growing rates say."""
    end = diverged_at(losses)
    known = losses[: len(losses) if end is None else end]
    around = max(len(rates) // 20, 2)
    means = smoothed(known, around)
    diverged = None if end is None else rates[end]
    steepest = lowest = None
    bottom = min(range(len(means)), key=means.__getitem__, default=0)
    if _falls(known, means, around, bottom):
        places = range(around, max(bottom, around + 1))
        steepest = rates[max(places, key=lambda place: _slope(rates, means, place, around))]
        lowest = rates[bottom]
    return RateRange(tuple(rates[: len(known)]), tuple(known), means, steepest, lowest, diverged)


def _falls(losses: Sequence[float], means: Sequence[float], around: int, bottom: int) -> bool:
    """Whether the means fall from the first losses to the lowest by more than chance."""
    if bottom <= around:
        return False
    first = fmean(losses[: 2 * around])
    noise = sqrt(fmean((a - b) ** 2 for a, b in zip(losses[:bottom], means, strict=False)))
    return first - means[bottom] > max(_LEAST_FALL * abs(first), _NOISE * noise)


def _slope(rates: Sequence[float], means: Sequence[float], place: int, around: int) -> float:
    """How much the means fall around a place, in a decade of the rate."""
    before, after = place - around, min(place + around, len(means) - 1)
    return (means[before] - means[after]) / (log10(rates[after]) - log10(rates[before]))
