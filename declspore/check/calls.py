"""Calls: what each kind of callee makes of its arguments."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from declspore.check import errors
from declspore.check.arguments import Given, bind
from declspore.check.cells import instantiate
from declspore.check.formulas import MOST_VALUES, Calculator
from declspore.check.values import (
    UNKNOWN,
    Absent,
    CellTemplate,
    CheckpointFile,
    FileList,
    Group,
    Leaf,
    OpCell,
    Sequence,
    Skipped,
    describe,
)
from declspore.ir.term import Term
from declspore.registry.cell import CellKind
from declspore.registry.container import ContainerKind
from declspore.registry.file import FileKind
from declspore.registry.kind import Kind, Misfit
from declspore.registry.op import OpKind
from declspore.registry.query import QueryKind, TensorsNeeded
from declspore.registry.schedule import RateListKind
from declspore.registry.tensor import TensorKind
from declspore.registry.verb import VerbKind
from declspore.source import Span

if TYPE_CHECKING:
    from declspore.check.evaluate import Evaluator


def call(evaluator: Evaluator, callee: Any, given: list[Given], span: Span, at: Span) -> Any:
    """The result of a call, or UNKNOWN with the problem reported; ``at`` is the callee's place."""
    match callee:
        case CellTemplate():
            return instantiate(evaluator, callee, given, span)
        case Leaf() | OpCell() | Sequence() | Group():
            return _call_cell(evaluator, callee, given, span)
        case Skipped():
            return given[0].value if given else UNKNOWN
        case Absent():
            condition = callee.field.condition
            assert condition is not None
            evaluator.sink.report(errors.absent_cell(at, callee.field.name.text, condition.span))
            return UNKNOWN
        case Kind():
            return _call_word(evaluator, callee, given, span)
    if callee is not UNKNOWN:
        evaluator.sink.report(errors.not_callable(at, describe(callee)))
    return UNKNOWN


def as_cell(evaluator: Evaluator, value: Any, span: Span) -> Any:
    """An op of one tensor as a cell, so that ``SequentialCell(conv, relu)`` reads well."""
    if isinstance(value, OpKind) and value.takes_one:
        return evaluator.new(OpCell(value, span))
    return value


def _call_cell(evaluator: Evaluator, cell: Any, given: list[Given], span: Span) -> Any:
    if evaluator.tracer is None:
        evaluator.sink.report(errors.not_callable(span, f"{describe(cell)} outside `construct`"))
        return UNKNOWN
    flowing = [evaluator.tracer.flowing(item) for item in given]
    return evaluator.tracer.call_cell(evaluator, cell, flowing, span)


def _call_word(evaluator: Evaluator, kind: Kind, given: list[Given], span: Span) -> Any:
    of_tensors = isinstance(kind, OpKind) or (isinstance(kind, TensorKind) and kind.of_tensors)
    if of_tensors and evaluator.tracer is not None:
        given = [evaluator.tracer.flowing(item) for item in given]
    if isinstance(kind, ContainerKind):
        given = [Given(g.keyword, as_cell(evaluator, g.value, g.span), g.span) for g in given]
    arguments = bind(kind.name, kind.signature, given, span, evaluator.sink)
    if arguments is None:
        return UNKNOWN
    match kind:
        case CellKind():
            return _leaf(evaluator, kind, arguments, span)
        case ContainerKind():
            return evaluator.new(Sequence(kind, arguments.cells, span))
        case OpKind():
            return _call_op(evaluator, kind, arguments, span)
        case FileKind():
            return _file(evaluator, kind, arguments, span)
        case RateListKind():
            return _rates(evaluator, kind, arguments, span)
        case QueryKind():
            return _ask(evaluator, kind, arguments, span)
        case TensorKind():
            return _tensor(evaluator, kind, arguments, span)
        case VerbKind():
            raise AssertionError("verbs are not in the vocabulary of expressions")
    return Term(kind.family, kind.name, arguments, span)


def _leaf(evaluator: Evaluator, kind: CellKind, arguments: Any, span: Span) -> Any:
    try:
        completed = kind.complete(arguments) if kind.complete else arguments
    except Misfit as error:
        evaluator.sink.report(errors.misfit(span, kind.name, str(error), error.help))
        return UNKNOWN
    return evaluator.new(Leaf(kind, completed, span))


def _file(evaluator: Evaluator, kind: FileKind, arguments: Any, span: Span) -> Any:
    try:
        kind.check(arguments)
    except Misfit as error:
        evaluator.sink.report(errors.misfit(span, kind.name, str(error), error.help))
        return UNKNOWN
    term = Term(kind.family, kind.name, arguments, span)
    return CheckpointFile(term, span) if kind.many is None else FileList(term, span)


def _tensor(evaluator: Evaluator, kind: TensorKind, arguments: Any, span: Span) -> Any:
    if isinstance(evaluator.tracer, Calculator):
        return evaluator.tracer.call_tensor(evaluator, kind, arguments, span)
    if kind.of_tensors:
        evaluator.sink.report(errors.not_callable(span, f"`{kind.name}` outside an edit"))
        return UNKNOWN
    try:
        sizes = kind.infer(arguments).shape
    except Misfit as error:
        evaluator.sink.report(errors.misfit(span, kind.name, str(error), error.help))
        return UNKNOWN
    if prod(size for size in sizes if isinstance(size, int)) > MOST_VALUES:
        evaluator.sink.report(errors.too_large(span, "values of a tensor", MOST_VALUES))
        return UNKNOWN
    return Term(kind.family, kind.name, arguments, span)


def _rates(evaluator: Evaluator, kind: RateListKind, arguments: Any, span: Span) -> Any:
    if evaluator.budget.is_spent:
        return UNKNOWN
    try:
        rates = kind.rates(arguments)
        return rates if evaluator.budget.items(len(rates), span) else UNKNOWN
    except Misfit as error:
        evaluator.sink.report(errors.misfit(span, kind.name, str(error), error.help))
        return UNKNOWN


def _call_op(evaluator: Evaluator, kind: OpKind, arguments: Any, span: Span) -> Any:
    if evaluator.tracer is None:
        evaluator.sink.report(
            errors.not_callable(span, f"the op `{kind.name}` outside `construct`")
        )
        return UNKNOWN
    return evaluator.tracer.call_op(evaluator, kind, arguments, span)


def _ask(evaluator: Evaluator, kind: QueryKind, arguments: Any, span: Span) -> Any:
    try:
        return kind.answer(arguments)
    except Misfit as error:
        evaluator.sink.report(errors.misfit(span, kind.name, str(error), error.help))
        return UNKNOWN
    except TensorsNeeded:
        evaluator.tensors_needed = True
        return UNKNOWN
