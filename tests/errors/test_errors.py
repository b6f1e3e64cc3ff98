"""Every diagnostic of the front end, as a user sees it."""

import re
from pathlib import Path

import pytest

from declspore.check import errors as check_errors
from declspore.syntax import errors as syntax_errors
from tests.errors.cases import CASES, answer

# no spec alone can cause these: a setting, or a file that is no text (tests/cli)
ELSEWHERE = {"E106", "E209", "E315", "E511", "E512"}
_CODE = re.compile(r'"([EW]\d{3})"')


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_answer(path):
    assert answer(path) == path.with_suffix(".err").read_text()


def test_every_code_has_a_case():
    shown = {code for path in CASES for code in re.findall(r"[EW]\d{3}", answer(path))}
    defined = {code for module in (syntax_errors, check_errors) for code in _codes(module)}
    assert defined - shown - ELSEWHERE == set()


def test_codes_are_used_once():
    """A code names one kind of problem: it stands in one place of the source."""
    from declspore.checkpoint import errors as checkpoint_errors
    from declspore.cli import errors as command_errors
    from declspore.lower import errors as lower_errors
    from declspore.plan import errors as plan_errors
    from declspore.run import errors as run_errors

    modules = (
        command_errors,
        syntax_errors,
        check_errors,
        checkpoint_errors,
        lower_errors,
        plan_errors,
        run_errors,
    )
    found = [code for module in modules for code in _codes(module)]
    assert sorted(found) == sorted(set(found))


def _codes(module) -> list[str]:
    return _CODE.findall(Path(module.__file__).read_text())
