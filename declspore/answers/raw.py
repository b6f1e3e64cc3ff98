"""The outputs of the network as they are."""

from __future__ import annotations

from declspore.ir.term import Arguments
from declspore.numerics.answers import chosen_output
from declspore.registry.answer import AnswerColumn, Answered, AnswerKind, AnswerTypes, Values
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, Optional, Text


def _columns(a: Arguments, types: AnswerTypes, named: bool) -> tuple[AnswerColumn, ...]:
    found = types.outputs if a.output is None else (chosen_output(a, types),)
    if a.name is not None and len(found) > 1:
        raise Misfit(
            f"one name is given for {len(found)} outputs", f'Raw(output = 0, name = "{a.name}")'
        )
    base = "output" if a.name is None else a.name
    several = a.output is None and len(found) > 1
    return tuple(
        AnswerColumn(f"{base}_{place}" if several else base, type.dtype.numpy, type.shape)
        for place, type in enumerate(found)
    )


def _compute(a: Arguments, answered: Answered) -> tuple[Values, ...]:
    return answered.outputs if a.output is None else (answered.outputs[a.output],)


KINDS = (
    AnswerKind(
        name="Raw",
        signature=signature(
            Argument(
                "output", Optional(Integer(0)), None, "one output, starting from 0; none: all"
            ),
            Argument("name", Optional(Text()), None, "of the column; none: output, output_0, ..."),
        ),
        summary="The outputs of the network as they are, a column for each.",
        example="Raw()",
        columns=_columns,
        compute=_compute,
    ),
)
