"""The pages of the cookbook: their specs run, and print what the pages show."""

import re

import numpy as np
import pytest
from click.testing import CliRunner

from declspore.cli import main
from tests.conftest import ROOT
from tests.recipes.files import PAGES
from tests.recipes.support import contents

COOKBOOK = ROOT / "docs" / "cookbook"
BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.usefixtures("here")


def _page(name):
    return (COOKBOOK / f"{name}.md").read_text()


def _run(command, text, here):
    (here / "recipe.spec").write_text(text)
    return CliRunner().invoke(main, [command, "recipe.spec"])


def test_every_page_is_tested_and_listed():
    pages = {path.stem for path in COOKBOOK.glob("*.md")} - {"README"}
    assert pages == set(PAGES)
    assert set(re.findall(r"^\* \[.*\]\((\w+)\.md\)", _page("README"), re.MULTILINE)) == pages


@pytest.mark.parametrize("name", PAGES)
def test_page(name, here):
    expected = PAGES[name]()
    spec, tag, shown = "", "", set()
    for kind, marked, text in (found.groups() for found in BLOCK.finditer(_page(name))):
        if kind == "spec":
            spec, tag = text, marked
            assert spec.startswith("spec 1\n")
            continue
        command = re.match(r"\$ declspore (\w+) recipe.spec\n", text)
        done = _run(command[1], spec, here)
        assert (done.exit_code != 0) == (tag == "wrong"), done.output
        _check_printed(text.splitlines()[1:], done.stdout if command[1] == "plan" else done.output)
        shown.add((command[1], tag))
    assert {("plan", None), ("run", "wrong")} <= shown
    done = _run("run", next(BLOCK.finditer(_page(name)))[3], here)
    assert done.exit_code == 0, done.output
    for path, values in expected.items():
        _check_values(contents(path), values)


def _check_printed(block, printed):
    """The lines shown are printed, one after the other."""
    shown = [line.rstrip() for line in block if line.strip() not in ("", "...")]
    lines = iter([line.rstrip() for line in printed.splitlines()])
    assert [line for line in shown if line not in lines] == [], printed


def _check_values(found, expected):
    assert sorted(found) == sorted(expected)
    for name, value in expected.items():
        assert (found[name].dtype, found[name].shape) == (value.dtype, value.shape)
        if value.dtype.kind != "f":
            np.testing.assert_array_equal(found[name], value)
        elif np.isnan(value).all():
            assert np.isfinite(found[name]).all()
        else:
            rtol = 1e-3 if value.dtype.itemsize == 2 else 1e-6
            np.testing.assert_allclose(found[name], value, rtol=rtol, atol=rtol / 10)
