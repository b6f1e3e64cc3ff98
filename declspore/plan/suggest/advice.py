"""The lines that would make a checkpoint fit, as text to paste; planned and bound before shown."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from declspore.check.check import check
from declspore.check.result import EditTask
from declspore.ir.header import Header, HeaderEntry
from declspore.ir.pattern import Pattern, path_pattern
from declspore.plan.edit import plan_edit
from declspore.plan.fitting import Misfit, fitting, named
from declspore.plan.roles import role
from declspore.plan.suggest.covers import covers
from declspore.plan.suggest.lines import renames
from declspore.plan.suggest.pairing import Pairing, pair
from declspore.report import DiagnosticError, Sink
from declspore.source import Source
from declspore.spelling import count
from declspore.syntax.format import format_text

_MOST_LINES = 40
"""More would be no suggestion."""
_COUNTER = "num_batches_tracked"
_SUFFIXES = {".safetensors": "safetensors", ".npz": "npz"}


@dataclass(frozen=True)
class Asked:
    """A binding that failed. ``source`` is the expression that names the checkpoint, None where
    its path does; ``task`` whether a task asked, which may have ``ignore`` and ``fresh``;
    ``exact`` whether entries that nothing uses are refused."""

    wanted: Sequence[HeaderEntry]
    header: Header
    ignore: tuple[Pattern, ...] = ()
    fresh: tuple[Pattern, ...] = ()
    source: str | None = None
    task: bool = False
    exact: bool = True


@dataclass(frozen=True)
class _Proposal:
    """Lines of an edit, patterns of parameters that start anew, and of entries left unused."""

    lines: tuple[str, ...]
    fresh: tuple[str, ...]
    ignore: tuple[str, ...]


def advise(asked: Asked) -> tuple[str, ...]:
    """Helps, each a text of its own; of the edit's lines only such as are proved to work."""
    propose = _Advisor(asked)
    edited = propose.edit()
    if edited is not None and edited.lines:
        still = propose.open_after(edited)
        if still is not None:
            return (_edit_text(asked, edited, still),)
    return propose.attributes()


