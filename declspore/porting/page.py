"""The page that lists MindSpore's API with a verdict for each name."""

from __future__ import annotations

from collections.abc import Callable

from declspore.porting.names import table, version
from declspore.porting.reasons import reason_of

Has = Callable[[str, str], bool]
"""Whether declspore answers a name of a module or class of MindSpore."""

_HEAD = """# MindSpore's API in declspore

The public names of MindSpore {version}'s modules for networks, training, data and checkpoints, and
the methods of four of its classes. A name that declspore has is used by replacing `mindspore` with
`declspore` in the import; one that it does not have raises `declspore.Unsupported` (an
`ImportError`) with the reason below, as soon as it is asked for. What a name does differently from
MindSpore is in its docstring and in [python.md](python.md).

This page is generated: `python -m tests.python.write_page`.

| module or class | has | of |
|---|---|---|
{rows}
"""


def page(has: Has) -> str:
    """The page as Markdown."""
    present = {home: [n for n in names if has(home, n)] for home, names in table().items()}
    rows = [
        f"| [{home}](#{_anchor(home)}) | {len(present[home])} | {len(names)} |"
        for home, names in table().items()
    ]
    parts = [_HEAD.format(version=version(), rows="\n".join(rows))]
    for home, names in table().items():
        parts.append(_section(home, names, set(present[home])))
    return "\n".join(parts)


def _anchor(home: str) -> str:
    return home.lower().replace(".", "")


def _section(home: str, names: tuple[str, ...], present: set[str]) -> str:
    lines = [f"## {home}", ""]
    known = [f"`{name}`" for name in names if name in present]
    lines += ["Has " + ", ".join(known) + ".", ""] if known else []
    absent: dict[str, list[str]] = {}
    for name in names:
        if name not in present:
            absent.setdefault(reason_of(home, name), []).append(f"`{name}`")
    if absent:
        lines += ["| does not have | because |", "|---|---|"]
        lines += [f"| {', '.join(each)} | {reason} |" for reason, each in absent.items()]
        lines.append("")
    return "\n".join(lines)
