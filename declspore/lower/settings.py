"""Arguments of the registry in configurations of Keras: lists, dicts and plain values."""

from __future__ import annotations

from declspore.ir.pattern import Pattern, path_pattern, regex_pattern
from declspore.ir.term import Arguments, Term


def encoded(value: object) -> object:
    """A value as a configuration has it."""
    if isinstance(value, Term):
        given = {name: encoded(one) for name, one in value.arguments.items()}
        return {"family": value.family, "word": value.word, "arguments": given}
    if isinstance(value, Pattern):
        return {"regex" if value.is_regex else "path": value.text}
    return [encoded(item) for item in value] if isinstance(value, (list, tuple)) else value


def decoded(value: object) -> object:
    """A value as the registry has it."""
    if isinstance(value, (list, tuple)):
        return tuple(decoded(item) for item in value)
    if not isinstance(value, dict):
        return value
    if "family" in value:
        given = {name: decoded(one) for name, one in value["arguments"].items()}
        return Term(value["family"], value["word"], Arguments(given))
    return regex_pattern(value["regex"]) if "regex" in value else path_pattern(value["path"])
