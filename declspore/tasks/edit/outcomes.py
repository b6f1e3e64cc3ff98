"""What becomes of every entry, and every entry there will be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from declspore.ir.edit import Name, Value
from declspore.ir.formula import Applied, Formula
from declspore.ir.network import ParameterSpec
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.effect import Effect
from declspore.registry.table import verbs
from declspore.registry.verb import Matched, VerbKind, leaving_verb
from declspore.report import Sink
from declspore.source import Span
from declspore.tasks.edit import errors
from declspore.tasks.edit.decided import Decided, Decisions
from declspore.tasks.edit.follow import JoinedGroup, joined
from declspore.tasks.edit.outcome import Outcome, OutcomeTable
from declspore.tasks.edit.task import EditTask, Rule
from declspore.tasks.edit.views import Sources


class Outcomes:
    """Collects the outcomes of an edit, in order."""

    def __init__(
        self,
        task: EditTask,
        sources: Sources,
        decided: Decisions,
        groups: list[JoinedGroup],
        sink: Sink,
    ) -> None:
        self.found = OutcomeTable(sources.header)
        self._copies: list[tuple[Decided, Name, str, int, Value | None]] = []
        self._task = task
        self._sources = sources
        self._decided = decided
        self._starts = {group.members[0]: group for group in reversed(groups)}
        self._sink = sink
        self._at_fault = bool(sink.errors)
        self._first = task.outputs[0].name
        self._policy = _policy(task.policy)
        self._sizes = {o.name: (len(o.files) if o.many else 1) for o in task.outputs}

    def names(self, output: str) -> set[str]:
        """Names of an output so far."""
        return set(self.found.names(output))

    # ---- entries of inputs

    def of_entries(self) -> None:
        """Everything that becomes of the entries of the inputs."""
        left: list[str] = []
        for source in self._sources.views:
            for place, name in enumerate(self._sources.header(source).names):
                if not self._entry(source, place, name, self._decided.of(source, name)):
                    left.append(name)
        if left:
            self._sink.report(errors.left_over(self._task.span, left))
        for by, to, source, place, value in self._copies:
            self.found.add(by.rule.verb, to.output, (by,), to.name, source, place, value)

    def _entry(self, source: str, place: int, name: str, decisions: tuple[Decided, ...]) -> bool:
        """What becomes of an entry; False where neither a rule nor the rest policy says it."""
        group = self._starts.get((source, name)) if self._starts else None
        if group is not None:
            self.new(group.rule.verb, group.to, group.value, (joined(group),))
        fate = _Fate(self, source, place, Name(self._first, name))
        is_decided = False
        for decision in decisions:
            fate.decide(decision)
            is_decided |= bool(decision.effect.decides)
        if source in self._sources.used:
            return True
        if not is_decided:
            if self._policy is None:
                return False
            fate.follow(*self._policy)
        if fate.deleted_by is not None:
            self.found.add(fate.deleted_by, fate.name.output, decisions, None, source, place)
        elif not fate.is_used_up:
            self._left(source, place, name, fate, decisions)
        return True

    def _left(
        self, source: str, place: int, old: str, fate: _Fate, decisions: tuple[Decided, ...]
    ) -> None:
        """An entry that reaches the output."""
        name, value = fate.name, fate.value
        if value is None and self._sources.is_many(source):
            if not self._at_fault:
                self._sink.report(errors.several_values(self._task.span, old, source))
            return
        if self._is_spread(name, value, decisions[0].rule if decisions else None):
            self.found.add(fate.change, name.output, decisions, name.name, source, place, value)

    def copy(self, source: str, place: int, to: Name, value: Value | None, by: Decided) -> None:
        """An entry that reaches the output a second time."""
        if value is None and self._sources.is_many(source):
            name = self._sources.header(source).entries[place].name
            self._sink.report(errors.several_values(by.rule.span, name, source))
        elif self._is_spread(to, value, by.rule):
            self._copies.append((by, to, source, place, value))

    # ---- new entries

    def add(self, to: Name, value: Value, rule: Rule) -> None:
        self.new(rule.verb, to, value, (Decided(Effect(), rule),))

    def first_value(self, parameter: ParameterSpec, rule: Rule) -> Formula:
        """The value a network would begin a parameter with."""
        arguments = Arguments(
            init=parameter.init,
            shape=parameter.shape,
            seed=0,
            path=parameter.name,
            dtype=parameter.dtype,
        )
        type = TensorType(parameter.dtype, parameter.shape)
        return Applied("tensor", "initial", arguments, (type,), False, rule.span)

    def new(self, verb: VerbKind, to: Name, value: Value, rules: tuple[Decided, ...]) -> None:
        """An entry that is made of others, or of none."""
        if self._is_spread(to, value, rules[0].rule):
            self.found.add(verb, to.output, rules, to.name, value=value)

    def _is_spread(self, to: Name, value: Value | None, rule: Rule | None) -> bool:
        """Whether there are as many values as files of the output; reported where not."""
        if not isinstance(value, tuple) or len(value) == self._sizes[to.output]:
            return True
        span = self._task.span if rule is None else rule.span
        self._sink.report(errors.wrong_shards(span, len(value), self._sizes[to.output]))
        return False

    # ---- collisions

    def check_collisions(self) -> None:
        first: dict[Name, Outcome] = {}
        clashes: dict[tuple[int, int], tuple[Span, Span, dict[str, list[str]]]] = {}
        for name, outcome in self._colliding():
            other = first.setdefault(name, outcome)
            if other is outcome:
                continue
            if outcome.verb.about == "new" and other.verb.leaves:
                place = outcome.rules[0].rule.span
                self._sink.report(errors.already_there(place, name.name, other.source or "src"))
            else:
                places = [self._origin(one) for one in (other, outcome)]
                places.sort(key=lambda place: place[0].start)
                (one_span, one), (span, origin) = places
                key = (one_span.start, span.start)
                named = clashes.setdefault(key, (one_span, span, {}))[2]
                if name.name in named:
                    named[name.name].append(self._origin(outcome)[1])
                else:
                    named[name.name] = [one, origin]
        for one_span, span, named in clashes.values():
            own = {n: places for n, places in named.items() if not _follows(n, named)}
            self._sink.report(errors.collisions(one_span, span, own))

    def _colliding(self) -> Iterator[tuple[Name, Outcome]]:
        """The outcomes whose names others have, too, in the order of all."""
        found = {output.name: self.found.names(output.name) for output in self._task.outputs}
        twice = {
            Name(output, name)
            for output, names in found.items()
            if len(set(names)) < len(names)
            for name, times in Counter(names).items()
            if times > 1
        }
        for outcome in self.found if twice else ():
            if outcome.result is not None:
                name = Name(outcome.output, outcome.result.name)
                if name in twice:
                    yield name, outcome

    def _origin(self, outcome: Outcome) -> tuple[Span, str]:
        if outcome.entry is None:
            return outcome.rules[0].rule.span, f"from this {outcome.action}"
        origin = f"from {outcome.source}.`{outcome.entry.name}`"
        if outcome.rules:
            return outcome.rules[0].rule.span, origin
        return self._task.span, f"{origin}, kept by `rest {self._task.policy}`"


def _follows(name: str, named: Mapping[str, object]) -> bool:
    """Whether a name is that of a slot (``moments.fc.bias``) whose weight is named, too."""
    return name.partition(".")[2] in named


class _Fate:
    """Collects what becomes of one entry, as :class:`declspore.registry.effect.Fate`."""

    def __init__(self, outcomes: Outcomes, source: str, place: int, name: Name) -> None:
        self.name = self._old = name
        self.value: Value | None = None
        self.deleted_by: VerbKind | None = None
        self.is_used_up = False
        self._outcomes = outcomes
        self._source = source
        self._place = place
        self._decision: Decided | None = None
        self._verb = self._renamed_by = self._assigned_by = leaving_verb()

    def decide(self, decision: Decided) -> None:
        """Apply what a rule decided."""
        self._decision = decision
        self.follow(decision.rule.verb, decision.effect)

    def follow(self, verb: VerbKind, effect: Effect) -> None:
        """Apply the effect of a verb."""
        self._verb = verb
        effect.apply(self)

    @property
    def change(self) -> VerbKind:
        """What was done to an entry that is left: a new value counts before a new name."""
        if self.value is not None:
            return self._assigned_by
        return leaving_verb() if self.name == self._old else self._renamed_by

    # ---- what effects say

    def rename(self, to: Name) -> None:
        self.name, self._renamed_by = to, self._verb

    def assign(self, value: Value) -> None:
        self.value, self._assigned_by = value, self._verb

    def copy(self, to: Name, value: Value | None) -> None:
        assert self._decision is not None
        self._outcomes.copy(self._source, self._place, to, value, self._decision)

    def delete(self) -> None:
        self.deleted_by = self._verb

    def become(self, *parts: tuple[Name, Formula]) -> None:
        assert self._decision is not None
        self.is_used_up = True
        for name, part in parts:
            self._outcomes.new(self._verb, name, part, (self._decision,))


def _policy(name: str) -> tuple[VerbKind, Effect] | None:
    """What the rest policy does to an entry; None where every entry needs a rule."""
    verb = verbs().get(name)
    if not isinstance(verb, VerbKind):
        return None
    assert verb.effect is not None
    return verb, verb.effect(Matched((), None))
