"""The labels of the dataset, next to the answers."""

from __future__ import annotations

from collections.abc import Iterable

from declspore.ir.term import Arguments
from declspore.registry.answer import AnswerColumn, Answered, AnswerKind, AnswerTypes, Values
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Optional, Text
from declspore.spelling import listing


def _names(a: Arguments, known: Iterable[str]) -> tuple[str, ...]:
    return tuple(known) if a.column is None else (a.column,)


def _columns(a: Arguments, types: AnswerTypes, named: bool) -> tuple[AnswerColumn, ...]:
    if not types.labels:
        raise Misfit("the dataset does not have labels")
    if a.column is not None and a.column not in types.labels:
        raise Misfit(f"`{a.column}` is not a label; the labels are {listing(list(types.labels))}")
    found = {name: types.labels[name] for name in _names(a, types.labels)}
    return tuple(AnswerColumn(name, type.dtype.numpy, type.shape) for name, type in found.items())


def _compute(a: Arguments, answered: Answered) -> tuple[Values, ...]:
    return tuple(answered.labels[name] for name in _names(a, answered.labels))


KINDS = (
    AnswerKind(
        name="Labels",
        signature=signature(
            Argument("column", Optional(Text()), None, "one label by its name; none: all")
        ),
        summary="The labels of the dataset as they are, a column for each.",
        example="Labels()",
        columns=_columns,
        compute=_compute,
    ),
)
