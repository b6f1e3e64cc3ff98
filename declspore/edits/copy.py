"""``copy``: entries under a second name."""

from __future__ import annotations

from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.edit import Name, Value
from declspore.registry.effect import Effect, Fate
from declspore.registry.signature import signature
from declspore.registry.undoing import delete_results
from declspore.registry.verb import MATCHING, VerbKind


@dataclass(frozen=True, slots=True)
class Copied(Effect):
    """The entry reaches the output under another name too, whatever else becomes of it; with its
    own value where ``value`` is None. Its slots stay with the first."""

    decides: ClassVar[frozenset[str]] = frozenset()

    to: Name
    value: Value | None

    def apply(self, fate: Fate) -> None:
        fate.copy(self.to, self.value)


KINDS = (
    VerbKind(
        name="copy",
        signature=signature(),
        summary="The entries reach the output under another name too, after all others; with `=` "
        "with another value. What else becomes of them is said by other rules. Optimizer slots do "
        "not follow.",
        example="copy src.`fc1.{p}` -> `fc2.{p}`",
        clauses=MATCHING | {"target", "value"},
        borrows=True,
        leads=True,
        required=frozenset({"target"}),
        effect=lambda matched: Copied(matched.targets[0], matched.value),
        undo=delete_results,
        sign="+",
        past="copied",
        flag="'A -> B'",
        flag_help="Have entries under another name too.",
    ),
)
