"""Params: values a spec leaves open, from ``--set``, from Python, or from their default."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.check import errors
from declspore.elaborate.formals import FORMAL_TYPES, accept_formal
from declspore.ir.amount import Amount
from declspore.ir.term import show
from declspore.language.domain import Evaluation
from declspore.language.errors import unknown_type, wrong_type
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Value, describe
from declspore.syntax import ast

_WORDS = {"true": True, "false": False}
_KINDS = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "quantity": "a number with a unit, such as `10 epochs`",
}


def param_value(
    evaluation: Evaluation, declaration: ast.Param, scope: Scope, settings: Mapping[str, Value]
) -> Value:
    """The value of a param, or UNKNOWN with the problem reported."""
    name, kind = declaration.name.text, declaration.type
    if kind.text not in FORMAL_TYPES:
        evaluation.sink.report(unknown_type(kind.span, kind.text, FORMAL_TYPES, formal=False))
        return UNKNOWN
    if name in settings:
        value = _setting(evaluation, name, settings[name], kind.text)
    elif declaration.default is None:
        evaluation.sink.report(errors.missing_param(declaration.name.span, name))
        return UNKNOWN
    else:
        value = _default(evaluation, declaration, declaration.default, scope)
    if value is not UNKNOWN and declaration.bounds is not None:
        return _bounded(evaluation, declaration, declaration.bounds, value, scope)
    return value


def _default(
    evaluation: Evaluation, declaration: ast.Param, default: ast.Expression, scope: Scope
) -> Value:
    value = evaluation.evaluate(default, scope)
    if value is UNKNOWN:
        return UNKNOWN
    accepted = accept_formal(declaration.type.text, value)
    if accepted is UNKNOWN:
        evaluation.sink.report(wrong_type(default.span, declaration.type.text, describe(value)))
    return accepted


def _setting(evaluation: Evaluation, name: str, given: Value, kind: str) -> Value:
    """A setting from the command line (text) or from Python (a value)."""
    value = _parse(given, kind) if isinstance(given, str) else given
    if isinstance(value, list):
        value = tuple(value)
    accepted = accept_formal(kind, value)
    if accepted is UNKNOWN:
        expected = _KINDS.get(kind, f"a value of type {kind}")
        evaluation.sink.report(errors.bad_setting(name, str(given), expected))
    return accepted


def _parse(text: str, kind: str) -> Value:
    try:
        if kind == "int":
            return int(text, 0)
        if kind == "float":
            return float(text)
    except ValueError:
        return text
    if kind == "quantity":
        number, _, unit = text.strip().partition(" ")
        singular = unit.strip().removesuffix("s") if unit.strip() != "s" else "s"
        return Amount(int(number), singular) if number.isdigit() and singular else text
    if kind == "bool":
        return _WORDS.get(text.lower(), text)
    if kind.endswith("s"):
        parts = [part.strip() for part in text.strip("[] ").split(",") if part.strip()]
        return tuple(_parse(part, kind[:-1]) for part in parts)
    return text


def _bounded(
    evaluation: Evaluation,
    declaration: ast.Param,
    bounds: ast.Expression,
    value: Value,
    scope: Scope,
) -> Value:
    """``in low .. high`` (both allowed) or ``in [choices]``."""
    if isinstance(bounds, ast.Binary) and bounds.operator == "..":
        low = evaluation.evaluate(bounds.left, scope)
        high = evaluation.evaluate(bounds.right, scope)
        inside = (
            isinstance(low, int | float)
            and isinstance(high, int | float)
            and isinstance(value, int | float)
            and low <= value <= high
        )
    else:
        choices = evaluation.evaluate(bounds, scope)
        inside = isinstance(choices, tuple) and value in choices
    if not inside:
        evaluation.sink.report(
            errors.out_of_bounds(bounds.span, declaration.name.text, show(value), bounds.span.text)
        )
        return UNKNOWN
    return value
