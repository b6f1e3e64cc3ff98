"""Texts to tokens and their numbers (mindspore.dataset.text, 2.10)."""

from __future__ import annotations

from collections.abc import Collection, Container

from declspore.datafile import Damaged
from declspore.ir.dtype import INT32, STRING
from declspore.ir.shape import TensorType, symbol
from declspore.ir.tensors import Array, Draws
from declspore.ir.term import Arguments
from declspore.numerics.shown import described
from declspore.numerics.tokens import (
    VOCABULARY,
    check_listed,
    numbers_of,
    pair_lengths,
    vocabulary_files,
)
from declspore.registry.data import Element, ItemKind, RowKind, Unavailable, Values
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import ElementType, Integer, ListOf, Number, Optional, Text


def _single(word: str, element: Element) -> TensorType:
    if element.batched:
        raise Misfit("it works on single items", f"put {word} before `batch`")
    return element.data


def _infer_tokens(a: Arguments, element: Element) -> Element:
    found = _single("WhitespaceTokenizer", element)
    if found != TensorType(STRING, ()):
        raise Misfit(f"it takes a text, found {found}")
    return element.with_data(TensorType(STRING, (symbol("L"),)))


def _tokens(a: Arguments, type: TensorType, value: bytes, draws: Draws) -> Array:
    import numpy as np

    try:
        words = [word.encode() for word in bytes(value).decode().split()]
    except UnicodeDecodeError as error:
        raise Damaged(f"its text is not UTF-8: {error.reason}") from None
    return np.array(words or [b""], object)


def _infer_lookup(a: Arguments, element: Element) -> Element:
    found = _single("Lookup", element)
    if found.dtype is not STRING:
        raise Misfit(f"it takes tokens, found {found}", "put WhitespaceTokenizer() before it")
    check_listed(a)
    if not (a.data_type.is_float or a.data_type.is_integer):
        raise Misfit(f"it makes numbers, data_type is {a.data_type.short}")
    if not isinstance(a.vocab, str):
        try:
            _known(a)
        except Unavailable as error:
            raise Misfit(str(error)) from None
    return element.with_data(TensorType(a.data_type, found.shape))


def _known(a: Arguments) -> tuple[dict[bytes, int], int | None]:
    """The numbers of tokens, and that of those that are not known. Raises Unavailable."""
    known = numbers_of(a.vocab)
    if a.data_type.is_integer and len(known) > 1 << a.data_type.digits:
        raise Unavailable(
            f"{_named(a)} has {len(known):,} tokens, {a.data_type.short} is too small"
        )
    if a.unknown_token is None:
        return known, None
    unknown = known.get(a.unknown_token.encode())
    if unknown is None:
        raise Unavailable(
            f"{_named(a)} does not have the token {a.unknown_token!r}",
            f'declspore vocabulary FILE:DATASET -o {a.vocab} --special-token "'
            f'{a.unknown_token}" writes a vocabulary with it',
        )
    return known, unknown


def _named(a: Arguments) -> str:
    return a.vocab if isinstance(a.vocab, str) else "the list"


def _ready(a: Arguments) -> None:
    _known(a)


