"""First values of parameters: the argument type, and initializers by name for the rooms."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.term import Arguments, Term
from declspore.registry.initializer import InitializerKind
from declspore.registry.table import vocabulary
from declspore.registry.types import Mismatch, Numbers, TermOf
from declspore.spelling import closest


def initializer(word: str, **given: object) -> Term:
    """The initializer of that word, its other arguments at their defaults."""
    kind = vocabulary().of(InitializerKind, word)
    defaults = {argument.name: argument.default for argument in kind.signature.arguments}
    return Term("initializer", word, Arguments(defaults, **given))


def with_zeros(init: Term, row: int) -> Term:
    """An initializer but for one row, which starts from zeros."""
    return Term("initializer", init.word, Arguments(init.arguments, zero_row=row))


@dataclass(frozen=True, slots=True)
class InitialValue:
    """An initializer, MindSpore's name of one as text, a number for every element, or the values
    themselves."""

    family: ClassVar[str] = "initializer"

    name: str = (
        'an initializer such as Normal(0.02), its name as "text", a number, or lists of numbers'
    )

    def accept(self, value: object) -> Term:
        if isinstance(value, str):
            return _by_alias(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return initializer("Constant", value=float(value))
        is_tensor = isinstance(value, Term) and value.family == "tensor"
        if is_tensor or isinstance(value, tuple):
            data = value if is_tensor else Numbers().accept(value)
            span = value.span if isinstance(value, Term) else None
            return Term("initializer", "Given", Arguments(data=data), span)
        return TermOf("initializer").accept(value)


@lru_cache(maxsize=256)
def _by_alias(text: str) -> Term:
    aliases: dict[str, str] = {}
    for kind in vocabulary().every(InitializerKind):
        aliases |= {alias.lower(): kind.name for alias in (kind.name, *kind.aliases)}
    word = aliases.get(text.lower())
    if word is None:
        near = closest(text, aliases)
        help = f'did you mean "{near[0]}"?' if near else None
        raise Mismatch(f'no initializer is called "{text}"', help)
    entry = vocabulary().of(InitializerKind, word)
    missing = [argument.name for argument in entry.signature.arguments if argument.required]
    if missing:
        raise Mismatch(f'"{text}" needs its argument: write {word}({missing[0]} = ...)')
    return initializer(word)
