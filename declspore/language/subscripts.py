"""Subscripts: an item of a list, parts of a tensor."""

from __future__ import annotations

from declspore.ir.shape import Affine
from declspore.ir.subscripts import NEW, REST
from declspore.language import errors
from declspore.language.arguments import Given
from declspore.language.domain import Evaluation, HasItems
from declspore.language.lists import bounded
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Value, describe, flows
from declspore.language.words import call
from declspore.registry.table import vocabulary
from declspore.syntax import ast

_ONE_PLACE = "of a list items are taken by their place: list[0], list[1:]"


def indexed(evaluation: Evaluation, node: ast.Index, scope: Scope) -> Value:
    """The value of ``value[subscripts]``, or UNKNOWN with the problem reported."""
    value = evaluation.evaluate(node.value, scope)
    if value is UNKNOWN:
        return UNKNOWN
    if flows(value):
        return _of_tensor(evaluation, node, value, scope)
    return _of_list(evaluation, node, value, scope)


def _of_list(evaluation: Evaluation, node: ast.Index, value: Value, scope: Scope) -> Value:
    sink = evaluation.sink
    items = value.items if isinstance(value, HasItems) else value
    first = node.subscripts[0]
    of_tensors = len(node.subscripts) > 1 or isinstance(first, ast.Remaining)
    if isinstance(items, tuple) and isinstance(first, ast.Slice) and not of_tensors:
        return _sliced(evaluation, items, first, scope)
    if isinstance(items, tuple) and of_tensors:
        sink.report(errors.wrong_type(node.value.span, "a tensor", "a list", _ONE_PLACE))
        return UNKNOWN
    if not isinstance(items, tuple):
        sink.report(errors.wrong_type(node.value.span, "a list", describe(value)))
        return UNKNOWN
    assert not isinstance(first, ast.Slice | ast.Remaining)
    index = evaluation.evaluate(first, scope)
    if index is UNKNOWN:
        return UNKNOWN
    if isinstance(index, bool) or not isinstance(index, int):
        sink.report(errors.wrong_type(first.span, "an integer", describe(index)))
        return UNKNOWN
    if not -len(items) <= index < len(items):
        sink.report(errors.arithmetic(first.span, f"no item {index} of {len(items)}"))
        return UNKNOWN
    item: Value = items[index]
    return item


def _sliced(
    evaluation: Evaluation, items: tuple[Value, ...], node: ast.Slice, scope: Scope
) -> Value:
    """``list[1:]``: some items of a list, as in Python."""
    bounds = (node.start, node.stop, node.step)
    found: list[Value] = [
        None if b is None else _whole_or_none(evaluation, b, scope) for b in bounds
    ]
    if any(bound is UNKNOWN for bound in found):
        return UNKNOWN
    if found[2] == 0:
        evaluation.sink.report(errors.arithmetic(node.span, "the step of a slice is never 0"))
        return UNKNOWN
    places = [bound for bound in found if bound is None or isinstance(bound, int)]
    chosen: tuple[Value, ...] = items[slice(*places)]
    return bounded(evaluation, chosen, node.span)


def _of_tensor(evaluation: Evaluation, node: ast.Index, value: Value, scope: Scope) -> Value:
    """``x[:, 0, 1:]``: a slice, a place or ``none`` (a new axis) for each axis; ``...`` for those
    that are left."""
    parts = tuple(_part(evaluation, subscript, scope) for subscript in node.subscripts)
    if any(part is UNKNOWN for part in parts):
        return UNKNOWN
    given = [Given(None, value, node.value.span), Given(None, parts, node.span)]
    return call(evaluation, vocabulary().get("getitem"), given, node.span, node.span)


def _part(
    evaluation: Evaluation, subscript: ast.Expression | ast.Slice | ast.Remaining, scope: Scope
) -> Value:
    if isinstance(subscript, ast.Remaining):
        return REST
    if not isinstance(subscript, ast.Slice):
        place = _whole_or_none(evaluation, subscript, scope)
        return NEW if place is None else place
    bounds = (subscript.start, subscript.stop, subscript.step)
    found = tuple(None if b is None else _whole_or_none(evaluation, b, scope) for b in bounds)
    return UNKNOWN if any(bound is UNKNOWN for bound in found) else found


def _whole_or_none(evaluation: Evaluation, node: ast.Expression, scope: Scope) -> Value:
    value = evaluation.evaluate(node, scope)
    plain = isinstance(value, int | Affine) and not isinstance(value, bool)
    if value is UNKNOWN or value is None or plain:
        return value
    evaluation.sink.report(errors.wrong_type(node.span, "an integer", describe(value)))
    return UNKNOWN
