"""The classes with the highest scores."""

from __future__ import annotations

from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.numerics.answers import BY, OUTPUT, scored_output, scores
from declspore.registry.answer import TEXT, AnswerColumn, Answered, AnswerKind, AnswerTypes
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, Text


def _columns(a: Arguments, types: AnswerTypes, named: bool) -> tuple[AnswerColumn, ...]:
    _, classes = scored_output(a, types)
    if a.k > classes:
        raise Misfit(f"k is {a.k}, the output has {classes} classes", f"TopK({classes})")
    shape = () if a.k == 1 else (a.k,)
    dtype = TEXT if named else "int64"
    return AnswerColumn(a.name, dtype, shape), AnswerColumn(f"{a.name}_score", "float32", shape)


def _compute(a: Arguments, answered: Answered) -> tuple[Array, ...]:
    import numpy as np

    found = scores(a, answered.outputs[a.output])
    order = np.argsort(-found, axis=-1, kind="stable")[:, : a.k].astype(np.int64)
    values = np.take_along_axis(found, order, axis=-1)
    named: Array = order
    if answered.classes is not None:
        named = np.asarray(answered.classes, dtype=object)[order]
    if a.k == 1:
        return named[:, 0], values[:, 0]
    return named, values


KINDS = (
    AnswerKind(
        name="TopK",
        signature=signature(
            Argument("k", Integer(1), help="how many classes"),
            OUTPUT,
            BY,
            Argument("name", Text(), "class", "of the column; its scores are NAME_score"),
        ),
        summary="The k classes with the highest scores, best first; of equal ones the first.",
        example="TopK(3)",
        columns=_columns,
        compute=_compute,
        classes=lambda a, types: scored_output(a, types)[1],
    ),
)
