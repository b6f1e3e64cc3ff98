"""Every snippet of MindSpore's guides, here and under MindSpore: docs/mindspore-guides.md."""

import pytest

from tests.conftest import mindspore_python
from tests.python.guides.write_page import (
    GUIDES,
    PAGE,
    digest,
    here,
    recorded,
    recorded_of,
    section,
    there,
    titles,
    verdict,
)


@pytest.mark.slow
@pytest.mark.parametrize("guide", GUIDES)
def test_here(guide):
    """``python -m tests.python.guides.write_page`` writes the page."""
    expected, found = recorded()[guide], here(guide)
    assert section(guide, expected, found) in PAGE.read_text()
    pairs = {number: (expected[number], found[number]) for number in expected}
    differ = {number: pair for number, pair in pairs.items() if "DIFFERS" in verdict(*pair)}
    assert differ == {}


def test_what_is_recorded_is_of_these_snippets():
    assert recorded_of() == {guide: digest(guide) for guide in GUIDES}


@pytest.mark.mindspore
@pytest.mark.long
@pytest.mark.parametrize("guide", GUIDES)
def test_there(guide):
    python = mindspore_python()
    if python is None:
        pytest.skip("MindSpore is not installed; see CONTRIBUTING.md")
    assert there(python, guide) == recorded()[guide]


def test_every_snippet_is_counted():
    """Blocks of the guides in all their releases, each counted once."""
    assert {guide: len(titles(guide)) for guide in GUIDES} == {
        "loading": 21,
        "saving": 43,
        "beginner": 35,
    }
    assert all(list(recorded()[guide]) == list(titles(guide)) for guide in GUIDES)
