"""Every snippet of MindSpore's guides, here and under MindSpore: docs/mindspore-guides.md."""

import sys

import pytest

from tests.conftest import mindspore_python
from tests.python.guides.write_page import (
    GUIDES,
    PAGE,
    outcomes,
    recorded,
    section,
    titles,
    verdict,
)


@pytest.mark.slow
@pytest.mark.parametrize("guide", GUIDES)
def test_here(guide):
    """``python -m tests.python.guides.write_page`` writes the page."""
    there, here = recorded()[guide], outcomes(sys.executable, "declspore", guide)
    assert section(guide, there, here) in PAGE.read_text()
    differ = {n: (there[n], here[n]) for n in there if "DIFFERS" in verdict(there[n], here[n])}
    assert differ == {}


@pytest.mark.mindspore
@pytest.mark.parametrize("guide", GUIDES)
def test_there(guide):
    python = mindspore_python()
    if python is None:
        pytest.skip("MindSpore is not installed; see CONTRIBUTING.md")
    assert outcomes(python, "mindspore", guide) == recorded()[guide]


def test_every_snippet_is_counted():
    """Blocks of the guides in all their releases, each counted once."""
    assert {guide: len(titles(guide)) for guide in GUIDES} == {
        "loading": 21,
        "saving": 43,
        "beginner": 35,
    }
    assert all(list(recorded()[guide]) == list(titles(guide)) for guide in GUIDES)
