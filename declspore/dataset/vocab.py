"""Vocabularies: tokens and their numbers (mindspore.dataset.text.Vocab and Lookup, 2.10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from declspore.dataset.operations import Operation
from declspore.dataset.pipeline import Dataset
from declspore.eager.methods import as_dtype
from declspore.ir.tensors import Array
from declspore.numerics.shown import described
from declspore.spelling import repeated
from declspore.tensor import Tensor

_LARGEST = 2**31 - 1


class Vocab:
    """Tokens and their numbers. Made by ``from_list``, ``from_dict``, ``from_file`` or
    ``from_dataset``; an empty one has no token."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._tokens: dict[int, str] = {}

    @classmethod
    def from_list(
        cls,
        word_list: Sequence[str],
        special_tokens: Sequence[str] | None = None,
        special_first: bool = True,
    ) -> Vocab:
        """The tokens of a list, numbered from 0; ``special_tokens`` come before or after them.
        Raises ValueError where a token comes twice."""
        words, special = (
            _checked(word_list, "word_list"),
            _checked(special_tokens, "special_tokens"),
        )
        _check_apart(words, special)
        every = [*special, *words] if special_first else [*words, *special]
        return cls._of({token: number for number, token in enumerate(every)})

    @classmethod
    def from_dict(cls, word_dict: Mapping[str, int]) -> Vocab:
        """Tokens with their numbers. Raises TypeError and ValueError."""
        for token, number in word_dict.items():
            if (
                not isinstance(token, str)
                or isinstance(number, bool)
                or not isinstance(number, int)
            ):
                raise TypeError(f"word_dict maps tokens to integers, found {token!r}: {number!r}")
            _check_number(number)
        return cls._of(dict(word_dict))

    @classmethod
    def from_file(
        cls,
        file_path: str,
        delimiter: str = "",
        vocab_size: int | None = None,
        special_tokens: Sequence[str] | None = None,
        special_first: bool = True,
    ) -> Vocab:
        """The lines of a file up to a delimiter, ``vocab_size`` of them at most. Raises OSError and
        ValueError."""
        if vocab_size is not None and vocab_size < 1:
            raise ValueError(f"vocab_size is a positive integer, found {vocab_size!r}")
        with open(file_path, encoding="utf-8", newline="\n") as file:
            lines = (line.removesuffix("\n") for line in file)
            words = [line.split(delimiter, 1)[0] if delimiter else line for line in lines]
        return cls.from_list(words[:vocab_size], special_tokens, special_first)

    @classmethod
    def from_dataset(
        cls,
        dataset: Dataset,
        columns: str | Sequence[str] | None = None,
        freq_range: tuple[int | None, int | None] | None = None,
        top_k: int | None = None,
        special_tokens: Sequence[str] | None = None,
        special_first: bool = True,
    ) -> Vocab:
        """The tokens of columns of a dataset, all of them without ``columns``: the most frequent
        first, those that are equally frequent in the order of their bytes. ``freq_range`` is how
        often a token comes at least and at most. Raises TypeError and ValueError."""
        if top_k is not None and top_k < 1:
            raise ValueError(f"top_k is a positive integer, found {top_k!r}")
        least, most = _range(freq_range)
        counts = _counts(dataset, columns)
        kept = [token for token, count in counts.items() if least <= count <= most]
        words = sorted(kept, key=lambda token: (-counts[token], token.encode()))[:top_k]
        return cls.from_list(words, special_tokens, special_first)

    @classmethod
    def _of(cls, numbers: dict[str, int]) -> Vocab:
        found = cls()
        found._numbers = numbers
        found._tokens = {number: token for token, number in reversed(numbers.items())}
        return found

    def vocab(self) -> dict[str, int]:
        """The number of every token."""
        return dict(self._numbers)

    def tokens_to_ids(self, tokens: Any) -> int | list[int]:
        """The number of a token, or of each of several; -1 of one that is not known."""
        if isinstance(tokens, str):
            return self._numbers.get(tokens, -1)
        return [self._numbers.get(token, -1) for token in _texts(tokens)]

    def ids_to_tokens(self, ids: Any) -> str | list[str]:
        """The token of a number, or of each of several; "" of one that is not known. Raises
        ValueError where a number is below 0."""
        numbers = np.asarray(ids)
        if numbers.dtype.kind not in "iu":
            raise TypeError(f"ids are integers, found {ids!r}")
        for number in numbers.reshape(-1).tolist():
            _check_number(number)
        found = [self._tokens.get(number, "") for number in numbers.reshape(-1).tolist()]
        return found if numbers.ndim else found[0]

    @property
    def word(self) -> tuple[str, ...]:
        """What tokenizers of the vocabulary take: the tokens."""
        return tuple(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __repr__(self) -> str:
        return f"Vocab of {len(self)} tokens"


class Lookup(Operation):
    """Tokens to their numbers in a vocabulary; ``unknown_token`` stands for those that are not in
    it. ``vocab`` may be the path of a file with a token a line. Raises ValueError."""

    def __init__(
        self, vocab: Vocab | str, unknown_token: str | None = None, data_type: Any = np.int32
    ) -> None:
        self._vocab = Vocab.from_file(vocab) if isinstance(vocab, str) else vocab
        if not isinstance(self._vocab, Vocab):
            raise TypeError(f"vocab is a Vocab or a path, found {type(vocab).__name__}")
        dtype = as_dtype(data_type)
        if not (dtype.is_float or dtype.is_integer or dtype.short == "bool"):
            raise ValueError(f"data_type is one of numbers, found {dtype.short}")
        self._dtype = dtype.as_numpy()
        self._numbers = self._vocab.vocab()
        self._unknown: int | None = None
        if unknown_token is not None:
            self._unknown = self._numbers.get(unknown_token)
            if self._unknown is None:
                raise ValueError(f"unknown_token {unknown_token!r} is not in the vocabulary")

    def of_rows(self, values: Sequence[Array], draws: np.random.Generator) -> list[object]:
        return [self._looked_up(np.asarray(value)) for value in values]

    def _looked_up(self, tokens: Array) -> Array:
        found = np.empty(tokens.shape, self._dtype)
        for place, token in np.ndenumerate(tokens):
            text = token.decode() if isinstance(token, bytes) else str(token)
            number = self._numbers.get(text, self._unknown)
            if number is None:
                raise ValueError(
                    f"Lookup: {described(text)} is not in the vocabulary, give unknown_token"
                )
            found[place] = number
        return found

    def __repr__(self) -> str:
        return f"Lookup({self._vocab!r})"


def _checked(tokens: Iterable[str] | None, what: str) -> list[str]:
    """A list of tokens that are all different. Raises TypeError and ValueError."""
    found = list(tokens or ())
    for token in found:
        if not isinstance(token, str):
            raise TypeError(f"{what} is a list of strings, found {token!r}")
    if (twice := repeated(found)) is not None:
        raise ValueError(f"{what} has {described(twice)} twice, as number {found.index(twice)}")
    return found


def _check_apart(words: Sequence[str], special: Sequence[str]) -> None:
    both = sorted(set(words) & set(special))
    if both:
        raise ValueError(f"special_tokens has {both[0]!r}, which is a token of the vocabulary, too")


def _check_number(number: int) -> None:
    if not 0 <= number <= _LARGEST:
        raise ValueError(f"the number of a token is from 0 to {_LARGEST}, found {number}")


def _range(given: tuple[int | None, int | None] | None) -> tuple[int, int]:
    if given is None:
        return 0, _LARGEST
    if not isinstance(given, tuple) or len(given) != 2:
        raise ValueError(f"freq_range is a tuple of two, found {given!r}")
    least, most = 0 if given[0] is None else given[0], _LARGEST if given[1] is None else given[1]
    if not 0 <= least <= most:
        raise ValueError(f"freq_range begins at its smaller number, from 0, found {given!r}")
    return least, most


def _counts(dataset: Dataset, columns: str | Sequence[str] | None) -> Counter[str]:
    """How often every token of some columns comes."""
    names = dataset.get_col_names() if columns is None else columns
    names = [names] if isinstance(names, str) else list(names)
    places = [dataset.place_of(name) for name in names]
    counts: Counter[str] = Counter()
    for row in dataset.create_tuple_iterator(num_epochs=1, output_numpy=True):
        for name, place in zip(names, places, strict=True):
            array = np.asarray(row[place])
            if array.dtype.kind not in "USO":
                raise ValueError(f"the column {name!r} has {array.dtype} values, not tokens")
            counts.update(_texts(array))
    return counts


def _texts(tokens: Any) -> list[str]:
    array = tokens.asnumpy() if isinstance(tokens, Tensor) else np.asarray(tokens)
    each = array.reshape(-1).tolist()
    return [token.decode() if isinstance(token, bytes) else str(token) for token in each]
