"""Paths and patterns between backticks, and regular expressions, as values."""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.pattern import Pattern, PatternError, filled, path_pattern, regex_pattern
from declspore.ir.value import FileLike
from declspore.language import errors
from declspore.language.domain import Evaluation
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Selection, Unknown, Value, describe
from declspore.source import Span
from declspore.syntax import ast


def pattern_of(evaluation: Evaluation, node: ast.Path, scope: Scope) -> Pattern | Unknown:
    """A compiled pattern, or UNKNOWN with a diagnostic at the piece at fault.

    ``{name}`` of a path is a value where the name has one that is a string or integer.
    """
    try:
        if node.is_regex:
            return regex_pattern(node.text)
        return path_pattern(filled(node.text, fillings(evaluation, scope)))
    except PatternError as error:
        evaluation.sink.report(errors.bad_pattern(inner_span(node, error), str(error)))
        return UNKNOWN


def fillings(evaluation: Evaluation, scope: Scope) -> Callable[[str], str | int | None]:
    """What ``{name}`` stands for within a path; None where it captures."""

    def filling(name: str) -> str | int | None:
        binding = scope.find(name)
        value = None if binding is None else evaluation.force(name, binding, binding.span)
        is_plain = isinstance(value, str | int) and not isinstance(value, bool)
        return value if is_plain else None  # type: ignore[return-value]

    return filling


def selected(evaluation: Evaluation, node: ast.PathOf, scope: Scope) -> Value:
    """``file.`pattern```, or UNKNOWN with the problem reported."""
    value = evaluation.evaluate(node.value, scope)
    pattern = pattern_of(evaluation, node.path, scope)
    if value is UNKNOWN or isinstance(pattern, Unknown):
        return UNKNOWN
    if isinstance(value, tuple) and any(one is UNKNOWN for one in value):
        return UNKNOWN
    if isinstance(value, tuple) and value and all(isinstance(one, FileLike) for one in value):
        return tuple(Selection(one, pattern) for one in value)
    if isinstance(value, FileLike):
        return Selection(value, pattern)
    expected = "an input or the output of an edit"
    evaluation.sink.report(errors.wrong_type(node.value.span, expected, describe(value)))
    return UNKNOWN


def inner_span(node: ast.Path, error: PatternError) -> Span:
    """The piece of a path literal that is at fault."""
    opening = 3 if node.is_regex else 1
    start = node.span.start + opening + error.offset
    return Span(node.span.source, start, min(start + error.length, node.span.end - 1))
