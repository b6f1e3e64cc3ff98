"""Every diagnostic of the front end, as a user sees it."""

import re
from pathlib import Path

import pytest

import declspore
from tests.errors.cases import CASES, answer

PACKAGE = Path(declspore.__file__).parent
FRONT_END = [PACKAGE / room / "errors.py" for room in ("syntax", "language", "elaborate", "check")]

# no spec alone can cause these: a setting, or a file that is not a text (tests/cli)
ELSEWHERE = {"E106", "E209", "E315", "E511", "E512", "E601"}
_CODE = re.compile(r'"([EW]\d{3})"')


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_answer(path):
    assert answer(path) == path.with_suffix(".err").read_text()


def test_every_code_has_a_case():
    shown = {code for path in CASES for code in re.findall(r"[EW]\d{3}", answer(path))}
    defined = {code for path in FRONT_END for code in _codes(path)}
    assert defined - shown - ELSEWHERE == set()


def test_codes_are_used_once():
    """A code names one kind of problem: it is in one file of the source."""
    found = [code for path in PACKAGE.rglob("errors.py") for code in set(_codes(path))]
    assert sorted(found) == sorted(set(found))


def _codes(path) -> list[str]:
    return _CODE.findall(path.read_text())
