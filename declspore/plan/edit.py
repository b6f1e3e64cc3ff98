"""Edits: what happens to each entry, from headers alone.

Every rule sees the same immutable headers; so rules have no order, renames are simultaneous, and
a name that a delete frees may be used again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from declspore.check.result import EditTask, Rule, Selector
from declspore.ir.edit import Assigned, Deleted, Effect, Kept, Renamed
from declspore.ir.header import Header, HeaderEntry
from declspore.ir.term import Term
from declspore.plan import errors
from declspore.plan.roles import slots_of
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind
from declspore.registry.verb import Matched
from declspore.report import Sink
from declspore.source import Span

Key = tuple[str, str]
"""An entry of an input: (input, name)."""


@dataclass(frozen=True)
class Decided:
    """An effect on an entry and the rule it comes from; ``follows`` where it comes by a weight."""

    effect: Effect
    rule: Rule
    follows: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What becomes of one entry. ``result`` is its header in the output, None where it is gone.

    ``source`` and ``entry`` are None for an entry that is new; ``value`` is set where the value is
    not the one of the input. ``rules`` are those that decided, none where the rest policy did.
    """

    source: str | None
    entry: HeaderEntry | None
    result: HeaderEntry | None
    value: Term | None
    rules: tuple[Decided, ...]

    @property
    def action(self) -> str:
        if self.entry is None:
            return "add"
        if self.result is None:
            return "delete"
        if self.value is not None:
            return "set"
        return "keep" if self.result.name == self.entry.name else "rename"


@dataclass(frozen=True)
class EditPlan:
    """Outcomes in the order of the inputs, new entries last."""

    task: EditTask
    inputs: Mapping[str, Header]
    outcomes: tuple[Outcome, ...]
    header: Header = field(repr=False)


def plan_edit(task: EditTask, inputs: Mapping[str, Header], sink: Sink) -> EditPlan | None:
    """The plan of an edit, or None with every problem reported."""
    found = Sink()
    decided: dict[Key, list[Decided]] = {}
    for rule in task.rules:
        if not rule.verb.creates:
            _apply_rule(rule, inputs, decided, found)
    _check_contradictions(decided, found)
    for name, header in inputs.items():
        _follow(name, header, decided)
    outcomes = [
        _outcome(task, source, entry, decided.get((source, entry.name), []))
        for source, header in inputs.items()
        for entry in header
    ]
    if task.policy == "error":
        left = [o.entry.name for o in outcomes if o.entry is not None and not o.rules]
        if left:
            found.report(errors.left_over(task.span, left))
    outcomes += [_added(rule) for rule in task.rules if rule.verb.creates]
    _check_collisions(task, outcomes, found)
    if not sink.extend(found):
        return None
    results = (outcome.result for outcome in outcomes)
    header = Header.of(task.path, (entry for entry in results if entry is not None))
    return EditPlan(task, dict(inputs), tuple(outcomes), header)


# ---- what rules decide


def _apply_rule(
    rule: Rule, inputs: Mapping[str, Header], decided: dict[Key, list[Decided]], sink: Sink
) -> None:
    assert rule.verb.effect is not None
    matched = list(_matches(rule, inputs))
    names = [entry.name for _, entry, _ in matched]
    if rule.count is not None and len(matched) != rule.count:
        sink.report(errors.wrong_count(rule.span, rule.count, names))
    elif not matched and not rule.optional and rule.count is None:
        pattern = str(rule.selectors[0].pattern) if rule.selectors else ""
        known = [entry.name for header in inputs.values() for entry in header]
        sink.report(errors.no_match(rule.span, pattern, known))
    for source, entry, captures in matched:
        effect = rule.verb.effect(Matched(entry, captures, rule.target, rule.value))
        decided.setdefault((source, entry.name), []).append(Decided(effect, rule))


def _matches(
    rule: Rule, inputs: Mapping[str, Header]
) -> Iterator[tuple[str, HeaderEntry, dict[str, str]]]:
    """Entries a rule is about, each once, with what its pattern captured."""
    for source, header in inputs.items():
        for entry in header:
            captures = _captures(rule.selectors, source, entry.name)
            if captures is not None and _captures(rule.excepted, source, entry.name) is None:
                yield source, entry, captures


