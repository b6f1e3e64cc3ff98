"""Diagnostics of expressions: names E20x, arguments and types E30x, limits E321."""

from __future__ import annotations

from collections.abc import Iterable

from declspore.diagnostic import Diagnostic, Label
from declspore.source import Span
from declspore.spelling import did_you_mean, listing

_PYTHON_WORDS = {
    "True": "write `true`",
    "False": "write `false`",
    "None": "write `none`",
    "self": "cells are called by their name alone, without `self.`",
    "nn": "the words of mindspore.nn need no prefix: `Conv2d(...)`",
    "ops": "the words of mindspore.ops need no prefix: `relu(x)`",
    "range": "write `0 ..< n`",
    "str": "the type of texts is `str` in a formal; an expression has none",
    "it": "`it` is the entry of set, copy, split and where; join has `them`, add has none",
    "them": "`them` are the entries of join; the entry of set, copy, split and where is `it`",
}


def unknown_name(span: Span, name: str, candidates: Iterable[str]) -> Diagnostic:
    known = _PYTHON_WORDS.get(name)
    helps = (known,) if known else did_you_mean(name, candidates)
    note = "not a name of this file and not a word of the vocabulary"
    return _unknown(f"name `{name}`", Label(span, note), (), helps)


def _unknown(what: str, label: Label, notes: tuple[str, ...], helps: tuple[str, ...]) -> Diagnostic:
    return Diagnostic("E201", f"unknown {what}", (label,), notes, helps)


def unknown_type(span: Span, name: str, known: Iterable[str], *, formal: bool) -> Diagnostic:
    names = list(known)
    more = "; without one, a formal takes any value" if formal else ""
    note = f"the types are {listing(names, limit=20)}{more}"
    return _unknown(f"type `{name}`", Label(span), (note,), did_you_mean(name, names))


def unknown_member(span: Span, owner: str, name: str, candidates: Iterable[str]) -> Diagnostic:
    known = sorted(candidates)
    notes = (f"{owner} has {listing(known)}",) if known else ()
    return Diagnostic(
        "E203", f"{owner} has no `{name}`", (Label(span),), notes, did_you_mean(name, known)
    )


def cycle(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        "E204",
        f"`{name}` is defined by itself",
        (Label(span, "needs its own value"),),
        notes=("there is no recursion in a spec",),
    )


def nameless_cell(span: Span, word: str, written: str, op: str | None) -> Diagnostic:
    """A cell made where it is called; ``op`` is the op that does the same, if there is one."""
    name = word.lower()
    helps = [f"before `construct`: {name} = {written}, and here: {name}(...)"]
    return Diagnostic(
        "E214",
        f"the cell {word} is made within `construct`",
        (Label(span),),
        ("cells come before `construct`: their names are those of their parameters",),
        tuple([f"the op: {op}(...)", *helps] if op else helps),
    )


def unknown_argument(span: Span, word: str, name: str, known: Iterable[str]) -> Diagnostic:
    names = list(known)
    notes = (f"{word} takes {listing(names, limit=20)}",) if names else (f"{word} takes nothing",)
    return Diagnostic(
        "E301",
        f"{word} has no argument `{name}`",
        (Label(span),),
        notes,
        did_you_mean(name, names),
    )


def given_twice(span: Span, word: str, name: str) -> Diagnostic:
    return Diagnostic("E302", f"{word} is given `{name}` twice", (Label(span),))


def too_many(span: Span, word: str, most: int) -> Diagnostic:
    many = f"{most} argument{'' if most == 1 else 's'}"
    return Diagnostic("E303", f"{word} takes {many} at most", (Label(span, "one too many"),))


def missing_arguments(span: Span, word: str, names: list[str], usage: str) -> Diagnostic:
    return Diagnostic(
        "E304",
        f"{word} needs {listing(names)}",
        (Label(span),),
        helps=(f"{word}{usage}",),
    )


def wrong_argument(
    span: Span, word: str, name: str, reason: str, help: str | None = None
) -> Diagnostic:
    return Diagnostic(
        "E305",
        f"`{name}` of {word}: {reason}",
        (Label(span),),
        helps=(help,) if help else (),
    )


def misfit(
    span: Span, word: str, reason: str, help: str | None = None, places: Iterable[Label] = ()
) -> Diagnostic:
    """Arguments that contradict each other."""
    return Diagnostic(
        "E306", f"{word}: {reason}", (Label(span), *places), helps=(help,) if help else ()
    )


def wrong_type(span: Span, expected: str, found: str, help: str | None = None) -> Diagnostic:
    return Diagnostic(
        "E307",
        f"expected {expected}, found {found}",
        (Label(span),),
        helps=(help,) if help else (),
    )


def not_callable(span: Span, found: str) -> Diagnostic:
    return Diagnostic("E308", f"{found} cannot be called", (Label(span),))


def bad_operands(span: Span, operator: str, left: str, right: str) -> Diagnostic:
    return Diagnostic("E309", f"`{operator}` does not work on {left} and {right}", (Label(span),))


def arithmetic(span: Span, reason: str) -> Diagnostic:
    return Diagnostic("E310", reason, (Label(span),))


def absent_cell(span: Span, name: str, condition: Span) -> Diagnostic:
    return Diagnostic(
        "E311",
        f"the cell `{name}` is absent here",
        (Label(span, "called"), Label(condition, "false with these arguments")),
        helps=(f"`{name}?` passes its input on where the cell is absent",),
    )


def bad_pattern(span: Span, reason: str) -> Diagnostic:
    return Diagnostic("E316", reason, (Label(span),))


def too_large(span: Span, what: str, limit: int) -> Diagnostic:
    return Diagnostic(
        "E321", f"{what}: more than {limit:,}", (Label(span),), ("sizes in a spec are bounded",)
    )
