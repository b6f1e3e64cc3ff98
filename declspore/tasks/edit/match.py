"""Which entries a rule is about, and what it says of each: names and values, from headers."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite, isinf
from typing import NamedTuple, overload

from declspore.ir.dtype import FLOAT32, INT64, DType
from declspore.ir.edit import Name, Value
from declspore.ir.formula import Applied, EntryValue, PartOf
from declspore.ir.header import Header, HeaderEntry
from declspore.ir.pattern import Pattern, natural
from declspore.ir.shape import TensorType, sizes_of
from declspore.ir.term import Arguments, leaves, show
from declspore.language.deferred import Deferred
from declspore.language.evaluate import Evaluator
from declspore.language.values import UNKNOWN, flows
from declspore.registry.kind import Misfit
from declspore.registry.types import Mismatch, Numbers
from declspore.report import Sink
from declspore.source import Span
from declspore.tasks.edit import errors
from declspore.tasks.edit.formulas import Calculator, formulas
from declspore.tasks.edit.rules import PART
from declspore.tasks.edit.task import EditRule, Rule, Selector
from declspore.tasks.edit.views import Sources

Captures = dict[str, str]
Names = Mapping[str, object]


class Match(NamedTuple):
    """An entry that a rule is about, by its name and its place in the header of an input;
    ``operand`` counts the operands of the rule."""

    source: str
    name: str
    header: Header
    place: int
    operand: int
    pattern: Pattern

    @property
    def entry(self) -> HeaderEntry:
        return self.header.entries[self.place]

    @property
    def captures(self) -> Captures:
        """What the pattern captures of the name."""
        found = self.pattern.match(self.name)
        assert found is not None
        return found


class _Places(NamedTuple):
    """The places of matched entries in a header, and the operand of each."""

    source: str
    header: Header
    places: array[int]
    operands: array[int]

    @classmethod
    def of(cls, source: str, header: Header, found: Iterable[tuple[int, int]]) -> _Places:
        places, operands = array("I"), array("H")
        for place, operand in found:
            places.append(place)
            operands.append(operand)
        return cls(source, header, places, operands)


class Matches(Sequence[Match]):
    """The entries that a rule is about, each once, in the order of the inputs. A match is made when
    it is asked for."""

    def __init__(self, patterns: Sequence[Pattern], found: Iterable[_Places]) -> None:
        self._patterns = patterns
        self._found = tuple(found)

    @property
    def sources(self) -> set[str]:
        return {each.source for each in self._found if each.places}

    def without_led(self, sources: Sources) -> Matches:
        """Those without slots whose weight is matched next to them. Files of several have no weight
        that could lead: each value of theirs must be made one."""
        left: list[_Places] = []
        for found in self._found:
            source, header, places, operands = found
            owners = {} if sources.is_many(source) else sources.owners(source)
            if not owners:
                left.append(found)
                continue
            names = [header.name(place) for place in places]
            named = set(names)
            rows = zip(places, operands, names, strict=True)
            kept = ((place, operand) for place, operand, n in rows if owners.get(n) not in named)
            left.append(_Places.of(source, header, kept))
        return Matches(self._patterns, left)

    def __len__(self) -> int:
        return sum(len(each.places) for each in self._found)

    @overload
    def __getitem__(self, place: int, /) -> Match: ...
    @overload
    def __getitem__(self, place: slice, /) -> Sequence[Match]: ...
    def __getitem__(self, place: int | slice, /) -> Match | Sequence[Match]:
        return list(self)[place]

    def __iter__(self) -> Iterator[Match]:
        for source, header, places, operands in self._found:
            names = header.names
            for place, operand in zip(places, operands, strict=True):
                pattern = self._patterns[operand]
                yield Match(source, names[place], header, place, operand, pattern)


class Reader:
    """Reads the rules of one edit over its inputs; problems go to the sink."""

    def __init__(self, sources: Sources, sink: Sink) -> None:
        self._sources = sources
        self._sink = sink
        self._evaluator = Evaluator(sink, Calculator(reads=True))
        self._asking: Evaluator | None = None
        """That of conditions; the next entry has the same one where nothing was reported."""

    def in_force(self, rules: tuple[EditRule, ...]) -> Iterator[Rule]:
        """The rules whose ``when`` holds."""
        for rule in rules:
            if isinstance(rule, Rule):
                yield rule
                continue
            holds = rule.condition.truth(self._evaluator, self._sources.names)
            if isinstance(holds, bool):
                yield from self.in_force(rule.then if holds else rule.otherwise)

    # ---- entries

    def matches(self, rule: Rule) -> Matches:
        """Entries a rule is about, each once, in the order of the inputs."""
        found: list[_Places] = []
        for source in self._sources.views:
            about = [
                (index, selector)
                for index, selector in enumerate(rule.selectors)
                if self._is_about(selector, source)
            ]
            if about:
                header = self._sources.header(source)
                try:
                    named = self._named(rule, source, header, about)
                    found.append(_Places.of(source, header, named))
                except _Unanswered:
                    break  # the condition has no answer for the others either, mostly
        matches = Matches([selector.pattern for selector in rule.selectors], found)
        return matches.without_led(self._sources) if rule.verb.leads else matches

    def _named(
        self, rule: Rule, source: str, header: Header, about: list[tuple[int, Selector]]
    ) -> Iterator[tuple[int, int]]:
        """The places of entries of an input, and the operands they match. Raises _Unanswered."""
        excepted = [each.pattern for each in rule.excepted if self._is_about(each, source)]
        patterns = [(operand, selector.pattern) for operand, selector in about]
        is_asked = rule.condition is not None or rule.network is not None
        for place, name in _candidates(header, [pattern for _, pattern in patterns]):
            for operand, pattern in patterns:
                if pattern.matches(name):
                    if any(each.matches(name) for each in excepted):
                        break
                    if not is_asked or self._wanted(
                        rule, Match(source, name, header, place, operand, pattern)
                    ):
                        yield place, operand
                    break

    def _is_about(self, selector: Selector, source: str) -> bool:
        if selector.source is None:
            return source not in self._sources.used
        return selector.source == source

    def _wanted(self, rule: Rule, match: Match) -> bool:
        """Whether a rule is about an entry. Raises _Unanswered where its condition has no answer,
        as reported."""
        network = rule.network
        if network is not None and network.shapes.get(match.name) != match.entry.shape:
            return False
        if rule.condition is None:
            return True
        evaluator = self._asking = self._asking or self._another()
        asked = evaluator.sink
        holds = rule.condition.truth(evaluator, self._about(rule, match))
        if asked.reports:
            self._asking = None
            for problem in asked.diagnostics:
                self._sink.report(errors.asked_of(problem, match.source, match.entry))
            if asked.errors:
                raise _Unanswered
        return holds is True

    def _another(self) -> Evaluator:
        """An evaluator of conditions, whose problems are yet to be those of an entry."""
        return Evaluator(Sink(), Calculator(reads=True), self._evaluator.budget)

    # ---- names

    def _about(self, rule: Rule, match: Match) -> Names:
        """The names of which ``it`` is the entry, and captures have their values."""
        item = self._sources.item(match.source, match.name)
        return {**self._captured(rule, match), "it": item}

    def _captured(self, rule: Rule, match: Match) -> Names:
        integers = rule.selectors[match.operand].pattern.integers
        captures = {n: int(t) if n in integers else t for n, t in match.captures.items()}
        return {**self._sources.names, **captures}

    # ---- values

    def value(self, rule: Rule, match: Match) -> Value | None:
        """What a rule gives an entry; None where it says nothing, or with the problem reported."""
        if rule.value is None:
            return None
        return self._read(rule.value, self._about(rule, match), match.entry)

    def joined(self, rule: Rule, members: Sequence[Match]) -> Value | None:
        """What a rule makes of a group of entries."""
        assert rule.value is not None
        them = tuple(self._sources.item(m.source, m.name) for m in members)
        names = {**self._captured(rule, members[0]), "them": them}
        return self._read(rule.value, names, None)

    def new(self, rule: Rule) -> Value | None:
        """The value of a new entry."""
        assert rule.value is not None
        return self._read(rule.value, self._sources.names, None)

    def _read(self, expression: Deferred, names: Names, entry: HeaderEntry | None) -> Value | None:
        found = expression.value(self._evaluator, names)
        if found is UNKNOWN:
            return None
        try:
            value = formulas(_numbers(found, entry, expression.span))
        except Misfit as error:
            self._sink.report(errors.bad_value(expression.span, str(error), error.help))
            return None
        if _is_value(value):
            return value
        self._sink.report(errors.bad_value(expression.span, "this is not a tensor", "zeros([10])"))
        return None


class _Unanswered(Exception):
    """The condition of a rule has no answer for an entry."""


def _candidates(header: Header, patterns: list[Pattern]) -> Iterator[tuple[int, str]]:
    """Entries that may match, with their places: those named, where every pattern is a name; else
    those that begin and end as patterns do."""
    if all(pattern.is_exact for pattern in patterns):
        for name in dict.fromkeys(pattern.text for pattern in patterns):
            place = header.place(name)
            if place is not None:
                yield place, name
        return
    ends = {(pattern.prefix, pattern.suffix) for pattern in patterns}
    (prefix, suffix), *others = ends
    places = None if others else header.places_between(prefix, suffix)
    if places is None or len(places) == len(header):
        yield from enumerate(header.names)
        return
    for place in places:
        yield place, header.name(place)


# ---- plain numbers


def _numbers(value: object, entry: HeaderEntry | None, span: Span) -> object:
    """Numbers and lists of them as tensors of the entry's type; of its shape for one number."""
    if isinstance(value, bool) or value is None:
        return value
    if entry is not None and not entry.dtype.is_array:
        raise Misfit(f"`{entry.name}` is not an array, so a number has no type to take from it")
    if isinstance(value, int | float):
        dtype = entry.dtype if entry is not None else _dtype_of(value)
        _require_value(value, dtype)
        shape = entry.shape if entry is not None else ()
        arguments = Arguments(shape=shape, value=value, dtype=dtype)
        return Applied("tensor", "full", arguments, (TensorType(dtype, shape),), False, span)
    if isinstance(value, tuple) and value and not any(map(flows, leaves(value))):
        numbers = list(leaves(value))
        if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers):
            return value
        dtype = entry.dtype if entry is not None else _dtype_of(*numbers)
        try:
            arguments = Arguments(data=Numbers().accept(value), dtype=dtype)
        except Mismatch as error:
            raise Misfit(str(error)) from None
        for number in numbers:
            _require_value(number, dtype)
        type = TensorType(dtype, sizes_of(value))
        return Applied("tensor", "tensor", arguments, (type,), False, span)
    return value


