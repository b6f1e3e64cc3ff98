"""What every entry of the vocabulary has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from declspore.ir.value import Described
from declspore.registry.signature import Signature


class Misfit(Exception):
    """Raised by the rule of a word when arguments or shapes do not fit together.

    The message says what does not fit; ``help`` what would. The checker adds the place.
    """

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, kw_only=True)
class Kind(Described):
    """An entry of the vocabulary.

    ``name`` is the word a spec uses, MindSpore's wherever MindSpore has one; ``summary`` one
    sentence with the formula; ``example`` an expression that is valid in a spec.
    """

    family: ClassVar[str]

    name: str
    signature: Signature
    summary: str
    example: str

    @property
    def described(self) -> str:
        return f"the {self.family} `{self.name}` without its arguments"
