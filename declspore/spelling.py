"""Words in messages: which was meant, lists, counts, and names that may hold anything."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches
from itertools import islice
from math import isfinite, isnan
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | dict[str, Json] | None"
"""A document of JSON as values of Python."""


def repeated(names: Iterable[str]) -> str | None:
    """The first name that comes more than once; None where all are different."""
    every = list(names)
    counts = Counter(every)
    return next((name for name in every if counts[name] > 1), None)


def closest(
    word: str, candidates: Iterable[str], *, limit: int = 1, alike: float = 0.6
) -> list[str]:
    """The candidates that look most like the word, best first; case counts for little.
    ``alike``, from 0 to 1, is how much they must."""
    by_folded: dict[str, list[str]] = {}
    for candidate in dict.fromkeys(candidates):
        by_folded.setdefault(candidate.casefold(), []).append(candidate)
    folded = word.casefold()
    if len(by_folded) > _MANY or len(folded) > _LONG:
        by_folded = _with_same_ends(folded, by_folded)
    matches = get_close_matches(folded, by_folded, n=limit, cutoff=alike)
    if swapped := [each for each in by_folded if each != folded and _are_swapped(folded, each)]:
        matches = [*swapped, *(match for match in matches if match not in swapped)][:limit]
    return [_most_alike(word, by_folded[match]) for match in matches]


_MANY, _LONG = 1000, 200
"""Candidates, and characters of a word, from which on comparing each with each takes too long."""


def _with_same_ends(folded: str, candidates: dict[str, list[str]]) -> dict[str, list[str]]:
    """Of many candidates those that begin or end as a word does, and are not too many or long."""
    ends = folded[:2], folded[-2:]
    alike = (each for each in candidates if each.startswith(ends[0]) or each.endswith(ends[1]))
    few = islice((each for each in alike if len(each) <= _LONG >= len(folded)), _MANY // 4)
    return {each: candidates[each] for each in few}


def _are_swapped(word: str, other: str) -> bool:
    """Whether two neighbours of one word changed places in the other."""
    if len(word) != len(other):
        return False
    apart = [at for at, (a, b) in enumerate(zip(word, other, strict=True)) if a != b]
    return (
        len(apart) == 2
        and apart[1] == apart[0] + 1
        and word[apart[0]] + word[apart[1]] == other[apart[1]] + other[apart[0]]
    )


def _most_alike(word: str, candidates: list[str]) -> str:
    """Of candidates that differ in case only, the one that shares most with the word."""
    return max(candidates, key=lambda candidate: SequenceMatcher(None, word, candidate).ratio())


def did_you_mean(word: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """A help text naming the closest candidate, or nothing where none is close."""
    return tuple(f"did you mean `{match}`?" for match in closest(word, candidates))


def listing(words: Iterable[str], *, limit: int = 8) -> str:
    """``a, b, c and 4 more``, each word in backticks."""
    found = [f"`{printable(word)}`" for word in words]
    if len(found) > limit:
        return f"{', '.join(found[:limit])} and {len(found) - limit} more"
    return ", ".join(found)


def printable(text: str, keep: str = "") -> str:
    """The text with line breaks, control characters and others that no one sees as escapes: a name
    in a file may be made to move the cursor of the terminal it is shown on."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in keep else char.encode("unicode_escape").decode()
        for char in text
    )


def harmless(text: str) -> str:
    """A document, such as a spec, with escapes for what a terminal would act on instead of showing
    it. A spec that parses has nothing of that, and stays as it is."""
    return HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]|\r(?!\n)"
)
"""Control characters but for tabs and line breaks, those that turn the direction of writing, and
halves of surrogate pairs."""


def of_json(value: object) -> object:
    """A document with the numbers that JSON does not have as the strings "NaN", "Infinity" and
    "-Infinity"."""
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {key: of_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [of_json(item) for item in value]
    return value


def json_escaped(text: str) -> str:
    """A text of JSON with everything that no one sees in the escapes of JSON, line breaks between
    values apart: it means the same, and any terminal and encoding can take it."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(
        char if char == "\n" or char.isprintable() else _json_escape(char) for char in text
    )


def _json_escape(char: str) -> str:
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def article(noun: str) -> str:
    """``a`` or ``an``."""
    return "an" if noun[0] in "aeio" else "a"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """``1 entry``, ``3 entries``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
