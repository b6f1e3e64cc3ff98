"""Params: values a spec leaves open, from ``--set``, from Python, or from their default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from declspore.check import errors
from declspore.check.cells import FORMAL_TYPES, accept_formal
from declspore.check.scope import Scope
from declspore.check.values import UNKNOWN, Amount, describe
from declspore.ir.term import show
from declspore.syntax import ast

if TYPE_CHECKING:
    from declspore.check.evaluate import Evaluator

_WORDS = {"true": True, "false": False}
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "quantity": "a number with a unit, such as `10 epochs`",
}


def param_value(
    evaluator: Evaluator, declaration: ast.Param, scope: Scope, settings: dict[str, Any]
) -> Any:
    """The value of a param, or UNKNOWN with the problem reported."""
    name, kind = declaration.name.text, declaration.type
    if kind.text not in FORMAL_TYPES:
        evaluator.sink.report(errors.unknown_type(kind.span, kind.text, FORMAL_TYPES, formal=False))
        return UNKNOWN
    if name in settings:
        value = _setting(evaluator, name, settings[name], kind.text)
    elif declaration.default is None:
        evaluator.sink.report(errors.missing_param(declaration.name.span, name))
        return UNKNOWN
    else:
        value = _default(evaluator, declaration, declaration.default, scope)
    if value is not UNKNOWN and declaration.bounds is not None:
        return _bounded(evaluator, declaration, declaration.bounds, value, scope)
    return value


def _default(
    evaluator: Evaluator, declaration: ast.Param, default: ast.Expression, scope: Scope
) -> Any:
    value = evaluator.evaluate(default, scope)
    if value is UNKNOWN:
        return UNKNOWN
    accepted = accept_formal(declaration.type.text, value)
    if accepted is UNKNOWN:
        evaluator.sink.report(
            errors.wrong_type(default.span, declaration.type.text, describe(value))
        )
    return accepted


def _setting(evaluator: Evaluator, name: str, given: Any, kind: str) -> Any:
    """A setting from the command line (text) or from Python (a value)."""
    value = _parse(given, kind) if isinstance(given, str) else given
    if isinstance(value, list):
        value = tuple(value)
    accepted = accept_formal(kind, value)
    if accepted is UNKNOWN:
        expected = _KINDS.get(kind, f"a value of type {kind}")
        evaluator.sink.report(errors.bad_setting(name, str(given), expected))
    return accepted


def _parse(text: str, kind: str) -> Any:
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
    evaluator: Evaluator, declaration: ast.Param, bounds: ast.Expression, value: Any, scope: Scope
) -> Any:
    """``in low .. high`` (both allowed) or ``in [choices]``."""
    if isinstance(bounds, ast.Binary) and bounds.operator == "..":
        low = evaluator.evaluate(bounds.left, scope)
        high = evaluator.evaluate(bounds.right, scope)
        numbers = all(isinstance(x, int | float) for x in (low, high, value))
        inside = numbers and low <= value <= high
    else:
        choices = evaluator.evaluate(bounds, scope)
        inside = isinstance(choices, tuple) and value in choices
    if not inside:
        evaluator.sink.report(
            errors.out_of_bounds(bounds.span, declaration.name.text, show(value), bounds.span.text)
        )
        return UNKNOWN
    return value
