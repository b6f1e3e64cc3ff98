"""What the guides show works: each is carried out from its first line to its last, in an empty
folder, and ends with a figure that an ``ensure`` holds."""

import pytest

from tests.conftest import ROOT
from tests.pages import blocks, walk

FOLDER = ROOT / "docs" / "guides"
GUIDES = sorted(page.stem for page in FOLDER.glob("*.md") if page.stem != "README")
BEGINS_WITH = {"images": ["cifar10"]}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in GUIDES if name != "cifar10"])
def test_guide(name, tmp_path):
    """``cifar10`` is the beginning of ``images``."""
    for each in [*BEGINS_WITH.get(name, ()), name]:
        walk(FOLDER / f"{each}.md", tmp_path)


@pytest.mark.parametrize("name", GUIDES)
def test_every_guide_ends_with_a_figure_that_holds(name):
    specs = [body for kind, _, body in blocks(FOLDER / f"{name}.md") if kind == "spec"]
    assert any("\n  ensure " in body for body in specs)


def test_the_page_of_guides_lists_them_all():
    text = (FOLDER / "README.md").read_text()
    assert [name for name in GUIDES if f"({name}.md)" not in text] == []
