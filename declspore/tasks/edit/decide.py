"""Edits: what happens to each entry, from headers alone.

Every rule sees the same immutable headers; so rules have no order, renames are simultaneous, and
a name that a delete frees may be used again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property

from declspore.dataclass import dataclass
from declspore.ir.edit import Name
from declspore.ir.formula import Formula, peak_bytes
from declspore.ir.formula import entries as entries_of
from declspore.ir.header import Header, HeaderEntry
from declspore.ir.pattern import PatternError
from declspore.registry.effect import Effect
from declspore.registry.verb import Matched
from declspore.report import Sink
from declspore.tasks.edit import errors
from declspore.tasks.edit.decided import Decided, Decisions
from declspore.tasks.edit.follow import Follower, JoinedGroup, joined
from declspore.tasks.edit.match import Match, Matches, Reader, groups, names_of
from declspore.tasks.edit.outcome import Outcome, OutcomeTable
from declspore.tasks.edit.outcomes import Outcomes
from declspore.tasks.edit.task import EditTask, Output, Rule
from declspore.tasks.edit.views import Sources

__all__ = ["Decided", "EditPlan", "Outcome", "plan_edit"]


@dataclass(frozen=True)
class EditPlan:
    """Outcomes in the order of the inputs, new entries last. ``headers`` are those of every file
    of every output."""

    task: EditTask
    inputs: Mapping[str, tuple[Header, ...]]
    outcomes: OutcomeTable
    headers: Mapping[str, tuple[Header, ...]] = field(repr=False)

    @property
    def header(self) -> Header:
        """The header of the first file it writes."""
        return self.headers[self.task.outputs[0].name][0]

    @cached_property
    def formulas(self) -> tuple[Formula, ...]:
        """Every value that is computed."""
        return self.outcomes.formulas()

    @property
    def peak(self) -> int:
        """Most bytes of values in memory at once, for one output at a time."""
        return max((peak_bytes(formula) for formula in self.formulas), default=0)

    @property
    def read(self) -> int:
        """Bytes of values that are read."""
        computed = (e.type for formula in self.formulas for e in entries_of(formula))
        return self.outcomes.copied_bytes + sum(
            HeaderEntry.of("", t.dtype, _sizes(t.shape)).nbytes for t in computed
        )

    @property
    def written(self) -> int:
        """Bytes of values that are written."""
        return sum(header.nbytes for files in self.headers.values() for header in files)


def plan_edit(
    task: EditTask, inputs: Mapping[str, Header | Sequence[Header]], sink: Sink
) -> EditPlan | None:
    """The plan of an edit over the headers of its inputs, or None with every problem reported."""
    headers = {
        name: (given,) if isinstance(given, Header) else tuple(given)
        for name, given in inputs.items()
    }
    many = frozenset(each.name for each in task.inputs if each.many)
    used = frozenset(each.name for each in task.inputs if each.used)
    found = Sink()
    outcomes = _Planner(task, Sources.of(headers, many, used), found).outcomes()
    if not sink.extend(found):
        return None
    written = {output.name: _headers(output, outcomes) for output in task.outputs}
    return EditPlan(task, headers, outcomes, written)


def _headers(output: Output, outcomes: OutcomeTable) -> tuple[Header, ...]:
    files = outcomes.headers(output.name, len(output.paths))
    return tuple(map(Header, output.paths, files))


def _sizes(shape: tuple[object, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if isinstance(size, int))


class _Planner:
    def __init__(self, task: EditTask, sources: Sources, sink: Sink) -> None:
        self._task = task
        self._sources = sources
        self._sink = sink
        self._reader = Reader(sources, sink)
        self._decided = Decisions()
        self._groups: list[JoinedGroup] = []
        self._new: list[Rule] = []

    def outcomes(self) -> OutcomeTable:
        rules = list(self._reader.in_force(self._task.rules))
        for rule in rules:
            self._apply(rule)
        _check_contradictions(self._decided, self._sink)
        follower = Follower(self._sources, self._decided, self._sink)
        follower.follow()
        self._groups += [more for group in self._groups for more in follower.join(group)]
        for group in self._groups:
            if group.follows is not None:
                self._consume(group)
        made = Outcomes(self._task, self._sources, self._decided, self._groups, self._sink)
        made.of_entries()
        self._decided.clear()
        for rule in self._new:
            self._add(rule, made)
        made.check_collisions()
        return made.found

    # ---- what rules decide

    def _apply(self, rule: Rule) -> None:
        if rule.verb.about == "new":
            self._new.append(rule)
            return
        before = self._sink.reports
        matches = self._reader.matches(rule)
        if self._sink.reports > before:
            return
        borrowed = matches.sources & self._sources.used
        if borrowed and not rule.verb.borrows:
            self._sink.report(errors.only_used(rule.span, rule.verb.name, sorted(borrowed)[0]))
            return
        if rule.verb.about == "groups":
            self._join(rule, matches)
            return
        self._count(rule, len(matches), matches)
        for match in matches:
            effect = self._effect(rule, match)
            if effect is not None:
                self._decided.add(match.source, match.name, Decided(effect, rule))
            elif self._sink.reports > before:
                return  # the others are mostly at fault for the same reason

    def _effect(self, rule: Rule, match: Match) -> Effect | None:
        assert rule.verb.effect is not None
        before = self._sink.reports
        value = self._reader.value(rule, match)
        if self._sink.reports > before or (value is None and rule.value is not None):
            return None
        parts = len(value) if isinstance(value, tuple) else 1
        targets = self._names(rule, match, parts)
        if targets is None:
            return None
        if "targets" in rule.verb.clauses and not (
            isinstance(value, tuple) and len(value) == len(targets)
        ):
            found = len(value) if isinstance(value, tuple) else 1
            self._sink.report(errors.wrong_parts(rule.span, len(targets), found))
            return None
        return rule.verb.effect(Matched(targets, value))

    def _join(self, rule: Rule, matches: Matches) -> None:
        found = groups(rule, matches)
        self._count(rule, len(found), matches)
        sizes = {
            key: tuple(
                sum(m.operand == index for m in members) for index in range(len(rule.selectors))
            )
            for key, members in found.items()
        }
        usual = next((size for size, _ in Counter(sizes.values()).most_common(1)), ())
        odd = [key for key, size in sizes.items() if size != usual or 0 in size]
        if odd:
            rows = [(found[key][0].name, str(sizes[key])) for key in odd]
            self._sink.report(errors.unequal_groups(rule.span, rows, str(usual)))
            return
        for members in found.values():
            before = self._sink.reports
            value = self._reader.joined(rule, members)
            names = self._names(rule, members[0])
            if value is None or names is None or self._sink.reports > before:
                return
            to = names[0]
            group = JoinedGroup(to, tuple((m.source, m.name) for m in members), value, rule)
            self._groups.append(group)
            self._consume(group)

    def _names(self, rule: Rule, match: Match, parts: int = 1) -> tuple[Name, ...] | None:
        """The new names a rule gives an entry, or None with the problem reported."""
        try:
            return names_of(rule, match.captures, parts)
        except PatternError as error:
            self._sink.report(errors.bad_value(rule.span, str(error), None))
            return None

    def _consume(self, group: JoinedGroup) -> None:
        for source, name in group.members:
            self._decided.add(source, name, joined(group))

    def _count(self, rule: Rule, found: int, about: Sequence[Match | str]) -> None:
        if rule.count is not None and found != rule.count:
            names = [one if isinstance(one, str) else one.name for one in about]
            self._sink.report(errors.wrong_count(rule.span, rule.count, names))
        elif not about and not rule.optional and rule.count is None:
            pattern = str(rule.selectors[0].pattern) if rule.selectors else ""
            known = [
                name
                for source in self._sources.views
                for name in self._sources.header(source).names
            ]
            self._sink.report(errors.no_match(rule.span, pattern, known))

    # ---- new entries

    def _add(self, rule: Rule, made: Outcomes) -> None:
        if not rule.selectors:
            return
        (selector, *_) = rule.selectors
        output = selector.source or self._task.outputs[0].name
        if rule.network is not None:
            there = made.names(output)
            parameters = [
                p
                for p in rule.network.parameters
                if selector.pattern.matches(p.name) and p.name not in there
            ]
            self._count(rule, len(parameters), [p.name for p in parameters])
            for parameter in parameters:
                made.add(Name(output, parameter.name), made.first_value(parameter, rule), rule)
            return
        before = self._sink.reports
        value = self._reader.new(rule)
        if value is not None and self._sink.reports == before:
            made.add(Name(output, selector.pattern.text), value, rule)


# ---- contradictions


def _check_contradictions(decided: Decisions, sink: Sink) -> None:
    clashes: dict[tuple[int, int], tuple[Rule, Rule, list[str]]] = {}
    for name, decisions in decided.several():
        for first, second in _clashing(decisions):
            key = (id(first.rule), id(second.rule))
            clash = clashes.setdefault(key, (first.rule, second.rule, []))
            clash[2].append(name)
    matched = Counter(id(decision.rule) for decision in decided) if clashes else Counter()
    for first_rule, second_rule, names in clashes.values():
        wide, narrow = first_rule, second_rule
        if matched[id(wide)] < matched[id(narrow)]:
            wide, narrow = narrow, wide
        help = _excepting(wide, narrow) if matched[id(wide)] > len(names) else None
        sink.report(errors.contradiction(first_rule.span, second_rule.span, names, help))


def _excepting(wide: Rule, narrow: Rule) -> str | None:
    """The rule that matches more without what the other one is about."""
    if wide.excepted or not wide.selectors or not narrow.selectors:
        return None
    text, end = wide.span.source.text, wide.selectors[-1].span.end
    but = ", ".join(selector.span.text for selector in narrow.selectors)
    line = f"{text[wide.span.start : end]} except {but}{text[end : wide.span.end]}"
    return " ".join(line.split())


def _clashing(decisions: Sequence[Decided]) -> Iterator[tuple[Decided, Decided]]:
    """Pairs that cannot both be, since they decide the same of an entry."""
    for index, second in enumerate(decisions):
        for first in decisions[:index]:
            if first.effect.decides & second.effect.decides:
                yield first, second