def _captures(selectors: tuple[Selector, ...], source: str, name: str) -> dict[str, str] | None:
    for selector in selectors:
        if selector.source in (None, source):
            found = selector.pattern.match(name)
            if found is not None:
                return found
    return None


def _check_contradictions(decided: dict[Key, list[Decided]], sink: Sink) -> None:
    clashes: dict[tuple[int, int], tuple[Span, Span, list[str]]] = {}
    for (_, name), decisions in decided.items():
        for first, second in _clashing(decisions):
            key = (first.rule.span.start, second.rule.span.start)
            clash = clashes.setdefault(key, (first.rule.span, second.rule.span, []))
            clash[2].append(name)
    for first_span, second_span, names in clashes.values():
        sink.report(errors.contradiction(first_span, second_span, names))


def _clashing(decisions: list[Decided]) -> Iterator[tuple[Decided, Decided]]:
    """Pairs that cannot both be: all but a new name with a new value."""
    for index, second in enumerate(decisions):
        for first in decisions[:index]:
            kinds = {type(first.effect), type(second.effect)}
            if kinds != {Renamed, Assigned}:
                yield first, second


def _follow(source: str, header: Header, decided: dict[Key, list[Decided]]) -> None:
    """Slots without a rule of their own go where their weight goes."""
    for owner, slots in slots_of(header).items():
        for decision in decided.get((source, owner), []):
            if decision.follows is not None:
                continue
            for prefix, slot in slots:
                key = (source, slot.name)
                if any(own.follows is None for own in decided.get(key, [])):
                    continue
                effect = _followed(decision.effect, prefix)
                if effect is not None:
                    decided.setdefault(key, []).append(Decided(effect, decision.rule, owner))


def _followed(effect: Effect, prefix: str) -> Effect | None:
    match effect:
        case Deleted():
            return effect
        case Renamed(name):
            return Renamed(prefix + name)
        case Assigned() | Kept():
            return None


# ---- outcomes


def _outcome(task: EditTask, source: str, entry: HeaderEntry, decisions: list[Decided]) -> Outcome:
    result: HeaderEntry | None = entry
    value: Term | None = None
    if not decisions and task.policy == "delete":
        result = None
    for decision in decisions:
        match decision.effect:
            case Deleted():
                result = None
            case Renamed(name) if result is not None:
                result = result.renamed(name)
            case Assigned(term) if result is not None:
                value = term
                result = _typed(result.name, term)
    return Outcome(source, entry, result, value, tuple(decisions))


def _added(rule: Rule) -> Outcome:
    assert rule.value is not None
    entry = _typed(rule.selectors[0].pattern.text, rule.value)
    return Outcome(None, None, entry, rule.value, (Decided(Kept(), rule),))


def _typed(name: str, value: Term) -> HeaderEntry:
    dtype, shape = vocabulary().of(TensorKind, value.word).infer(value.arguments)
    return HeaderEntry.of(name, dtype, shape)


def _check_collisions(task: EditTask, outcomes: list[Outcome], sink: Sink) -> None:
    first: dict[str, Outcome] = {}
    for outcome in outcomes:
        if outcome.result is None:
            continue
        name = outcome.result.name
        other = first.setdefault(name, outcome)
        if other is outcome:
            continue
        if outcome.entry is None and other.action == "keep":
            sink.report(errors.already_there(outcome.rules[0].rule.span, name))
        else:
            places = [_origin(task, one) for one in (other, outcome)]
            sink.report(errors.collision(name, *sorted(places, key=lambda p: p[0].start)))


def _origin(task: EditTask, outcome: Outcome) -> tuple[Span, str]:
    if outcome.entry is None:
        return outcome.rules[0].rule.span, "added here"
    origin = f"from {outcome.source}.`{outcome.entry.name}`"
    if outcome.rules:
        return outcome.rules[0].rule.span, origin
    return task.span, f"{origin}, kept by `rest {task.policy}`"
