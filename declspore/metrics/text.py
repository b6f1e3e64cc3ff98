"""Agreement of translations (mindspore.train.BleuScore, 2.10; Papineni et al., 2002)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, TypeAlias

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.metric import MetricKind, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, Optional

Sentence = Sequence[Hashable]
Sentences: TypeAlias = "Array | list[object] | tuple[object, ...]"


def _fit(a: Arguments, outputs: TensorType, labels: TensorType) -> None:
    if outputs.rank != 2 or not outputs.dtype.is_integer:
        raise Misfit(f"translations are integers [N, T], found {outputs}")
    if labels.rank not in (2, 3) or labels.shape[0] != outputs.shape[0]:
        raise Misfit(
            f"references are integers [N, T], or [N, references, T] where there are "
            f"several, of {outputs}; found {labels}"
        )
    if a.n_gram > 4:
        raise Misfit(f"n_gram is {a.n_gram}; up to 4 are counted")


def _sentence(a: Arguments, row: Iterable[Hashable]) -> Sentence:
    return [token for token in row if a.pad is None or token != a.pad]


def _listed(given: Sentences) -> Sequence[Any]:
    """Sentences as lists: an array's, and those that Python gives as lists of any lengths."""
    return given if isinstance(given, list | tuple) else given.tolist()


def _runs(sentence: Sentence, most: int) -> Counter[tuple[Hashable, ...]]:
    """How often each run of 1 to ``most`` tokens is in a sentence."""
    return Counter(
        tuple(sentence[start : start + length])
        for length in range(1, most + 1)
        for start in range(len(sentence) - length + 1)
    )


def _start(a: Arguments) -> State:
    return {"found": [0] * a.n_gram, "there": [0] * a.n_gram, "length": 0, "wanted": 0}


def _update(a: Arguments, state: State, outputs: Sentences, labels: Sentences) -> State:
    found, there = list(state["found"]), list(state["there"])
    length, wanted = state["length"], state["wanted"]
    for row, given in zip(_listed(outputs), _listed(labels), strict=True):
        sentence = _sentence(a, row)
        several = bool(given) and isinstance(given[0], list | tuple)
        references = [_sentence(a, one) for one in (given if several else [given])]
        length += len(sentence)
        wanted += min((len(one) for one in references), key=lambda n: abs(n - len(sentence)))
        runs = _runs(sentence, a.n_gram)
        most: Counter[tuple[Hashable, ...]] = Counter()
        for one in references:
            most |= _runs(one, a.n_gram)
        for run, count in runs.items():
            there[len(run) - 1] += count
        for run, count in (runs & most).items():
            found[len(run) - 1] += count
    return {"found": found, "there": there, "length": length, "wanted": wanted}


def _result(a: Arguments, state: State) -> float:
    if not all(state["found"]):
        return 0.0
    more = 1 if a.smooth else 0
    logarithms = [
        math.log((found + more) / (there + more))
        for found, there in zip(state["found"], state["there"], strict=True)
    ]
    mean = math.exp(sum(logarithms) / len(logarithms))
    return mean * min(1.0, math.exp(1 - state["wanted"] / state["length"]))


KINDS = (
    MetricKind(
        name="BleuScore",
        key="bleu_score",
        low=0.0,
        high=1.0,
        signature=signature(
            Argument("n_gram", Integer(1), 4, "the longest runs of tokens that count, up to 4"),
            Argument("smooth", Boolean(), False, "whether 1 is added to counts"),
            Argument("pad", Optional(Integer()), None, "a token that does not count"),
        ),
        summary=(
            "The geometric mean of the shares of runs of 1 to n_gram tokens that are in a "
            "reference, made less where translations are shorter than references."
        ),
        example="BleuScore(pad = 0)",
        fit=_fit,
        start=lambda a: {
            "found": [0] * a.n_gram,
            "there": [0] * a.n_gram,
            "length": 0,
            "wanted": 0,
        },
        update=_update,
        result=_result,
        takes_lists=True,
    ),
)
