"""What messages show of data: a spec may name any file, and its messages end in logs that others
read. So values are described, and only what is a number or says that there is none is repeated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from declspore.spelling import count

_NUMBER = re.compile(r"[+-]?[0-9.]{1,24}(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)
_ABSENT: Final = frozenset(
    ("", "-", "?", "n/a", "na", "nan", "nil", "none", "null", "inf", "true", "false")
)
_LISTED = re.compile(r"[\w .()%#-]{1,40}")
_OF_TABLES = ",;\t"
_MOST_LISTED = 50


def described(value: str) -> str:
    """A value of a file for a message: what kind of text it is, not the text."""
    text = value.strip()
    if text.lower() in _ABSENT or _NUMBER.fullmatch(text):
        return repr(text)
    return f"a text of {count(len(text), 'character')}"


def fields_of(names: Sequence[str], delimiter: str) -> str:
    """The names of a table's fields for a message, where its first line looks as if it had some;
    else how many there are."""
    is_table = len(names) > 1 and delimiter in _OF_TABLES
    if is_table and len(names) <= _MOST_LISTED and all(map(_LISTED.fullmatch, names)):
        return ", ".join(names)
    return count(len(names), "field")
