"""Expressions of an edit to formulas: what flows is the value of an entry, not yet read.

Assumes entries whose headers are known; guarantees formulas with their types, or diagnostics
that show where the shapes came from.
"""

from __future__ import annotations

from typing import Any

from declspore.diagnostic import Diagnostic, Label
from declspore.elaborate.errors import shape_misfit
from declspore.ir.formula import EntryValue
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments, mapped
from declspore.ir.value import CellLike
from declspore.language.arguments import Given
from declspore.language.domain import Evaluation
from declspore.language.errors import not_callable
from declspore.language.formulas import applied, constant_formula
from declspore.language.values import UNKNOWN, Selection, Value
from declspore.numerics.broadcast import unmixed
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.tensor import TensorKind
from declspore.source import Span
from declspore.spelling import closest


class Calculator:
    """What an evaluator hands tensors to while it reads an expression of an edit. Files other
    than checkpoints are looked at only where it ``reads``: when a plan is made."""

    def __init__(self, *, reads: bool = False) -> None:
        self._reads = reads

    def lifted(self, given: Given) -> Given:
        """An argument with tensors of numbers as formulas."""
        return Given(given.keyword, mapped(given.value, constant_formula), given.span)

    def refuses_new_cell(self, evaluation: Evaluation, word: str, span: Span) -> bool:
        return False

    def call_cell(
        self, evaluation: Evaluation, cell: CellLike, given: list[Given], span: Span
    ) -> Value:
        evaluation.sink.report(not_callable(span, "a cell outside `construct`"))
        return UNKNOWN

    def call_op(
        self, evaluation: Evaluation, kind: OpKind, arguments: Arguments, span: Span
    ) -> Value:
        if not kind.in_edits:
            help = f"{kind.without_arrays}; tensors are made by "
            help += "zeros([4, 3]), ones([4, 3]), full([4, 3], 0.5); one number fills an entry: 0"
            found = f"the op `{kind.name}` in an edit"
            evaluation.sink.report(not_callable(span, found, help))
            return UNKNOWN
        return self._apply(evaluation, kind, arguments, span)

    def call_tensor(
        self, evaluation: Evaluation, kind: TensorKind, arguments: Arguments, span: Span
    ) -> Value:
        if kind.reads_file and not self._reads:
            return UNKNOWN
        return self._apply(evaluation, kind, arguments, span)

    def _apply(
        self, evaluation: Evaluation, kind: OpKind | TensorKind, arguments: Arguments, span: Span
    ) -> Value:
        def problem(error: Misfit, places: list[Label]) -> Diagnostic:
            return shape_misfit(span, str(error), error.help, places)

        try:
            held = arguments.map(_formula)
        except Misfit as error:
            evaluation.sink.report(problem(error, []))
            return UNKNOWN
        return applied(evaluation, kind, held, span, problem, _refuse_stored, _check)


def _check(kind: OpKind | TensorKind, seen: Arguments) -> None:
    _refuse_mixture(kind, seen)
    _refuse(kind, seen)


def _refuse_stored(kind: OpKind | TensorKind, seen: Arguments) -> None:
    """Raises Misfit where something is computed of floats that are only stored."""
    if kind.moves or kind.of_stored:
        return
    for leaf in seen.leaves():
        if isinstance(leaf, TensorType) and leaf.dtype.kind == "float8":
            reason = f"`{kind.name}` does not compute with {leaf.dtype.short}"
            raise Misfit(reason, "cast(..., f32), or dequantize(..., scale)")


def _refuse(kind: OpKind | TensorKind, seen: Arguments) -> None:
    """Raises Misfit where a use of a word is none of an edit."""
    rule = kind.refused_in_edits if isinstance(kind, OpKind) else None
    what = rule(seen) if rule is not None else None
    if what is not None:
        raise Misfit(f"`{kind.name}` computes no {what} in an edit: they differ between machines")


def _refuse_mixture(kind: OpKind | TensorKind, seen: Arguments) -> None:
    """Raises Misfit where element types meet that must be cast in an edit: what it writes would
    have another type than the entry had, without a word."""
    dtypes = {leaf.dtype for leaf in seen.leaves() if isinstance(leaf, TensorType)}
    if not (isinstance(kind, OpKind) and kind.operator):
        dtypes = {dtype for dtype in dtypes if dtype.is_float}
    if len(dtypes) > 1:
        left, right, *_ = sorted(dtypes, key=lambda dtype: dtype.short)
        raise unmixed(left, right)


def formulas(value: object) -> Any:
    """A value with entries and tensors of numbers as formulas. Raises Misfit."""
    return mapped(value, _formula)


def _formula(value: object) -> Any:
    return entry_value(value) if isinstance(value, Selection) else constant_formula(value)


def entry_value(selection: Selection) -> EntryValue:
    """The one entry a selection is about. Raises Misfit."""
    found = selection.entries
    if len(found) != 1:
        help = "a list of them is taken by concat, stack, average, ..."
        if not found:
            names = [entry.name for entry in selection.file.header.entries]
            near = closest(selection.pattern.text, names)
            help = f"did you mean {selection.file}.`{near[0]}`?" if near else ""
        title = f"{selection} matches {len(found)} entries, expected one"
        raise Misfit(title, help or None)
    (entry,) = found
    if not entry.dtype.is_array:
        raise Misfit(f"{selection} is not an array")
    file = selection.file
    return EntryValue(
        file.name, file.index, entry.name, TensorType(entry.dtype, tuple(entry.shape))
    )