def _require_value(number: float, dtype: DType) -> None:
    """Raises Misfit where a number is not a value of an element type, or lies beyond its range."""
    if dtype.kind == "float8":
        stored = dtype.as_numpy().type(number)
        if not isfinite(stored) and not (isinf(number) and isinf(stored)):
            raise Misfit(f"{show(number)} is too large for {dtype.short}")
        return
    if dtype.is_float:
        if isfinite(number) and abs(number) >= 2 ** (2 ** (dtype.exponent - 1)):
            raise Misfit(f"{show(number)} is too large for {dtype.short}")
        return
    if dtype.kind == "bool":
        if number not in (0, 1):
            raise Misfit(f"{show(number)} is not a truth value", "1 or 0")
        return
    if dtype.is_integer:
        whole = isfinite(number) and number == int(number)
        if not whole or int(number) not in dtype.integers:
            raise Misfit(f"{show(number)} is not a value of {dtype.short}")


def _dtype_of(*numbers: float) -> DType:
    return INT64 if all(isinstance(number, int) for number in numbers) else FLOAT32


def _is_value(value: object) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(isinstance(v, EntryValue | Applied | PartOf) for v in value)
    return isinstance(value, EntryValue | Applied | PartOf)


# ---- names and groups


def names_of(rule: Rule, captures: Captures, parts: int = 1) -> tuple[Name, ...]:
    """The new names a rule gives; one name of a split that counts is given ``parts`` times."""
    targets = rule.targets
    if len(targets) == 1 and (PART in captures or PART not in targets[0].name.uses):
        return (Name(targets[0].output, targets[0].name.fill(captures)),)
    if PART not in captures and any(PART in target.name.uses for target in targets):
        (target,) = targets
        filled = (target.name.fill({**captures, PART: str(index)}) for index in range(parts))
        return tuple(Name(target.output, name) for name in filled)
    return tuple(Name(target.output, target.name.fill(captures)) for target in targets)


def groups(rule: Rule, matches: Iterable[Match]) -> dict[tuple[str, ...], list[Match]]:
    """Entries that belong together, by what the new name captures: operand by operand, those of
    one operand in the natural order of their names."""
    keys = sorted(rule.targets[0].name.uses)
    found: dict[tuple[str, ...], list[Match]] = {}
    for match in matches:
        captures = match.captures
        found.setdefault(tuple(captures.get(key, "") for key in keys), []).append(match)
    for members in found.values():
        members.sort(key=lambda match: (match.operand, natural(match.name)))
    return found
