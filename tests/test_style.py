"""How declspore speaks: phrases that docs/style.md rules out are in no string, docstring, comment
or page."""

import io
import re
import tokenize

import pytest

from tests.conftest import ROOT

RULED_OUT = {
    r"\btold\b(?! apart)": "reported",
    r"\btells?\b(?! apart)": "reports, shows, states",
    r"\bbeside\b": "next to, with, besides",
    r"\b(nobody|whoever)\b": "the program, a file or a value as the subject",
    r"\bwhole[ -]numbers?\b": "integer",
    r"\bcounted from 0\b": "numbered from 0",
    r"\b(is|are) there already\b": "already exists",
    r"\bthere is no such\b": "does not exist, was not found",
    r"\bhas not (a|any|as)\b": "does not have",
    r"(?<!there )\b(is|are) no (number|tensor|text|checkpoint|file|array|column)s?\b": "is not a",
    r"(?<!can )(?<!and )\bstands? (in|at|on|under|before|after|alone|there|beside|next)\b": "is",
    r"\b(was|were|are|is) met\b": "was found, was reached",
    r"\bfloats are taken\b": "expected a float type, found ...",
    r"(?<!left )(?<!leaves )(?<!nothing )(?<!wait )\bbehind\b(?! (a f|the task|two))": "after",
    r"\banew\b": "again, from the start",
    r"\b(goes|go|gone) on\b": "continues",
    r"\bsomebody\b": "another program, a caller",
}  # fmt: skip
"""Patterns, each with what to write instead."""

PAGES = [
    path
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
    if path.name not in {"style.md"}
]
MODULES = sorted((ROOT / "declspore").rglob("*.py"))


def _found(text: str, where: str, line: int = 1) -> list[str]:
    return [
        f"{where}:{line + text.count(chr(10), 0, match.start())}: {match[0]!r}; write: {instead}"
        for pattern, instead in RULED_OUT.items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]


def _words(source: str) -> list[tuple[int, str]]:
    """The strings and comments of a module with their lines: what a reader reads as English."""
    kinds = {tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", -1)}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [(token.start[0], token.string) for token in tokens if token.type in kinds]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules(module):
    name = str(module.relative_to(ROOT))
    found = [each for line, text in _words(module.read_text()) for each in _found(text, name, line)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages(page):
    found = _found(page.read_text(), str(page.relative_to(ROOT)))
    assert not found, "\n".join(found)


def test_every_ruled_out_phrase_is_found():
    """The patterns find what they are for, and leave ordinary English alone."""
    wrong = [
        "a mismatch is told", "it tells", "beside it", "nobody knows", "a whole number",
        "2, counted from 0", "`x` is there already", "there is no such spec", "it has not any",
        "this is no tensor", "the value stands in a file", "the rows were met", "floats are taken",
        "a word behind a number", "it begins anew", "the training goes on", "somebody else",
    ]  # fmt: skip
    assert all(_found(text, "text") for text in wrong), wrong
    right = "told apart; stands for; there is no tensor; and at once; a file that does not exist"
    assert not _found(right, "text")


def test_the_style_page_names_this_test():
    assert "tests/test_style.py" in (ROOT / "docs" / "style.md").read_text()
