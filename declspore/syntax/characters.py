"""Characters that look like a sign of the language, or like nothing, and are another.

Texts copied from pages and word processors hold no-break spaces, typographic quotes and full-width
signs. They are named for what they are, and the text is read on as it was meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple


class ForeignCharacter(NamedTuple):
    """A character, what is meant by it, and every place where it stands."""

    character: str
    meant: str
    places: tuple[int, ...]


def mended(text: str) -> tuple[str, tuple[ForeignCharacter, ...]]:
    """The text as it was meant, character for character, and what was replaced in it.

    Strings, paths and comments keep their characters.
    """
    found: dict[str, list[int]] = {}
    pieces = list(text)
    for place in _places(text):
        meant = meaning(text[place])
        assert meant is not None
        found.setdefault(text[place], []).append(place)
        if len(meant) == 1:
            pieces[place] = meant
    replaced = tuple(
        ForeignCharacter(character, meaning(character) or "", tuple(places))
        for character, places in found.items()
    )
    return "".join(pieces), tuple(each for each in replaced if len(each.meant) == 1)


def meaning(character: str) -> str | None:
    """What is meant by a character; None where it is not known."""
    if 0xFF01 <= ord(character) <= 0xFF5E:  # full-width forms of ASCII
        return chr(ord(character) - 0xFEE0)
    return _MEANT.get(character)


def named(character: str) -> str:
    """The character as messages name it: the sign, or its number where it shows nothing."""
    name = unicodedata.name(character, "").lower()
    shown = f"`{character}` " if character.isprintable() and not character.isspace() else ""
    return f"{shown}U+{ord(character):04X} ({name})" if name else f"{shown}U+{ord(character):04X}"


def _places(text: str) -> Iterator[int]:
    """Where such characters stand, outside strings, paths and comments."""
    for found in _PIECE.finditer(text):
        piece = found[0]
        if found.lastgroup == "quoted":
            yield found.start()
            yield found.end() - 1
        elif found.lastgroup == "other" and meaning(piece) is not None:
            yield found.start()


_MEANT = {
    **dict.fromkeys("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008", " "),
    **dict.fromkeys("\u2009\u200a\u202f\u205f\u3000\u200b\u200c\u200d\u2060\ufeff\u00ad", " "),
    **dict.fromkeys("\u2028\u2029\u0085", "\n"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u00ab\u00bb\u2033'", '"'),
    **dict.fromkeys("\u00b4\u2035\u02cb", "`"),
    **dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014\ufe63", "-"),
    **dict.fromkeys("\u00d7\u22c5\u2217\u00b7", "*"),
    **dict.fromkeys("\u00f7\u2215\u2044", "/"),
    "\u3002": ".",
    "\u3001": ",",
    "\u2264": "<=",
    "\u2265": ">=",
    "\u2260": "!=",
    "\u2192": "->",
    "\u27f6": "->",
    "\u21d2": "->",
    "\u2026": "...",
}
# texts in other quotes hold anything; one alternative each, the character alone last
_PIECE = re.compile(
    r'"(?:[^"\\\n]++|\\.)*+"?|`[^`\n]*`|#[^\n]*'
    '|(?P<quoted>[\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02][^"\n\u201c\u201d\u00ab\u00bb\uff02]*[\u201c\u201d\u00ab\u00bb\uff02]'
    "|[\u2018\u2019\u201a'\uff07][^\"\n\u2018\u2019'\uff07]*[\u2018\u2019'\uff07])"
    r"|(?P<other>[^\x00-\x7f])"
)
