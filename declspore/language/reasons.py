"""Why a condition is false: what the questions in it found."""

from __future__ import annotations

from collections.abc import Iterator

from declspore.language.arguments import bind
from declspore.language.call_arguments import given_arguments
from declspore.language.domain import Evaluation
from declspore.language.evaluate import Evaluator
from declspore.language.scope import Scope
from declspore.language.values import describe
from declspore.registry.kind import Misfit
from declspore.registry.query import QueryKind, TensorsNeeded
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.syntax import ast
from declspore.syntax.walk import descendants


def reasons(node: ast.Expression, scope: Scope) -> tuple[str, ...]:
    """Sentences about the parts of a condition that make it false."""
    evaluation = Evaluator(Sink())
    found = (line for part in _false_parts(node, evaluation, scope) for line in part)
    return tuple(dict.fromkeys(found))


def compared(node: ast.Expression, scope: Scope) -> str | None:
    """``7 == 8``: the sides of a comparison with their values; None for any other expression."""
    if not isinstance(node, ast.Binary) or node.operator in ("and", "or", "|>"):
        return None
    quiet = Evaluator(Sink())
    sides = (quiet.evaluate(side, scope) for side in (node.left, node.right))
    left, right = (f"{s:.6g}" if isinstance(s, float) else describe(s) for s in sides)
    return f"{left} {node.operator} {right}"


def _false_parts(
    node: ast.Expression, evaluation: Evaluation, scope: Scope
) -> Iterator[Iterator[str]]:
    """What there is to say of each part that must not be false."""
    if isinstance(node, ast.Binary) and node.operator in ("and", "or"):
        for side in (node.left, node.right):
            if evaluation.truth(side, scope) is False:
                shown = compared(side, scope)
                if shown is not None:
                    yield iter([f"{shown} is false"])
                elif isinstance(side, ast.Call):
                    yield iter([f"{' '.join(side.span.text.split())} is false"])
                yield from _false_parts(side, evaluation, scope)
        return
    for call in descendants(node):
        if isinstance(call, ast.Call) and isinstance(call.function, ast.Name):
            kind = vocabulary().get(call.function.name)
            if isinstance(kind, QueryKind) and scope.find(kind.name) is None:
                yield _found(kind, call, evaluation, scope)


def _found(kind: QueryKind, call: ast.Call, evaluation: Evaluation, scope: Scope) -> Iterator[str]:
    given = given_arguments(evaluation, call.arguments, scope)
    arguments = bind(kind.name, kind.signature, given, call.span, evaluation.sink)
    if arguments is None:
        return
    try:
        yield from kind.found(arguments)
    except (TensorsNeeded, Misfit):
        return
