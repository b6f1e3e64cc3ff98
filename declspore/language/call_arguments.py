"""The arguments of a call as values."""

from __future__ import annotations

from declspore.language.arguments import Given
from declspore.language.domain import Evaluation
from declspore.language.lists import comprehended
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN
from declspore.syntax import ast


def given_arguments(
    evaluation: Evaluation, arguments: tuple[ast.Argument, ...], scope: Scope
) -> list[Given]:
    """The arguments of a call, comprehensions as one argument for each item."""
    given = []
    for argument in arguments:
        node = argument.value
        if not isinstance(node, ast.Comprehension):
            value = evaluation.evaluate(node, scope)
            if isinstance(value, tuple) and not evaluation.budget.items(len(value), node.span):
                value = UNKNOWN
            given.append(Given(argument.keyword, value, node.span))
            continue
        for item in comprehended(evaluation, node, scope):
            given.append(Given(argument.keyword, item.value, item.span))
    return given
