"""JSON that another program may have written.

Whatever is wrong with the text is a ValueError: depth, numbers that JSON does not have, and lists
and objects so many that they would take a multiple of their bytes. What is wrong with the values is
known where they are used: :data:`MALFORMED` is what taking them apart raises.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from math import isfinite
from typing import Any, Final, NoReturn

MALFORMED: Final = (KeyError, IndexError, TypeError, AttributeError, ValueError, ArithmeticError)
"""What happens where a value is not of the form that it is taken for."""

_FREE = 1 << 16
_BYTES_EACH = 12
"""Of text for each list and object, on average; an empty one takes 64 bytes of memory."""


def parsed(
    text: bytes | str, *, pairs: Callable[[list[tuple[str, Any]]], object] | None = None
) -> Any:
    """The value that a text is; ``pairs`` makes the objects. Raises ValueError with a reason."""
    several = (b"[", b"{") if isinstance(text, bytes) else ("[", "{")
    if sum(map(text.count, several)) > max(_FREE, len(text) // _BYTES_EACH):  # type: ignore[arg-type]
        raise ValueError("it is made of empty lists and objects")
    try:
        return json.loads(
            text, object_pairs_hook=pairs, parse_float=_finite, parse_constant=_no_number
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


_FLOAT = "not finite"


def text_of(value: object) -> str:
    """A value as JSON that :func:`parsed` takes, with ``pairs=with_floats``: numbers that are not
    finite are texts in objects of their own."""
    return json.dumps(_plain(value))


def with_floats(pairs: list[tuple[str, Any]]) -> object:
    """An object, or a number that is not finite, as :func:`text_of` wrote it."""
    if [name for name, _ in pairs] != [_FLOAT]:
        return dict(pairs)
    return float(str(pairs[0][1]))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return {_FLOAT: repr(value)} if isinstance(value, float) and not isfinite(value) else value


def _finite(text: str) -> float:
    if not isfinite(number := float(text)):
        _no_number(text)
    return number


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text[:40]} is not a number")
