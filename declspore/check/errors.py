"""Diagnostics of the checker: names E2xx, settings E31x, datasets E404, ensure E601, warnings."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from declspore.diagnostic import Diagnostic, Label, Question
from declspore.language.foreign import Place, helps_for
from declspore.registry.verb import CLAUSES
from declspore.source import Source, Span
from declspore.spelling import closest, did_you_mean, listing


def declared_twice(name: str, first: Span, second: Span) -> Diagnostic:
    labels = (Label(second, "declared again here"), Label(first, "first declared here"))
    return Diagnostic("E202", f"`{name}` is declared twice", labels)


def missing_import(
    span: Span, path: str, tried: Iterable[str], near: Sequence[str], shipped: Sequence[str]
) -> Diagnostic:
    """``near`` are specs in the folder of the importing one, ``shipped`` those of the library."""
    stems = {name.removesuffix(".spec"): name for name in (*near, *shipped)}
    found = [stems[stem] for stem in closest(path.removesuffix(".spec"), stems)]
    return Diagnostic(
        "E205",
        f'the spec "{path}" was not found',
        (Label(span),),
        notes=tuple(f"looked for {place}" for place in tried),
        helps=(
            f'did you mean "{found[0]}"?'
            if found
            else f"the shipped specs are {listing(shipped, limit=30)}",
        ),
    )


def import_cycle(span: Span, path: str, chain: Sequence[str]) -> Diagnostic:
    """``chain`` are the specs in the order in which they import each other."""
    notes = (" -> ".join(chain),) if len(chain) > 2 else ()
    return Diagnostic("E206", f'"{path}" imports itself', (Label(span),), notes)


def python_not_allowed(span: Span, path: str) -> Diagnostic:
    return Diagnostic(
        "E217",
        f'"{path}" is Python, which a spec runs only where that is allowed',
        (Label(span),),
        helps=("look at the file, then give --allow-python",),
    )


def no_words(span: Span, path: str, reason: str) -> Diagnostic:
    return Diagnostic(
        "E217",
        f'"{path}" does not give words: {reason}',
        (Label(span),),
        helps=("KINDS = (LossKind(...), ...), as in docs/python.md",),
    )


def words_fail(path: str, line: int, error: str) -> Diagnostic:
    """A word of a file of Python raised ``error`` in that line."""
    with open(path, encoding="utf-8", errors="replace") as file:
        source = Source(path, file.read())
    start = sum(len(each) for each in source.text.splitlines(keepends=True)[: line - 1])
    end = start + len(source.line(line))
    title = f"a word of {os.path.basename(path)} fails: {error}"
    help = "the words that a spec imports may raise Misfit, which is reported where they are used"
    return Diagnostic("E217", title, (Label(Span(source, start, end)),), helps=(help,))


def unknown_verb(span: Span, name: str, candidates: Iterable[str]) -> Diagnostic:
    known = sorted(candidates)
    helps = helps_for(Place.VERB, name) or did_you_mean(name, known)
    if any(name in clause.words for clause in CLAUSES):
        order = "except ..., where ..., -> `path`, = value, from ..., exactly n"
        helps = (f"clauses come in this order: {order}",)
    return Diagnostic(
        "E207",
        f"unknown edit verb `{name}`",
        (Label(span),),
        (f"the verbs are {listing(known, limit=20)}",),
        helps,
    )


def unknown_attribute(
    span: Span, task: str, name: str, candidates: Iterable[str], written: str = ""
) -> Diagnostic:
    """``written`` is the value it is given."""
    known = sorted(candidates)
    return Diagnostic(
        "E208",
        f"{task} has no attribute `{name}`",
        (Label(span),),
        (f"its attributes are {listing(known, limit=30)}",) if known else (),
        helps_for(Place.ATTRIBUTE, name, written) or did_you_mean(name, known),
    )


def unknown_kind(span: Span, name: str, candidates: Iterable[str]) -> Diagnostic:
    known = sorted(candidates)
    return Diagnostic(
        "E215",
        f"unknown kind of task `{name}`",
        (Label(span),),
        (f"the kinds of tasks are {listing(known, limit=20)}",),
        helps_for(Place.TASK, name) or did_you_mean(name, known),
    )


def unknown_statement(span: Span, task: str, statement: str) -> Diagnostic:
    return Diagnostic("E216", f"{task} does not take {statement}", (Label(span),))


def unknown_setting(name: str, candidates: Iterable[str]) -> Diagnostic:
    known = sorted(candidates)
    note = f"its params are {listing(known)}" if known else "it declares no `param`"
    return Diagnostic(
        "E209", f"the spec has no param `{name}`", (), (note,), did_you_mean(name, known)
    )


def missing_parts(
    span: Span, task: str, names: list[str], examples: Iterable[str] = ()
) -> Diagnostic:
    """Attributes a task needs, or statements, with an example of each."""
    return Diagnostic(
        "E312",
        f"{task} needs {listing(names)}",
        (Label(span),),
        helps=tuple(examples) or tuple(f"{name} = ..." for name in names),
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


def unknown_capture(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    names = sorted(known)
    note = f"the pattern captures {listing(names)}" if names else "the pattern captures nothing"
    return Diagnostic(
        "E317",
        f"nothing is captured as `{{{name}}}`",
        (Label(span),),
        (note,),
        did_you_mean(name, names)
        or (
            f"`{{{name}}}` captures a part of a name where a pattern has it, as in `fc.{{{name}}}`",
        ),
    )


def bad_clause(span: Span, verb: str, reason: str, help: str | None = None) -> Diagnostic:
    return Diagnostic("E318", f"`{verb}` {reason}", (Label(span),), helps=(help,) if help else ())


def wrong_unit(
    span: Span, name: str, expected: str, found: str, help: str | None = None
) -> Diagnostic:
    title = f"`{name}` is {expected}, found {found}"
    return Diagnostic("E319", title, (Label(span),), helps=(help,) if help else ())


def dataset_misfit(span: Span, reason: str, dataset: Span | None, help: str | None) -> Diagnostic:
    places = (Label(dataset, "the dataset"),) if dataset else ()
    return Diagnostic("E404", reason, (Label(span), *places), helps=(help,) if help else ())


def unused_cell(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        "W201",
        f"the cell `{name}` is never called",
        (Label(span),),
        ("its parameters are still part of the network",),
        warning=True,
    )


def unused_name(span: Span, name: str) -> Diagnostic:
    return Diagnostic("W202", f"`{name}` is never used", (Label(span),), warning=True)


def hides_name(span: Span, name: str, outer: Span) -> Diagnostic:
    labels = (Label(span, "from here on the name refers to this"), Label(outer, "hidden by it"))
    return Diagnostic("W203", f"`{name}` hides another `{name}`", labels, warning=True)


def hides_word(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        "W204",
        f"`{name}` hides the word `{name}` of the vocabulary",
        (Label(span, "everywhere in this file the name refers to this"),),
        warning=True,
    )


def fixed_condition(span: Span, value: bool) -> Diagnostic:
    other = "what depends on it always applies" if value else "what depends on it never applies"
    return Diagnostic(
        "W205",
        f"this condition is always {str(value).lower()}",
        (Label(span, other),),
        ("it depends on no param and no argument",),
        warning=True,
    )


def out_of_range(
    span: Span, figure: str, bounds: tuple[float | None, float | None], value: float
) -> Diagnostic:
    """E320: a figure compared with a number that it can never be."""
    low, high = bounds
    between = f"is between {low:g} and {high:g}" if high is not None else f"is at least {low:g}"
    helps = (f"write {value:g}%",) if (low, high) == (0.0, 1.0) and 1 < value <= 100 else ()
    label = Label(span, f"`{figure}` {between}")
    return Diagnostic("E320", f"`{figure}` can never be {value:g}", (label,), helps=helps)


def failed_ensure(
    span: Span,
    found: str,
    notes: tuple[str, ...] = (),
    questions: tuple[Question, ...] = (),
) -> Diagnostic:
    labels = (Label(span, found),)
    return Diagnostic("E601", "ensure failed", labels, notes, questions=questions)
