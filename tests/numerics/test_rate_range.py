import math
import random
from itertools import pairwise

import pytest

from declspore.numerics.rate_range import diverged_at, geometric, judged, smoothed

RATES = geometric(1e-6, 1.0, 100)


def _curve(rate):
    """Falls around 1e-3, is lowest near 1e-2, and grows beyond."""
    return 2.0 - 1.5 / (1 + (1e-3 / rate) ** 2) + 2000 * max(rate - 0.03, 0.0) ** 2


def test_rates_are_a_geometric_row():
    assert RATES[0] == 1e-6
    assert RATES[-1] == pytest.approx(1.0)
    steps = [math.log10(b) - math.log10(a) for a, b in pairwise(RATES)]
    assert min(steps) == pytest.approx(max(steps))
    assert geometric(0.5, 2.0, 1) == (0.5,)


def test_it_finds_where_the_loss_falls():
    found = judged(RATES, [_curve(rate) for rate in RATES])
    assert 5e-4 < found.steepest < 2e-3
    assert found.steepest < found.lowest < 0.2
    assert 0.03 < found.diverged < 0.3
    assert len(found.rates) == len(found.losses) == len(found.smoothed)
    assert found.rates[-1] < found.diverged


def test_means_are_of_both_sides():
    assert smoothed([3.0, 3.0, 6.0, 0.0, 1.0], 2) == (3.0, 4.0, 2.6, 7 / 3, 1.0)
    assert smoothed([], 2) == ()


def test_noise_is_no_fall():
    source = random.Random(0)
    flat = [2.3 + source.gauss(0, 0.1) for _ in RATES]
    assert judged(RATES, flat).steepest is None
    noisy = [_curve(rate) + source.gauss(0, 0.1) for rate in RATES]
    assert 2e-4 < judged(RATES, noisy).steepest < 5e-3


def test_a_loss_that_never_falls_recommends_nothing():
    found = judged(RATES, [1.0 + n for n in range(100)])
    assert (found.steepest, found.lowest) == (None, None)
    flat = judged(RATES, [1.0] * 100)
    assert (flat.steepest, flat.diverged) == (None, None)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_not_finite_has_diverged(bad):
    losses = [1.0] * 7 + [bad] + [1.0] * 92
    assert diverged_at(losses) == 7
    assert judged(RATES, losses).diverged == RATES[7]
    assert diverged_at([bad]) == 0
    assert judged(RATES[:1], [bad]).rates == ()
