"""Calls of words of the vocabulary: what each family makes of its arguments."""

from __future__ import annotations

from collections.abc import Callable
from math import isinf, isnan, prod
from typing import TypeVar, cast

from declspore.ir.term import Arguments, Term, leaves
from declspore.language import errors
from declspore.language.arguments import Given, bind
from declspore.language.cells import (
    Cell,
    CellSequence,
    Leaf,
    as_cell,
    new_cell,
    report_nameless,
)
from declspore.language.domain import Callee, Evaluation
from declspore.language.operators import is_number
from declspore.language.values import UNKNOWN, CheckpointFile, FileList, Value, describe, flows
from declspore.registry.cell import CellKind
from declspore.registry.container import ContainerKind
from declspore.registry.file import FileKind
from declspore.registry.kind import Kind, Misfit
from declspore.registry.loss import LossKind
from declspore.registry.op import OpKind
from declspore.registry.plain import OfNumbers
from declspore.registry.query import QueryKind, TensorsNeeded
from declspore.registry.schedule import RateListKind, ScheduleKind
from declspore.registry.tensor import TensorKind
from declspore.source import Span

MOST_VALUES = 1 << 34
"""Elements a tensor of an edit may have."""

K = TypeVar("K", bound=Kind)
Make = Callable[[Evaluation, K, Arguments, Span], Value]


def call(evaluation: Evaluation, callee: Value, given: list[Given], span: Span, at: Span) -> Value:
    """The result of a call, or UNKNOWN with the problem reported; ``at`` is where the callee is
    named."""
    if isinstance(callee, Kind):
        return _call_word(evaluation, callee, given, span)
    if isinstance(callee, Callee):
        return callee.call(evaluation, given, span, at)
    if callee is not UNKNOWN:
        help = None
        if isinstance(callee, Term) and callee.family == LossKind.family:
            written = " ".join(at.text.split())
            help = f"in a `loss`, before `construct`: part = {written}, and here: part(...)"
        evaluation.sink.report(errors.not_callable(at, describe(callee), help))
    return UNKNOWN


def makes_cell(callee: Value) -> bool:
    """Whether calling a value makes a cell."""
    if isinstance(callee, Callee):
        return callee.makes_cell
    return isinstance(callee, CellKind | ContainerKind)


def _call_word(evaluation: Evaluation, kind: Kind, given: list[Given], span: Span) -> Value:
    if isinstance(kind, OpKind) and kind.of_numbers is not None and _are_plain(given):
        return _of_numbers(evaluation, kind, kind.of_numbers, given, span)
    if isinstance(kind, OpKind) or (isinstance(kind, TensorKind) and kind.of_tensors):
        given = [evaluation.domain.lifted(item) for item in given]
    if isinstance(kind, CellKind) and any(flows(item.value) for item in given[:1]):
        report_nameless(evaluation, kind.name, span)
        return UNKNOWN
    if isinstance(kind, ContainerKind):
        given = [_celled(evaluation, each) for each in given]
    arguments = bind(kind.name, kind.signature, given, span, evaluation.sink)
    if arguments is None:
        return UNKNOWN
    make = next((_MAKERS[each] for each in type(kind).__mro__ if each in _MAKERS), _term)
    try:
        return make(evaluation, kind, arguments, span)
    except Misfit as error:
        evaluation.sink.report(errors.misfit(span, kind.name, str(error), error.help))
        return UNKNOWN


def _are_plain(given: list[Given]) -> bool:
    """Whether arguments are numbers or lists of them, so that no tensor is meant."""
    return bool(given) and all(
        item.keyword is None and all(is_number(leaf) for leaf in leaves(item.value))
        for item in given
    )


