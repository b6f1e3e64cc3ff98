"""Typical mistakes are answered at their place with what to write."""

import pytest

from declspore.check.check import check_partly
from declspore.source import Source
from tests.errors.mistakes import MISTAKES, Mistake, cell, flow


def errors(text):
    found = check_partly(Source("test.spec", f"spec 1\n{text}")).diagnostics
    return [each for each in found if not each.warning]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.at + " " + mistake.fix)
def test_the_place_and_the_fix(mistake):
    answers = {
        each.labels[0].place.text: " ".join((each.title, *each.notes, *each.helps))
        for each in reversed(errors(mistake.text))
    }
    assert mistake.at in answers
    assert mistake.fix in answers[mistake.at]


@pytest.mark.parametrize(
    "mistake",
    [
        cell("Linaer(84, 84)", "Linaer", ""),
        flow("pemrute(h)", "pemrute", ""),
        Mistake("optimizer o = SGX()\n", "SGX", ""),
    ],
)
def test_no_proposal_is_better_than_a_wrong_one(mistake):
    (answer,) = errors(mistake.text)
    assert answer.labels[0].place.text == mistake.at
    assert not [help for help in answer.helps if "did you mean" in help and "SGD" not in help]


def test_a_name_that_means_nothing_is_one_error():
    (answer,) = errors("let a = [lost, lost + 1]\nlet b = lost\n")
    assert [label.text for label in answer.labels[1:]] == ["and here", "and here"]
