"""Words of other libraries, and what to write here instead.

The data are the tables of ``docs/porting.md`` below "Words of other libraries". A proposal is
filled with what was written: ``Linear(16, 10)`` gives ``Dense(16, 10)``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from enum import Enum
from functools import cache

from declspore.dataclass import dataclass
from declspore.language.names import NAMES
from declspore.registry.kind import Kind
from declspore.registry.table import vocabulary
from declspore.resources import porting_page
from declspore.source import Span
from declspore.spelling import closest


class Place(Enum):
    """What a word is used as: the heading of its table."""

    NAME = "Names"
    METHOD = "Methods of tensors"
    STEP = "Steps of datasets"
    ARGUMENT = "Arguments"
    TYPE = "Types"
    VERB = "Verbs of edits"
    ATTRIBUTE = "Attributes of tasks"
    TASK = "Kinds of tasks"


@dataclass(frozen=True, slots=True)
class ForeignWord:
    """One word. ``here`` is Markdown: a piece of the language between backticks, or a phrase with
    some; ``...`` stands for what was written."""

    word: str
    origin: str
    here: str

    @property
    def code(self) -> str | None:
        """The piece of the language, where there is one and no phrase."""
        found = _CODE.fullmatch(self.here)
        return found[1] if found else None


MODULES = frozenset(
    (
        *("self", "nn", "ops", "mint", "ms", "mindspore", "P", "torch", "F", "functional"),
        *("optim", "tf", "keras", "layers", "np", "numpy", "jnp", "jax", "math"),
    )
)
"""Names in front of a dot that other languages need and this one does not."""


def helps_for_name(span: Span) -> tuple[str, ...]:
    """What to write for a name that means nothing here; ``span`` is the name."""
    if span.text in MODULES and not _CALLED.match(span.source.text, span.end):
        return _without_module(span)
    infinite = _INFINITE.match(span.source.text, span.start)
    if infinite is not None:
        return (f"write {infinite['sign']}inf (`{infinite[0]}` is Python)",)
    file = _FILE.match(span.source.text, span.start)
    if file is not None:
        return (f'a file is a string: "{file[0]}"',)
    if _ITS_PARAMETERS.match(span.source.text, span.start) is not None:
        return ("an optimizer trains all parameters of its task's network; `groups` names some",)
    found = foreign(Place.NAME, span.text)
    return () if found is None else (_proposal(found, Written.behind(span)),)


_CALLED = re.compile(r"[ \t]*\(")
_FILE = re.compile(r"[\w-]+(?:[./][\w-]+)*\.(?:ckpt|safetensors|npz|npy|spec|csv|json|jsonl|txt)\b")
_ITS_PARAMETERS = re.compile(r"\w+\.(?:trainable_params|get_parameters|parameters)\(")
_INFINITE = re.compile(r"float\(\s*[\"'](?P<sign>-?)\+?inf(?:inity)?[\"']\s*\)", re.IGNORECASE)


def helps_for_member(value: Span, name: Span) -> tuple[str, ...]:
    """What to write for ``value.name``, which is not a member here."""
    found, written = foreign(Place.METHOD, name.text), Written.behind(name)
    if found is not None:
        return (_proposal(found, written, receiver=_one_line(value.text)),)
    kind = vocabulary().get(name.text)
    if kind is not None and kind.family == "transform" and written.arguments is not None:
        return (f"a step flows from `|>`: |> {_one_line(f'{name.text}({written.adapted(kind)})')}",)
    if kind is None or kind.family != "op" or written.arguments is None:
        return ()
    inside = ", ".join(filter(None, (value.text, written.adapted(kind))))
    return (f"ops are called by their name: {_one_line(f'{name.text}({inside})')}",)


def helps_for_argument(span: Span, known: Collection[str]) -> tuple[str, ...]:
    """What to write for a keyword that a word with the ``known`` ones does not take."""
    for found in _every(Place.ARGUMENT, span.text):
        code = found.code
        if code is None:
            return (_told(found),)
        value = _translated(_value_behind(span))
        if code.split(" ")[0] in known:
            return (code if "=" in code else f"{code} = {value}",)
    return ()


def helps_for(place: Place, word: str, written: str = "") -> tuple[str, ...]:
    """What to write for a word of statements and types; ``written`` fills what is proposed."""
    found = foreign(place, word)
    if found is None:
        return ()
    code = found.code
    return (f"write `{_filled(code, written)}`" if code else _told(found, written),)


def meant(place: Place, word: str) -> set[str]:
    """The words of this language that are proposed for another."""
    found = foreign(place, word)
    codes = [] if found is None else _CODE.findall(found.here)
    return {match[0] for match in (re.match(r"\w+", code) for code in codes) if match}


def foreign(place: Place, word: str) -> ForeignWord | None:
    """The entry of a word, if there is one."""
    return next(_every(place, word), None)


def _every(place: Place, word: str) -> Iterator[ForeignWord]:
    yield from table().get((place, word), ())


def words_like(name: str, families: Collection[str] = ()) -> list[str]:
    """The word that may have been meant, if one is like the name: of the families, if some are
    given, and as the name is a cell's (``Dense``) or an op's (``relu``)."""

    def fits(kind: Kind) -> bool:
        is_alike = kind.name[0].isupper() == name[0].isupper()
        family_fits = not families or kind.family in families
        return family_fits and (is_alike or kind.name.casefold() == name.casefold())

    words = (kind.name for kind in vocabulary() if fits(kind))
    return closest(name, [*words, *NAMES], alike=_ALIKE)


_ALIKE = 0.7
"""How alike a word must be to be proposed: a wrong proposal is worse than none."""


# ---- what was written after a word


@dataclass(frozen=True, slots=True)
class Written:
    """The arguments after a name, as they are in the text; None where it is not called."""

    arguments: tuple[str, ...] | None

    @classmethod
    def behind(cls, span: Span) -> Written:
        text = span.source.text
        opened = re.compile(r"[ \t]*\(").match(text, span.end)
        if opened is None:
            return cls(None)
        parts = list(_split(text, opened.end(), ")"))
        return cls(tuple(filter(None, (_one_line(part) for part in parts))))

    def adapted(self, kind: Kind | None) -> str:
        """The arguments in the spelling of this language, ``...`` where one has none."""
        found = [_adapted(each, kind) for each in self.arguments or ()]
        return "..." if None in found else ", ".join(filter(None, found))


def _adapted(argument: str, kind: Kind | None) -> str | None:
    named = re.match(r"([A-Za-z_]\w*)\s*=(?!=)\s*(.*)", argument)
    if named is None:
        return _translated(argument)
    name, value = named[1], _translated(named[2])
    known = () if kind is None else kind.signature.names
    if name == "padding" and value in ('"same"', '"valid"') and "pad_mode" in known:
        return f"pad_mode = {value}"
    if name in known:
        return f"{name} = {value}"
    codes = [found.code for found in _every(Place.ARGUMENT, name)]
    return next((f"{code} = {value}" for code in codes if code and code in known), None)


def _translated(value: str) -> str:
    """A value of Python in the spelling of this language."""
    value = re.sub(rf"\b(?:{'|'.join(sorted(MODULES))})\.(?=\w)", "", value)
    value = re.sub(r"\b[A-Za-z_]\w*(?=\()", lambda name: _own_word(name[0]), value)
    value = re.sub(r"\bTrue\b", "true", value)
    value = re.sub(r"\bFalse\b", "false", value)
    value = re.sub(r"\bNone\b", "none", value)
    value = re.sub(r"'([^'\"]*)'", r'"\1"', value)
    return f"[{value[1:-1]}]" if value.startswith("(") and value.endswith(")") else value


def _own_word(name: str) -> str:
    """The word of this language for one of another that is called, where one word stands for it."""
    found = None if vocabulary().get(name) is not None else foreign(Place.NAME, name)
    word = re.match(r"[A-Za-z_]\w*", (found.code if found is not None else None) or "")
    return name if word is None else word[0]


def _value_behind(span: Span) -> str:
    text = span.source.text
    equals = re.compile(r"\s*=\s*").match(text, span.end)
    if equals is None:
        return "..."
    return _one_line(next(iter(_split(text, equals.end(), ")]}")), "..."))


def _split(text: str, start: int, closers: str) -> Iterator[str]:
    """The pieces between commas up to a closing bracket, brackets within them left alone."""
    depth, begin = 0, start
    for found in _SIGN.finditer(text, start, start + _MOST_READ):
        sign = found[0]
        if sign in "([{":
            depth += 1
        elif sign in ")]}" and depth:
            depth -= 1
        elif sign == "," and not depth:
            yield text[begin : found.start()]
            begin = found.end()
        elif sign in closers:
            yield text[begin : found.start()]
            return


def _without_module(span: Span) -> tuple[str, ...]:
    """``nn.Linear(16, 10)``, ``self.conv(x)``: what follows the module."""
    found = re.compile(r"(?:\s*\.\s*[A-Za-z_]\w*)+").match(span.source.text, span.end)
    about = "cells are called" if span.text == "self" else "words are written"
    if found is None:
        return (f"{about} by their name alone",)
    name = re.split(r"\s*\.\s*", found[0])[-1]
    end = found.end()
    last = Span(span.source, end - len(name), end)
    written = Written.behind(last)
    other = foreign(Place.NAME, name) or foreign(Place.METHOD, name)
    kind = vocabulary().get(name)
    if span.text != "self" and kind is None and other is not None:
        return (_proposal(other, written),)
    call = name if written.arguments is None else f"{name}({written.adapted(kind)})"
    return (f"{about} by their name alone: {_one_line(call)}",)


# ---- proposals


def _proposal(found: ForeignWord, written: Written, receiver: str = "x") -> str:
    code = found.code
    if code is None:
        return _told(found)
    word = code.split("(")[0]
    kind = vocabulary().get(word)
    inside = written.adapted(kind)
    if re.search(r"\[\.\.\.\]", code):
        inside = inside.removeprefix("[").removesuffix("]")
    if found.word != receiver and re.search(r"\bx\b", code):
        code = re.sub(r"\bx\b", lambda _: receiver, code)
    called = written.arguments is not None and (inside or "..." not in code)
    shown = _filled(code, inside) if called else re.sub(r"\(.*\.\.\..*\)|\(\)", "", code)
    return f"write {_one_line(shown)} (`{found.word}` is the name in {found.origin})"


def _filled(code: str, written: str) -> str:
    filled = code.replace("...", written) if written else code
    return re.sub(r", (?=\))|(?<=\(), ", "", filled)


def _told(found: ForeignWord, written: str = "") -> str:
    if found.here.startswith("nothing: "):
        return f"`{found.word}` of {found.origin} is not needed: {found.here[9:]}"
    here = _filled(found.here, written)
    return f"for `{found.word}` of {found.origin} write {here}"


def _one_line(text: str) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."


# ---- the tables


@cache
def table() -> dict[tuple[Place, str], tuple[ForeignWord, ...]]:
    """Every entry by its place and word, read at first use."""
    found: dict[tuple[Place, str], tuple[ForeignWord, ...]] = {}
    for place in Place:
        for entry in _entries(_section(place.value)):
            found[place, entry.word] = (*found.get((place, entry.word), ()), entry)
    return found


def _section(heading: str) -> str:
    text = porting_page().read_text(encoding="utf-8")
    found = re.search(rf"^### {re.escape(heading)}\n(.*?)(?=^##|\Z)", text, re.M | re.S)
    return found[1] if found else ""


def _entries(section: str) -> Iterator[ForeignWord]:
    for row in _ROW.finditer(section):
        left, origin, here = (cell.strip().replace("\\|", "|") for cell in row.groups())
        words = [_word(code) for code in _CODE.findall(left)]
        each = _pieces(here, len(words))
        for word, what in zip(words, each, strict=True):
            yield ForeignWord(word, origin, what)


def _pieces(here: str, number: int) -> Sequence[str]:
    """What stands for each of several words: one of as many pieces, or the whole."""
    pieces = re.findall(r"((?:[^`,]|`[^`]*`)+)(?:, |$)", here)
    return pieces if number > 1 and len(pieces) == number else [here] * number


def _word(code: str) -> str:
    found = re.match(r"(?:x\.)?(\w+)", code)
    assert found is not None, code
    return found[1]


_CODE = re.compile(r"`([^`]+)`")
_ROW = re.compile(r"^\| (`(?:[^|]|\\\|)*) \| ([^|]*) \| ((?:[^|\n]|\\\|)*) \|$", re.M)
_SIGN = re.compile(r'"(?:[^"\\\n]++|\\.)*+"|\'[^\'\n]*\'|`[^`\n]*`|#[^\n]*|[][(){},]')
_LONGEST = 80
_MOST_READ = 2000
