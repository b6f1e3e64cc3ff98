"""One score per class."""

from __future__ import annotations

from declspore.ir.term import Arguments
from declspore.numerics.answers import BY, OUTPUT, scored_output, scores
from declspore.registry.answer import AnswerColumn, Answered, AnswerKind, AnswerTypes, Values
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Text


def _columns(a: Arguments, types: AnswerTypes, named: bool) -> tuple[AnswerColumn, ...]:
    _, classes = scored_output(a, types)
    return (AnswerColumn(a.name, "float32", (classes,)),)


def _compute(a: Arguments, answered: Answered) -> tuple[Values, ...]:
    return (scores(a, answered.outputs[a.output]),)


KINDS = (
    AnswerKind(
        name="Probabilities",
        signature=signature(OUTPUT, BY, Argument("name", Text(), "probabilities", "of the column")),
        summary="One score per class: exp(x) / sum(exp(x)) over the classes, or 1 / (1 + exp(-x)).",
        example="Probabilities()",
        columns=_columns,
        compute=_compute,
    ),
)
