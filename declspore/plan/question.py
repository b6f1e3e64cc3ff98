"""What is asked where a checkpoint does not fit, so that lines can be found that would help."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.dataclass import dataclass
from declspore.diagnostic import Question
from declspore.ir.header import Header, HeaderEntry
from declspore.ir.pattern import Pattern


@dataclass(frozen=True)
class Asked(Question):
    """A binding that failed. ``source`` is the expression that names the checkpoint, None where
    its path does; ``task`` whether a task asked, which may have ``ignore`` and ``fresh``,
    by which ``attribute``; ``trains`` whether that is a training; ``exact`` whether entries that
    nothing uses are refused."""

    wanted: Sequence[HeaderEntry]
    header: Header
    ignore: tuple[Pattern, ...] = ()
    fresh: tuple[Pattern, ...] = ()
    source: str | None = None
    task: bool = False
    attribute: str = "load"
    trains: bool = False
    exact: bool = True
