"""Operators in expressions: on plain values, on tensors, and ``|>``."""

from __future__ import annotations

from declspore.ir.term import Pipeline, Term, pipeline_of
from declspore.language import errors
from declspore.language.arguments import Given
from declspore.language.call_arguments import given_arguments
from declspore.language.domain import Callee, Evaluation
from declspore.language.lists import bounded
from declspore.language.operators import OperandError, binary, negative
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Value, describe, flows
from declspore.language.words import call, makes_cell
from declspore.registry.data import TransformKind
from declspore.registry.kind import Kind
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.source import Span
from declspore.syntax import ast


def unary(evaluation: Evaluation, node: ast.Unary, scope: Scope) -> Value:
    """``-value`` or ``not value``, or UNKNOWN with the problem reported."""
    if node.operator == "not":
        value = evaluation.truth(node.value, scope)
        return UNKNOWN if value is UNKNOWN else not value
    value = evaluation.evaluate(node.value, scope)
    if value is UNKNOWN:
        return UNKNOWN
    if flows(value):
        return _of_tensors(evaluation, "*", value, -1, node.span)
    try:
        return negative(value)
    except OperandError:
        found = describe(value)
        evaluation.sink.report(errors.wrong_type(node.value.span, "a number", found))
        return UNKNOWN


def binary_operation(evaluation: Evaluation, node: ast.Binary, scope: Scope) -> Value:
    """``left operator right``, or UNKNOWN with the problem reported."""
    if node.operator == "|>":
        return _pipe(evaluation, node, scope)
    if node.operator in ("and", "or"):
        return _logic(evaluation, node, scope)
    left = evaluation.evaluate(node.left, scope)
    right = evaluation.evaluate(node.right, scope)
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if flows(left) or flows(right):
        return _of_tensors(evaluation, node.operator, left, right, node.span)
    try:
        value = binary(node.operator, left, right)
        return bounded(evaluation, value, node.span) if isinstance(value, tuple) else value
    except OperandError as error:
        if node.operator == "+" and _are_text(left, right):
            evaluation.sink.report(errors.joined_strings(node.span, left, right))
            return UNKNOWN
        shown = describe(left), describe(right)
        evaluation.sink.report(
            errors.arithmetic(node.span, str(error))
            if str(error)
            else errors.bad_operands(node.span, node.operator, *shown)
        )
        return UNKNOWN


def _are_text(left: Value, right: Value) -> bool:
    """Whether a string was to be joined with another, or with a number."""
    sides = (left, right)
    return any(isinstance(side, str) for side in sides) and all(
        isinstance(side, str | int | float) and not isinstance(side, bool) for side in sides
    )


def _logic(evaluation: Evaluation, node: ast.Binary, scope: Scope) -> Value:
    left = evaluation.truth(node.left, scope)
    if left is UNKNOWN or left == (node.operator == "or"):
        return left
    return evaluation.truth(node.right, scope)


def _of_tensors(evaluation: Evaluation, sign: str, left: Value, right: Value, span: Span) -> Value:
    """An operator with a tensor on either side: the op that declares the sign."""
    for op in vocabulary().every(OpKind):
        if op.operator == sign:
            given = [Given(None, left, span), Given(None, right, span)]
            return call(evaluation, op, given, span, span)
    evaluation.sink.report(errors.bad_operands(span, sign, describe(left), describe(right)))
    return UNKNOWN


# ---- what flows into something


def _pipe(evaluation: Evaluation, node: ast.Binary, scope: Scope) -> Value:
    left = evaluation.evaluate(node.left, scope)
    right = node.right
    arguments, function = (
        (right.arguments, right.function)
        if isinstance(right, ast.Call)
        else (
            (),
            right,
        )
    )
    callee = evaluation.evaluate(function, scope)
    if isinstance(callee, TransformKind) and callee.over_columns:
        dataset = _dataset(evaluation, left, node)
        if dataset is None:
            return UNKNOWN
        from declspore.language.columns import columns_step

        step = columns_step(evaluation, callee, dataset, arguments, scope, right.span)
        return dataset.then(step, right.span) if isinstance(step, Term) else UNKNOWN
    given = given_arguments(evaluation, arguments, scope)
    if isinstance(callee, TransformKind):
        step = call(evaluation, callee, given, right.span, function.span)
        return _then(evaluation, left, step, node)
    if isinstance(callee, OpKind) and pipeline_of(left) is not None:
        evaluation.sink.report(errors.not_a_step(function.span, callee.name))
        return UNKNOWN
    if makes_cell(callee):
        assert isinstance(callee, Kind | Callee)
        if evaluation.domain.refuses_new_cell(evaluation, _word(callee), right.span):
            return UNKNOWN
        if isinstance(callee, Callee):
            evaluation.sink.report(errors.not_callable(function.span, describe(callee)))
            return UNKNOWN
    flowing = Given(None, left, node.left.span)
    return call(evaluation, callee, [flowing, *given], right.span, function.span)


def _word(callee: Kind | Callee) -> str:
    return callee.name if isinstance(callee, Kind) else str(callee)


def _then(evaluation: Evaluation, left: Value, step: Value, node: ast.Binary) -> Value:
    dataset = _dataset(evaluation, left, node)
    if not isinstance(step, Term) or dataset is None:
        return UNKNOWN
    return dataset.then(step, node.right.span)


def _dataset(evaluation: Evaluation, left: Value, node: ast.Binary) -> Pipeline | None:
    """What flows into a step; None with the problem reported."""
    found = pipeline_of(left)
    if found is None and left is not UNKNOWN:
        evaluation.sink.report(errors.wrong_type(node.left.span, "a dataset", describe(left)))
    return found
