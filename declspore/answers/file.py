"""The file a sample comes from."""

from __future__ import annotations

from declspore.ir.term import Arguments
from declspore.registry.answer import TEXT, AnswerColumn, Answered, AnswerKind, AnswerTypes, Values
from declspore.registry.kind import Misfit
from declspore.registry.signature import signature


def _columns(a: Arguments, types: AnswerTypes, named: bool) -> tuple[AnswerColumn, ...]:
    if not types.has_files:
        raise Misfit("the samples of the dataset do not have files of their own")
    return (AnswerColumn("file", TEXT),)


def _compute(a: Arguments, answered: Answered) -> tuple[Values, ...]:
    assert answered.files is not None, "samples have files: see _columns"
    return (answered.files,)


KINDS = (
    AnswerKind(
        name="File",
        signature=signature(),
        summary="The path of the file that a sample comes from.",
        example="File()",
        columns=_columns,
        compute=_compute,
    ),
)
