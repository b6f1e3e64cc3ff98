"""The tokens of a dataset and how often they come (mindspore.dataset.text.Vocab.from_dataset)."""

from __future__ import annotations

from collections import Counter

import numpy as np

from declspore.check.datasets import Dataset
from declspore.data.stream import Stream
from declspore.ir.dtype import STRING
from declspore.registry.kind import Misfit


def tokens_of(dataset: Dataset) -> list[bytes]:
    """The different tokens of the first epoch, the most frequent first, those that are equally
    frequent in the order of their bytes.

    Raises Misfit where items are not tokens, and :class:`declspore.registry.data.Unavailable`.
    """
    columns = dataset.element.inputs
    if len(columns) != 1 or columns[0].type.dtype is not STRING or columns[0].type.rank != 1:
        given = ", ".join(map(str, columns))
        raise Misfit(f"its items are not lists of tokens: {given}", "|> WhitespaceTokenizer()")
    counts: Counter[bytes] = Counter()
    stream = Stream(dataset, 0)
    with stream.explained():
        for tokens, _ in stream.epoch(1).as_numpy_iterator():
            counts.update(np.asarray(tokens, object).tolist())
    counts.pop(b"", None)  # of an empty text
    return sorted(counts, key=lambda token: (-counts[token], token))
