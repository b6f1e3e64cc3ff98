"""Which entries a rule is about, and what it says of each: names and values, from headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite, isinf

from declspore.dataclass import dataclass
from declspore.ir.dtype import FLOAT32, INT64, DType
from declspore.ir.edit import Name, Value
from declspore.ir.formula import Applied, EntryValue, PartOf
from declspore.ir.header import HeaderEntry
from declspore.ir.pattern import natural
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


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that a rule is about; ``operand`` counts the operands of the rule."""

    source: str
    entry: HeaderEntry
    captures: Captures
    operand: int


class Reader:
    """Reads the rules of one edit over its inputs; problems go to the sink."""

    def __init__(self, sources: Sources, sink: Sink) -> None:
        self._sources = sources
        self._sink = sink
        self._evaluator = Evaluator(sink, Calculator(reads=True))

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

    def matches(self, rule: Rule) -> list[Match]:
        """Entries a rule is about, each once, in the order of the inputs."""
        found = []
        for match in self._named(rule):
            wanted = self._wanted(rule, match)
            if wanted is None:
                break  # the condition has no answer for the others either, mostly
            if wanted:
                found.append(match)
        if not rule.verb.leads:
            return found
        named = {(match.source, match.entry.name) for match in found}
        return [match for match in found if not self._led(match, named)]

    def _led(self, match: Match, named: set[tuple[str, str]]) -> bool:
        """Whether an entry is a slot whose weight is named next to it. Files of several have no
        weight that could lead: each value of theirs must be made one."""
        if self._sources.is_many(match.source):
            return False
        owner = self._sources.owners(match.source).get(match.entry.name)
        return owner is not None and (match.source, owner) in named

    def _named(self, rule: Rule) -> Iterator[Match]:
        for source in self._sources.views:
            selectors = [
                (index, selector)
                for index, selector in enumerate(rule.selectors)
                if self._is_about(selector, source)
            ]
            if not selectors:
                continue
            for entry in self._candidates(source, [selector for _, selector in selectors]):
                for index, selector in selectors:
                    captured = selector.pattern.match(entry.name)
                    if captured is not None:
                        if not self._excepted(rule, source, entry.name):
                            yield Match(source, entry, captured, index)
                        break

    def _is_about(self, selector: Selector, source: str) -> bool:
        if selector.source is None:
            return source not in self._sources.used
        return selector.source == source

    def _candidates(self, source: str, selectors: list[Selector]) -> Iterator[HeaderEntry]:
        """Entries that may match: those named, where every pattern is a name; else those that begin
        as patterns do."""
        entries = self._sources.entries(source)
        if not all(selector.pattern.is_exact for selector in selectors):
            ends = {(selector.pattern.prefix, selector.pattern.suffix) for selector in selectors}
            (prefix, suffix), *others = ends
            header = self._sources.header(source)
            yield from header if others else header.between(prefix, suffix)
            return
        names = dict.fromkeys(selector.pattern.text for selector in selectors)
        yield from (entries[name] for name in names if name in entries)

    def _excepted(self, rule: Rule, source: str, name: str) -> bool:
        return any(
            self._is_about(selector, source) and selector.pattern.match(name) is not None
            for selector in rule.excepted
        )

    def _wanted(self, rule: Rule, match: Match) -> bool | None:
        """Whether a rule is about an entry; None where its condition has no answer, as reported."""
        network, entry = rule.network, match.entry
        if network is not None and network.shapes.get(entry.name) != entry.shape:
            return False
        if rule.condition is None:
            return True
        asked = Sink()
        evaluator = Evaluator(asked, Calculator(reads=True), self._evaluator.budget)
        holds = rule.condition.truth(evaluator, self._about(rule, match))
        for problem in asked.diagnostics:
            self._sink.report(errors.asked_of(problem, match.source, match.entry))
        return None if asked.errors else holds is True

    # ---- names

    def _about(self, rule: Rule, match: Match) -> Names:
        """The names of which ``it`` is the entry, and captures have their values."""
        item = self._sources.item(match.source, match.entry.name)
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

    def joined(self, rule: Rule, members: list[Match]) -> Value | None:
        """What a rule makes of a group of entries."""
        assert rule.value is not None
        them = tuple(self._sources.item(m.source, m.entry.name) for m in members)
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


# ---- plain numbers


def _numbers(value: object, entry: HeaderEntry | None, span: Span) -> object:
    """Numbers and lists of them as tensors of the entry's type; of its shape for one number."""
    if isinstance(value, bool) or value is None:
        return value
    if entry is not None and entry.dtype.kind in ("text", "map"):
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
        least = -(2**dtype.digits) if dtype.kind == "int" else 0
        whole = isfinite(number) and number == int(number)
        if not whole or not least <= number < 2**dtype.digits:
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
    if PART not in captures and any(PART in target.name.uses for target in rule.targets):
        (target,) = rule.targets
        filled = (target.name.fill({**captures, PART: str(index)}) for index in range(parts))
        return tuple(Name(target.output, name) for name in filled)
    return tuple(Name(target.output, target.name.fill(captures)) for target in rule.targets)


def groups(rule: Rule, matches: list[Match]) -> dict[tuple[str, ...], list[Match]]:
    """Entries that belong together, by what the new name captures: operand by operand, those of
    one operand in the natural order of their names."""
    keys = sorted(rule.targets[0].name.uses)
    found: dict[tuple[str, ...], list[Match]] = {}
    for match in matches:
        found.setdefault(tuple(match.captures.get(key, "") for key in keys), []).append(match)
    for members in found.values():
        members.sort(key=lambda match: (match.operand, natural(match.entry.name)))
    return found
