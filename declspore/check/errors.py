"""Diagnostics of the checker: names E2xx, types and arguments E3xx, shapes E4xx, warnings W2xx."""

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
    "nn": "the words of mindspore.nn stand alone: `Conv2d(...)`",
    "ops": "the words of mindspore.ops stand alone: `relu(x)`",
    "range": "write `0 ..< n`",
    "str": "the type of texts is `str` in a formal; an expression has none",
    "it": "`it` is the entry of set, copy, split and where; join has `them`, add has none",
    "them": "`them` are the entries of join; the entry of set, copy, split and where is `it`",
}


# ---- names


def unknown_name(span: Span, name: str, candidates: Iterable[str]) -> Diagnostic:
    known = _PYTHON_WORDS.get(name)
    helps = (known,) if known else did_you_mean(name, candidates)
    note = "not a name of this file and not a word of the vocabulary"
    return _unknown(f"name `{name}`", Label(span, note), (), helps)


def unknown_type(span: Span, name: str, known: Iterable[str], *, formal: bool) -> Diagnostic:
    names = list(known)
    more = "; without one, a formal takes any value" if formal else ""
    note = f"the types are {listing(names, limit=20)}{more}"
    return _unknown(f"type `{name}`", Label(span), (note,), did_you_mean(name, names))


def _unknown(what: str, label: Label, notes: tuple[str, ...], helps: tuple[str, ...]) -> Diagnostic:
    return Diagnostic("E201", f"unknown {what}", (label,), notes, helps)


def declared_twice(name: str, first: Span, second: Span) -> Diagnostic:
    labels = (Label(second, "declared again here"), Label(first, "first declared here"))
    return Diagnostic("E202", f"`{name}` is declared twice", labels)


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


def missing_import(span: Span, path: str, tried: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "E205",
        f'there is no spec "{path}"',
        (Label(span),),
        notes=tuple(f"looked for {place}" for place in tried),
    )


def import_cycle(span: Span, path: str) -> Diagnostic:
    return Diagnostic("E206", f'"{path}" imports itself', (Label(span),))


def unknown_verb(span: Span, name: str, candidates: Iterable[str]) -> Diagnostic:
    known = sorted(candidates)
    helps = did_you_mean(name, known)
    if name in ("except", "where", "from", "exactly", "optional", "to"):
        order = "except ..., where ..., -> `path`, = value, from ..., exactly n"
        helps = (f"clauses stand in this order: {order}",)
    return Diagnostic(
        "E207",
        f"unknown edit verb `{name}`",
        (Label(span),),
        (f"the verbs are {listing(known, limit=20)}",),
        helps,
    )


def unknown_attribute(span: Span, task: str, name: str, candidates: Iterable[str]) -> Diagnostic:
    known = sorted(candidates)
    return Diagnostic(
        "E208",
        f"{task} has no attribute `{name}`",
        (Label(span),),
        (f"its attributes are {listing(known, limit=20)}",),
        did_you_mean(name, known),
    )


def unknown_setting(name: str, candidates: Iterable[str]) -> Diagnostic:
    known = sorted(candidates)
    note = f"its params are {listing(known)}" if known else "it declares no `param`"
    return Diagnostic(
        "E209", f"the spec has no param `{name}`", (), (note,), did_you_mean(name, known)
    )


def nameless_cell(span: Span, word: str, written: str, op: str | None) -> Diagnostic:
    """A cell made where it is called; ``op`` is the op that does the same, if there is one."""
    name = word.lower()
    helps = [f"before `construct`: {name} = {written}, and here: {name}(...)"]
    return Diagnostic(
        "E214",
        f"the cell {word} is made within `construct`",
        (Label(span),),
        ("cells stand before `construct`: their names are those of their parameters",),
        tuple([f"the op: {op}(...)", *helps] if op else helps),
    )


# ---- arguments and types


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


