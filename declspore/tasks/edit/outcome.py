"""What becomes of one entry; and of many, in columns."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, overload

from declspore.dataclass import dataclass
from declspore.ir.edit import Value
from declspore.ir.formula import Formula
from declspore.ir.header import Entries, EntriesInMaking, Header, HeaderEntry
from declspore.registry.verb import VerbKind, every_verb
from declspore.tasks.edit.decided import Decided
from declspore.tasks.edit.task import Rule


class Reason(NamedTuple):
    """A rule that decided something of an entry; ``follows`` is the weight by which it is about a
    slot, ``decides`` the aspects it decided."""

    rule: Rule
    follows: str | None
    decides: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one entry. ``result`` is its header in the ``output``, None where it is
    gone.

    ``verb`` is what was done to it. ``source`` and ``entry`` are None for an entry that is new;
    ``value`` is set where the value is not the one of the input, one for each file of an output of
    several. ``rules`` are those that decided, none where the rest policy did.
    """

    verb: VerbKind
    output: str
    source: str | None
    entry: HeaderEntry | None
    result: HeaderEntry | None
    value: Value | None
    rules: tuple[Reason, ...]

    @property
    def action(self) -> str:
        """What was done to it, by the name of its verb."""
        return self.verb.name

    @property
    def is_copy(self) -> bool:
        """Whether the entry is written here whatever else becomes of it."""
        made_by = [reason for reason in self.rules if reason.rule.verb is self.verb]
        return bool(made_by) and not any(reason.decides for reason in made_by)

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The values that are computed."""
        return () if self.result is None else formulas_of(self.value)

    def formula_of(self, file: int) -> Formula | None:
        """The value for one file of the output; None for the value of the input."""
        return None if self.value is None else of_file(self.value, file)

    def entry_of(self, file: int) -> HeaderEntry:
        """The header in one file of the output."""
        assert self.result is not None
        formula = self.formula_of(file)
        return self.result if formula is None else typed(self.result.name, formula)


def formulas_of(value: Value | None) -> tuple[Formula, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def of_file(value: Value, file: int) -> Formula:
    """The value for one file of an output."""
    return value[file] if isinstance(value, tuple) else value


def typed(name: str, value: Value) -> HeaderEntry:
    """The header of an entry with a value; of several, with the first."""
    one = of_file(value, 0)
    shape = tuple(size for size in one.type.shape if isinstance(size, int))
    return HeaderEntry.of(name, one.type.dtype, shape)


def counted(counts: Mapping[str, int], phrase: Callable[[VerbKind], str]) -> str:
    """``2 deleted, 10 kept``: how often each verb did something, those that leave entries last."""
    known = sorted(every_verb(), key=lambda verb: (verb.leaves, verb.name))
    return ", ".join(f"{counts[v.name]} {phrase(v)}" for v in known if counts.get(v.name))


class _How(NamedTuple):
    """What the outcomes of many entries have in common."""

    verb: VerbKind
    output: str
    source: str | None
    rules: tuple[Reason, ...]
    is_gone: bool


class _Made(NamedTuple):
    """A computed entry: the header of its first file, and what it is made by. The decisions are
    kept, as reasons are told apart by them."""

    header: HeaderEntry
    value: Value
    decisions: tuple[Decided, ...]


class OutcomeTable(Sequence[Outcome]):
    """Outcomes that are made when they are asked for: one of an entry that keeps its value takes
    16 bytes and its new name, and the reasons of all that were decided alike are kept once.

    ``header`` gives the entries of an input.
    """

    def __init__(self, header: Callable[[str], Header]) -> None:
        self._header = header
        self._every: list[_How] = []
        self._known: dict[tuple[object, ...], int] = {}
        self._hows = array("I")
        self._places = array("i")
        """Of each entry in its input; -1 where it is new."""
        self._names: list[str | None] = []
        """In the output; None for what is gone."""
        self._made: dict[int, _Made] = {}

    def add(
        self,
        verb: VerbKind,
        output: str,
        decisions: tuple[Decided, ...],
        name: str | None,
        source: str | None = None,
        place: int = -1,
        value: Value | None = None,
    ) -> None:
        """One more: of the entry at a place of an input, or a new one."""
        if len(decisions) == 1 and value is None:
            (only,) = decisions
            key: tuple[object, ...] = (
                *(id(verb), output, source, name is None),
                *(id(only.rule), only.follows, only.effect.decides),
            )
        else:
            each = ((id(d.rule), d.follows, d.effect.decides) for d in decisions)
            alone = () if value is None else tuple(map(id, decisions))
            key = (id(verb), output, source, name is None, alone, *each)
        how = self._known.get(key)
        if how is None:
            how = self._known[key] = len(self._every)
            rules = tuple(Reason(d.rule, d.follows, d.effect.decides) for d in decisions)
            self._every.append(_How(verb, output, source, rules, name is None))
        if value is not None:
            assert name is not None
            self._made[len(self._names)] = _Made(typed(name, value), value, decisions)
        self._hows.append(how)
        self._places.append(place)
        self._names.append(name)

    # ---- one by one

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, row: int, /) -> Outcome: ...
    @overload
    def __getitem__(self, row: slice, /) -> Sequence[Outcome]: ...
    def __getitem__(self, row: int | slice, /) -> Outcome | Sequence[Outcome]:
        if isinstance(row, slice):
            return Written(self, range(len(self))[row])
        row = range(len(self))[row]
        verb, output, source, rules, _ = self._every[self._hows[row]]
        entry = None if source is None else self._header(source).entries[self._places[row]]
        name, made = self._names[row], self._made.get(row)
        result, value = (None, None) if made is None else (made.header, made.value)
        if made is None and name is not None:
            assert entry is not None
            result = entry.renamed(name)
        return Outcome(verb, output, source, entry, result, value, rules)

    def __iter__(self) -> Iterator[Outcome]:
        return map(self.__getitem__, range(len(self)))

    def taken(self, rows: Iterable[int]) -> Iterator[Taken | None]:
        """Where the values of rows are written from as they are; None for what is computed."""
        sources = [None if how.is_gone else how.source for how in self._every]
        hows, places, names, made = self._hows, self._places, self._names, self._made
        for row in rows:
            source, name = sources[hows[row]], names[row]
            if source is None or name is None or row in made:
                yield None
            else:
                yield Taken(source, places[row], name)

    # ---- all at once

    def names(self, output: str) -> list[str]:
        """The names in an output."""
        wanted = [how.output == output for how in self._every]
        pairs = zip(self._names, self._hows, strict=True)
        return [name for name, how in pairs if name is not None and wanted[how]]

    def written(self, output: str) -> Written:
        """The outcomes that are in an output."""
        wanted = [how.output == output and not how.is_gone for how in self._every]
        if all(wanted):
            return Written(self, range(len(self)))
        return Written(self, array("I", (r for r, how in enumerate(self._hows) if wanted[how])))

    def headers(self, output: str, files: int) -> list[Entries]:
        """The entries of each of the files of an output."""
        found = [EntriesInMaking() for _ in range(files)]
        sources = self._inputs()
        for row in self.written(output).rows:
            name, made = self._names[row], self._made.get(row)
            entries = sources[self._hows[row]]
            assert name is not None
            for file, into in enumerate(found):
                if made is not None:
                    into.add(*typed(name, of_file(made.value, file)))
                else:
                    assert entries is not None
                    into.add_like(name, entries, self._places[row])
        return [each.made() for each in found]

    def _inputs(self) -> list[Sequence[HeaderEntry] | None]:
        """For each way of being decided the entries of its input."""
        return [
            None if how.source is None else self._header(how.source).entries for how in self._every
        ]

    def formulas(self) -> tuple[Formula, ...]:
        """Every value that is computed."""
        return tuple(part for made in self._made.values() for part in formulas_of(made.value))

    def counts(self) -> Counter[str]:
        """How often each verb did something, by its name."""
        found: Counter[str] = Counter()
        for how, count in Counter(self._hows).items():
            found[self._every[how].verb.name] += count
        return found

    @property
    def copied_bytes(self) -> int:
        """The bytes of all values that are written as they are."""
        total = 0
        sources = self._inputs()
        for row, (how, place) in enumerate(zip(self._hows, self._places, strict=True)):
            entries = sources[how]
            if entries is not None and not self._every[how].is_gone and row not in self._made:
                total += entries[place].nbytes
        return total


class Taken(NamedTuple):
    """The place of an entry in the header of an input, and its name in the output."""

    source: str
    place: int
    name: str


class Written(Sequence[Outcome]):
    """Some outcomes of a table."""

    def __init__(self, table: OutcomeTable, rows: Sequence[int]) -> None:
        self._table = table
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int, /) -> Outcome: ...
    @overload
    def __getitem__(self, place: slice, /) -> Sequence[Outcome]: ...
    def __getitem__(self, place: int | slice, /) -> Outcome | Sequence[Outcome]:
        if isinstance(place, slice):
            return Written(self._table, self.rows[place])
        return self._table[self.rows[place]]

    def __iter__(self) -> Iterator[Outcome]:
        return map(self._table.__getitem__, self.rows)
