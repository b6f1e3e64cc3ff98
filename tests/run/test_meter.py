"""How the figure of a metric is shown."""

import pytest

from declspore.run.meter import shown

SHOWN = [
    (0.25, "0.2500"),
    (1.0, "1.0000"),
    ((0.5, 1.0), "[0.5000, 1.0000]"),
    (((16.0, 0.0), (1.0, 2.0)), "[[16, 0], [1, 2]]"),
    ((1.0, float("nan")), "[1.0000, nan]"),
    ((1, 1e20), "[1.0000, 100000000000000000000.0000]"),
]


@pytest.mark.parametrize(("figure", "text"), SHOWN)
def test_a_figure_is_shown(figure, text):
    assert shown(figure) == text
