"""The lines that would make a checkpoint fit, as text to paste; planned and bound before shown."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from declspore.check.check import check
from declspore.diagnostic import Diagnostic
from declspore.ir.header import HeaderEntry
from declspore.ir.pattern import Pattern, path_pattern
from declspore.plan.files import word_for
from declspore.plan.fitting import BindMismatch, fitting, named
from declspore.plan.question import Asked
from declspore.report import DiagnosticError, Sink
from declspore.source import Source
from declspore.spelling import count
from declspore.suggest.covers import covers
from declspore.suggest.proposal import Proposal, Proposer
from declspore.syntax.format import format_text
from declspore.tasks.edit.decide import plan_edit
from declspore.tasks.edit.task import EditTask


def answered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics with the answers to their questions as helps."""
    return tuple(_answered(each) if each.questions else each for each in diagnostics)


def _answered(diagnostic: Diagnostic) -> Diagnostic:
    asked = (each for each in diagnostic.questions if isinstance(each, Asked))
    helps = tuple(help for each in asked for help in advise(each))
    return replace(diagnostic, helps=(*diagnostic.helps, *helps), questions=())


@contextmanager
def advising() -> Iterator[None]:
    """Errors that leave the block have the answers to their questions."""
    try:
        yield
    except DiagnosticError as error:
        if not any(each.questions for each in error.diagnostics):
            raise
        raise DiagnosticError(answered(error.diagnostics)) from None


def advise(asked: Asked) -> tuple[str, ...]:
    """Helps, each a text of its own; of edits only such as are proved to work."""
    proposer = Proposer(asked)
    helps = []
    edited = proposer.edit()
    if edited is not None and edited.lines:
        helps += _proved(asked, edited, "an edit makes it fit")
    sliced = proposer.edit(slices=True) if proposer.can_slice else None
    if not helps:
        helps += _attributes(asked, proposer.states)
    if sliced is not None and sliced != edited and sliced.lines:
        lead = "or an edit that keeps" if helps else "an edit keeps"
        helps += _proved(asked, sliced, f"{lead} the first rows of the old values")
    return tuple(helps)


def _proved(asked: Asked, proposal: Proposal, lead: str) -> list[str]:
    """The edit as text; with what would still be open after it, and nothing if it fails."""
    found = _after(asked, proposal)
    if found is None:
        return []
    if isinstance(found, BindMismatch) and (asked.exact or found.loaded < found.tensors):
        lead = f"an edit would help: {found.coverage} then"
    return [f"{lead} (it is planned, not applied):\n{_text(asked, proposal)}"]


def _after(asked: Asked, proposal: Proposal) -> BindMismatch | str | None:
    """What would still not fit after the edit, "" where nothing is; None where the edit itself
    cannot be planned."""
    text = "\n".join(_block('ckpt("in.ckpt")', "out.ckpt", proposal.lines))
    try:
        task = check(Source("suggestion", f"spec 1\n{text}\n")).tasks["fit"]
    except DiagnosticError:
        return None
    assert isinstance(task, EditTask)
    planned = plan_edit(task, {"src": asked.header}, Sink())
    if planned is None:
        return None
    fresh = [*asked.fresh, *map(path_pattern, proposal.fresh)] if asked.task else asked.fresh
    found = fitting(asked.wanted, planned.header, ignore=asked.ignore, fresh=fresh)
    return found if isinstance(found, BindMismatch) else ""


# ---- without an edit


def _attributes(asked: Asked, states: set[str]) -> list[str]:
    """``fresh`` and ``ignore`` as they would have to be, where a task can have them."""
    if not asked.task:
        return []
    found = fitting(asked.wanted, asked.header, ignore=asked.ignore, fresh=asked.fresh)
    assert isinstance(found, BindMismatch)
    new = [e.name for e in found.missing] + [wanted.name for _, wanted in found.shapes]
    helps = []
    if new:
        patterns = covers(new, [entry.name for entry in asked.wanted])
        helps.append(
            f"{_fresh(asked, patterns)} lets {count(len(new), 'parameter')} "
            "start from the first value"
        )
    if found.unused:
        unused = [entry.name for entry in found.unused]
        if states.issuperset(unused) and not asked.ignore:
            helps.append('ignore = "optimizer"')
        else:
            patterns = covers(unused, [entry.name for entry in asked.header])
            helps.append(_list("ignore", asked.ignore, patterns, asked.header))
        if asked.trains and asked.attribute == "load" and not new and states.issuperset(unused):
            helps.append("`resume` instead of `load` takes the optimizer's state too")
    return helps


def _fresh(asked: Asked, patterns: Sequence[str]) -> str:
    return _list("fresh", asked.fresh, patterns, asked.wanted)


def _list(
    attribute: str,
    stated: Sequence[Pattern],
    patterns: Sequence[str],
    entries: Iterable[HeaderEntry],
) -> str:
    """An attribute with what it is already, as far as that matches an entry, and more."""
    names = [entry.name for entry in entries]
    kept = (pattern for pattern in stated if named([pattern], names))
    items = [*map(str, kept), *(f"`{pattern}`" for pattern in patterns)]
    return f"{attribute} = [{', '.join(items)}]"


# ---- text


def _block(source: str, output: str, lines: Iterable[str]) -> list[str]:
    return [
        "edit fit {",
        f"  in src = {source}",
        f'  out dst = {word_for(output)}("{output}")',
        "",
        *(f"  {line}" for line in lines),
        "}",
    ]


def _text(asked: Asked, proposal: Proposal) -> str:
    origin = asked.header.origin
    stem, suffix = os.path.splitext(os.path.basename(origin))
    output = f"{stem}-fit{suffix}"
    source = asked.source or f'{word_for(origin)}("{origin}")'
    block = "\n".join(["spec 1", *_block(source, output, proposal.lines)])
    _, *lines = format_text(block + "\n").splitlines()
    if not asked.task:
        return "\n".join([*lines, f"then use {output}"])
    lines += ["then in the task:", f"  {asked.attribute.ljust(5)} = fit.dst"]
    if proposal.fresh:
        lines.append(f"  {_fresh(asked, proposal.fresh)}")
    return "\n".join(lines)
