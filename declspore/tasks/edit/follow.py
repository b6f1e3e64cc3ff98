"""Optimizer slots go where their weight goes, unless a rule of their own says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod

from declspore.ir.edit import Assigned, Deleted, Effect, Joined, Name, Renamed, Split
from declspore.ir.formula import EntryValue, Formula, entries, only_moves, replaced
from declspore.ir.header import HeaderEntry
from declspore.ir.shape import TensorType
from declspore.plan.roles import slots_of
from declspore.report import Sink
from declspore.tasks.edit import errors
from declspore.tasks.edit.task import Rule
from declspore.tasks.edit.views import Sources

Key = tuple[str, str]
"""An entry of an input: (input, name)."""


@dataclass(frozen=True)
class Decided:
    """An effect on an entry and the rule it comes from; ``follows`` where it comes by a weight."""

    effect: Effect
    rule: Rule
    follows: str | None = None


@dataclass(frozen=True)
class Group:
    """Entries that become one. ``value`` is made of them."""

    to: Name
    members: tuple[Key, ...]
    value: Formula | tuple[Formula, ...]
    rule: Rule
    follows: str | None = None


Decisions = dict[Key, list[Decided]]


class Follower:
    """Adds what slots do to the decisions over weights."""

    def __init__(self, sources: Sources, decided: Decisions, sink: Sink) -> None:
        self._sources = sources
        self._decided = decided
        self._sink = sink
        self._slots = {name: slots_of(sources.header(name)) for name in sources.views}
        self._own = {
            key for key, decisions in decided.items() if any(d.follows is None for d in decisions)
        }

    def follow(self) -> None:
        """Entries on their own."""
        for source, owners in self._slots.items():
            for owner, slots in owners.items():
                for decision in list(self._decided.get((source, owner), [])):
                    if decision.follows is None:
                        self._follow(source, owner, slots, decision)

    def join(self, group: Group) -> list[Group]:
        """The groups that the slots of a group's members make."""
        prefixes = self._prefixes(group.members)
        found = []
        for prefix, holders in prefixes.items():
            free = [key for key in group.members if key in holders]
            whole = len(free) == len(group.members) and all(
                self._lies_as_its_weight(key, prefix) for key in free
            )
            if not whole or not self._moves(group.value, set(group.members)):
                alike = all(self._lies_as_its_weight(key, prefix) for key in free)
                self._stuck(group.rule, [prefix + name for _, name in free], not alike)
                continue
            assert not isinstance(group.value, tuple)
            value = replaced(group.value, self._renaming(dict.fromkeys(group.members, prefix)))
            members = tuple((source, prefix + name) for source, name in group.members)
            to = Name(group.to.output, prefix + group.to.name)
            found.append(Group(to, members, value, group.rule, group.members[0][1]))
        return found

    def _prefixes(self, members: tuple[Key, ...]) -> dict[str, set[Key]]:
        """For each kind of slot the members that have one without a rule of its own."""
        found: dict[str, set[Key]] = {}
        for source, name in members:
            for prefix, slot in self._slots[source].get(name, []):
                if (source, slot.name) not in self._own:
                    found.setdefault(prefix, set()).add((source, name))
        return found

    def _follow(
        self, source: str, owner: str, slots: list[tuple[str, HeaderEntry]], decision: Decided
    ) -> None:
        stuck = []
        for prefix, slot in slots:
            key = (source, slot.name)
            if key in self._own:
                continue
            effect = self._followed(decision.effect, (source, owner), prefix)
            if effect == "stuck":
                stuck.append(prefix)
            elif not isinstance(effect, str) and effect is not None:
                self._decided.setdefault(key, []).append(Decided(effect, decision.rule, owner))
        if stuck:
            alike = all(self._lies_as_its_weight((source, owner), p) for p in stuck)
            self._stuck(decision.rule, [prefix + owner for prefix in stuck], not alike)

    def _lies_as_its_weight(self, owner: Key, prefix: str) -> bool:
        """Whether a slot has its weight's shape, so that what moves elements moves its too."""
        entries = self._sources.entries(owner[0])
        return entries[prefix + owner[1]].shape == entries[owner[1]].shape

    def _followed(self, effect: Effect, owner: Key, prefix: str) -> Effect | str | None:
        """What a slot does; None where nothing, ``stuck`` where it cannot stay as it is."""
        renaming = self._renaming({owner: prefix})
        match effect:
            case Deleted():
                return effect
            case Renamed(to):
                return Renamed(Name(to.output, prefix + to.name))
            case Assigned(value) if not self._lies_as_its_weight(owner, prefix):
                return None if self._stays(value, owner, prefix) else "stuck"
            case Split() if not self._lies_as_its_weight(owner, prefix):
                return "stuck"
            case Assigned(value) if self._moves(value, {owner}):
                if isinstance(value, tuple):
                    return Assigned(tuple(replaced(part, renaming) for part in value))
                return Assigned(replaced(value, renaming))
            case Assigned(value):
                return None if self._keeps_shape(value, owner) else "stuck"
            case Split(parts) if all(self._moves(part, {owner}) for _, part in parts):
                return Split(
                    tuple(
                        (Name(name.output, prefix + name.name), replaced(part, renaming))
                        for name, part in parts
                    )
                )
            case Split():
                return "stuck"
        return None

    def _stays(self, value: Formula | tuple[Formula, ...], owner: Key, prefix: str) -> bool:
        """Whether a slot with a shape of its own is still right beside its weight's new value: one
        number is; the means of rows and columns are where no element changes its place."""
        slot = self._sources.entries(owner[0])[prefix + owner[1]]
        moves = self._moves(value, {owner})
        return prod(slot.shape) == 1 or (not moves and self._keeps_shape(value, owner))

    def _keeps_shape(self, value: Formula | tuple[Formula, ...], owner: Key) -> bool:
        shape = self._sources.entries(owner[0])[owner[1]].shape
        parts = value if isinstance(value, tuple) else (value,)
        return all(part.type.shape == shape for part in parts)

    def _moves(self, value: Formula | tuple[Formula, ...], members: set[Key]) -> bool:
        """Whether a value only moves elements of the members."""
        parts = value if isinstance(value, tuple) else (value,)
        return all(
            only_moves(part) and {(e.source, e.name) for e in entries(part)} <= members
            for part in parts
        )

    def _renaming(self, prefixes: Mapping[Key, str]) -> Callable[[EntryValue], EntryValue]:
        def rename(value: EntryValue) -> EntryValue:
            name = prefixes[value.source, value.name] + value.name
            header = self._sources.views[value.source][value.file].header
            slot = header.by_name.get(name)
            dtype = value.type.dtype if slot is None else slot.dtype
            type = TensorType(dtype, value.type.shape)
            return EntryValue(value.source, value.file, name, type)

        return rename

    def _stuck(self, rule: Rule, names: list[str], of_own_shape: bool) -> None:
        self._sink.report(errors.stuck_slots(rule.span, names, of_own_shape))


def joined(key: Key, group: Group) -> Decided:
    """What becomes of a member of a group."""
    return Decided(Joined(group.to), group.rule, group.follows)
