"""Ten training steps of the library's networks and the checkpoint after them equal MindSpore's."""

import numpy as np
import pytest

from tests.conftest import SPECS
from tests.oracle.training import LONG, LOWERED, NETWORKS, ROWS, TRAINING
from tests.zoo.support import CLOSE, FLOOR, theirs, trained, variant

pytestmark = pytest.mark.slow


def rows():
    long = [pytest.param(name, marks=pytest.mark.long) for name in LONG]
    return [*TRAINING, *long]


@pytest.mark.parametrize("name", rows())
def test_training(name, parity, tmp_path):
    expected, names, kept = theirs(name)
    found = trained(name, tmp_path)
    word, of_row = ("training", name), variant(name)
    for text in _settings(name):
        parity.deviation(word, text)
    assert [[key, list(entry.shape)] for key, entry in found.entries.items()] == names
    errors = {
        key: np.abs(values - of_theirs).max() / max(of_theirs[0], FLOOR)
        for (key, values), of_theirs in zip(found.summaries().items(), kept, strict=True)
        if not any(part in key for part in ROWS[name].noise)
    }
    parity.close(word, of_row, "losses", found.losses, expected, CLOSE)
    worst = max(errors, key=errors.get)
    assert errors[worst] < CLOSE, (worst, errors[worst], sum(e > CLOSE for e in errors.values()))
    parity.close(word, of_row, "checkpoint after", errors[worst] + 1.0, 1.0, CLOSE)


def _settings(name):
    """What a reader of the page must know of a row."""
    spec = (SPECS / NETWORKS[name][0]).read_text().replace("drop_remainder", "")
    if "drop" in spec.lower():
        yield "Nothing is dropped."
    if ROWS[name].lift:
        lifted = "Biases" if ROWS[name].lifted == "bias" else "Batch norms"
        yield f"{lifted} lifted by {ROWS[name].lift:g}."
    if ROWS[name].lowered:
        lowered = ", ".join(f"`{parameter}`" for parameter in ROWS[name].lowered)
        yield f"Lowered by {LOWERED:g}: {lowered}."
    for part in ROWS[name].noise:
        yield f"Without `{part}`: its gradient is zero but for rounding."


def test_no_spec_of_the_library_is_forgotten():
    trained_ones = {NETWORKS[name][0] for name in ROWS}
    assert {path.name for path in SPECS.glob("*.spec")} <= trained_ones
