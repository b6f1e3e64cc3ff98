"""The clauses ``save`` and ``log`` of a training: what is written, and when."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import pairwise

from declspore.check import errors
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.dataclass import dataclass
from declspore.ir.amount import Amount
from declspore.ir.timeline import Interval
from declspore.language.errors import misfit
from declspore.registry.kind import Misfit
from declspore.registry.policy import OwnPolicyKind, Policy, Setting, policies, policy
from declspore.report import Sink
from declspore.source import Span
from declspore.spelling import listing
from declspore.syntax import ast

_PLACES = ("epoch", "step")
_EXAMPLES = {
    "every": 'save "net-{epoch}.ckpt" every 1 epochs keep 3',
    "best": 'save "best.ckpt" best accuracy',
    "keep": 'save "net-{epoch}.ckpt" every 1 epochs keep 3',
    "per": 'save "net-{step}.ckpt" every 100 steps per 30 min',
}
"""The modifiers of ``save``, each in an example."""


@dataclass(frozen=True)
class SaveRule:
    """Save to ``path`` at an interval, or where a figure is ``best`` so far.

    The newest ``keep`` files stay, or so many of the best; or of those saved within a time ``per``
    one.
    """

    path: str
    every: Interval | None
    best: str | None
    keep: int | None
    per: Interval | None
    span: Span

    @property
    def policy(self) -> Policy:
        """The policy that carries it out."""
        if self.best is not None:
            return policy("SaveBest", path=self.path, figure=self.best, top=self.keep or 1)
        return policy("Save", path=self.path, every=self.every, keep=self.keep, per=self.per)

    @property
    def output(self) -> str | None:
        """The name by which other tasks refer to its last file; None where that is not known."""
        if self.best is None:
            return "last"
        return None if "{" in self.path else "best"


@dataclass(frozen=True)
class LogRule:
    """Write to ``path`` what steps report and policies find, as the word of ``kind`` does."""

    path: str
    kind: OwnPolicyKind
    span: Span


# ---- save


def whole_clauses(task: ast.Task) -> Iterator[ast.Clause]:
    """The clauses ``save``, but for those with text on their line, after them, that does not
    parse."""
    following = {id(part): after for part, after in pairwise(task.parts)}
    for clause in task.clauses("save"):
        after = following.get(id(clause))
        if isinstance(after, ast.Damaged):
            between = clause.span.source.text[clause.span.end : after.span.start]
            if "\n" not in between:
                continue
        yield clause


def check_save(clause: ast.Clause, sink: Sink) -> SaveRule | None:
    """``save "path" every INTERVAL keep N``, ``save "path" best FIGURE``; None with what does not
    fit reported."""
    text, *more = clause.texts
    path = str(text.value)
    if more:
        sink.report(errors.bad_clause(more[0].span, "save", "takes one path"))
        return None
    given = _modifiers(clause, sink)
    if given is None or not _is_path(text, "best" in given, sink):
        return None
    if not _is_of_checkpoint(text, sink):
        return None
    before = len(sink.errors)
    every = _interval(given.get("every"), "every", sink)
    per = _interval(given.get("per"), "per", sink)
    keep, best = _keep(given.get("keep"), sink), _best(given.get("best"), sink)
    if len(sink.errors) > before:
        return None
    return SaveRule(path, every, best, keep, per, clause.span)


def check_figures(rules: list[SaveRule], setting: Setting, sink: Sink) -> None:
    """Report rules whose figure is not found by any policy."""
    for rule in rules:
        if rule.best is not None:
            try:
                setting.require_figure(rule.best)
            except Misfit as error:
                sink.report(misfit(rule.span, "save", str(error), error.help))


def _is_path(text: ast.Literal, with_figure: bool, sink: Sink) -> bool:
    known = [*_PLACES, *(("figure",) if with_figure else ())]
    try:
        str(text.value).format(**dict.fromkeys(known, 1))
    except (KeyError, IndexError, ValueError, AttributeError):
        shown = " and ".join(f"{{{name}}}" for name in known)
        reason = f"may hold the placeholders {shown} only"
        sink.report(errors.bad_clause(text.span, "save", reason))
        return False
    return True


def _is_of_checkpoint(text: ast.Literal, sink: Sink) -> bool:
    """Whether a path has the suffix of what is written, or none."""
    path, suffix = os.path.splitext(str(text.value))
    if suffix[1:].isalnum() and suffix != MINDSPORE.suffix:
        reason = f"writes {MINDSPORE.title}, found a name that ends in `{suffix}`"
        help = f'"{path}{MINDSPORE.suffix}"; `declspore convert` writes other formats of it'
        sink.report(errors.bad_clause(text.span, "save", reason, help))
        return False
    return True


def _modifiers(clause: ast.Clause, sink: Sink) -> dict[str, ast.Modifier] | None:
    found: dict[str, ast.Modifier] = {}
    for modifier in clause.modifiers:
        word = modifier.word.text
        if word not in _EXAMPLES or word in found:
            reason = f"says `{word}` twice" if word in found else f"does not have `{word}`"
            example = _EXAMPLES.get(word, _EXAMPLES["every"])
            sink.report(errors.bad_clause(modifier.span, "save", reason, example))
            return None
        found[word] = modifier
    if ("every" in found) == ("best" in found):
        both = "every" in found
        reason = (
            "takes `every` or `best`, not both" if both else "needs a number of epochs or steps"
        )
        sink.report(errors.bad_clause(clause.span, "save", reason, _EXAMPLES["every"]))
        return None
    if "per" in found and ("keep" in found or "best" in found):
        reason = "takes `per` without `keep` and `best`"
        sink.report(errors.bad_clause(found["per"].span, "save", reason, _EXAMPLES["per"]))
        return None
    return found


def _interval(modifier: ast.Modifier | None, name: str, sink: Sink) -> Interval | None:
    if modifier is None:
        return None
    value, span = modifier.value, modifier.value.span
    if isinstance(value, ast.Quantity):
        try:
            found = Interval.of(Amount(value.value, value.unit))
        except ValueError:
            found = None
        if found is not None and (name == "every" or found.is_time):
            return found
    expected = "a number of epochs or steps, or a time" if name == "every" else "a time: `30 min`"
    unit = {"epoch": "epochs", "step": "steps", "steps": "steps", "epochs": "epochs"}.get(span.text)
    help = f"{name} 1 {unit}" if unit else None
    if span.text.isdigit() and name == "every":
        help = f"every {span.text} epochs, or {span.text} steps"
    sink.report(errors.wrong_unit(span, name, expected, span.text, help))
    return None


def _keep(modifier: ast.Modifier | None, sink: Sink) -> int | None:
    if modifier is None:
        return None
    value = modifier.value
    if isinstance(value, ast.Literal) and type(value.value) is int and value.value > 0:
        return value.value
    reason = "expects an integer above 0 for `keep`"
    sink.report(errors.bad_clause(value.span, "save", reason, "keep 3"))
    return None


def _best(modifier: ast.Modifier | None, sink: Sink) -> str | None:
    if modifier is None:
        return None
    if isinstance(modifier.value, ast.Name):
        return modifier.value.name
    reason = "expects the name of a figure after `best`"
    sink.report(errors.bad_clause(modifier.value.span, "save", reason, _EXAMPLES["best"]))
    return None


def outputs_of(task: ast.Task) -> tuple[str, ...]:
    """The names by which other tasks refer to what a training saves."""
    found = dict[str, None]()
    for clause in task.clauses("save"):
        words = [modifier.word.text for modifier in clause.modifiers]
        is_best = "best" in words
        if not is_best or "{" not in str(clause.texts[0].value):
            found["best" if is_best else "last"] = None
    return tuple(found)


# ---- log


def check_paths(rules: Iterable[SaveRule | LogRule], sink: Sink) -> None:
    """Report a path that two statements write to."""
    seen = set[str]()
    for rule in rules:
        place = os.path.normpath(rule.path)
        if place in seen:
            word = "log" if isinstance(rule, LogRule) else "save"
            sink.report(errors.bad_clause(rule.span, word, f"names {rule.path} twice"))
        seen.add(place)


def check_log(clause: ast.Clause, sink: Sink) -> Iterator[LogRule]:
    """``log "log.csv", "events/"``: each path says by its ending what is written."""
    for modifier in clause.modifiers:
        reason = f"does not have `{modifier.word.text}`"
        sink.report(errors.bad_clause(modifier.span, "log", reason, 'log "log.csv"'))
    kinds = policies().every(OwnPolicyKind)
    endings = [ending for kind in kinds for ending in kind.logs]
    for text in clause.texts:
        path = str(text.value)
        kind = next((k for k in kinds if k.logs and path.endswith(k.logs)), None)
        if kind is None:
            reason = f"writes to paths that end in {listing(endings)}"
            sink.report(errors.bad_clause(text.span, "log", reason, 'log "log.csv"'))
        else:
            yield LogRule(path, kind, text.span)
