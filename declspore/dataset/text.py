"""``mindspore.dataset.text``: transforms of texts, those of the vocabulary under their names."""

from __future__ import annotations

from typing import Any

import numpy as np

from declspore.dataset.operations import change_kinds, transform_maker
from declspore.dataset.vocab import Lookup, Vocab
from declspore.numerics.tokens import pair_lengths
from declspore.porting.names import refused, table
from declspore.tensor import Tensor

__all__ = ["Lookup", "TruncateSequencePair", "Vocab"]


class TruncateSequencePair:
    """Two sequences shortened until both together have ``max_length`` items at most
    (mindspore.dataset.text.TruncateSequencePair): the longer one from its end, and the second one
    of two that are as long. Given to ``map`` with two ``input_columns``."""

    def __init__(self, max_length: int) -> None:
        if isinstance(max_length, bool) or not isinstance(max_length, int) or max_length < 0:
            raise ValueError(f"max_length is an integer from 0, found {max_length!r}")
        self._most = max_length

    def __call__(self, first: object, second: object) -> tuple[object, object]:
        pair = [_array(value) for value in (first, second)]
        for array in pair:
            if array.ndim != 1:
                raise ValueError(f"sequences are shortened, found an array of {array.ndim} axes")
        kept = pair_lengths(len(pair[0]), len(pair[1]), self._most)
        return pair[0][: kept[0]], pair[1][: kept[1]]


def _array(value: object) -> Any:
    return value.asnumpy() if isinstance(value, Tensor) else np.asarray(value)


def __getattr__(name: str) -> Any:
    for kind in change_kinds():
        if kind.name == name and name in table()["mindspore.dataset.text"]:
            made = transform_maker(kind)
            globals()[name] = made
            return made
    raise refused("mindspore.dataset.text", name, __dir__())


def __dir__() -> list[str]:
    known = table()["mindspore.dataset.text"]
    return sorted({*__all__, *(kind.name for kind in change_kinds() if kind.name in known)})
