"""Diagnostics as terminal text and as JSON values; the only renderer.

::

    error[E201]: unknown cell `Conv2D`
      --> lenet.spec:4:11
       |
     4 |   conv1 = Conv2D(1, 6, 5)
       |           ^^^^^^ not a cell, an op, or a name of this file
       = help: did you mean `Conv2d`?
"""

from __future__ import annotations

from collections.abc import Iterable

from declspore.diagnostic import Diagnostic, FilePlace, Label
from declspore.source import Span
from declspore.spelling import Json, printable

_STYLES = {"error": "1;31", "warning": "1;33", "frame": "1;34", "help": "1;32", "strong": "1"}
_MAX_LABELS = 4
_MOST_SHOWN = 20
_LONGEST_LINE = 160
_MOST_TEXT = 2000
"""Characters of a title, a note or a help."""


def render_all(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """All diagnostics, separated by blank lines, and a last line that counts them."""
    found = list(diagnostics)
    shown = found
    if len(found) > _MOST_SHOWN:  # errors before warnings
        ranked = sorted(range(len(found)), key=lambda at: found[at].warning)
        shown = [found[at] for at in sorted(ranked[:_MOST_SHOWN])]
    blocks = [render(diagnostic, color=color) for diagnostic in shown]
    errors = sum(not diagnostic.warning for diagnostic in found)
    if errors > 1:
        more = f", the first {len(shown)} are shown" if len(shown) < len(found) else ""
        blocks.append(_paint(f"{errors:,} errors{more}", "error", color))
    return "\n\n".join(blocks)


def render(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """One diagnostic as text, without a final line break."""
    word = "warning" if diagnostic.warning else "error"
    head = _paint(f"{word}[{diagnostic.code}]", word, color)
    lines = [f"{head}: {_paint(_shown(diagnostic.title), 'strong', color)}"]
    gutter = _gutter(diagnostic)
    for index, label in enumerate(diagnostic.labels[:_MAX_LABELS]):
        lines += _label_lines(label, gutter, color, first=index == 0)
    if len(diagnostic.labels) > _MAX_LABELS:
        lines.append(
            " " * gutter + f"   ... and {len(diagnostic.labels) - _MAX_LABELS} more places"
        )
    for text in diagnostic.notes:
        lines += _remark("", text, gutter, color)
    for text in diagnostic.helps:
        lines += _remark("help", text, gutter, color)
    return "\n".join(lines)


def to_json(diagnostic: Diagnostic) -> dict[str, Json]:
    """The diagnostic as plain values, stable for programs to read."""
    return {
        "code": diagnostic.code,
        "severity": "warning" if diagnostic.warning else "error",
        "stage": diagnostic.stage.name.lower(),
        "title": diagnostic.title,
        "labels": [_label_json(label) for label in diagnostic.labels],
        "notes": list(diagnostic.notes),
        "helps": list(diagnostic.helps),
    }


def _gutter(diagnostic: Diagnostic) -> int:
    lines = [label.place.line for label in diagnostic.labels if isinstance(label.place, Span)]
    return max((len(str(line)) for line in lines), default=1) + 1


def _label_lines(label: Label, gutter: int, color: bool, *, first: bool) -> list[str]:
    arrow = _paint("-->" if first else ":::", "frame", color)
    lines = [f"{' ' * gutter}{arrow} {_shown(str(label.place))}"]
    if isinstance(label.place, Span):
        return lines + _excerpt(label.place, label.text, gutter, color, first=first)
    if label.text:
        lines.append(f"{' ' * gutter} {_paint('|', 'frame', color)} {_shown(label.text)}")
    return lines


def _excerpt(span: Span, text: str, gutter: int, color: bool, *, first: bool) -> list[str]:
    bar = _paint("|", "frame", color)
    number = _paint(str(span.line).rjust(gutter), "frame", color)
    line, column = _cut(span.source.line(span.line), span.column - 1)
    end = column + max(span.end - span.start, 0)
    before, marked, after = (
        printable(part, keep="\t") for part in (line[:column], line[column:end], line[end:])
    )
    indent = "".join("\t" if char == "\t" else " " for char in before)
    carets = ("^" if first else "-") * max(len(marked), 1)
    mark = _paint(f"{carets} {_shown(text)}".rstrip(), "error" if first else "frame", color)
    line = f"{before}{marked}{after}"
    empty = " " * gutter
    return [f"{empty} {bar}", f"{number} {bar} {line}", f"{empty} {bar} {indent}{mark}"]


def _shown(text: str, keep: str = "") -> str:
    """A text of a message: nothing that a terminal would act on, and not without end."""
    if len(text) > _MOST_TEXT:
        text = f"{text[:_MOST_TEXT]} ... and {len(text) - _MOST_TEXT:,} characters more"
    return printable(text, keep)


def _cut(line: str, column: int) -> tuple[str, int]:
    """A line with no more around a column than fits a terminal, and the column in it."""
    if len(line) <= _LONGEST_LINE:
        return line, column
    start = max(min(column - _LONGEST_LINE // 3, len(line) - _LONGEST_LINE), 0)
    end = min(start + _LONGEST_LINE, len(line))
    head, tail = "... " if start else "", " ..." if end < len(line) else ""
    return f"{head}{line[start:end]}{tail}", column - start + len(head)


def _remark(word: str, text: str, gutter: int, color: bool) -> list[str]:
    """A note or help; further lines of the text start below its first."""
    lead = f"{word}: " if word else ""
    painted = f"{_paint(word, 'help', color)}: " if word else ""
    first, *rest = _shown(text, keep="\n").split("\n")
    head = f"{' ' * gutter} {_paint('=', 'frame', color)} {painted}{first}"
    return [head, *((" " * (gutter + 3 + len(lead)) + line).rstrip() for line in rest)]


def _paint(text: str, style: str, color: bool) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if color else text


def _label_json(label: Label) -> dict[str, Json]:
    place = label.place
    if isinstance(place, FilePlace):
        where: dict[str, Json] = {
            "file": place.path,
            "offset": place.offset,
            "entry": place.entry,
        }
    else:
        end_line, end_column = place.source.position(place.end)
        where = {
            "file": place.source.name,
            "line": place.line,
            "column": place.column,
            "end_line": end_line,
            "end_column": end_column,
        }
    return {**where, "text": label.text}
