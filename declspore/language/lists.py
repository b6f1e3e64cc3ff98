"""Lists and loops: comprehensions, rounds of loops, and bounds on how long lists become."""

from __future__ import annotations

from collections.abc import Iterator

from declspore.language import errors
from declspore.language.arguments import Given
from declspore.language.budget import MOST_ITEMS, weight
from declspore.language.domain import Evaluation, HasItems
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Value, describe
from declspore.source import Span
from declspore.syntax import ast

_MOST_FAULTS = 20


def listed(evaluation: Evaluation, node: ast.List, scope: Scope) -> Value:
    """The value of a list, or UNKNOWN with its problems reported."""
    found = tuple([given.value for given in elements(evaluation, node.items, scope)])
    return bounded(evaluation, found, node.span)


def bounded(evaluation: Evaluation, items: tuple[Value, ...], span: Span) -> Value:
    """The list, or UNKNOWN where an item is or where lists have become too long."""
    if any(item is UNKNOWN for item in items):
        return UNKNOWN
    size = weight(items)
    if size > MOST_ITEMS:
        evaluation.sink.report(errors.too_large(span, "items of a list", MOST_ITEMS))
        return UNKNOWN
    return items if evaluation.budget.items(size, span) else UNKNOWN


def elements(
    evaluation: Evaluation, items: tuple[ast.Element, ...], scope: Scope
) -> Iterator[Given]:
    """The values of the items of a list, comprehensions spread out."""
    for item in items:
        if isinstance(item, ast.Comprehension):
            yield from comprehended(evaluation, item, scope)
        else:
            yield Given(None, evaluation.evaluate(item, scope), item.span)


def comprehended(evaluation: Evaluation, node: ast.Comprehension, scope: Scope) -> Iterator[Given]:
    """The values a comprehension makes, round by round."""
    carried = [evaluation.evaluate(carry.first, scope) for carry in node.carries]
    empty = True
    for inner in evaluation.loop(node.bindings, scope, node.span):
        for carry, value in zip(node.carries, carried, strict=True):
            inner.bind(carry.name.text, value, carry.name.span)
        yield from elements(evaluation, node.items, inner)
        empty = False
        carried = [evaluation.evaluate(carry.next, inner) for carry in node.carries]
    if empty and evaluation.evaluate(node.bindings[0].source, scope) is UNKNOWN:
        yield Given(None, UNKNOWN, node.span)  # it may have had rounds


def looped(
    evaluation: Evaluation, bindings: tuple[ast.Binding, ...], scope: Scope, at: Span
) -> Iterator[Scope]:
    """A scope for each round of the loop ``at``, its names bound. Ended early where one item after
    the other is at fault, whose problems are mostly the same, and where the budget is spent: a
    round counts for each binding, also where those after it have no items."""
    if not bindings:
        yield Scope(scope)
        return
    first, *others = bindings
    values = evaluation.evaluate(first.source, scope)
    values = values.items if isinstance(values, HasItems) else values
    if not isinstance(values, tuple):
        if values is not UNKNOWN:
            found = describe(values)
            evaluation.sink.report(errors.wrong_type(first.source.span, "a list", found))
        return
    faults = 0
    for value in values:
        if not evaluation.budget.rounds(at) or evaluation.budget.is_spent:
            return
        before = evaluation.sink.reports
        inner = Scope(scope)
        if not _bind_targets(evaluation, first, value, inner):
            return
        yield from looped(evaluation, tuple(others), inner, at)
        faults += evaluation.sink.reports > before
        if faults > _MOST_FAULTS:
            return


def _bind_targets(evaluation: Evaluation, binding: ast.Binding, value: Value, scope: Scope) -> bool:
    if not binding.unpack:
        scope.bind(binding.names[0].text, value, binding.names[0].span)
        return True
    if value is UNKNOWN:
        return False
    if not isinstance(value, tuple) or len(value) != len(binding.names):
        expected = f"lists of {len(binding.names)} items"
        found = describe(value)
        evaluation.sink.report(errors.wrong_type(binding.source.span, expected, found))
        return False
    for word, item in zip(binding.names, value, strict=True):
        scope.bind(word.text, item, word.span)
    return True
