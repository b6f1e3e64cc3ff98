"""The table of docs/exports.md is of the networks there are, and says what the plan says."""

import re

import pytest

from tests.exports.matrix import FORMATS, PAGE, measured, networks, refused

ROWS = {
    cells[0]: dict(zip(FORMATS, cells[1:], strict=True))
    for cells in (
        [cell.strip() for cell in line.strip("| ").split(" | ")]
        for line in PAGE.read_text().splitlines()
        if re.match(r"\| \w+: ", line)
    )
}
NETWORKS = dict(networks())


def test_rows_are_of_the_networks_there_are():
    assert list(ROWS) == [name for name in NETWORKS if name in ROWS]
    text = PAGE.read_text().partition("Not measured yet: ")[2]
    assert set(NETWORKS) - set(ROWS) == set(filter(None, text.strip().rstrip(".").split(", ")))


@pytest.mark.parametrize("name", ROWS)
def test_refusals_are_those_of_the_plan(name):
    for suffix, cell in ROWS[name].items():
        reason = refused(NETWORKS[name], suffix)
        if reason is not None:
            assert cell == f"refused: {reason}"
        else:
            assert float(cell) <= 1e-5


@pytest.mark.long
@pytest.mark.parametrize("name", NETWORKS)
def test_every_format_that_is_not_refused_is_proved(name):
    for suffix, cell in measured(NETWORKS[name]).items():
        assert cell.startswith("refused: ") or float(cell) <= 1e-5, (suffix, cell)
