"""Diagnostics of the planner: binding E53x, order of tasks E21x, files and datasets E55x."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.diagnostic import Diagnostic, FilePlace, Label, Question
from declspore.ir.header import Header
from declspore.plan.fitting import BindMismatch
from declspore.plan.mismatches import mismatches
from declspore.source import Span
from declspore.spelling import closest, count, listing


def does_not_fit(
    span: Span | None,
    header: Header,
    misfit: BindMismatch,
    asked: Question,
    helps: tuple[str, ...] = (),
) -> Diagnostic:
    """One diagnostic for all that does not fit; its code is that of the first kind there is."""
    kinds = {
        "E530": (misfit.missing, "the checkpoint lacks {} of the network", ("parameter", None)),
        "E531": (
            misfit.unused,
            "{} of the checkpoint would stay unused",
            ("entry", "entries"),
        ),
        "E532": (
            misfit.shapes,
            "{} another shape than the network",
            ("entry has", "entries have"),
        ),
        "E533": (
            misfit.dtypes,
            "{} another element type than the network",
            ("entry has", "entries have"),
        ),
    }
    told = {
        code: text.format(count(len(found), *nouns))
        for code, (found, text, nouns) in kinds.items()
        if found
    }
    notes = (misfit.coverage, mismatches(misfit))
    return Diagnostic(
        next(iter(told)),
        "; ".join(told.values()),
        _labels(span, header),
        notes,
        helps,
        questions=(asked,),
    )


def idle_pattern(span: Span | None, what: str, pattern: str, where: str) -> Diagnostic:
    title = f"{what} {pattern} matches nothing in {where}"
    labels = (Label(span),) if span else ()
    return Diagnostic("E534", title, labels, warning=True)


def _labels(span: Span | None, header: Header) -> tuple[Label, ...]:
    return (Label(span),) if span else (Label(FilePlace(header.origin)),)


def output_is_input(span: Span, path: str) -> Diagnostic:
    return Diagnostic(
        "E546",
        f"the output {path} is also an input",
        (Label(span),),
        helps=("write to another file, or run it with --in-place",),
    )


def output_is_data(span: Span, task: str, path: str) -> Diagnostic:
    """``span`` is where the data are named."""
    title = f"{task} writes over {path}, which it reads its data from"
    return Diagnostic("E546", title, (Label(span),), helps=("write to another file",))


def written_twice(span: Span, path: str, first: str, second: str, names: str) -> Diagnostic:
    """Two parts of a plan would write one file; ``names`` are examples of names for it."""
    title = f"{first} and {second} both write {path}"
    help = f"a name of its own for each: {names}"
    return Diagnostic("E546", title, (Label(span),), helps=(help,))


def unavailable(span: Span | None, reason: str, helps: tuple[str, ...]) -> Diagnostic:
    labels = (Label(span),) if span else ()
    return Diagnostic("E551", reason, labels, helps=helps)


def less_protected(span: Span | None, title: str, help: str) -> Diagnostic:
    """W541: an output is easier to read than what it is made of."""
    labels = (Label(span),) if span else ()
    return Diagnostic("W541", title, labels, helps=(help,), warning=True)


def not_encrypted(span: Span | None, path: str, source: str) -> Diagnostic:
    """W541: what is made of an encrypted checkpoint, and can be read by who can read the file."""
    help = "anyone who can read the file can read its contents; choose its folder accordingly"
    return less_protected(span, f"{path} will not be encrypted; {source} is", help)


def engine_missing(span: Span | None, reason: str, help: str) -> Diagnostic:
    """W551: a plan can be made without Keras; carrying it out cannot."""
    labels = (Label(span),) if span else ()
    return Diagnostic("W551", reason, labels, helps=(help,), warning=True)


def too_little_room(span: Span, folder: str, free: str, reason: str) -> Diagnostic:
    """W554: what will be written is larger than what is free where it goes."""
    title = f"{folder} has {free} free: {reason}"
    help = "`keep 3` leaves the newest three; or save to a larger disk"
    return Diagnostic("W554", title, (Label(span),), helps=(help,), warning=True)


def too_late(span: Span, what: str, first: int, steps: int) -> Diagnostic:
    """W555: a part of a training that its length does not reach."""
    title = f"{what} begins at step {first:,}, and the training has {count(steps, 'step')}"
    help = "a smaller number, or a greater `length`"
    return Diagnostic("W555", title, (Label(span),), helps=(help,), warning=True)


def missing_packages(span: Span | None, use: str, modules: Sequence[str], extra: str) -> Diagnostic:
    """Packages that only some uses need are not installed."""
    labels = (Label(span),) if span else ()
    help = f'pip install "declspore[{extra}]"'
    noun, verb = ("package", "is") if len(modules) == 1 else ("packages", "are")
    title = f"{use} needs the {noun} {listing(modules)}, which {verb} not installed"
    return Diagnostic("E565", title, labels, helps=(help,))


def too_few_rates(span: Span | None, rates: int, steps: int) -> Diagnostic:
    """``span`` is None where an optimizer was made in Python."""
    title = f"the list of learning rates has {count(rates, 'value')} for {count(steps, 'step')}"
    labels = (Label(span),) if span else ()
    help = "a rate for each step, or a schedule such as CosineDecayLR, which has no end"
    return Diagnostic("E553", title, labels, helps=(help,))


def unwritable(span: Span, path: str, reason: str) -> Diagnostic:
    return Diagnostic("E554", f"{path} cannot be written: {reason}", (Label(span),))


def unknown_task(name: str, known: Sequence[str]) -> Diagnostic:
    notes = (f"its tasks are {listing(known)}",) if known else ("it declares no task",)
    near = closest(name, known)
    helps = (f"did you mean `{near[0]}`?",) if near else ()
    return Diagnostic("E210", f"the spec has no task `{name}`", (), notes, helps)


def task_cycle(span: Span, name: str) -> Diagnostic:
    return Diagnostic("E211", f"the task `{name}` needs its own output", (Label(span),))
