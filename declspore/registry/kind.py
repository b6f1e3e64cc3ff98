"""What every entry of the vocabulary has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.term import Arguments
from declspore.ir.value import Described
from declspore.registry.signature import Signature
from declspore.source import Span


class Misfit(Exception):
    """Raised by the rule of a word when arguments or shapes do not fit together.

    The message says what does not fit; ``help`` what would, and ``fits`` which arguments would with
    which values. The checker adds the place, unless one within is known (``at``).
    """

    def __init__(
        self,
        message: str,
        help: str | None = None,
        fits: Mapping[str, object] | None = None,
        at: Span | None = None,
    ) -> None:
        super().__init__(message)
        self.help = help
        self.fits = fits or {}
        self.at = at


@dataclass(frozen=True, kw_only=True)
class Kind(Described):
    """An entry of the vocabulary.

    ``name`` is the word a spec uses, MindSpore's wherever MindSpore has one; ``summary`` one
    sentence with the formula; ``example`` an expression that is valid in a spec.

    A family of words is a subclass, in a module of ``declspore.registry``, that names the
    ``family``, the ``title`` and ``rank`` it has in the reference, and the ``room``, a package of
    ``declspore``, whose modules define its words. Words of one ``namespace`` differ. ``keeps``
    introduces its :meth:`entries` in the reference, where it is ``in_reference``.
    """

    family: ClassVar[str]
    title: ClassVar[str]
    room: ClassVar[str]
    rank: ClassVar[int]
    namespace: ClassVar[str] = "expressions"
    keeps: ClassVar[str] = "Its parameters"
    in_reference: ClassVar[bool] = True

    name: str
    signature: Signature
    summary: str
    example: str

    def notes(self) -> Iterator[str]:
        """Sentences of the reference about what only this family has."""
        return iter(())

    def entries(self, arguments: Arguments) -> Iterator[tuple[str, str]]:
        """The entries it has in a checkpoint: names, and types as a spec writes them."""
        return iter(())

    @property
    def called(self) -> Signature:
        """The arguments it takes in Python."""
        return self.signature

    @property
    def usage(self) -> str:
        """How the word is written, for the reference."""
        return f"{self.name}{self.signature}"

    @property
    def described(self) -> str:
        return f"the {self.family} `{self.name}` without its arguments"
