"""Lines of an edit that would make a checkpoint fit, before they are proved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

from declspore.dataclass import dataclass
from declspore.ir.header import Header, HeaderEntry
from declspore.plan.fitting import named
from declspore.plan.question import Asked
from declspore.plan.roles import role
from declspore.suggest import values
from declspore.suggest.covers import covers
from declspore.suggest.lines import renames
from declspore.suggest.pairing import pair

_MOST_LINES = 40
"""More would be no suggestion."""
_COUNTER = "num_batches_tracked"


@dataclass(frozen=True)
class Proposal:
    """Lines of an edit, and patterns of parameters that would keep first values after it."""

    lines: tuple[str, ...]
    fresh: tuple[str, ...]


class Proposer:
    """Pairs entries with parameters once, and makes lines of that."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        header = asked.header
        new = named(asked.fresh, (entry.name for entry in asked.wanted))
        self._needed = {e.name: e for e in asked.wanted if e.name not in new}
        self._names = [entry.name for entry in header]
        self._ignored = named(asked.ignore, self._names)
        self.states = {entry.name for entry in header if _is_state(entry, header)}

    @cached_property
    def _pairs(self) -> dict[str, str]:
        wanted = Header.of("", self._asked.wanted)
        weights = [e for e in self._needed.values() if not _is_state(e, wanted)]
        entries = [
            entry
            for entry in self._asked.header
            if entry.name not in self._ignored and entry.name not in self.states
        ]
        return pair(weights, entries).pairs

    def edit(self, *, slices: bool = False) -> Proposal | None:
        """The edit that renames what is meant, gives values their shape and type, and deletes
        what is not meant; None where it would have too many lines.

        ``slices`` cuts rows off where there are too many, instead of leaving entries at their
        initial values.
        """
        used, sets = self._used(slices)
        deleted = self._deleted(set(used)) if self._asked.exact else []
        changes = renames(used, self._names, covers(deleted, self._names))
        unfilled = self._unfilled(used)
        added = [] if self._asked.task or not self._asked.exact else unfilled
        if len(changes) + len(sets) + len(added) > _MOST_LINES:
            return None
        if not changes and not sets and not added:
            return Proposal((), ())
        lines = [change.text("src") for change in changes]
        lines += [self._rule("set", names, f" = {value}") for value, names in sets.items()]
        lines += [self._rule("delete", deleted, "")] if deleted else []
        lines += [f"add `{name}` = {values.initial(self._needed[name])}" for name in added]
        return Proposal(tuple(lines), () if added else self._fresh(unfilled))

    def _used(self, slices: bool) -> tuple[dict[str, str], dict[str, list[str]]]:
        """The entries that become parameters with their new names, and by expression those whose
        values are changed for that."""
        used: dict[str, str] = {}
        sets: dict[str, list[str]] = defaultdict(list)
        for old, new in self._pairs.items():
            expression = self._value(old, new, slices)
            if expression is None:
                continue
            used[old] = new
            if expression != "it":
                sets[expression].append(old)
        return used, sets

    def _unfilled(self, used: dict[str, str]) -> list[str]:
        """Parameters that no entry becomes."""
        filled = self._filled(used)
        return [name for name in self._needed if name not in filled]

    def _fresh(self, unfilled: list[str]) -> tuple[str, ...]:
        """Patterns of parameters that keep their initial values."""
        return tuple(covers(unfilled, [entry.name for entry in self._asked.wanted]))

    @cached_property
    def can_slice(self) -> bool:
        """Whether an entry has more rows than its parameter, and is the same otherwise."""
        header = self._asked.header.by_name
        return any(
            header[old].shape != self._needed[new].shape
            and values.first_rows(header[old], self._needed[new]) is not None
            for old, new in self._pairs.items()
        )

    def _value(self, old: str, new: str, slices: bool) -> str | None:
        """``it``, or what makes it the parameter's value; None where nothing here does."""
        found, wanted = self._asked.header.by_name[old], self._needed[new]
        if found.shape == wanted.shape:
            return values.cast("it", found, wanted) or "it"
        if values.channels(found, wanted) and not self._is_first(old):
            return None
        for expression in values.remedies(found, wanted, slices=slices):
            return values.cast(expression, found, wanted)
        return None

    def _is_first(self, name: str) -> bool:
        """Whether an entry is the only one that differs in its input channels: so it is the first
        convolution, which sees the image."""
        return self._other_channels == [name]

    @cached_property
    def _other_channels(self) -> list[str]:
        header = self._asked.header.by_name
        return [
            old
            for old, new in self._pairs.items()
            if header[old].shape != self._needed[new].shape
            and values.channels(header[old], self._needed[new])
        ]

    def _filled(self, kept: dict[str, str]) -> set[str]:
        """Parameters that have their entry: those of the pairs, and state under its own name."""
        header = self._asked.header.by_name
        state = {
            n for n, e in self._needed.items() if n in self.states and header[n].shape == e.shape
        }
        return {*kept.values(), *state}

    def _deleted(self, used: set[str]) -> list[str]:
        """Entries that nothing will use: also slots and scalars, unless they are wanted or may
        stay unused."""
        return [
            name
            for name in self._names
            if name not in used
            and name not in self._ignored
            and not (name in self.states and name in self._needed)
        ]

    def _rule(self, verb: str, names: Sequence[str], value: str) -> str:
        """A rule over exactly these entries, by the fewest patterns."""
        patterns, excepted = covers(names, self._names), list[str]()
        if len(patterns) > 2:
            chosen = set(names)
            others = covers([n for n in self._names if n not in chosen], self._names)
            if len(others) + 1 < len(patterns):
                patterns, excepted = ["**"], others
        text = f"{verb} {_operands(patterns)}"
        if excepted:
            text += f" except {_operands(excepted)}"
        return f"{text}{value} exactly {len(names)}"


def _operands(patterns: Iterable[str]) -> str:
    return ", ".join(f"src.`{pattern}`" for pattern in patterns)


def _is_state(entry: HeaderEntry, header: Header) -> bool:
    """Whether an entry can feed no parameter of a network: a slot, a scalar, a counter."""
    if entry.name.rpartition(".")[2] == _COUNTER:
        return True
    return role(entry, header) not in ("weight", "statistic")
