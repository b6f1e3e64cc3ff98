"""Diagnostics of planned edits, E54x."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from declspore.diagnostic import Diagnostic, Label
from declspore.ir.header import HeaderEntry
from declspore.plan.errors import less_protected
from declspore.source import Span
from declspore.spelling import closest, count, listing
from declspore.text import columns


def wrong_count(span: Span, expected: int, names: Sequence[str]) -> Diagnostic:
    note = ("it matches:\n" + columns([(name,) for name in names]),) if names else ()
    found = count(len(names), "entry", "entries")
    title = f"the rule matches {found}, expected `exactly {expected}`"
    return Diagnostic("E541", title, (Label(span),), note)


def no_match(span: Span, pattern: str, header_names: Sequence[str]) -> Diagnostic:
    helps = _near(pattern.strip("`"), header_names)
    if pattern.startswith('re"') and "{" in pattern:
        helps = ("braces are literal in a regular expression; a path in backticks fills them in",)
    optional = "`optional` after the rule allows that it matches nothing"
    return Diagnostic("E542", "the rule matches no entry", (Label(span),), (), (*helps, optional))


def _near(pattern: str, names: Sequence[str]) -> tuple[str, ...]:
    """What a pattern that matches nothing may have meant."""
    below = sum(name.startswith(f"{pattern}.") for name in names)
    if below:
        return (f"`{pattern}.**` matches {count(below, 'entry', 'entries')}",)
    deeper = re.escape(pattern).replace(r"\*\*", ".+").replace(r"\*", r"[^.]+")
    if pattern.endswith("*") and not pattern.endswith("**") and "{" not in pattern:
        within = re.compile(f"{deeper}\\..+")
        found = sum(within.fullmatch(name) is not None for name in names)
        if found:
            wider = f"{pattern}*" if pattern.endswith(".*") else f"{pattern}.**"
            return (f"`{wider}` matches {count(found, 'entry', 'entries')}",)
    stem, _, last = pattern.rpartition(".")
    if stem and last in ("*", "**"):
        layers = dict.fromkeys(layer for name in names for layer in _layers_of(name))
        near = [f"{layer}.{last}" for layer in closest(stem, layers) if layer != stem]
    else:
        near = closest(pattern, names, limit=3)
    return (f"did you mean {listing(near)}?",) if near else ()


def _layers_of(name: str) -> Iterator[str]:
    """The layers a path leads through: ``a`` and ``a.b`` of ``a.b.weight``."""
    for place, sign in enumerate(name):
        if sign == ".":
            yield name[:place]


def asked_of(problem: Diagnostic, source: str, entry: HeaderEntry) -> Diagnostic:
    """The problem of a condition, with the entry of which it was asked."""
    note = f"asked of {source}.`{entry.name}` {entry.type}"
    return replace(problem, notes=(*problem.notes, note))


def contradiction(
    first: Span, second: Span, names: Sequence[str], help: str | None = None
) -> Diagnostic:
    labels = (Label(second, "this rule"), Label(first, "and this one"))
    title = f"two rules contradict each other for {listing(names, limit=3)}"
    note = "the order of rules has no meaning, so only one of them may decide this about an entry"
    return Diagnostic("E543", title, labels, (note,), (help,) if help else ())


def left_over(span: Span, names: Sequence[str]) -> Diagnostic:
    title = f"`rest error`: no rule names {count(len(names), 'entry', 'entries')}"
    return Diagnostic("E544", title, (Label(span),), (columns([(name,) for name in names]),))


def collisions(first: Span, second: Span, named: Mapping[str, Sequence[str]]) -> Diagnostic:
    """Entries of two rules, or of one, that would have one name; ``named`` are the origins of the
    entries by the name."""
    rows = [
        (f"`{name}`" if at == 0 else "", origin)
        for name, origins in named.items()
        for at, origin in enumerate(origins)
    ]
    one = next(iter(named))
    if len(named) > 1:
        title = f"{count(len(named), 'name')} would be given to more than one entry"
    elif len(named[one]) == 2:
        title = f"two entries would be named `{one}`"
    else:
        title = f"{count(len(named[one]), 'entry', 'entries')} would be named `{one}`"
    labels = (Label(second), Label(first)) if first != second else (Label(second),)
    help = (
        "delete one of them in this edit; a delete frees the name"
        if len(named) == 1 and len(named[one]) == 2
        else "the new name must distinguish them: repeat a capture, such as {i}"
    )
    return Diagnostic("E545", title, labels, (columns(rows),), (help,))


def stuck_slots(span: Span, names: Sequence[str], of_own_shape: bool) -> Diagnostic:
    prefix = sorted({f"`{name}`" for name in names})
    shown = ", ".join(prefix[:4]) + (", ..." if len(prefix) > 4 else "")
    return Diagnostic(
        "E548",
        f"optimizer slots of {count(len(names), 'entry', 'entries')} cannot follow this rule",
        (Label(span),),
        (
            "a slot whose shape differs from its weight's stays only where no element moves"
            if of_own_shape
            else "the new value has another shape, and does not only move elements",
        ),
        (f"delete {shown}", "or set them to a value of their own"),
    )


def several_values(span: Span, name: str, source: str) -> Diagnostic:
    return Diagnostic(
        "E549",
        f"`{name}` of {source} has a value in each of its files, and no rule combines them",
        (Label(span),),
        helps=(
            f"set {source}.`{name}` = same(it), average(it) or concat(it, axis = 0)",
            f"or delete {source}.`{name}`",
        ),
    )


def only_used(span: Span, verb: str, source: str) -> Diagnostic:
    return Diagnostic(
        "E556",
        f"`{verb}` matches entries of {source}, which is named by `use`",
        (Label(span),),
        ("entries of a file named by `use` do not reach the output by themselves",),
        (f"copy {source}.`...` -> `...` takes some, or name the file by `in`",),
    )


def bad_value(span: Span, reason: str, help: str | None) -> Diagnostic:
    return Diagnostic("E557", reason, (Label(span),), helps=(help,) if help else ())


def wrong_parts(span: Span, names: int, values: int) -> Diagnostic:
    title = f"{count(names, 'new name')} for a list of {count(values, 'value')}"
    return Diagnostic("E558", title, (Label(span),))


def unequal_groups(span: Span, rows: Sequence[tuple[str, str]], usual: str) -> Diagnostic:
    title = f"{count(len(rows), 'group')} of entries to join would be incomplete"
    note = f"the others have {usual} entries, operand by operand:\n" + columns(rows)
    return Diagnostic("E559", title, (Label(span),), (note,))


def wrong_shards(span: Span, values: int, files: int) -> Diagnostic:
    return Diagnostic(
        "E560",
        f"a list of {count(values, 'value')} for {count(files, 'file')}",
        (Label(span),),
        helps=("`split` makes several entries of one; a list is for an output of several files",),
    )


def runs_code(span: Span, word: str) -> Diagnostic:
    return Diagnostic(
        "E563",
        f"`{word}` runs code that is not in the spec",
        (Label(span),),
        helps=("look at the function, then give --allow-python",),
    )


def no_files(span: Span, pattern: str) -> Diagnostic:
    return Diagnostic("E561", f"no file matches {pattern}", (Label(span),))


def written_twice(span: Span, path: str) -> Diagnostic:
    return Diagnostic("E562", f"{path} would be written twice", (Label(span),))


def crc_lost(span: Span, path: str, source: str) -> Diagnostic:
    help = f'ckpt("{path}", crc = true) writes one (--crc)'
    return less_protected(span, f"{path} will have no CRC; {source} has one", help)


def key_lost(span: Span, path: str, source: str) -> Diagnostic:
    help = f'ckpt("{path}", key_env = "NAME") encrypts it (--new-key-env NAME)'
    return less_protected(span, f"{path} will not be encrypted; {source} is", help)


def already_there(span: Span, name: str, source: str = "src") -> Diagnostic:
    return Diagnostic(
        "E547",
        f"`{name}` already exists",
        (Label(span, "added here"),),
        helps=(f"set {source}.`{name}` = ... gives it another value",),
    )
