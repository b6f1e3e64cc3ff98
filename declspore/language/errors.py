"""Diagnostics of expressions: names E20x, arguments and types E30x, limits E321."""

from __future__ import annotations

from collections.abc import Iterable

from declspore.diagnostic import Diagnostic, Label
from declspore.ir.dtype import BY_NAME
from declspore.language.foreign import (
    Place,
    helps_for,
    helps_for_argument,
    helps_for_member,
    helps_for_name,
)
from declspore.source import Span
from declspore.spelling import did_you_mean, listing

_ENTRIES = {
    "it": "`it` is the entry of set, copy, split and where; join has `them`, add has none",
    "them": "`them` are the entries of join; the entry of set, copy, split and where is `it`",
}


def unknown_name(
    span: Span, name: str, candidates: Iterable[str], others: Iterable[Span] = ()
) -> Diagnostic:
    """``others`` are the further places of the same name."""
    known = _ENTRIES.get(name)
    near = (each for each in candidates if each != name)  # it may be named further down
    helps = (known,) if known else helps_for_name(span) or did_you_mean(name, near)
    note = "not a name of this file and not a word of the vocabulary"
    labels = (Label(span, note), *(Label(place, "and here") for place in others))
    return _unknown(f"name `{name}`", labels, (), helps)


def _unknown(
    what: str, labels: tuple[Label, ...], notes: tuple[str, ...], helps: tuple[str, ...]
) -> Diagnostic:
    return Diagnostic("E201", f"unknown {what}", labels, notes, helps)


def unknown_type(span: Span, name: str, known: Iterable[str], *, formal: bool) -> Diagnostic:
    names = list(known)
    more = "; without one, a formal takes any value" if formal else ""
    note = f"the types are {listing(names, limit=20)}{more}"
    plain = _plain_type(name)
    helps = (f"write `{plain}`",) if plain else helps_for(Place.TYPE, name)
    return _unknown(f"type `{name}`", (Label(span),), (note,), helps or did_you_mean(name, names))


def _plain_type(name: str) -> str | None:
    """The type of a formal or param that an element type of tensors may mean."""
    found = next((each for each in BY_NAME.values() if name in (each.short, each.numpy)), None)
    if found is None:
        return None
    return "float" if found.is_float else "int" if found.is_integer else None


def unknown_element_type(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    """The element type of a tensor, whose name is ``span``."""
    names = list(known)
    note = f"the element types are {listing(names, limit=20)}"
    helps = helps_for(Place.TYPE, name)
    shown = tuple(help.replace(", 3, H, W]", ", ...]") for help in helps)
    return _unknown(f"type `{name}`", (Label(span),), (note,), shown or did_you_mean(name, names))


def unknown_member(
    span: Span, owner: str, name: str, candidates: Iterable[str], of: Span | None = None
) -> Diagnostic:
    """``of`` is the value whose member is asked for, where it may be a tensor."""
    known = sorted(candidates)
    notes = (f"{owner} has {listing(known)}",) if known else ()
    helps = helps_for_member(of, span) if of else ()
    return Diagnostic(
        "E203",
        f"{owner} does not have `{name}`",
        (Label(span),),
        notes,
        helps or did_you_mean(name, known),
    )


def cycle(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        "E204",
        f"`{name}` is defined in terms of itself",
        (Label(span, "needs its own value"),),
        notes=("a spec cannot be recursive",),
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
    helps = helps_for_argument(span, names) or did_you_mean(name, names)
    return Diagnostic("E301", f"{word} has no argument `{name}`", (Label(span),), notes, helps)


def given_twice(span: Span, word: str, name: str) -> Diagnostic:
    return Diagnostic("E302", f"{word} is given `{name}` twice", (Label(span),))


def too_many(span: Span, word: str, most: int, help: str | None = None) -> Diagnostic:
    many = f"{most} argument{'' if most == 1 else 's'}"
    title, labels = f"{word} takes {many} at most", (Label(span, "one too many"),)
    return Diagnostic("E303", title, labels, helps=(help,) if help else ())


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


def not_callable(span: Span, found: str, help: str | None = None) -> Diagnostic:
    title = f"{found} cannot be called"
    return Diagnostic("E308", title, (Label(span),), helps=(help,) if help else ())


def not_a_step(span: Span, op: str) -> Diagnostic:
    """An op into which a dataset flows."""
    title = f"`{op}` is an op on tensors, not a step of a dataset"
    helps = helps_for(Place.STEP, op) or (f"|> map(x = {op}(x)) changes the column `x`",)
    return Diagnostic("E305", title, (Label(span),), helps=helps)


def bad_operands(span: Span, operator: str, left: str, right: str) -> Diagnostic:
    return Diagnostic("E309", f"`{operator}` does not work on {left} and {right}", (Label(span),))


def joined_strings(span: Span, left: object, right: object) -> Diagnostic:
    """``"x" + y``: strings are filled."""
    parts = [str(side) for side in (left, right)]
    title = f"`+` does not work on {_shown(left)} and {_shown(right)}"
    helps = (f'strings are filled: "{"".join(parts)}"',)
    return Diagnostic("E309", title, (Label(span),), helps=helps)


def _shown(value: object) -> str:
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def arithmetic(span: Span, reason: str, help: str | None = None) -> Diagnostic:
    return Diagnostic("E310", reason, (Label(span),), helps=(help,) if help else ())


def absent_cell(span: Span, name: str, condition: Span) -> Diagnostic:
    return Diagnostic(
        "E311",
        f"the cell `{name}` is absent here",
        (Label(span, "called"), Label(condition, "false with these arguments")),
        helps=(f"`{name}?` passes its input on where the cell is absent",),
    )


def bad_filling(span: Span, piece: str, name: str | None, candidates: Iterable[str]) -> Diagnostic:
    """E322: braces in a string that name no value."""
    helps = did_you_mean(name, candidates) if name else ()
    braces = "{{ and }} are the braces themselves"
    title = f"`{name}` of `{piece}` is not a name here" if name else f"`{piece}` names no value"
    return Diagnostic("E322", title, (Label(span),), helps=(*helps, braces))


def bad_pattern(span: Span, reason: str) -> Diagnostic:
    return Diagnostic("E316", reason, (Label(span),))


def too_large(span: Span, what: str, limit: int) -> Diagnostic:
    return Diagnostic(
        "E321", f"{what}: more than {limit:,}", (Label(span),), ("sizes in a spec are bounded",)
    )