def missing_attributes(span: Span, task: str, names: list[str]) -> Diagnostic:
    return Diagnostic(
        "E312",
        f"{task} needs {listing(names)}",
        (Label(span),),
        helps=tuple(f"{name} = ..." for name in names),
    )


def out_of_bounds(span: Span, name: str, value: str, bounds: str) -> Diagnostic:
    return Diagnostic("E313", f"`{name}` is {value}, outside {bounds}", (Label(span),))


def missing_param(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        "E314",
        f"`{name}` has no value",
        (Label(span),),
        helps=(f"give it a default, or run with --set {name}=...",),
    )


def bad_setting(name: str, text: str, kind: str) -> Diagnostic:
    return Diagnostic("E315", f"the param `{name}` is set to `{text}`, which is not {kind}")


def bad_pattern(span: Span, reason: str) -> Diagnostic:
    return Diagnostic("E316", reason, (Label(span),))


def unknown_capture(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    names = sorted(known)
    note = f"the pattern captures {listing(names)}" if names else "the pattern captures nothing"
    return Diagnostic(
        "E317",
        f"nothing is captured as `{{{name}}}`",
        (Label(span),),
        (note,),
        did_you_mean(name, names),
    )


def bad_clause(span: Span, verb: str, reason: str, help: str | None = None) -> Diagnostic:
    return Diagnostic("E318", f"`{verb}` {reason}", (Label(span),), helps=(help,) if help else ())


def wrong_unit(span: Span, name: str, expected: str, found: str) -> Diagnostic:
    return Diagnostic("E319", f"`{name}` is {expected}, found {found}", (Label(span),))


def too_large(span: Span, what: str, limit: int) -> Diagnostic:
    return Diagnostic(
        "E321", f"{what}: more than {limit:,}", (Label(span),), ("sizes in a spec are bounded",)
    )


# ---- shapes


def shape_misfit(span: Span, reason: str, help: str | None, places: Iterable[Label]) -> Diagnostic:
    return Diagnostic("E401", reason, (Label(span), *places), helps=(help,) if help else ())


def type_differs(span: Span, what: str, declared: str, found: str, origin: Span) -> Diagnostic:
    written = span.text
    known = f"declared {written}" if written == declared else f"declared {written}, here {declared}"
    labels = (Label(span, known), Label(origin, f"{found} comes from here"))
    return Diagnostic("E402", f"{what} is {found}, {known}", labels)


def no_input_type(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        "E403",
        f"the input `{name}` of a network needs a type",
        (Label(span),),
        helps=(f"{name}: f32[B, 3, H, W]",),
    )


def dataset_misfit(span: Span, reason: str, dataset: Span | None, help: str | None) -> Diagnostic:
    places = (Label(dataset, "the dataset"),) if dataset else ()
    return Diagnostic("E404", reason, (Label(span), *places), helps=(help,) if help else ())


# ---- warnings


def unused_cell(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        "W201",
        f"the cell `{name}` is never called",
        (Label(span),),
        ("its parameters are part of the network all the same",),
        warning=True,
    )


def unused_name(span: Span, name: str) -> Diagnostic:
    return Diagnostic("W202", f"`{name}` is never used", (Label(span),), warning=True)


def hides_name(span: Span, name: str, outer: Span) -> Diagnostic:
    labels = (Label(span, "from here on this one is meant"), Label(outer, "hidden by it"))
    return Diagnostic("W203", f"`{name}` hides another `{name}`", labels, warning=True)


def hides_word(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        "W204",
        f"`{name}` hides the word `{name}` of the vocabulary",
        (Label(span, "everywhere in this file this one is meant"),),
        warning=True,
    )


def fixed_condition(span: Span, value: bool) -> Diagnostic:
    other = "what it guards is always there" if value else "what it guards can never be reached"
    return Diagnostic(
        "W205",
        f"this condition is always {str(value).lower()}",
        (Label(span, other),),
        ("it depends on no param and no argument",),
        warning=True,
    )
