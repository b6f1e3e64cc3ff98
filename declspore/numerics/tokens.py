"""Texts taken apart as MindSpore's and BERT's tokenizers do (mindspore/ccsrc/minddata/dataset/text/
kernels: basic_tokenizer_op.cc, wordpiece_tokenizer_op.cc, case_fold_op.cc)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator
from functools import lru_cache

from declspore.datafile import Damaged
from declspore.ir.term import Arguments
from declspore.numerics.files import Stamps, stamps_of
from declspore.registry.data import Unavailable
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument
from declspore.registry.types import Either, ListOf, Text
from declspore.regular import stream_of
from declspore.spelling import repeated

FORMS = ("NONE", "NFC", "NFKC", "NFD", "NFKD")

_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Unicode's Default_Ignorable_Code_Point."""
_CHINESE = (
    "\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0002a6df\U0002a700-\U0002b73f\U0002b740-\U0002b81f"
    "\U0002b820-\U0002ceaf\uf900-\ufaff\U0002f800-\U0002fa1f"
)
_UNUSED = r"\[CLS\]|\[SEP\]|\[UNK\]|\[PAD\]|\[MASK\]|\[unused\d+\]"
_SPECIAL = ("[CLS]", "[SEP]", "[UNK]", "[PAD]", "[MASK]")


def decoded(value: bytes) -> str:
    """The text of bytes in UTF-8. Raises Damaged."""
    try:
        return bytes(value).decode()
    except UnicodeDecodeError as error:
        raise Damaged(f"its text is not UTF-8: {error.reason}") from None


def normalized(text: str, form: str) -> str:
    """A text in one of Unicode's normal forms."""
    match form:
        case "NFC" | "NFKC" | "NFD" | "NFKD":
            return unicodedata.normalize(form, text)
        case _:
            return text


def folded(text: str) -> str:
    """Unicode's NFKC_Casefold: lower case, compatible forms, without what is not seen."""
    once = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).casefold())
    found = unicodedata.normalize("NFKC", once.casefold())
    return unicodedata.normalize("NFC", _IGNORABLE.sub("", found))


def basic_tokens(
    text: str, *, lower_case: bool, keep_whitespace: bool, form: str, preserve_unused: bool
) -> list[str]:
    """Words, marks and Chinese characters of a text. Without any, one empty token."""
    if lower_case:
        text = _folded_around(text) if preserve_unused else folded(text)
        text = "".join(
            c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn"
        )
    else:
        text = normalized(text, form)
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cf") else c for c in text)
    found = list(_split(text, keep_whitespace, preserve_unused))
    return found or [""]


def _folded_around(text: str) -> str:
    """The text folded, with its special tokens as they are. As in MindSpore, all that comes before
    a special token comes again after the one before it."""
    places = list(_special(text))
    if not places:
        return folded(text)
    found = "".join(folded(text[:begin]) + text[begin:end] for begin, end in places)
    return found if places[-1][1] == len(text) else found + folded(text)


def _special(text: str) -> Iterator[tuple[int, int]]:
    begin, size = -1, 0
    for place, character in enumerate(text):
        if character == "[":
            begin, size = place, size + 1
        elif begin >= 0:
            size += 1
            if character == "]":
                if text[begin : begin + size] in _SPECIAL:
                    yield begin, begin + size
                begin, size = -1, 0


def _split(text: str, keep_whitespace: bool, preserve_unused: bool) -> Iterator[str]:
    word = ""
    for piece in (_WITH_UNUSED if preserve_unused else _PLAIN).findall(text):
        if not _is_delimiter(piece):
            word += piece
            continue
        if word:
            yield word
        word = ""
        if keep_whitespace or not piece.isspace():
            yield piece
    if word:
        yield word


_PLAIN = re.compile(r"\s+|.", re.DOTALL)
_WITH_UNUSED = re.compile(rf"{_UNUSED}|\s+|.", re.DOTALL)
_ALONE = re.compile(rf"[!-/:-@\[-`{{-~{_CHINESE}]")


def _is_delimiter(piece: str) -> bool:
    if len(piece) > 1 or piece.isspace():
        return True
    return bool(_ALONE.match(piece)) or unicodedata.category(piece).startswith("P")


def word_pieces(
    token: str, known: Container[bytes], suffix: str, longest: int, unknown: str
) -> list[str]:
    """The longest pieces of a word that are known, one after the other; those within a word begin
    with the suffix's sign."""
    whole = [unknown or token]
    if len(token.encode()) > longest:
        return whole
    found, begin = [], 0
    while begin < len(token):
        sign = suffix if begin else ""
        ends = range(len(token), begin, -1)
        end = next((e for e in ends if (sign + token[begin:e]).encode() in known), None)
        if end is None:
            return whole
        found.append(sign + token[begin:end])
        begin = end
    return found


@lru_cache(maxsize=8)
def vocabulary_of(stamps: Stamps) -> dict[bytes, int]:
    """The number of each token of a file: that of its line, starting from 0. Raises Unavailable."""
    path = stamps[0][0]
    found: dict[bytes, int] = {}
    try:
        with stream_of(path) as file:
            for number, line in enumerate(file.read().splitlines()):
                token = line.strip()
                if token in found:
                    first = found[token] + 1
                    raise Unavailable(f"{path}, line {number + 1}: it is the token of line {first}")
                found[token] = number
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from None
    return found


VOCABULARY = Argument(
    "vocab", Either((Text(), ListOf(Text()))), help="a file with one token a line, or a list"
)


def vocabulary_files(a: Arguments) -> tuple[str, ...]:
    """The file of a word's vocabulary, where it is one."""
    given = a.get("vocab")
    return (given,) if isinstance(given, str) else ()


def numbers_of(given: str | tuple[str, ...]) -> dict[bytes, int]:
    """The number of each token of a vocabulary. Raises Unavailable."""
    if isinstance(given, str):
        return vocabulary_of(stamps_of((given,)))
    kept = _LISTED.get(id(given))
    if kept is None or kept[0] is not given:
        while len(_LISTED) >= _MOST_LISTED:
            _LISTED.pop(next(iter(_LISTED)), None)
        kept = _LISTED[id(given)] = given, {t.encode(): n for n, t in enumerate(given)}
    return kept[1]


_LISTED: dict[int, tuple[tuple[str, ...], dict[bytes, int]]] = {}
"""What was made of lists, by their identity: comparing long ones for every text would take long."""
_MOST_LISTED = 8


def check_listed(a: Arguments) -> None:
    """Raises Misfit where a list has a token twice."""
    if not isinstance(a.vocab, str) and (twice := repeated(a.vocab)) is not None:
        raise Misfit(f"the token {twice!r} comes twice")


def pair_lengths(first: int, second: int, most: int) -> tuple[int, int]:
    """How many items two sequences keep so that both together have ``most`` at most: the longer one
    loses its last, of two as long the second one (mindspore.dataset.text.TruncateSequencePair)."""
    longer = min(first + second - most, abs(first - second))
    if longer > 0:
        first, second = (first - longer, second) if first > second else (first, second - longer)
    left = max(first + second - most, 0)
    return first - left // 2, second - (left + 1) // 2
