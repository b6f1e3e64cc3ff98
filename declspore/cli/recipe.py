"""Flags of ``declspore edit`` as the text of a spec, with the way back from a place in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace

from declspore.cli.backticks import Part, with_backticks
from declspore.dataclass import dataclass
from declspore.diagnostic import Diagnostic, FilePlace, Label, place_key
from declspore.plan.files import word_for
from declspore.source import Source, Span


@dataclass(frozen=True)
class Flag:
    """An option as it was given: ``--delete`` and its text."""

    option: str
    text: str
    source: Source = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "source", Source(self.option, self.text))


@dataclass(frozen=True)
class Line:
    """A line of a block: ``head``, then what a flag says, then ``tail``."""

    head: str
    flag: Flag | None = None
    parts: tuple[Part, ...] = ()
    tail: str = ""


def statement(verb: str, flag: Flag) -> Line:
    """A rule: ``verb`` and the text of the flag, its patterns in backticks."""
    return Line(f"{verb} ", flag, tuple(with_backticks(flag.text)))


def verbatim(head: str, flag: Flag, tail: str = "") -> Line:
    return Line(head, flag, ((0, len(flag.text)),), tail)


def file_line(
    head: str, flag: Flag, start: int, options: Sequence[str] = (), word: str | None = None
) -> Line:
    """``in src = ckpt("...")`` with the path that the flag has from ``start`` on. The word is that
    for the suffix of the path, unless it is given."""
    parts: list[Part] = []
    for offset in range(start, len(flag.text)):
        if flag.text[offset] in '"\\':
            parts.append("\\")
        parts.append((offset, offset + 1))
    tail = "".join(f", {option}" for option in options)
    word = word or word_for(flag.text)
    return Line(f'{head} = {word}("', flag, tuple(parts), f'"{tail})')


# ---- the spec


@dataclass(frozen=True)
class _Chunk:
    """Characters of the spec that are those of a flag."""

    start: int
    flag: Flag
    flag_start: int
    length: int


class Recipe:
    """A spec of edit blocks, one for each input, all of the same rules."""

    def __init__(self, name: str, blocks: Iterable[tuple[str, str, Sequence[Line]]]) -> None:
        """``blocks`` are the name of the edit, the input it is about, and its lines."""
        self._text = ["spec 1\n"]
        self._length = len(self._text[0])
        self._chunks: list[_Chunk] = []
        self._inputs: list[tuple[int, str]] = []
        for edit, input, lines in blocks:
            self._inputs.append((self._length, input))
            self._add(f"\nedit {edit} {{\n")
            for line in lines:
                self._add_line(line)
            self._add("}\n")
        self.source = Source(name, "".join(self._text))

    def _add(self, text: str) -> None:
        self._text.append(text)
        self._length += len(text)

    def _add_line(self, line: Line) -> None:
        self._add(f"  {line.head}" if line.head else "")
        for part in line.parts:
            if isinstance(part, str):
                self._add(part)
                continue
            assert line.flag is not None
            start, end = part
            self._chunks.append(_Chunk(self._length, line.flag, start, end - start))
            self._add(line.flag.text[start:end])
        self._add(f"{line.tail}\n")

    # ---- back to the flags

    def told(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The diagnostics with places in the flags; what is the same for several inputs is reported
        once, with their names."""
        found: dict[tuple[object, ...], Diagnostic] = {}
        for diagnostic in diagnostics:
            moved = self._moved(diagnostic)
            places = tuple(place_key(label.place) for label in moved.labels[:1])
            key = (moved.code, moved.title, *places)
            first = found.get(key)
            if first is not None:
                more = tuple(label for label in moved.labels if label not in first.labels)
                moved = replace(first, labels=(*first.labels, *more))
            found[key] = moved
        return list(found.values())

    def _moved(self, diagnostic: Diagnostic) -> Diagnostic:
        labels = [replace(label, place=self._place(label.place)) for label in diagnostic.labels]
        inputs = [self._input(label.place) for label in diagnostic.labels]
        told = {label.place.path for label in labels if isinstance(label.place, FilePlace)}
        if len(self._inputs) > 1 and inputs and inputs[0] is not None and not told:
            labels.insert(1, Label(FilePlace(inputs[0])))
        return self._at_end(replace(diagnostic, labels=tuple(labels)))

    def _place(self, place: Span | FilePlace) -> Span | FilePlace:
        if not isinstance(place, Span) or not self._is_here(place):
            return place
        touched = [
            chunk
            for chunk in self._chunks
            if chunk.start < max(place.end, place.start + 1)
            and place.start < chunk.start + max(chunk.length, 1)
        ]
        if not touched or any(chunk.flag is not touched[0].flag for chunk in touched):
            return place
        first, last = touched[0], touched[-1]
        start = first.flag_start + max(place.start - first.start, 0)
        end = last.flag_start + min(place.end - last.start, last.length)
        return Span(first.flag.source, start, max(end, start))

    def _at_end(self, diagnostic: Diagnostic) -> Diagnostic:
        """A closing brace of the recipe that comes too soon is what a flag lacks at its end."""
        first, *more = diagnostic.labels
        place = first.place
        flagged = [label.place for label in more if isinstance(label.place, Span)]
        is_own = isinstance(place, Span) and self._is_here(place) and place.text == "}"
        sources = [each.source for each in flagged if not self._is_here(each)]
        if not is_own or not sources:
            return diagnostic
        (end, source) = len(sources[0].text), sources[0]
        label = Label(Span(source, end, end), "something is missing here")
        title = f"`{source.name}` is not finished"
        return replace(diagnostic, title=title, labels=(label, *more))

    def _is_here(self, place: Span) -> bool:
        """Whether a place is one of the recipe; what another process found has its own copy."""
        return (place.source.name, place.source.text) == (self.source.name, self.source.text)

    def _input(self, place: Span | FilePlace) -> str | None:
        """The input of the block a place is in."""
        if not isinstance(place, Span) or not self._is_here(place):
            return None
        before = [input for start, input in self._inputs if start <= place.start]
        return before[-1] if before else None
