"""Expressions over the columns of a dataset, such as ``filter(label < 5)``."""

from __future__ import annotations

from declspore.flows.order import element_of
from declspore.flows.steps import StepMisfit
from declspore.ir.formula import Applied, EntryValue, PartOf
from declspore.ir.term import Arguments, Pipeline, Term, mapped
from declspore.ir.value import CellLike
from declspore.language import errors
from declspore.language.arguments import Given, bind
from declspore.language.call_arguments import given_arguments
from declspore.language.domain import Evaluation
from declspore.language.formulas import applied, constant_formula
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Value, describe
from declspore.registry.data import Column, TransformKind
from declspore.registry.op import OpKind
from declspore.registry.tensor import TensorKind
from declspore.source import Span
from declspore.syntax import ast


class _Columns:
    """What tensors are in such an expression: the columns of one item, and what ops make of them
    (:class:`declspore.language.domain.Domain`)."""

    def lifted(self, given: Given) -> Given:
        return Given(given.keyword, mapped(given.value, constant_formula), given.span)

    def refuses_new_cell(self, evaluation: Evaluation, word: str, span: Span) -> bool:
        return False

    def call_cell(
        self, evaluation: Evaluation, cell: CellLike, given: list[Given], span: Span
    ) -> Value:
        evaluation.sink.report(errors.not_callable(span, "a cell in a dataset"))
        return UNKNOWN

    def call_op(
        self, evaluation: Evaluation, kind: OpKind, arguments: Arguments, span: Span
    ) -> Value:
        if not kind.in_edits:
            found = f"the op `{kind.name}` in a dataset"
            help = f"{kind.without_arrays}; the network can use it"
            evaluation.sink.report(errors.not_callable(span, found, help))
            return UNKNOWN
        return self._applied(evaluation, kind, arguments, span)

    def call_tensor(
        self, evaluation: Evaluation, kind: TensorKind, arguments: Arguments, span: Span
    ) -> Value:
        if kind.reads_file or kind.runs_code or kind.of_tensors:
            evaluation.sink.report(errors.not_callable(span, f"`{kind.name}` in a dataset"))
            return UNKNOWN
        return self._applied(evaluation, kind, arguments, span)

    def _applied(
        self,
        evaluation: Evaluation,
        kind: OpKind | TensorKind,
        arguments: Arguments,
        span: Span,
    ) -> Value:
        return applied(
            evaluation,
            kind,
            arguments.map(constant_formula),
            span,
            lambda error, places: errors.misfit(span, kind.name, str(error), error.help, places),
        )


_DOMAIN = _Columns()


def columns_step(
    evaluation: Evaluation,
    kind: TransformKind,
    left: Pipeline,
    arguments: tuple[ast.Argument, ...],
    scope: Scope,
    span: Span,
) -> Value:
    """The step whose arguments are expressions over the columns of what flows in, or UNKNOWN with
    the problem reported."""
    try:
        element = element_of(left)
    except StepMisfit as error:
        at = error.term.span or span
        evaluation.sink.report(errors.misfit(at, error.term.word, str(error), error.help))
        return UNKNOWN
    inner = Scope(scope)
    for column in element.columns:
        inner.bind(column.name, _value(column), span)
    within = evaluation.within(_DOMAIN)
    given = [_lifted(each) for each in given_arguments(within, arguments, inner)]
    bound = (
        _by_name(evaluation, kind, given, span)
        if kind.named
        else bind(kind.name, kind.signature, given, span, evaluation.sink)
    )
    return UNKNOWN if bound is None else Term(kind.family, kind.name, bound, span)


def _value(column: Column) -> EntryValue:
    return EntryValue("", 0, column.name, column.type)


def _lifted(given: Given) -> Given:
    return _DOMAIN.lifted(given)


def _by_name(
    evaluation: Evaluation, kind: TransformKind, given: list[Given], span: Span
) -> Arguments | None:
    found: dict[str, object] = {}
    before = evaluation.sink.reports
    if not given:
        evaluation.sink.report(errors.misfit(span, kind.name, "it makes no column", kind.example))
    for each in given:
        if each.keyword is None:
            reason = "each expression needs the name of a column before it"
            evaluation.sink.report(errors.misfit(each.span, kind.name, reason, kind.example))
        elif each.keyword.text in found:
            name = each.keyword.text
            evaluation.sink.report(errors.given_twice(each.keyword.span, kind.name, name))
        elif not isinstance(each.value, EntryValue | Applied | PartOf):
            if each.value is not UNKNOWN:
                shown = describe(each.value)
                help = "tensor(0.5) is a tensor of a number" if _is_number(each.value) else None
                evaluation.sink.report(errors.wrong_type(each.span, "a tensor", shown, help))
            found[each.keyword.text] = UNKNOWN
        else:
            found[each.keyword.text] = each.value
    if evaluation.sink.reports > before or UNKNOWN in found.values():
        return None
    return Arguments(found)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
