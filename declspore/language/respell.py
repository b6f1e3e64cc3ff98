"""A call as it was written, with other values for some of its arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping

from declspore.ir.term import Arguments
from declspore.language.foreign import Written
from declspore.registry.kind import Kind
from declspore.source import Span


def respelled(
    call: Span, kind: Kind, arguments: Arguments, fits: Mapping[str, object]
) -> str | None:
    """The call with arguments that fit, or what a name in it would have to be; None where the call
    is not as it was written. Two sizes that were swapped are swapped back."""
    word = re.compile(r"\w+(?=[ \t]*\()").match(call.source.text, call.start)
    if word is None or word[0] != kind.name:
        return None
    written = Written.behind(Span(call.source, call.start, word.end())).arguments or ()
    placed = _placed(written, kind)
    if placed is None:
        return None
    texts = dict(placed)
    for name, value in fits.items():
        other = next((n for n, v in arguments.items() if n != name and _is(v, value)), None)
        known = placed.get(name)
        if known is None:
            return None
        if other in placed and _is(arguments.get(name), _known_of(fits, other, arguments, name)):
            texts[name], texts[other] = placed[other], known
        elif re.fullmatch(r"[\d\s*+/()-]+", known):
            texts[name] = str(value)
        else:
            return f"`{name}` must be {value}: `{known}` is {arguments.get(name)} here"
    names = kind.signature.names
    keywords = [re.match(r"(\w+)\s*=(?!=)", each) for each in written]
    parts = [
        f"{found[1]} = {texts[found[1]]}" if found else texts[names[place]]
        for place, found in enumerate(keywords)
    ]
    return f"{kind.name}({', '.join(parts)})"


def _known_of(fits: Mapping[str, object], other: str, arguments: Arguments, name: str) -> object:
    """What the other argument would have to be, were the two swapped: what this one is now."""
    return fits.get(other, arguments.get(name))


def _is(value: object, other: object) -> bool:
    return type(value) is type(other) and bool(value == other)


def _placed(written: tuple[str, ...], kind: Kind) -> dict[str, str] | None:
    """The text of each argument by its name."""
    found: dict[str, str] = {}
    for place, each in enumerate(written):
        named = re.match(r"(\w+)\s*=(?!=)\s*(.*)", each)
        if named is not None:
            found[named[1]] = named[2]
        elif place < len(kind.signature.names):
            found[kind.signature.names[place]] = each
        else:
            return None
    return found
