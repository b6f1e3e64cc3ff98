"""Edit verbs: what a rule does to the entries it matches.

A rule sees the immutable header of the inputs; its effect is a value, carried out later. So the
order of rules never matters, and renames are simultaneous.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import ClassVar, Literal

from declspore.dataclass import dataclass
from declspore.ir.edit import Name, Value
from declspore.registry.effect import Effect
from declspore.registry.kind import Kind
from declspore.registry.table import verbs
from declspore.registry.undoing import Became, Undoing

MATCHING = frozenset({"except", "where", "from", "count"})
"""Clauses that say which entries a rule is about."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a rule: how it is written, what a message calls it, and the words that begin it,
    here or in other tools."""

    name: str
    form: str
    shown: str
    words: tuple[str, ...] = ()


CLAUSES = (
    Clause("except", "except `path`", "exceptions (except ...)", ("except",)),
    Clause("where", "where ...", "condition (where ...)", ("where",)),
    Clause("target", "-> `path`", "new name (-> `path`)", ("to",)),
    Clause("targets", "-> `path`, `path`", "new names (-> `path`, `path`)"),
    Clause("value", "= ...", "value (= ...)"),
    Clause("from", "from Network()", "network (from ...)", ("from",)),
    Clause(
        "count", "exactly n, or optional", "count (exactly ..., optional)", ("exactly", "optional")
    ),
)
"""In the order in which they follow the operands."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What a rule says of one entry: its new names, and its new value."""

    targets: tuple[Name, ...]
    value: Value | None


@dataclass(frozen=True, kw_only=True)
class VerbKind(Kind):
    """A verb.

    ``clauses`` are what may follow the operands: ``target`` (-> `path`), ``targets`` (several),
    ``value`` (= ...), and those of :data:`MATCHING`; ``required`` those that must. ``about`` is
    whether a rule is about entries, one by one (``effect(matched)`` is what happens to each),
    about ``groups`` of entries (``effect`` is what happens to each member), or about ``new`` ones.
    One that ``borrows`` may be about entries of a file that is only used. Where one ``leads``, a
    slot that it matches together with its weight is left to follow that weight. ``rest`` may name
    one that ``is_policy`` for the entries no rule is about. One that ``leaves`` entries leaves
    them as they are.

    ``undo(undoing, outcomes)`` finds the rules that undo what one decision made. A plan shows what
    it does by a ``sign`` and counts it as "to ``infinitive``" (its name, where that is None); a
    result says it in the ``past``. ``flag`` and ``flag_help`` are what ``declspore edit`` shows.
    """

    family: ClassVar[str] = "verb"
    title: ClassVar[str] = "Edit verbs"
    room: ClassVar[str] = "edits"
    rank: ClassVar[int] = 180
    namespace: ClassVar[str] = "verbs"

    clauses: frozenset[str]
    required: frozenset[str] = frozenset()
    about: Literal["entries", "groups", "new"] = "entries"
    borrows: bool = False
    leads: bool = False
    is_policy: bool = False
    leaves: bool = False
    effect: Callable[[Matched], Effect] | None = None
    undo: Callable[[Undoing, Sequence[Became]], None]
    sign: str
    infinitive: str | None = None
    past: str
    flag: str
    flag_help: str

    def notes(self) -> Iterator[str]:
        shown = [clause.form for clause in CLAUSES if clause.name in self.clauses]
        if shown:
            yield "Clauses, in this order: " + ", ".join(shown)

    @property
    def usage(self) -> str:
        return self.example

    @property
    def to_do(self) -> str:
        """``to delete``: how a plan counts it."""
        return f"to {self.infinitive or self.name}"


@cache
def every_verb() -> tuple[VerbKind, ...]:
    """The verbs: first those about entries, then about groups of them, then about new ones."""
    order = ("entries", "groups", "new")
    found = verbs().every(VerbKind)
    return tuple(sorted(found, key=lambda verb: (order.index(verb.about), verb.name)))


@cache
def leaving_verb() -> VerbKind:
    """The verb that leaves entries as they are."""
    (found,) = (verb for verb in every_verb() if verb.leaves)
    return found
