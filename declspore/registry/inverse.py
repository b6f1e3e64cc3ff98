"""How a word declares that its result can be undone exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from declspore.dataclass import dataclass
from declspore.ir.formula import Applied, Formula, PartOf, operands


class Lossy(Exception):
    """What a value was made of cannot be recovered from it; the message says why."""


Undone = list[tuple[Formula, str]]
"""What a value was made of, each with an expression that gives it back."""

Undo = Callable[[Applied, str], Undone]
"""``undo(formula, text)``, where ``text`` is an expression for the value of the formula. Raises
:class:`Lossy`."""


@dataclass(frozen=True)
class Rejoined:
    """What several parts were taken from: ``text`` makes it again of a list of the parts,
    ``them``, which must be in this ``order``."""

    whole: Formula
    text: str
    order: tuple[int, ...]


Rejoin = Callable[[Sequence[Formula]], Rejoined]
"""``rejoin(parts)`` of values that one word made. Raises :class:`Lossy`."""


def the_operand(formula: Applied) -> Formula:
    """The only tensor a word was given."""
    (operand,) = operands(formula)
    return operand


def listed(values: Iterable[object]) -> str:
    """A list as the spec language writes it: ``[2, 3]``."""
    return f"[{', '.join(map(str, values))}]"


def back_in_shape(formula: Applied, text: str) -> Undone:
    """Undoes a word that gives the elements another shape and leaves them in their order."""
    operand = the_operand(formula)
    return [(operand, f"reshape({text}, {listed(operand.type.shape)})")]


def by_joining(word: str) -> Rejoin:
    """Undoes a word whose results, all of them, another ``word`` joins again along ``axis``."""

    def rejoin(parts: Sequence[Formula]) -> Rejoined:
        results = [part for part in parts if isinstance(part, PartOf)]
        if len(results) < len(parts) or any(one.whole != results[0].whole for one in results):
            raise Lossy("the parts come of several values")
        whole = results[0].whole
        places = [result.index for result in results]
        if sorted(places) != list(range(len(whole.types))):
            raise Lossy("a part of it is left out")
        order = sorted(range(len(places)), key=places.__getitem__)
        text = f"{word}(them, axis = {whole.arguments.axis})"
        return Rejoined(the_operand(whole), text, tuple(order))

    return rejoin
