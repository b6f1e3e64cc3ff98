"""The table of recipes in the cookbook counts what it says it counts."""

import re

import pytest

from tests.conftest import ROOT
from tests.recipes.support import RECIPES

PAGE = (ROOT / "docs" / "cookbook" / "README.md").read_text()
ROWS = re.findall(r"^\| \[(\w+)\]\(\S+\) \|.*\| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)


def test_every_recipe_is_in_the_table_and_has_a_test():
    assert sorted(name for name, _, _ in ROWS) == sorted(
        path.stem for path in RECIPES.glob("*.spec")
    )
    tests = "".join(p.read_text() for p in (ROOT / "tests" / "recipes").glob("test_*.py"))
    assert [name for name, _, _ in ROWS if f'cook("{name}"' not in tests] == []


@pytest.mark.parametrize(("name", "before", "now"), ROWS)
def test_a_recipe_is_shorter_than_its_script(name, before, now):
    lines = (RECIPES / f"{name}.spec").read_text().splitlines()
    counted = sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in lines)
    assert counted == int(now) < int(before)
