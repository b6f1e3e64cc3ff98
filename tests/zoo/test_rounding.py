"""What part two trainings in float32, where rectifiers stand on their kinks, is rounding.

MindSpore's CPU convolves and normalises in float32 alone, so the reference is declspore in
float64. Millions of normal numbers enter the rectifiers; rounding moves some across the kink, and
a gradient changes by a part in a thousand at once. Were a formula wrong, both of ours would agree,
and MindSpore stand far from them from the first steps on.
"""

import keras
import numpy as np
import pytest

from tests.oracle.training import ON_KINKS
from tests.zoo.support import CLOSE, FLOOR, theirs, trained, variant

SAME_ORDER = 30.0
EXACT_STEPS = 2
"""Steps before which rounding has not grown: all three must agree on their losses."""


@pytest.fixture
def in_float64():
    """Runs a function with variables and arithmetic of float64."""

    def run(function, *arguments):
        before = keras.config.floatx(), keras.config.dtype_policy()
        keras.config.set_floatx("float64")
        keras.config.set_dtype_policy("float64")
        try:
            return function(*arguments)
        finally:
            keras.config.set_floatx(before[0])
            keras.config.set_dtype_policy(before[1])

    return run


def _worst(values, expected):
    """The largest error of the entries of a checkpoint, each relative to its largest value."""
    pairs = zip(values, expected, strict=True)
    return max(np.abs(v - e).max() / max(e[0], FLOOR) for v, e in pairs)


def _so_far(losses, expected):
    """The largest error of the losses up to each step."""
    return np.maximum.accumulate(np.abs(np.asarray(losses) - expected) / np.abs(expected).max())


@pytest.mark.long
@pytest.mark.parametrize("name", ON_KINKS)
def test_drift_is_of_the_order_of_rounding(name, in_float64, parity, tmp_path):
    key = ON_KINKS[name]
    ours = trained(key, tmp_path)
    exact = in_float64(trained, key, tmp_path)
    losses, names, kept = theirs(key)
    assert [[name, list(entry.shape)] for name, entry in ours.entries.items()] == names
    reference = list(exact.summaries().values())
    our_drift = _worst(ours.summaries().values(), reference)
    their_drift = _worst(kept, reference)
    our_losses, their_losses = _so_far(ours.losses, exact.losses), _so_far(losses, exact.losses)
    of = ("rounding", name)
    for who, of_losses, drift in (
        ("declspore's", our_losses[-1], our_drift),
        ("MindSpore's", their_losses[-1], their_drift),
    ):
        parity.measured(of, variant(key), f"{who} loss", float(of_losses))
        parity.measured(of, variant(key), f"{who} checkpoint", float(drift))
    assert their_losses[EXACT_STEPS - 1] < CLOSE
    assert our_losses[EXACT_STEPS - 1] < CLOSE
    assert their_drift < SAME_ORDER * our_drift
    assert (their_losses < SAME_ORDER * np.maximum(our_losses, 1e-6)).all()
