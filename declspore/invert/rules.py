"""The rules that undo the rules of a planned edit."""

from __future__ import annotations

from dataclasses import dataclass, field

from declspore.invert import errors
from declspore.invert.names import can_be_written, turned
from declspore.invert.words import rejoined, undone
from declspore.ir.edit import Renamed
from declspore.ir.formula import EntryValue, Formula, entries
from declspore.registry.inverse import Lossy
from declspore.report import Sink
from declspore.source import Span
from declspore.tasks.edit.decide import EditPlan, Outcome
from declspore.tasks.edit.task import Rule


@dataclass(frozen=True)
class Reverse:
    """Lines of an edit, and the entries that are copied from the original."""

    lines: tuple[str, ...]
    restored: tuple[str, ...]


@dataclass
class _Back:
    """What is to be done, by the names of the output: to the entries that ``follows`` names, and
    by the lines of ``following``, it is done to slots with their weights too."""

    deleted: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    follows: set[str] = field(default_factory=set)
    following: list[str] = field(default_factory=list)


class Rules:
    """Finds for every outcome of an edit what undoes it, and for those without, why."""

    def __init__(self, plan: EditPlan, *, original: bool, path: str) -> None:
        self._plan = plan
        self._source = next(each.name for each in plan.task.inputs if not each.used)
        self._original = original
        self._path = path
        self._back = _Back()
        self._lost: dict[tuple[int, str], tuple[Span, str, list[str]]] = {}
        self._copies = {
            o.entry.name: o.result.name
            for o in plan.outcomes
            if o.action == "copy" and o.value is None and o.source == self._source
            if o.entry is not None and o.result is not None
        }
        self._undo()

    @property
    def restores(self) -> bool:
        """Whether something must come from the original."""
        return bool(self._back.restored)

    def raise_problems(self) -> None:
        """Raises DiagnosticError where something is lost that nothing restores."""
        sink = Sink()
        if not self._original:
            for span, reason, names in self._lost.values():
                sink.report(errors.lost(span, names, reason, self._path))
        for name in [*self._plan.header.by_name, *self._back.restored]:
            if not can_be_written(name):
                reason = f"`{name}` cannot be written in a path"
                sink.report(errors.no_reverse(self._plan.task.span, reason))
        sink.raise_errors()

    # ---- outcome by outcome

    def _undo(self) -> None:
        splits: dict[tuple[int, str], list[Outcome]] = {}
        kept = self._reused()
        for outcome in self._plan.outcomes:
            match outcome.action:
                case "delete" | "rest":
                    self._undo_delete(outcome)
                case "copy" | "add":
                    assert outcome.result is not None
                    if outcome.result.name not in kept:
                        self._back.deleted.append(outcome.result.name)
                case "rename" | "set":
                    self._undo_value(outcome)
                case "join":
                    self._undo_join(outcome)
                case "split":
                    key = (_rule(outcome).span.start, _origin_of(outcome))
                    splits.setdefault(key, []).append(outcome)
        for parts in splits.values():
            self._undo_split(parts)

    def _reused(self) -> set[str]:
        """Copies of what is deleted: they become it again."""
        gone = [o.entry.name for o in self._plan.outcomes if o.result is None and o.entry]
        return {self._copies[name] for name in gone if name in self._copies}

    def _undo_delete(self, outcome: Outcome) -> None:
        assert outcome.entry is not None
        name = outcome.entry.name
        if outcome.source != self._source:
            return
        if name in self._copies:
            self._back.renamed[self._copies[name]] = name
            return
        span = _rule(outcome).span if outcome.rules else self._plan.task.span
        self._lose(span, name, "it is deleted")

    def _undo_value(self, outcome: Outcome) -> None:
        assert outcome.entry is not None
        assert outcome.result is not None
        old, new = outcome.entry.name, outcome.result.name
        follows = bool(outcome.rules) and all(d.follows is not None for d in outcome.rules)
        if outcome.value is not None:
            try:
                self._back.values[new] = self._alone(outcome.formulas, old)
            except Lossy as error:
                rule = next(d.rule for d in outcome.rules if d.rule.value is not None)
                self._back.deleted.append(new)
                self._lose(rule.span, old, str(error))
                return
        if new != old:
            self._back.renamed[new] = old
        if follows:
            self._back.follows.add(new)

    def _alone(self, formulas: tuple[Formula, ...], name: str) -> str:
        """The expression that gives an entry back that its value alone was made of."""
        (formula,) = formulas
        found = undone(formula, "it")
        if {(entry.source, entry.name) for entry in found} != {(self._source, name)}:
            raise Lossy("its old values are replaced")
        (text,) = found.values()
        return text

    def _undo_join(self, outcome: Outcome) -> None:
        assert outcome.result is not None
        rule, new = _rule(outcome), outcome.result.name
        members = self._members(outcome)
        try:
            found = undone(outcome.formulas[0], "it")
            backs = {entry.name: text for entry, text in found.items() if self._is_mine(entry)}
            if not set(members) <= set(backs):
                raise Lossy("it is not all in the joined value")
        except Lossy as error:
            self._back.deleted.append(new)
            for name in members:
                self._lose(rule.span, name, str(error))
            return
        targets = ", ".join(f"`{name}`" for name in members)
        values = ", ".join(backs[name] for name in members)
        self._say(outcome, f"split src.`{new}` -> {targets} = [{values}]")

    def _members(self, outcome: Outcome) -> list[str]:
        """The entries that a join took from the input."""
        (formula,) = outcome.formulas
        left = {o.entry.name for o in self._plan.outcomes if o.entry and o.action != "copy"}
        read = [entry.name for entry in entries(formula) if self._is_mine(entry)]
        return [name for name in read if name not in left]

    def _undo_split(self, parts: list[Outcome]) -> None:
        origin = _origin_of(parts[0])
        names = [part.result.name for part in parts if part.result is not None]
        try:
            found = rejoined([part.formulas[0] for part in parts])
            value = self._back_of(found.whole, found.text, origin)
        except Lossy as error:
            self._back.deleted += names
            self._lose(_rule(parts[0]).span, origin, str(error))
            return
        operands = ", ".join(f"src.`{names[index]}`" for index in found.order)
        self._say(parts[0], f"join {operands} -> `{origin}` = {value}")

    def _back_of(self, formula: Formula, text: str, origin: str) -> str:
        found = undone(formula, text)
        if {(entry.source, entry.name) for entry in found} != {(self._source, origin)}:
            raise Lossy("it is not made of that entry alone")
        (back,) = found.values()
        return back

    def _is_mine(self, entry: EntryValue) -> bool:
        return entry.source == self._source

    def _say(self, outcome: Outcome, line: str) -> None:
        followed = all(decided.follows is not None for decided in outcome.rules)
        (self._back.following if followed else self._back.lines).append(line)

    def _lose(self, span: Span, name: str, reason: str) -> None:
        lost = self._lost.setdefault((span.start, reason), (span, reason, []))
        lost[2].append(name)
        self._back.restored.append(name)

    # ---- lines

    def reverse(self, *, by_pattern: bool, all_slots: bool) -> Reverse:
        """The rules as lines: with patterns where they fit, and with or without rules for slots
        that follow their weights."""
        back = self._back
        left_out = set() if all_slots else back.follows
        lines = [f"delete src.`{name}`" for name in back.deleted]
        renamed = {new: old for new, old in back.renamed.items() if new not in left_out}
        if by_pattern:
            lines += self._patterns(renamed)
        lines += [f"rename src.`{new}` -> `{old}`" for new, old in renamed.items()]
        lines += [
            f"set src.`{name}` = {value}"
            for name, value in back.values.items()
            if name not in left_out
        ]
        lines += back.lines
        if all_slots:
            lines += back.following
        lines += [f"copy original.`{name}` -> `{name}`" for name in back.restored]
        return Reverse(tuple(lines), tuple(back.restored))

    def _patterns(self, renamed: dict[str, str]) -> list[str]:
        """Renames by the patterns that made them; those are taken out of ``renamed``."""
        lines = []
        names = [entry.name for entry in self._plan.header if entry.name not in self._back.follows]
        for rule, done in self._by_rule():
            if len(rule.selectors) != 1 or len(rule.targets) != 1 or len(done) < 2:
                continue
            found = turned(rule.selectors[0].pattern, rule.targets[0].name, done, names)
            if found is not None:
                lines.append(f"rename src.`{found[0]}` -> `{found[1]}` exactly {len(done)}")
                for new in done.values():
                    renamed.pop(new, None)
        return lines

    def _by_rule(self) -> list[tuple[Rule, dict[str, str]]]:
        """Old and new names by the rule that renamed them; not slots that followed."""
        found: dict[int, tuple[Rule, dict[str, str]]] = {}
        for outcome in self._plan.outcomes:
            for decided in outcome.rules:
                if outcome.entry is None or outcome.result is None or decided.follows is not None:
                    continue
                if isinstance(decided.effect, Renamed):
                    rows = found.setdefault(id(decided.rule), (decided.rule, {}))[1]
                    rows[outcome.entry.name] = outcome.result.name
        return list(found.values())


def _rule(outcome: Outcome) -> Rule:
    return outcome.rules[0].rule


def _origin_of(outcome: Outcome) -> str:
    """The entry that a part was split from."""
    read = entries(outcome.formulas[0])
    return read[0].name if read else ""
