"""Optimizer slots go where their weight goes, unless a rule of their own says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod

from declspore.dataclass import dataclass
from declspore.ir.edit import Name, Value
from declspore.ir.formula import EntryValue, Formula, entries, only_moves, replaced
from declspore.ir.header import HeaderEntry
from declspore.ir.shape import TensorType
from declspore.registry.effect import Stuck
from declspore.registry.verb import Matched
from declspore.report import Sink
from declspore.tasks.edit import errors
from declspore.tasks.edit.decided import Decided, Decisions, Key
from declspore.tasks.edit.task import Rule
from declspore.tasks.edit.views import Sources


@dataclass(frozen=True)
class JoinedGroup:
    """Entries that become one. ``value`` is made of them."""

    to: Name
    members: tuple[Key, ...]
    value: Value
    rule: Rule
    follows: str | None = None


class Follower:
    """Adds what slots do to the decisions over weights."""

    def __init__(self, sources: Sources, decided: Decisions, sink: Sink) -> None:
        self._sources = sources
        self._decided = decided
        self._sink = sink
        self._slots = {name: sources.slots(name) for name in sources.views}

    def follow(self) -> None:
        """Entries on their own."""
        for source, owners in self._slots.items():
            for owner, slots in owners.items():
                for decision in self._decided.of(source, owner):
                    if decision.follows is None:
                        self._follow(source, owner, slots, decision)

    def join(self, group: JoinedGroup) -> list[JoinedGroup]:
        """The groups that the slots of a group's members make."""
        prefixes = self._prefixes(group.members)
        found = []
        for prefix, holders in prefixes.items():
            free = [key for key in group.members if key in holders]
            alike = all(_Slot(self._sources, key, prefix).is_alike for key in free)
            whole = len(free) == len(group.members)
            if not (whole and alike and moves(group.value, set(group.members))):
                self._stuck(group.rule, [prefix + name for _, name in free], not alike)
                continue
            assert not isinstance(group.value, tuple)
            slots = renaming(self._sources, dict.fromkeys(group.members, prefix))
            value = replaced(group.value, slots)
            members = tuple((source, prefix + name) for source, name in group.members)
            to = Name(group.to.output, prefix + group.to.name)
            found.append(JoinedGroup(to, members, value, group.rule, group.members[0][1]))
        return found

    def _prefixes(self, members: tuple[Key, ...]) -> dict[str, set[Key]]:
        """For each kind of slot the members that have one without a rule of its own."""
        found: dict[str, set[Key]] = {}
        for source, name in members:
            for prefix, slot in self._slots[source].get(name, []):
                if not self._decided.has_own(source, slot.name):
                    found.setdefault(prefix, set()).add((source, name))
        return found

    def _follow(
        self, source: str, owner: str, slots: list[tuple[str, HeaderEntry]], decision: Decided
    ) -> None:
        stuck = []
        for prefix, slot in slots:
            if self._decided.has_own(source, slot.name):
                continue
            try:
                effect = decision.effect.followed(_Slot(self._sources, (source, owner), prefix))
            except Stuck:
                stuck.append(prefix)
            else:
                if effect is not None:
                    self._decided.add(source, slot.name, Decided(effect, decision.rule, owner))
        if stuck:
            alike = all(_Slot(self._sources, (source, owner), p).is_alike for p in stuck)
            self._stuck(decision.rule, [prefix + owner for prefix in stuck], not alike)

    def _stuck(self, rule: Rule, names: list[str], of_own_shape: bool) -> None:
        self._sink.report(errors.stuck_slots(rule.span, names, of_own_shape))


class _Slot:
    """A slot by its weight and the prefix that makes its name of the weight's, as
    :class:`declspore.registry.effect.SlotOfWeight`."""

    def __init__(self, sources: Sources, owner: Key, prefix: str) -> None:
        self._sources = sources
        self._owner = owner
        self._prefix = prefix
        entries = sources.header(owner[0]).by_name
        self._weight, self._entry = entries[owner[1]], entries[prefix + owner[1]]

    @property
    def is_alike(self) -> bool:
        return self._entry.shape == self._weight.shape

    def named(self, weight: Name) -> Name:
        return Name(weight.output, self._prefix + weight.name)

    def moves(self, value: Value) -> bool:
        return moves(value, {self._owner})

    def moved(self, formula: Formula) -> Formula:
        return replaced(formula, renaming(self._sources, {self._owner: self._prefix}))

    def stays_right(self, value: Value) -> bool:
        """One of its weight's shape does where that stays. Of those with a shape of their own one
        number does; so do the means of rows and columns where no element changes its place."""
        parts = value if isinstance(value, tuple) else (value,)
        keeps_shape = all(part.type.shape == self._weight.shape for part in parts)
        if self.is_alike:
            return keeps_shape
        return prod(self._entry.shape) == 1 or (keeps_shape and not self.moves(value))


def moves(value: Value, members: set[Key]) -> bool:
    """Whether a value only moves elements of the members."""
    parts = value if isinstance(value, tuple) else (value,)
    return all(
        only_moves(part) and {(e.source, e.name) for e in entries(part)} <= members
        for part in parts
    )


def renaming(sources: Sources, prefixes: Mapping[Key, str]) -> Callable[[EntryValue], EntryValue]:
    """Gives for a weight its slot, whose name has a prefix."""

    def rename(value: EntryValue) -> EntryValue:
        name = prefixes[value.source, value.name] + value.name
        slot = sources.views[value.source][value.file].header.by_name.get(name)
        dtype = value.type.dtype if slot is None else slot.dtype
        return EntryValue(value.source, value.file, name, TensorType(dtype, value.type.shape))

    return rename


def joined(group: JoinedGroup) -> Decided:
    """What becomes of a member of a group."""
    assert group.rule.verb.effect is not None
    effect = group.rule.verb.effect(Matched((group.to,), None))
    return Decided(effect, group.rule, group.follows)
