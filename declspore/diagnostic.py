"""What is wrong, where, why, and what would mend it.

A :class:`Diagnostic` is data. Passes make them next to their own code and put them in a
:class:`declspore.report.Sink`; only :mod:`declspore.render` turns them into text. A mistake of
the user is always a diagnostic; a mistake of ours is an ordinary exception.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from enum import Enum
from os import PathLike, fspath

from declspore.dataclass import dataclass
from declspore.source import Span


class Stage(Enum):
    """The stage of the work that found the problem, with the exit code it leads to."""

    SYNTAX = 1
    NAMES = 2
    TYPES = 3
    SHAPES = 4
    INPUT = 5
    ENSURE = 6
    RUN = 7

    @property
    def exit_code(self) -> int:
        return {Stage.INPUT: 2, Stage.ENSURE: 3, Stage.RUN: 4}.get(self, 1)


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A place in a binary file: an offset in bytes, or an entry by name, or the file whole."""

    path: str
    offset: int | None = None
    entry: str | None = None

    @classmethod
    def of(cls, path: str | PathLike[str], **where: int | str | None) -> FilePlace:
        return cls(fspath(path), **where)  # type: ignore[arg-type]

    def __str__(self) -> str:
        parts = [self.path]
        if self.offset is not None:
            parts.append(f"byte {self.offset}")
        if self.entry is not None:
            parts.append(f"entry `{self.entry}`")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Label:
    """A marked place and what is to be said of it."""

    place: Span | FilePlace
    text: str = ""


class Question:
    """Something that could help and takes work to find out: what carries diagnostics out of
    the program has it answered (:func:`declspore.suggest.advice.answered`)."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem.

    ``code`` is a letter and three digits whose first digit is the stage. ``labels`` holds the
    places, the one at fault first. ``notes`` say why, ``helps`` what to write instead;
    the answers to ``questions`` would be more of them.
    """

    code: str
    title: str
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    warning: bool = False
    questions: tuple[Question, ...] = field(default=(), compare=False, repr=False)

    @property
    def stage(self) -> Stage:
        return Stage(int(self.code[1]))

    @property
    def exit_code(self) -> int:
        return self.stage.exit_code


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by file and position, so that no order of computation shows through."""
    return tuple(sorted(diagnostics, key=_sort_key))


def place_key(place: Span | FilePlace) -> tuple[object, ...]:
    """What makes two places the same place."""
    if isinstance(place, Span):
        return (place.source.name, place.start, place.end)
    return (place.path, place.offset, place.entry)


def _sort_key(diagnostic: Diagnostic) -> tuple[str, int, str, str]:
    if not diagnostic.labels:
        return ("", 0, diagnostic.code, diagnostic.title)
    place = diagnostic.labels[0].place
    if isinstance(place, Span):
        return (place.source.name, place.start, diagnostic.code, diagnostic.title)
    return (place.path, place.offset or 0, diagnostic.code, diagnostic.title)
