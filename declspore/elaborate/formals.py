"""Formals: the arguments of a template, given or by default, in their declared types."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan

from declspore.ir.amount import Amount
from declspore.language import errors
from declspore.language.arguments import Given, match
from declspore.language.domain import Evaluation
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Value, describe
from declspore.source import Span
from declspore.syntax import ast


def bound_formals(
    evaluation: Evaluation,
    declaration: ast.CellDeclaration,
    outer: Scope,
    given: list[Given],
    span: Span,
) -> Scope:
    """A scope with every formal bound; UNKNOWN where a problem was reported, so that the body is
    looked at all the same."""
    formals = declaration.formals
    scope = Scope(outer)
    matched = None
    if not declaration.damaged:
        names = [formal.name.text for formal in formals]
        matched = match(declaration.name.text, names, None, given, evaluation.sink)
    if matched is None:
        for formal in formals:
            scope.bind(formal.name.text, UNKNOWN, formal.name.span)
        return scope
    missing = [f.name.text for f in formals if f.default is None and f.name.text not in matched]
    if missing:
        word = declaration.name.text
        usage = f"({', '.join(f.span.text for f in formals)})"
        evaluation.sink.report(errors.missing_arguments(span, word, missing, usage))
    for formal in formals:
        value: Value = UNKNOWN
        if formal.name.text not in missing:
            value = _value(evaluation, declaration, formal, matched, scope)
        scope.bind(formal.name.text, value, formal.name.span)
    return scope


def _value(
    evaluation: Evaluation,
    declaration: ast.CellDeclaration,
    formal: ast.Formal,
    matched: dict[str, list[Given]],
    scope: Scope,
) -> Value:
    """The given value or the default, converted to the declared type."""
    name = formal.name.text
    if name in matched:
        value, span = matched[name][0].value, matched[name][0].span
    else:
        assert formal.default is not None
        value, span = evaluation.evaluate(formal.default, scope), formal.default.span
    if value is UNKNOWN or formal.type is None:
        return value
    accepted = accept_formal(formal.type.name.text, value)
    if accepted is UNKNOWN and formal.type.name.text in FORMAL_TYPES:
        reason = f"expected {formal.type.name.text}, found {describe(value)}"
        word = declaration.name.text
        evaluation.sink.report(errors.wrong_argument(span, word, name, reason))
    return accepted


def accept_formal(type: str, value: Value) -> Value:
    """The value as the named type has it, or UNKNOWN where it does not fit."""
    scalar = _SCALARS.get(type)
    if scalar is not None:
        return scalar(value)
    item = _SCALARS.get(type[:-1]) if type.endswith("s") else None
    if item is None or not isinstance(value, tuple):
        return UNKNOWN
    items = tuple(item(each) for each in value)
    return UNKNOWN if any(each is UNKNOWN for each in items) else items


def _whole(value: Value) -> Value:
    return value if isinstance(value, int) and not isinstance(value, bool) else UNKNOWN


def _number(value: Value) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float) or isnan(value):
        return UNKNOWN  # Python and --set can give NaN, which is not a number here
    return float(value)


_SCALARS: dict[str, Callable[[Value], Value]] = {
    "int": _whole,
    "float": _number,
    "bool": lambda value: value if isinstance(value, bool) else UNKNOWN,
    "str": lambda value: value if isinstance(value, str) else UNKNOWN,
    "quantity": lambda value: value if isinstance(value, Amount) else UNKNOWN,
}
FORMAL_TYPES = (*_SCALARS, "ints", "floats", "bools", "strs")
