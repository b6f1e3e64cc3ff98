"""Layout of text for people: tables, sizes, lists of files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from declspore.spelling import printable


def files(paths: Sequence[str], limit: int = 4) -> str:
    """``a.ckpt, b.ckpt and 4 more``."""
    if len(paths) <= limit:
        return ", ".join(paths)
    return f"{', '.join(paths[: limit - 1])} and {len(paths) - limit + 1} more"


def size(nbytes: int) -> str:
    """``482 KiB``"""
    amount = float(nbytes)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024 or unit == "GiB":
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    raise AssertionError


def table(rows: Sequence[tuple[str, ...]], right: Collection[int] = ()) -> list[str]:
    """Rows as aligned columns; ``right`` names the columns that end flush."""
    return list(table_lines(lambda: rows, right))


def table_lines(
    rows: Callable[[], Iterable[tuple[str, ...]]], right: Collection[int] = ()
) -> Iterator[str]:
    """The lines of a table one by one. ``rows`` gives the rows, twice, so that a long table need
    not be in memory."""
    widths: list[int] = []
    for row in rows():
        lengths = [len(printable(cell)) for cell in row]
        widths = list(map(max, widths or lengths, lengths))
    for row in rows():
        cells = [
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(map(printable, row), widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def columns(rows: Sequence[tuple[str, ...]], limit: int = 12) -> str:
    """Rows as aligned columns, at most ``limit`` of them."""
    lines = table(rows[:limit])
    if len(rows) > limit:
        lines.append(f"... and {len(rows) - limit} more")
    return "\n".join(lines)
