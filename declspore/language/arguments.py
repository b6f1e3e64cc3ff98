"""Binding the arguments of a call to a signature, with a diagnostic for each that does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from declspore.diagnostic import Diagnostic
from declspore.ir.term import Arguments, leaves
from declspore.language import errors
from declspore.language.values import UNKNOWN, Value, describe, flows
from declspore.registry.signature import Argument, Signature
from declspore.registry.types import Choice, Mismatch
from declspore.report import Sink
from declspore.source import Span
from declspore.syntax.ast import Word


class Given(NamedTuple):
    """An argument as the call gives it."""

    keyword: Word | None
    value: Value
    span: Span


def match(
    word: str, names: Sequence[str], repeating: str | None, given: Sequence[Given], sink: Sink
) -> dict[str, list[Given]] | None:
    """Which argument each given one is meant for, or None with the problems reported."""
    found: dict[str, list[Given]] = {}
    problems: list[Diagnostic] = []
    position = 0
    for item in given:
        if item.keyword is not None:
            name = item.keyword.text
            if name not in names:
                problems.append(errors.unknown_argument(item.keyword.span, word, name, names))
            elif name in found:
                problems.append(errors.given_twice(item.keyword.span, word, name))
            else:
                found[name] = [item]
        elif position < len(names):
            name = names[position]
            if name in found and name != repeating:
                problems.append(errors.given_twice(item.span, word, name))
            found.setdefault(name, []).append(item)
            position += name != repeating
        else:
            problems.append(
                errors.too_many(item.span, word, len(names), _listed(word, names, given))
            )
            break
    for problem in problems:
        sink.report(problem)
    return None if problems else found


def _listed(word: str, names: Sequence[str], given: Sequence[Given]) -> str | None:
    """The call with its last arguments in a list, where they are plain numbers in a row, as
    PyTorch takes them: ``transpose(x, [0, 2, 1])``."""
    tensors = [item for item in given if flows(item.value) and item.keyword is None]
    if tuple(names[:1]) == ("tensors",) and len(tensors) > 1:
        rest = [item.span.text for item in given if item not in tensors]
        inside = ", ".join(item.span.text for item in tensors)
        return f"{word}({', '.join([f'[{inside}]', *rest])})"
    first, *others = given
    plain = all(type(item.value) is int and item.keyword is None for item in others)
    if len(names) != 2 or len(others) < 2 or not plain or type(first.value) is int:
        return None
    shown = ", ".join(item.span.text for item in others)
    if word == "transpose" and len(others) == 2:
        return f"swapaxes({first.span.text}, {shown})"
    return f"{word}({first.span.text}, [{shown}])"


def bind(
    word: str, signature: Signature, given: Sequence[Given], span: Span, sink: Sink
) -> Arguments | None:
    """The arguments in canonical form, defaults filled in, or None with problems reported."""
    repeating = signature.repeating
    names = signature.names
    matched = match(word, names, repeating.name if repeating else None, given, sink)
    if matched is None:
        return None
    missing = [a.name for a in signature.arguments if a.required and a.name not in matched]
    if missing and not (repeating and missing == [repeating.name]):
        sink.report(errors.missing_arguments(span, word, missing, str(signature)))
        return None
    return converted(word, signature.arguments, matched, sink)


def converted(
    word: str, arguments: Sequence[Argument], matched: dict[str, list[Given]], sink: Sink
) -> Arguments | None:
    """Matched arguments in canonical form, the others at their defaults, or None with problems
    reported."""
    values = {
        argument.name: _convert(word, argument, arguments, matched.get(argument.name), sink)
        for argument in arguments
    }
    if any(value is UNKNOWN for value in values.values()):
        return None
    return Arguments(values)


def _convert(
    word: str,
    argument: Argument,
    others: Sequence[Argument],
    given: list[Given] | None,
    sink: Sink,
) -> Value:
    if argument.repeats:
        items = [_accept(word, argument, others, item, sink) for item in given or ()]
        return UNKNOWN if any(item is UNKNOWN for item in items) else tuple(items)
    if given is None:
        return argument.canonical
    return _accept(word, argument, others, given[0], sink)


def _one_by_one(word: str, argument: Argument, given: Given) -> str | None:
    """What to write where a list is given to an argument that takes its elements."""
    elements = elements_of(given.span.text) if isinstance(given.value, tuple) else None
    return f"{word}({elements})" if argument.repeats and elements else None


def elements_of(text: str) -> str | None:
    """What the brackets of a written list enclose, in a line; None where they are not the first and
    the last character of one list (as in `[a] + [b]`)."""
    line = " ".join(text.split())
    if not (line.startswith("[") and line.endswith("]")):
        return None
    depths = accumulate((char == "[") - (char == "]") for char in line)
    return line[1:-1] if all(list(depths)[:-1]) else None


def _accept(
    word: str, argument: Argument, others: Sequence[Argument], given: Given, sink: Sink
) -> Value:
    if any(leaf is UNKNOWN for leaf in leaves(given.value)):
        return UNKNOWN
    try:
        return argument.type.accept(given.value)
    except Mismatch as error:
        reason = str(error)
        if ", found" not in reason and reason.startswith("expected"):
            reason = f"{reason}, found {describe(given.value)}"
        help = error.help or _elsewhere(argument, others, given.value)
        help = help or _one_by_one(word, argument, given)
        sink.report(errors.wrong_argument(given.span, word, argument.name, reason, help))
        return UNKNOWN


def _elsewhere(argument: Argument, others: Sequence[Argument], value: Value) -> str | None:
    """The argument that was meant by a string that only another takes: ``pad_mode = "same"``."""
    for other in others:
        options = other.type.options if isinstance(other.type, Choice) else ()
        if other is not argument and isinstance(value, str) and value.lower() in options:
            return f'{other.name} = "{value.lower()}"'
    return None
