"""Words of the vocabulary called from Python: arguments bound with Python's errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from inspect import Parameter, Signature
from typing import TypeVar

from declspore.ir.tensors import HasArray
from declspore.ir.term import Arguments
from declspore.registry.kind import Kind
from declspore.registry.types import Mismatch
from declspore.spelling import closest

F = TypeVar("F", bound=Callable[..., object])


def bind_call(
    kind: Kind, positional: Sequence[object], keywords: Mapping[str, object]
) -> Arguments:
    """The arguments in canonical form. Raises TypeError or ValueError as a Python call would."""
    names = kind.called.names
    if len(positional) > len(names):
        most = len(names)
        raise TypeError(f"{kind.name} takes {most} arguments at most, {len(positional)} are given")
    given = dict(zip(names, positional, strict=False))
    for name, value in keywords.items():
        if name not in names:
            near = closest(name, names)
            hint = f"; did you mean '{near[0]}'?" if near else f"; it takes {', '.join(names)}"
            raise TypeError(f"{kind.name} has no argument '{name}'{hint}")
        if name in given:
            raise TypeError(f"{kind.name} is given '{name}' twice")
        given[name] = value
    missing = [a.name for a in kind.signature.arguments if a.required and a.name not in given]
    if missing:
        raise TypeError(f"{kind.name} needs {', '.join(missing)}")
    return Arguments(
        {
            argument.name: _accept(kind, argument.name, given.get(argument.name, argument.default))
            for argument in kind.signature.arguments
        }
    )


def signed(function: F, name: str, kind: Kind, *first: str, home: str = "declspore.nn") -> F:
    """A function that calls a word, with the name, signature and docstring that Python shows:
    arguments ``first`` come before the word's own."""
    own = [
        Parameter(
            argument.name,
            Parameter.VAR_POSITIONAL if argument.repeats else Parameter.POSITIONAL_OR_KEYWORD,
            default=Parameter.empty if argument.required else argument.default,
        )
        for argument in kind.called.arguments
    ]
    before = [Parameter(each, Parameter.POSITIONAL_OR_KEYWORD) for each in first]
    function.__name__ = function.__qualname__ = name
    function.__module__ = home
    function.__doc__ = _documented(kind)
    with suppress(ValueError):  # an argument without a default may follow one with
        function.__signature__ = Signature([*before, *own])  # type: ignore[attr-defined]
    return function


def _documented(kind: Kind) -> str:
    lines = [kind.summary, ""]
    for argument in kind.called.arguments:
        lines.append(f"{argument.name}: {argument.type.name}. {argument.help}".rstrip())
    return "\n".join([*lines, *kind.notes()]).rstrip()


def _accept(kind: Kind, name: str, value: object) -> object:
    argument = kind.signature.get(name)
    assert argument is not None
    array = value.asnumpy() if isinstance(value, HasArray) else value
    plain = array.tolist() if hasattr(array, "tolist") else array
    plain = tuple(plain) if isinstance(plain, list) else plain
    try:
        return argument.type.accept(plain)
    except Mismatch as error:
        raise ValueError(f"'{name}' of {kind.name}: {error}") from None