class _Advisor:
    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        header = asked.header
        new = named(asked.fresh, (entry.name for entry in asked.wanted))
        ignored = named(asked.ignore, (entry.name for entry in header))
        wanted = Header.of("", asked.wanted)
        self._needed = [entry for entry in asked.wanted if entry.name not in new]
        self._names = [entry.name for entry in header]
        self._roles = {entry.name: _role(entry, header) for entry in header}
        self._ignored = ignored
        weights = [e for e in self._needed if role(e, wanted) in ("weight", "statistic")]
        entries = [
            entry
            for entry in header
            if entry.name not in ignored and self._roles[entry.name] == "weight"
        ]
        self._pairing: Pairing = pair(weights, entries)

    # ---- an edit

    def edit(self) -> _Proposal | None:
        """The edit that renames what is meant, and deletes what is not; None where the lines
        would be too many."""
        pairs = self._pairing.pairs
        header, wanted = self._asked.header.by_name, {e.name: e for e in self._needed}
        reshaped = [o for o, n in pairs.items() if header[o].shape != wanted[n].shape]
        kept = {old: new for old, new in pairs.items() if old not in reshaped}
        unmet = [pairs[old] for old in reshaped] + [
            entry.name for entry in self._needed if entry.name in self._pairing.missing
        ]
        deleted = self._deleted(set(kept)) if self._asked.exact else []
        removals = covers(deleted, self._names)
        changes = renames(kept, self._names, removals)
        if len(changes) > _MOST_LINES:
            return None
        if not changes:
            return _Proposal((), (), ())
        lines = [change.text("src") for change in changes]
        lines += _delete_line(removals, len(deleted))
        names = [entry.name for entry in self._asked.wanted]
        return _Proposal(tuple(lines), tuple(covers(unmet, names)), ())

    def _deleted(self, used: set[str]) -> list[str]:
        """Entries that nothing will use: also slots and scalars, unless they are wanted or may
        stay unused."""
        needed = {entry.name for entry in self._needed}
        return [
            name
            for name in self._names
            if name not in used
            and name not in self._ignored
            and (self._roles[name] == "weight" or name not in needed)
        ]

    def open_after(self, proposal: _Proposal) -> Misfit | str | None:
        """What would still not fit after the edit: "" where nothing is; None where the edit
        itself cannot be planned."""
        asked = self._asked
        text = "\n".join(_block('ckpt("in.ckpt")', "out.ckpt", proposal.lines))
        try:
            task = check(Source("suggestion", f"spec 1\n{text}\n")).tasks["fit"]
        except DiagnosticError:
            return None
        assert isinstance(task, EditTask)
        planned = plan_edit(task, {"src": asked.header}, Sink())
        if planned is None:
            return None
        fresh = [*asked.fresh, *map(path_pattern, proposal.fresh)]
        found = fitting(asked.wanted, planned.header, ignore=asked.ignore, fresh=fresh)
        if not isinstance(found, Misfit):
            return ""
        return "" if not asked.exact and found.loaded == found.tensors else found

    # ---- no edit

    def attributes(self) -> tuple[str, ...]:
        """``fresh`` and ``ignore`` as they would have to be, where a task can have them."""
        asked = self._asked
        if not asked.task:
            return ()
        found = fitting(asked.wanted, asked.header, ignore=asked.ignore, fresh=asked.fresh)
        assert isinstance(found, Misfit)
        new = [e.name for e in found.missing] + [wanted.name for _, wanted in found.shapes]
        helps = []
        if new:
            names = [entry.name for entry in asked.wanted]
            patterns = [*map(_stated, asked.fresh), *map(_path, covers(new, names))]
            helps.append(
                f"fresh = [{', '.join(patterns)}] lets {count(len(new), 'parameter')} "
                "start from the first value"
            )
        if found.unused:
            unused = [entry.name for entry in found.unused]
            patterns = [*map(_stated, asked.ignore), *map(_path, covers(unused, self._names))]
            helps.append(f"ignore = [{', '.join(patterns)}]")
            if not new and all(self._roles[name] != "weight" for name in unused):
                helps.append("`resume` instead of `load` takes the optimizer's state too")
        return tuple(helps)


def _role(entry: HeaderEntry, header: Header) -> str:
    """``weight`` for what may feed a parameter, else ``state``."""
    if entry.name.rpartition(".")[2] == _COUNTER:
        return "state"
    return "weight" if role(entry, header) in ("weight", "statistic") else "state"


def _delete_line(patterns: Sequence[str], number: int) -> list[str]:
    if not patterns:
        return []
    return [f"delete {', '.join(f'src.`{p}`' for p in patterns)} exactly {number}"]


# ---- text


def _block(source: str, output: str, lines: Iterable[str]) -> list[str]:
    word = _SUFFIXES.get(os.path.splitext(output)[1], "ckpt")
    return [
        "edit fit {",
        f"  in src = {source}",
        f'  out dst = {word}("{output}")',
        "",
        *(f"  {line}" for line in lines),
        "}",
    ]


def _edit_text(asked: Asked, proposal: _Proposal, still: Misfit | str) -> str:
    origin = asked.header.origin
    stem, suffix = os.path.splitext(os.path.basename(origin))
    output = f"{stem}-fit{suffix}"
    word = _SUFFIXES.get(suffix, "ckpt")
    source = asked.source or f'{word}("{origin}")'
    text = format_text("\n".join(_block(source, output, proposal.lines)) + "\n").rstrip("\n")
    after = []
    if asked.task:
        after.append("load  = fit.dst")
        if proposal.fresh:
            patterns = [*map(_stated, asked.fresh), *map(_path, proposal.fresh)]
            after.append(f"fresh = [{', '.join(patterns)}]")
    lead = "an edit makes it fit"
    if isinstance(still, Misfit):
        lead = f"an edit would help: {still.coverage} then"
    then = (
        "\n".join(["then in the task:", *(f"  {line}" for line in after)])
        if after
        else (f"then load {output}")
    )
    return f"{lead} (it is planned, not applied):\n{text}\n{then}"


def _path(text: str) -> str:
    return f"`{text}`"


def _stated(pattern: Pattern) -> str:
    return str(pattern)