def _lookup(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    import numpy as np

    known, unknown = _known(a)
    tokens = np.asarray(value, object)
    found = np.empty(tokens.shape, a.data_type.as_numpy())
    for place, token in np.ndenumerate(tokens):
        number = known.get(bytes(token), unknown)
        if number is None:
            raise Damaged(
                f"token {sum(place) + 1}, {described(bytes(token).decode(errors='replace'))}, is "
                f"not in {_named(a)}; unknown_token replaces such tokens"
            )
        found[place] = number
    return found


def _infer_cut(a: Arguments, element: Element) -> Element:
    found = _single("Truncate", element)
    if found.rank != 1:
        raise Misfit(f"it takes a sequence, found {found}")
    size = found.shape[0]
    short = min(size, a.max_seq_len) if isinstance(size, int) else symbol("L")
    return element.with_data(found.with_shape((short,)))


def _infer_padded(a: Arguments, element: Element) -> Element:
    found = _single("PadEnd", element)
    if found.rank != 1 or found.dtype is STRING:
        raise Misfit(f"it takes a sequence of numbers, found {found}", "put Lookup(...) before it")
    return element.with_data(found.with_shape((a.pad_shape,)))


def _padded(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    import numpy as np

    found = np.full(a.pad_shape, a.pad_value, value.dtype)
    kept = value[: a.pad_shape]
    found[: len(kept)] = kept
    return found


def _cut(a: Arguments, type: TensorType, value: Array, draws: Draws) -> Array:
    return value[: a.max_seq_len]


# ---- two sequences together


def _pair(a: Arguments, element: Element) -> tuple[str, str]:
    """The names of the two columns. Raises Misfit."""
    if element.batched:
        raise Misfit("it works on single items", "put TruncateSequencePair before `batch`")
    names = tuple(column.name for column in element.inputs)
    if a.input_columns is not None:
        names = a.input_columns
        element.check_known(names)
    if len(set(names)) != 2 or len(names) != 2:
        raise Misfit(
            f"it shortens two columns, found {', '.join(names) or 'none'}",
            'input_columns = ["first", "second"]',
        )
    return names[0], names[1]


def _infer_pair(a: Arguments, element: Element) -> Element:
    names = _pair(a, element)
    types = {}
    for place, column in enumerate(element.columns):
        if column.name in names:
            if column.type.rank != 1:
                raise Misfit(f"it shortens sequences, found {column}")
            types[place] = column.type.with_shape((symbol("L"),))
    return element.with_types(types)


def _shortened(a: Arguments, element: Element, values: Values, wanted: Container[str]) -> Values:
    every = [column.name for column in element.columns]
    first, second = (every.index(name) for name in _pair(a, element))
    found = list(values)
    kept = pair_lengths(len(values[first]), len(values[second]), a.max_length)
    for place, length in zip((first, second), kept, strict=True):
        found[place] = values[place][:length]
    return tuple(found)


def _pair_uses(a: Arguments, element: Element, wanted: Collection[str]) -> frozenset[str]:
    pair = _pair(a, element)
    return frozenset(wanted) | (frozenset(pair) if set(pair) & set(wanted) else frozenset())


KINDS = (
    RowKind(
        name="TruncateSequencePair",
        signature=signature(
            Argument("max_length", Integer(0), help="how many items both have together at most"),
            Argument(
                "input_columns",
                Optional(ListOf(Text())),
                None,
                "the two columns; none: the only two of data",
            ),
        ),
        summary="Two sequences shortened from the end, the longer one first, until both together "
        "have no more items; of two as long the second one.",
        example='Zip([TextFile("a.txt"), TextFile("b.txt") |> rename(["text"], ["other"])]) |> '
        'WhitespaceTokenizer(input_columns = ["text", "other"]) |> TruncateSequencePair(128)',
        infer=_infer_pair,
        compute=_shortened,
        uses=_pair_uses,
    ),
    ItemKind(
        name="WhitespaceTokenizer",
        signature=signature(),
        summary="The words of a text, which white space separates; one empty word of an empty one.",
        example='TextFile("reviews.txt") |> WhitespaceTokenizer()',
        infer=_infer_tokens,
        compute=_tokens,
    ),
    ItemKind(
        name="Lookup",
        signature=signature(
            VOCABULARY,
            Argument(
                "unknown_token",
                Optional(Text()),
                None,
                "whose number stands for tokens that are not known; none: an error",
            ),
            Argument("data_type", ElementType(), INT32, "of the numbers"),
        ),
        summary="Tokens to their numbers in a vocabulary: places in a list, or lines of a file, "
        "starting from 0.",
        example='TextFile("reviews.txt") |> WhitespaceTokenizer() |> Lookup("vocab.txt", "[UNK]")',
        infer=_infer_lookup,
        compute=_lookup,
        files=vocabulary_files,
        ready=_ready,
    ),
    ItemKind(
        name="Truncate",
        signature=signature(Argument("max_seq_len", Integer(1), help="how many are kept")),
        summary="The first items of a sequence.",
        example='TextFile("reviews.txt") |> WhitespaceTokenizer() |> Truncate(128)',
        infer=_infer_cut,
        compute=_cut,
    ),
    ItemKind(
        name="PadEnd",
        signature=signature(
            Argument("pad_shape", Integer(1), help="the length"),
            Argument("pad_value", Number(infinite=True), 0.0, "what follows a shorter sequence"),
        ),
        summary="A sequence of numbers as one of a fixed length; a longer one is cut.",
        example='TextFile("reviews.txt") |> WhitespaceTokenizer() |> Lookup("v.txt") |> PadEnd(64)',
        infer=_infer_padded,
        compute=_padded,
    ),
)
