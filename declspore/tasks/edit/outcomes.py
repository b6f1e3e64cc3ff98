"""What becomes of every entry, and every entry there will be."""

from __future__ import annotations

from dataclasses import dataclass

from declspore.ir.edit import (
    Assigned,
    Copied,
    Deleted,
    Joined,
    Kept,
    Name,
    Renamed,
    Split,
    Value,
)
from declspore.ir.formula import Applied, Formula
from declspore.ir.header import HeaderEntry
from declspore.ir.network import ParameterSpec
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.report import Sink
from declspore.source import Span
from declspore.tasks.edit import errors
from declspore.tasks.edit.follow import Decided, Decisions, Group
from declspore.tasks.edit.task import EditTask, Rule
from declspore.tasks.edit.views import Sources


@dataclass(frozen=True)
class Outcome:
    """What becomes of one entry. ``result`` is its header in the ``output``, None where it is
    gone.

    ``action`` is keep, delete, rename, set, copy, join, split or add. ``source`` and ``entry`` are
    None for an entry that is new; ``value`` is set where the value is not the one of the input,
    one for each file of an output of several. ``rules`` are those that decided, none where the
    rest policy did.
    """

    action: str
    output: str
    source: str | None
    entry: HeaderEntry | None
    result: HeaderEntry | None
    value: Value | None
    rules: tuple[Decided, ...]

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
        self._sizes = {o.name: (len(o.files) if o.many else 1) for o in task.outputs}

    def names(self, output: str) -> set[str]:
        """Names of an output so far."""
        return {o.result.name for o in self.found if o.result is not None and o.output == output}

    # ---- entries of inputs

    def of_entries(self) -> None:
        """Everything that becomes of the entries of the inputs."""
        for source in self._sources.views:
            for entry in self._sources.entries(source).values():
                self._entry(source, entry, self._decided.get((source, entry.name), []))
        if self._task.policy == "error":
            left = [o.entry.name for o in self.found if o.entry is not None and o.action == "rest"]
            if left:
                self._sink.report(errors.left_over(self._task.span, left))
        self.found += self._copies

    def _entry(self, source: str, entry: HeaderEntry, decisions: list[Decided]) -> None:
        self._started(source, entry)
        gone = self._fate(source, decisions)
        name, value = Name(self._first, entry.name), None
        for decision in decisions:
            match decision.effect:
                case Deleted():
                    gone = "delete"
                case Joined():
                    gone = "join"
                case Split(parts):
                    gone = "split"
                    for to, part in parts:
                        self._new("split", to, part, (decision,))
                case Renamed(to):
                    name = to
                case Assigned(found):
                    value = found
                case Copied(to, found):
                    self._copy(source, entry, to, found, decision)
                case Kept():
                    pass
        rules = tuple(decisions)
        if gone is None:
            self._left(source, entry, name, value, rules)
        elif gone in ("delete", "rest"):
            self.found.append(Outcome(gone, name.output, source, entry, None, None, rules))

    def _fate(self, source: str, decisions: list[Decided]) -> str | None:
        """Why an entry does not reach the output where no rule decides; None where it does."""
        if source in self._sources.used:
            return "use"
        decided = any(not isinstance(decision.effect, Copied) for decision in decisions)
        if decided or self._task.policy == "keep":
            return None
        return "delete" if self._task.policy == "delete" else "rest"

    def _left(
        self,
        source: str,
        entry: HeaderEntry,
        name: Name,
        value: Value | None,
        rules: tuple[Decided, ...],
    ) -> None:
        """An entry that reaches the output."""
        if value is None and self._sources.is_many(source):
            if not self._at_fault:
                self._sink.report(errors.several_values(self._task.span, entry.name, source))
            return
        result = self._result(name, entry, value, rules[0].rule if rules else None)
        if result is None:
            return
        action = "keep" if name == Name(self._first, entry.name) else "rename"
        action = action if value is None else "set"
        self.found.append(Outcome(action, name.output, source, entry, result, value, rules))

    def _started(self, source: str, entry: HeaderEntry) -> None:
        group = self._starts.get((source, entry.name))
        if group is not None:
            decided = Decided(Joined(group.to), group.rule, group.follows)
            self._new("join", group.to, group.value, (decided,))

    def _copy(
        self, source: str, entry: HeaderEntry, to: Name, value: Value | None, by: Decided
    ) -> None:
        if value is None and self._sources.is_many(source):
            self._sink.report(errors.several_values(by.rule.span, entry.name, source))
            return
        result = self._result(to, entry, value, by.rule)
        if result is not None:
            copied = Outcome("copy", to.output, source, entry, result, value, (by,))
            self._copies.append(copied)

    # ---- new entries

    def add(self, to: Name, value: Value, rule: Rule) -> None:
        self._new("add", to, value, (Decided(Kept(), rule),))

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

    def _new(self, action: str, to: Name, value: Value, rules: tuple[Decided, ...]) -> None:
        result = self._result(to, None, value, rules[0].rule)
        if result is not None:
            self.found.append(Outcome(action, to.output, None, None, result, value, rules))

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
        for outcome in self.found:
            if outcome.result is None:
                continue
            name = Name(outcome.output, outcome.result.name)
            other = first.setdefault(name, outcome)
            if other is outcome:
                continue
            if outcome.action == "add" and other.action == "keep":
                place = outcome.rules[0].rule.span
                self._sink.report(errors.already_there(place, name.name))
            else:
                places = [self._origin(one) for one in (other, outcome)]
                places.sort(key=lambda place: place[0].start)
                self._sink.report(errors.collision(name.name, *places))

    def _origin(self, outcome: Outcome) -> tuple[Span, str]:
        if outcome.entry is None:
            return outcome.rules[0].rule.span, f"from this {outcome.action}"
        origin = f"from {outcome.source}.`{outcome.entry.name}`"
        if outcome.rules:
            return outcome.rules[0].rule.span, origin
        return self._task.span, f"{origin}, kept by `rest {self._task.policy}`"


def _typed(name: str, value: Formula | tuple[Formula, ...]) -> HeaderEntry:
    one = value[0] if isinstance(value, tuple) else value
    shape = tuple(size for size in one.type.shape if isinstance(size, int))
    return HeaderEntry.of(name, one.type.dtype, shape)
