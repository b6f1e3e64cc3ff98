"""The rules that undo the rules of a planned edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from declspore.dataclass import dataclass
from declspore.invert import errors
from declspore.invert.names import can_be_written, turned
from declspore.invert.words import rejoined, undone
from declspore.ir.formula import Formula, entries
from declspore.registry.effect import NAME
from declspore.registry.inverse import Lossy, Rejoined
from declspore.report import Sink
from declspore.source import Span
from declspore.tasks.edit.decide import EditPlan
from declspore.tasks.edit.outcome import Outcome
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
    lost: dict[tuple[int, str], tuple[Span, str, list[str]]] = field(default_factory=dict)
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
        self._undo()

    @property
    def restores(self) -> bool:
        """Whether something must come from the original."""
        return bool(self._back.restored)

    def raise_problems(self) -> None:
        """Raises DiagnosticError where something is lost that nothing restores."""
        sink = Sink()
        if not self._original:
            for span, reason, names in self._back.lost.values():
                sink.report(errors.lost(span, names, reason, self._path))
        for name in [*self._plan.header.by_name, *self._back.restored]:
            if not can_be_written(name):
                reason = f"`{name}` cannot be written in a path"
                sink.report(errors.no_reverse(self._plan.task.span, reason))
        sink.raise_errors()

    # ---- outcome by outcome

    def _undo(self) -> None:
        groups: dict[tuple[int, int, str], list[Outcome]] = {}
        for row, outcome in enumerate(self._plan.outcomes):
            # a decision with values is undone as a whole; what keeps its value is undone alone
            made_by = id(outcome.rules[0]) if outcome.rules and outcome.formulas else 0
            alone = 0 if made_by else row
            groups.setdefault((made_by, alone, outcome.action), []).append(outcome)
        context = _Context(self._plan, self._source)
        for outcomes in groups.values():
            outcomes[0].verb.undo(_Decision(context, outcomes, self._back), outcomes)

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
                if NAME in decided.decides:
                    rows = found.setdefault(id(decided.rule), (decided.rule, {}))[1]
                    rows[outcome.entry.name] = outcome.result.name
        return list(found.values())


class _Context:
    """What is asked of a planned edit whatever decision is undone."""

    def __init__(self, plan: EditPlan, source: str) -> None:
        self.source = source
        self.span = plan.task.span
        self.left = {o.entry.name for o in plan.outcomes if o.entry and not o.is_copy}
        """Entries that still are in the output, or were deleted."""
        self.copies = {
            o.entry.name: o.result.name
            for o in plan.outcomes
            if o.is_copy and o.value is None and o.source == source
            if o.entry is not None and o.result is not None
        }
        gone = [o.entry.name for o in plan.outcomes if o.result is None and o.entry]
        self.reused = {self.copies[name] for name in gone if name in self.copies}
        """Copies of what is deleted: they become it again."""


class _Decision:
    """Collects the rules that undo one decision, as :class:`declspore.registry.undoing.Undoing`."""

    def __init__(self, context: _Context, outcomes: Sequence[Outcome], back: _Back) -> None:
        self._context = context
        self._back = back
        self._is_gone = outcomes[0].result is None
        rules = outcomes[0].rules
        self._follows = bool(rules) and all(decided.follows is not None for decided in rules)
        by = (decided.rule for decided in rules if decided.rule.verb is outcomes[0].verb)
        self._span = next((rule.span for rule in by), context.span)

    def delete(self, new: str) -> None:
        if new not in self._context.reused:
            self._back.deleted.append(new)

    def rename(self, new: str, old: str) -> None:
        if new != old:
            self._back.renamed[new] = old
        if self._follows:
            self._back.follows.add(new)

    def assign(self, new: str, value: str) -> None:
        self._back.values[new] = value

    def add(self, line: str) -> None:
        (self._back.following if self._follows else self._back.lines).append(line)

    def lose(self, old: str, reason: str) -> None:
        if self._is_gone and old in self._context.copies:
            self._back.renamed[self._context.copies[old]] = old
            return
        lost = self._back.lost.setdefault((self._span.start, reason), (self._span, reason, []))
        lost[2].append(old)
        self._back.restored.append(old)

    def undone(self, formula: Formula, text: str) -> dict[str, str]:
        found = undone(formula, text)
        return {e.name: back for e, back in found.items() if e.source == self._context.source}

    def alone(self, formula: Formula, text: str, name: str) -> str:
        found = undone(formula, text)
        if {(entry.source, entry.name) for entry in found} != {(self._context.source, name)}:
            raise Lossy("its old values are replaced")
        (back,) = found.values()
        return back

    def rejoined(self, formulas: Sequence[Formula]) -> Rejoined:
        return rejoined(formulas)

    def used_up(self, formula: Formula) -> list[str]:
        read = [entry.name for entry in entries(formula) if entry.source == self._context.source]
        return [name for name in read if name not in self._context.left]
