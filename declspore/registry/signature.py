"""Signatures: the arguments of a word, in MindSpore's order, with MindSpore's defaults."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from declspore.dataclass import dataclass
from declspore.ir.term import Arguments, show
from declspore.registry.types import ArgumentType


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final = _Required()


@dataclass(frozen=True)
class Argument:
    """One argument: ``help`` is a phrase for the reference; ``repeats`` takes all that follow."""

    name: str
    type: ArgumentType
    default: object = REQUIRED
    help: str = ""
    repeats: bool = False

    def __post_init__(self) -> None:
        if hasattr(Arguments, self.name):
            raise ValueError(f"{self.name!r} cannot be read as an attribute of Arguments")

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    @cached_property
    def canonical(self) -> object:
        """The default in the form the definition sees."""
        return self.type.accept(self.default)

    def __str__(self) -> str:
        if self.repeats:
            return f"*{self.name}"
        return self.name if self.required else f"{self.name} = {show(self.default)}"


@dataclass(frozen=True)
class Signature:
    """The arguments a word takes."""

    arguments: tuple[Argument, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(argument.name for argument in self.arguments)

    @cached_property
    def repeating(self) -> Argument | None:
        return next((argument for argument in self.arguments if argument.repeats), None)

    def get(self, name: str) -> Argument | None:
        return next((argument for argument in self.arguments if argument.name == name), None)

    def __str__(self) -> str:
        return f"({', '.join(str(argument) for argument in self.arguments)})"


def signature(*arguments: Argument) -> Signature:
    return Signature(arguments)
