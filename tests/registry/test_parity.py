"""docs/parity.md has a row for every word of the vocabulary with MindSpore's numbers, and names
every case there is."""

import pytest

from declspore.registry.table import vocabulary
from tests.oracle.cells import CELLS
from tests.oracle.initializers import INITIALIZERS
from tests.oracle.losses import LOSSES
from tests.oracle.metrics import METRICS
from tests.oracle.ops import OPS
from tests.oracle.optimizers import GROUPED, LISTS, OPTIMIZERS, SCHEDULES
from tests.oracle.sequences import SEQUENCES
from tests.oracle.training import LONG, ON_KINKS, TRAINING
from tests.parity import NETWORKS, PAGE, WITHOUT_NUMBERS, rows

OF_OTHERS = {"SequentialLR"}
"""Words that MindSpore does not have, whose numbers are those of the words they are made of."""
NUMERIC = [
    kind
    for kind in vocabulary()
    if kind.family not in WITHOUT_NUMBERS and kind.name not in OF_OTHERS
]


@pytest.fixture(scope="module")
def page():
    return rows(PAGE.read_text())


@pytest.mark.parametrize("kind", NUMERIC, ids=lambda kind: f"{kind.family} {kind.name}")
def test_every_word_has_a_row(kind, page):
    row = page.get((kind.family, kind.name))
    assert row is not None, "write the page anew: pytest --parity"
    assert row.variants, row
    assert row.worst, row


def test_every_row_is_of_a_word(page):
    words = {row for row in page if row[0] not in NETWORKS}
    assert words <= {(kind.family, kind.name) for kind in vocabulary()}


@pytest.mark.parametrize(
    "cases",
    [CELLS, SEQUENCES, OPS, LOSSES, METRICS, OPTIMIZERS, GROUPED, SCHEDULES, LISTS, INITIALIZERS],
)
def test_every_case_is_on_the_page(cases, page):
    named = {variant for row in page.values() for variant in row.variants}
    assert set(cases) <= named, "write the page anew: pytest --parity"


def test_every_trained_network_is_on_the_page(page):
    trained = {("training", name) for name in (*TRAINING, *LONG)}
    rounding = {("rounding", name) for name in ON_KINKS}
    assert trained | rounding == {row for row in page if row[0] in ("training", "rounding")}
