"""Numbers as other languages write them, and how this one does."""

from __future__ import annotations

import re
from typing import NamedTuple

UNITS = ("epochs", "steps", "KiB", "MiB", "GiB", "ms", "s", "min", "h")


class Misspelled(NamedTuple):
    """A number that is not written as one: from where to where, and what to write."""

    start: int
    end: int
    meant: str


def misspelled(line: str, column: int) -> Misspelled | None:
    """The number at a column of a line (from 0) that is not spelled as this language does."""
    for found in _NUMBER.finditer(line):
        if found.start() <= column <= found.end():
            meant = _meant(found[0])
            if meant is not None and meant != found[0]:
                return Misspelled(found.start(), found.end(), meant)
    return None


def unit(word: str) -> str | None:
    """The unit that a word means: ``seconds`` is ``s``; None where there is none."""
    return _UNITS.get(word) or _UNITS.get(word.lower())


def _meant(text: str) -> str | None:
    if (other := re.fullmatch(r"0([bo])([0-7_]+)", text, re.IGNORECASE)) is not None:
        base = 2 if other[1].lower() == "b" else 8
        return str(int(other[2].replace("_", ""), base)) if _fits(other[2], base) else None
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return None
    whole, dot, fraction, exponent, word = (part or "" for part in parts.groups())
    number = whole.replace("_", "") or "0"
    if dot:
        number += "." + (fraction.replace("_", "") or "0")
    number += exponent.replace("_", "")
    if not word:
        return number
    if word.lower() in ("f", "l", "j", "d", "u") or word.startswith("_"):
        return number
    meant = unit(word)
    if meant is None:
        return None
    return f"{number}%" if meant == "%" else f"{number} {meant}"


def _fits(digits: str, base: int) -> bool:
    return all(int(digit) < base for digit in digits.replace("_", ""))


# a number with what sticks to it
_NUMBER = re.compile(r"(?<![\w.`])(?:\d|\.\d)[\w.]*(?:(?<=[eE])[+-]\d[\d_]*\w*)?%?")
_PARTS = re.compile(r"([0-9][0-9_]*)?(\.)?([0-9][0-9_]*)?([eE][+-]?[0-9][0-9_]*)?([A-Za-z_]*)")
_UNITS = {
    **{unit: unit for unit in UNITS},
    **dict.fromkeys(("epoch", "epochs", "ep", "eps"), "epochs"),
    **dict.fromkeys(("step", "steps", "iteration", "iterations", "iters", "iter", "it"), "steps"),
    **dict.fromkeys(("batch", "batches", "updates"), "steps"),
    **dict.fromkeys(("second", "seconds", "sec", "secs"), "s"),
    **dict.fromkeys(("minute", "minutes", "mins", "m"), "min"),
    **dict.fromkeys(("hour", "hours", "hrs", "hr"), "h"),
    **dict.fromkeys(("millisecond", "milliseconds", "msec"), "ms"),
    **dict.fromkeys(("kb", "kib", "k"), "KiB"),
    **dict.fromkeys(("mb", "mib", "megabytes"), "MiB"),
    **dict.fromkeys(("gb", "gib", "gigabytes", "g"), "GiB"),
    **dict.fromkeys(("percent", "pct"), "%"),
}