def _of_numbers(
    evaluation: Evaluation, kind: OpKind, function: OfNumbers, given: list[Given], span: Span
) -> Value:
    """An op of plain numbers: a plain number."""
    try:
        found: Value = function(*(item.value for item in given))
        if not is_number(found) or isnan(found) or _is_too_large(found, given):
            raise OverflowError
    except (ValueError, ArithmeticError):
        evaluation.sink.report(errors.arithmetic(span, f"{kind.name} has no finite value there"))
        return UNKNOWN
    except TypeError:
        help = f"{kind.name}{kind.signature} of tensors"
        evaluation.sink.report(errors.arithmetic(span, f"{kind.name} takes other numbers", help))
        return UNKNOWN
    return found


_LARGEST = 2**63


def _is_too_large(found: float, given: list[Given]) -> bool:
    """Whether a number is beyond all bounds; infinity is what becomes of infinity."""
    if isinf(found):
        return not any(isinf(leaf) for item in given for leaf in leaves(item.value))
    return abs(found) >= _LARGEST


def _celled(evaluation: Evaluation, given: Given) -> Given:
    """An argument of a container: a cell, where it is not a keyword."""
    if given.keyword is not None:
        return given
    return Given(None, as_cell(evaluation, given.value, given.span), given.span)


def _term(evaluation: Evaluation, kind: Kind, arguments: Arguments, span: Span) -> Value:
    return Term(kind.family, kind.name, arguments, span)


def _leaf(evaluation: Evaluation, kind: CellKind, arguments: Arguments, span: Span) -> Value:
    completed = kind.complete(arguments) if kind.complete else arguments
    return new_cell(evaluation, Leaf(kind, completed, span))


def _sequence(
    evaluation: Evaluation, kind: ContainerKind, arguments: Arguments, span: Span
) -> Value:
    cells = cast(tuple[Cell, ...], kind.complete(arguments).cells)
    return new_cell(evaluation, CellSequence(kind, cells, span, arguments.names))


def _op(evaluation: Evaluation, kind: OpKind, arguments: Arguments, span: Span) -> Value:
    return evaluation.domain.call_op(evaluation, kind, arguments, span)


def _file(evaluation: Evaluation, kind: FileKind, arguments: Arguments, span: Span) -> Value:
    kind.check(arguments)
    term = Term(kind.family, kind.name, arguments, span)
    return CheckpointFile(term, span) if kind.many is None else FileList(term, span)


def _tensor(evaluation: Evaluation, kind: TensorKind, arguments: Arguments, span: Span) -> Value:
    made = evaluation.domain.call_tensor(evaluation, kind, arguments, span)
    if made is not None:
        return made
    sizes = kind.infer(arguments).shape
    if prod(size for size in sizes if isinstance(size, int)) > MOST_VALUES:
        evaluation.sink.report(errors.too_large(span, "values of a tensor", MOST_VALUES))
        return UNKNOWN
    return Term(kind.family, kind.name, arguments, span)


def _schedule(
    evaluation: Evaluation, kind: ScheduleKind, arguments: Arguments, span: Span
) -> Value:
    kind.check(arguments)
    return Term(kind.family, kind.name, arguments, span)


def _rates(evaluation: Evaluation, kind: RateListKind, arguments: Arguments, span: Span) -> Value:
    if evaluation.budget.is_spent:
        return UNKNOWN
    rates = kind.rates(arguments)
    return rates if evaluation.budget.items(len(rates), span) else UNKNOWN


def _ask(evaluation: Evaluation, kind: QueryKind, arguments: Arguments, span: Span) -> Value:
    try:
        return kind.answer(arguments)
    except TensorsNeeded:
        return UNKNOWN


_MAKERS: dict[type, Make[Kind]] = {
    CellKind: cast(Make[Kind], _leaf),
    ContainerKind: cast(Make[Kind], _sequence),
    OpKind: cast(Make[Kind], _op),
    FileKind: cast(Make[Kind], _file),
    TensorKind: cast(Make[Kind], _tensor),
    ScheduleKind: cast(Make[Kind], _schedule),
    RateListKind: cast(Make[Kind], _rates),
    QueryKind: cast(Make[Kind], _ask),
}
"""What is made of a word of a family; of any other, a term."""
