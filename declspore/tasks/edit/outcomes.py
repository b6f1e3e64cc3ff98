"""What becomes of every entry, and every entry there will be."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from declspore.dataclass import dataclass
from declspore.ir.edit import Name, Value
from declspore.ir.formula import Applied, Formula
from declspore.ir.header import HeaderEntry
from declspore.ir.network import ParameterSpec
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.effect import Effect
from declspore.registry.table import verbs
from declspore.registry.verb import Matched, VerbKind, every_verb, leaving_verb
from declspore.report import Sink
from declspore.source import Span
from declspore.tasks.edit import errors
from declspore.tasks.edit.follow import Decided, Decisions, Group, joined
from declspore.tasks.edit.task import EditTask, Rule
from declspore.tasks.edit.views import Sources


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
    rules: tuple[Decided, ...]

    @property
    def action(self) -> str:
        """What was done to it, by the name of its verb."""
        return self.verb.name

    @property
    def is_copy(self) -> bool:
        """Whether the entry is written here whatever else becomes of it."""
        made_by = [decided for decided in self.rules if decided.rule.verb is self.verb]
        return bool(made_by) and not any(decided.effect.decides for decided in made_by)

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The values that are computed."""
        if self.value is None or self.result is None:
            return ()
        return self.value if isinstance(self.value, tuple) else (self.value,)

    @property
    def copies(self) -> int:
        """How often the entry is written as it is."""
        return int(self.result is not None and self.value is None)

    def is_in(self, output: str) -> bool:
        return self.result is not None and self.output == output

    def formula_of(self, file: int) -> Formula | None:
        """The value for one file of the output; None for the value of the input."""
        return self.value[file] if isinstance(self.value, tuple) else self.value

    def entry_of(self, file: int) -> HeaderEntry:
        """The header in one file of the output."""
        assert self.result is not None
        formula = self.formula_of(file)
        return self.result if formula is None else _typed(self.result.name, formula)


def counted(counts: Mapping[str, int], phrase: Callable[[VerbKind], str]) -> str:
    """``2 deleted, 10 kept``: how often each verb did something, those that leave entries last."""
    known = sorted(every_verb(), key=lambda verb: (verb.leaves, verb.name))
    return ", ".join(f"{counts[v.name]} {phrase(v)}" for v in known if counts.get(v.name))


class Outcomes:
    """Collects the outcomes of an edit, in order."""

    def __init__(
        self,
        task: EditTask,
        sources: Sources,
        decided: Decisions,
        groups: list[Group],
        sink: Sink,
    ) -> None:
        self.found: list[Outcome] = []
        self._copies: list[Outcome] = []
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
        return {o.result.name for o in self.found if o.result is not None and o.output == output}

    # ---- entries of inputs

    def of_entries(self) -> None:
        """Everything that becomes of the entries of the inputs."""
        left: list[str] = []
        for source in self._sources.views:
            for entry in self._sources.entries(source).values():
                decisions = self._decided.get((source, entry.name), [])
                if not self._entry(source, entry, decisions):
                    left.append(entry.name)
        if left:
            self._sink.report(errors.left_over(self._task.span, left))
        self.found += self._copies

    def _entry(self, source: str, entry: HeaderEntry, decisions: list[Decided]) -> bool:
        """What becomes of an entry; False where neither a rule nor the rest policy says it."""
        group = self._starts.get((source, entry.name))
        if group is not None:
            self.new(group.rule.verb, group.to, group.value, (joined(group),))
        fate = _Fate(self, source, entry, Name(self._first, entry.name))
        for decision in decisions:
            fate.decide(decision)
        if source in self._sources.used:
            return True
        if not any(decision.effect.decides for decision in decisions):
            if self._policy is None:
                return False
            fate.follow(*self._policy)
        rules = tuple(decisions)
        if fate.deleted_by is not None:
            output = fate.name.output
            self.found.append(Outcome(fate.deleted_by, output, source, entry, None, None, rules))
        elif not fate.is_used_up:
            self._left(source, entry, fate, rules)
        return True

    def _left(
        self, source: str, entry: HeaderEntry, fate: _Fate, rules: tuple[Decided, ...]
    ) -> None:
        """An entry that reaches the output."""
        name, value = fate.name, fate.value
        if value is None and self._sources.is_many(source):
            if not self._at_fault:
                self._sink.report(errors.several_values(self._task.span, entry.name, source))
            return
        result = self._result(name, entry, value, rules[0].rule if rules else None)
        if result is not None:
            made = Outcome(fate.change, name.output, source, entry, result, value, rules)
            self.found.append(made)

    def copy(
        self, source: str, entry: HeaderEntry, to: Name, value: Value | None, by: Decided
    ) -> None:
        """An entry that reaches the output a second time."""
        if value is None and self._sources.is_many(source):
            self._sink.report(errors.several_values(by.rule.span, entry.name, source))
            return
        result = self._result(to, entry, value, by.rule)
        if result is not None:
            verb = by.rule.verb
            self._copies.append(Outcome(verb, to.output, source, entry, result, value, (by,)))

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
        result = self._result(to, None, value, rules[0].rule)
        if result is not None:
            self.found.append(Outcome(verb, to.output, None, None, result, value, rules))

    def _result(
        self, to: Name, entry: HeaderEntry | None, value: Value | None, rule: Rule | None
    ) -> HeaderEntry | None:
        """The header of a result, or None where its values are not as many as its files."""
        if value is None:
            assert entry is not None
            return entry.renamed(to.name)
        if not isinstance(value, tuple):
            return _typed(to.name, value)
        if len(value) != self._sizes[to.output]:
            span = self._task.span if rule is None else rule.span
            self._sink.report(errors.wrong_shards(span, len(value), self._sizes[to.output]))
            return None
        return _typed(to.name, value[0])

    # ---- collisions

    def check_collisions(self) -> None:
        first: dict[Name, Outcome] = {}
        clashes: dict[tuple[int, int], tuple[Span, Span, dict[str, list[str]]]] = {}
        for outcome in self.found:
            if outcome.result is None:
                continue
            name = Name(outcome.output, outcome.result.name)
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

    def __init__(self, outcomes: Outcomes, source: str, entry: HeaderEntry, name: Name) -> None:
        self.name = self._old = name
        self.value: Value | None = None
        self.deleted_by: VerbKind | None = None
        self.is_used_up = False
        self._outcomes = outcomes
        self._source = source
        self._entry = entry
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
        self._outcomes.copy(self._source, self._entry, to, value, self._decision)

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


def _typed(name: str, value: Formula | tuple[Formula, ...]) -> HeaderEntry:
    one = value[0] if isinstance(value, tuple) else value
    shape = tuple(size for size in one.type.shape if isinstance(size, int))
    return HeaderEntry.of(name, one.type.dtype, shape)
