"""Tokenizers and changes of texts (mindspore.dataset.text, 2.10)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from declspore.datafile import Damaged
from declspore.ir.dtype import STRING
from declspore.ir.shape import TensorType, symbol
from declspore.ir.tensors import Array, Draws
from declspore.ir.term import Arguments
from declspore.numerics.scripts import is_space, runs_of_scripts
from declspore.numerics.shown import described
from declspore.numerics.tokens import (
    FORMS,
    VOCABULARY,
    basic_tokens,
    check_listed,
    decoded,
    folded,
    normalized,
    numbers_of,
    vocabulary_files,
    word_pieces,
)
from declspore.registry.data import Element, ItemKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, Signature, signature
from declspore.registry.types import Anything, Boolean, Choice, ElementType, Integer, ListOf, Text

Change = Callable[[Arguments, str], str]
Split = Callable[[Arguments, str], Sequence[str]]
_TEXT = TensorType(STRING, ())
_TOKENS = TensorType(STRING, (symbol("L"),))


def _array(tokens: Sequence[str]) -> Array:
    import numpy as np

    found = np.empty(max(len(tokens), 1), object)
    found[:] = [token.encode() for token in tokens] or [b""]
    return found


def _of_text(word: str, element: Element) -> None:
    if element.batched:
        raise Misfit("it works on single items", f"put {word} before `batch`")
    if element.data != _TEXT:
        raise Misfit(f"it takes a text, found {element.data}")


def _of_tokens(word: str, element: Element) -> TensorType:
    if element.batched:
        raise Misfit("it works on single items", f"put {word} before `batch`")
    found = element.data
    if found.dtype is not STRING or found.rank != 1:
        raise Misfit(f"it takes tokens, found {found}", "put WhitespaceTokenizer() before it")
    return found


def _tokenizer(
    name: str, arguments: Signature, summary: str, example: str, split: Split
) -> ItemKind:
    """A word that makes tokens of a text."""

    def infer(a: Arguments, element: Element) -> Element:
        _of_text(name, element)
        _check(a)
        if "vocab" in a:
            check_listed(a)
        return element.with_data(_TOKENS)

    def compute(a: Arguments, type: TensorType, value: bytes, draws: Draws) -> Array:
        return _array(split(a, decoded(value)))

    return ItemKind(
        name=name,
        signature=arguments,
        summary=summary,
        example=f'TextFile("reviews.txt") |> {example}',
        infer=infer,
        compute=compute,
        files=vocabulary_files,
        ready=_ready,
    )


def _ready(a: Arguments) -> None:
    if "vocab" in a:
        numbers_of(a.vocab)


def _changer(
    name: str, arguments: Signature, summary: str, example: str, change: Change
) -> ItemKind:
    """A word that changes a text, or each of several tokens."""

    def infer(a: Arguments, element: Element) -> Element:
        if element.data.dtype is not STRING:
            raise Misfit(f"it takes texts, found {element.data}")
        if element.batched:
            raise Misfit("it works on single items", f"put {name} before `batch`")
        _check(a)
        return element

    def compute(a: Arguments, type: TensorType, value: Any, draws: Draws) -> bytes | Array:
        if not type.rank:
            return change(a, decoded(value)).encode()
        return _array([change(a, decoded(token)) for token in value])

    return ItemKind(
        name=name,
        signature=arguments,
        summary=summary,
        example=f'TextFile("reviews.txt") |> {example}',
        infer=infer,
        compute=compute,
    )


def _check(a: Arguments) -> None:
    """Raises Misfit where a pattern is not one."""
    for name in ("delim_pattern", "keep_delim_pattern", "pattern"):
        if a.get(name):
            _compiled(a[name])


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise Misfit(f"{pattern!r} is not a pattern: {reason}") from None


# ---- what they do


def _by_pattern(a: Arguments, text: str) -> list[str]:
    delimiter, kept = _compiled(a.delim_pattern), a.keep_delim_pattern
    found, at = [], 0
    for match in delimiter.finditer(text):
        if match.start() > at:
            found.append(text[at : match.start()])
        if kept and match[0] and _compiled(kept).fullmatch(match[0]):
            found.append(match[0])
        at = match.end()
    return [*found, text[at:]] if at < len(text) else found


def _by_script(a: Arguments, text: str) -> list[str]:
    runs = runs_of_scripts(text)
    return runs if a.keep_whitespace else [run for run in runs if not is_space(run)]


def _replaced(a: Arguments, text: str) -> str:
    written = re.sub(r"\$(\d)", r"\\g<\1>", a.replace.replace("\\", "\\\\"))
    found: str = _compiled(a.pattern).sub(written, text, 0 if a.replace_all else 1)
    return found


def _basic(a: Arguments, text: str) -> list[str]:
    return basic_tokens(
        text,
        lower_case=a.lower_case,
        keep_whitespace=a.keep_whitespace,
        form=a.normalization_form,
        preserve_unused=a.preserve_unused_token,
    )


def _pieces(a: Arguments, tokens: Sequence[str]) -> list[str]:
    known = numbers_of(a.vocab)
    own = a.suffix_indicator, a.max_bytes_per_token, a.unknown_token
    return [piece for token in tokens for piece in word_pieces(token, known, *own)]


def _word_pieces(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    return _array(_pieces(a, [decoded(token) for token in value]))


def _infer_pieces(a: Arguments, element: Element) -> Element:
    _of_tokens("WordpieceTokenizer", element)
    check_listed(a)
    return element.with_data(_TOKENS)


def _infer_grams(a: Arguments, element: Element) -> Element:
    _of_tokens("Ngram", element)
    for name in ("left_pad", "right_pad"):
        _pad(a, name)
    return element.with_data(_TOKENS)


def _pad(a: Arguments, name: str) -> tuple[str, int]:
    token, width = a[name]
    is_width = isinstance(width, int) and not isinstance(width, bool) and width >= 0
    if not isinstance(token, str) or not is_width:
        raise Misfit(f"{name} is a token and how often it comes", f'{name} = ["_", 1]')
    return token, width


def _grams(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    tokens = [decoded(token) for token in value]
    (left, before), (right, after) = _pad(a, "left_pad"), _pad(a, "right_pad")
    found: list[str] = []
    for size in a.n:
        padded = [left] * min(before, size - 1) + tokens + [right] * min(after, size - 1)
        starts = range(len(padded) - size + 1)
        found += [a.separator.join(padded[start : start + size]) for start in starts] or [""]
    return _array(found)


def _infer_number(a: Arguments, element: Element) -> Element:
    if element.data.dtype is not STRING:
        raise Misfit(f"it takes texts, found {element.data}")
    if element.batched:
        raise Misfit("it works on single items", "put ToNumber before `batch`")
    if not (a.data_type.is_float or a.data_type.is_integer):
        raise Misfit(f"it makes numbers, data_type is {a.data_type.short}")
    return element.with_data(TensorType(a.data_type, element.data.shape))


def _number(a: Arguments, type: TensorType, value: bytes | Array, draws: Draws) -> Array:
    import numpy as np

    texts = np.asarray(value, object)
    found = np.empty(texts.shape, a.data_type.as_numpy())
    for place, text in np.ndenumerate(texts):
        shown = bytes(text).decode(errors="replace").strip()
        try:
            number = float(shown)
            if a.data_type.is_integer:
                whole = int(shown) if re.fullmatch(r"[+-]?\d+", shown) else int(number)
                limits = np.iinfo(found.dtype)
                if not limits.min <= whole <= limits.max:
                    raise OverflowError
                found[place] = whole
            else:
                found[place] = number
        except (ValueError, OverflowError):
            raise Damaged(
                f"expected a number of {a.data_type.short}, found {described(shown)}"
            ) from None
    return found


def _infer_windows(a: Arguments, element: Element) -> Element:
    found = element.data
    if element.batched or found.rank != 1:
        raise Misfit(f"it takes a sequence, found {found}")
    size = found.shape[0]
    many = max(size - a.width + 1, 0) if isinstance(size, int) else symbol("W")
    return element.with_data(found.with_shape((many, a.width)))


def _windows(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    import numpy as np

    if len(value) < a.width:
        return np.empty((0, a.width), value.dtype)
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(value, a.width))


_OF_PIECES = (
    Argument("suffix_indicator", Text(), "##", "how a piece within a word begins"),
    Argument("max_bytes_per_token", Integer(0), 100, "longer words are not taken apart"),
    Argument(
        "unknown_token", Text(), "[UNK]", 'what stands for a word that is not known; "": itself'
    ),
)
_OF_BASIC = (
    Argument("lower_case", Boolean(), False, "whether to fold case and leave out accents"),
    Argument("keep_whitespace", Boolean(), False, "whether white space is a token"),
    Argument("normalization_form", Choice(FORMS), "NONE", "Unicode's, where case is not folded"),
    Argument(
        "preserve_unused_token", Boolean(), True, "whether [CLS], [unused1], ... stay as they are"
    ),
)

KINDS = (
    _tokenizer(
        "UnicodeScriptTokenizer",
        signature(
            Argument("keep_whitespace", Boolean(), False, "whether white space is a token"),
        ),
        "The parts of a text that are of one script (Latin, Han, Common ...), which end at white "
        "space, too.",
        "UnicodeScriptTokenizer()",
        _by_script,
    ),
    _tokenizer(
        "UnicodeCharTokenizer",
        signature(),
        "The characters of a text.",
        "UnicodeCharTokenizer()",
        lambda a, text: list(text),
    ),
    _tokenizer(
        "RegexTokenizer",
        signature(
            Argument("delim_pattern", Text(), help="what separates tokens, in RE2's syntax"),
            Argument("keep_delim_pattern", Text(), "", "separators that match it are tokens, too"),
        ),
        "The parts of a text that a pattern separates.",
        r'RegexTokenizer("[ ,.]+")',
        _by_pattern,
    ),
    _tokenizer(
        "BasicTokenizer",
        signature(*_OF_BASIC),
        "The words of a text; marks and Chinese characters are tokens of their own. With "
        "lower_case, what comes before a special token is repeated, as in MindSpore.",
        "BasicTokenizer(lower_case = true)",
        _basic,
    ),
    _tokenizer(
        "BertTokenizer",
        signature(VOCABULARY, *_OF_PIECES, *_OF_BASIC),
        "BasicTokenizer, then WordpieceTokenizer.",
        'BertTokenizer("vocab.txt", lower_case = true) |> Lookup("vocab.txt", "[UNK]")',
        lambda a, text: _pieces(a, _basic(a, text)),
    ),
    ItemKind(
        name="WordpieceTokenizer",
        signature=signature(VOCABULARY, *_OF_PIECES),
        summary="The longest pieces of words that are in a vocabulary.",
        example='TextFile("t.txt") |> WhitespaceTokenizer() |> WordpieceTokenizer("vocab.txt")',
        infer=_infer_pieces,
        compute=_word_pieces,
        files=vocabulary_files,
        ready=_ready,
    ),
    _changer(
        "CaseFold",
        signature(),
        "Texts without a difference between cases: Unicode's NFKC_Casefold.",
        "CaseFold()",
        lambda a, text: folded(text),
    ),
    _changer(
        "NormalizeUTF8",
        signature(Argument("normalize_form", Choice(FORMS), "NFKC", "Unicode's normal form")),
        "Texts in a normal form of Unicode.",
        'NormalizeUTF8("NFC")',
        lambda a, text: normalized(text, a.normalize_form),
    ),
    _changer(
        "RegexReplace",
        signature(
            Argument("pattern", Text(), help="in RE2's syntax"),
            Argument("replace", Text(), help="$1 is what the first group matched, $0 the whole"),
            Argument("replace_all", Boolean(), True, "or only the first match"),
        ),
        "Texts in which what matches a pattern is replaced.",
        'RegexReplace("[0-9]+", "0")',
        _replaced,
    ),
    ItemKind(
        name="Ngram",
        signature=signature(
            Argument("n", ListOf(Integer(1)), help="how many tokens in a row, or several such"),
            Argument("left_pad", ListOf(Anything(), 2), ("", 0), "token, and how often"),
            Argument("right_pad", ListOf(Anything(), 2), ("", 0), "token, and how often"),
            Argument("separator", Text(), " ", "what is between the tokens"),
        ),
        summary="Tokens joined with those that follow them.",
        example='TextFile("t.txt") |> WhitespaceTokenizer() |> Ngram([2])',
        infer=_infer_grams,
        compute=_grams,
    ),
    ItemKind(
        name="ToNumber",
        signature=signature(Argument("data_type", ElementType(), help="of the numbers")),
        summary="Texts as numbers; of integers what is after the decimal point is left out.",
        example='TextFile("t.txt") |> WhitespaceTokenizer() |> ToNumber(i32)',
        infer=_infer_number,
        compute=_number,
    ),
    ItemKind(
        name="SlidingWindow",
        signature=signature(Argument("width", Integer(1), help="items in a window")),
        summary="The windows of a sequence, one for each place where one begins.",
        example='TextFile("t.txt") |> WhitespaceTokenizer() |> SlidingWindow(3)',
        infer=_infer_windows,
        compute=_windows,
    ),
)
