"""Line charts as SVG: no script, no font, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from math import floor, inf, isfinite, log10

Points = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 640, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 10, 28
_TICKS = 4
COLORS = ("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2")


def chart(
    lines: Mapping[str, Points],
    what: str,
    label: Callable[[float], str] = "{:.6g}".format,
    marks: Mapping[str, float] | None = None,
) -> str:
    """A chart of named lines over ``what``; points that are not finite are left out. ``label`` is
    the text of a place on that axis, ``marks`` are places with a name."""
    known = {name: [p for p in points if isfinite(p[1])] for name, points in lines.items()}
    every = [point for points in known.values() for point in points]
    if not every:
        return ""
    across, up = _range(x for x, _ in every), _range(y for _, y in every)
    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">', *_axes(across, up, what, label)]
    for number, points in enumerate(known.values()):
        color = COLORS[number % len(COLORS)]
        places = [_place(point, across, up) for point in points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{line}" style="stroke:{color}"/>')
        if len(places) <= _FEW:
            parts += [
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{color}"/>' for x, y in places
            ]
    return "".join([*parts, *_marks(marks or {}, across, up), "</svg>"])


_FEW = 60
"""Points up to which each is marked."""


def legend(names: Iterable[str]) -> str:
    """The names of lines in their colours."""
    return " ".join(
        f'<span class="key"><i style="background:{COLORS[number % len(COLORS)]}"></i>'
        f"{escape(name)}</span>"
        for number, name in enumerate(names)
    )


def _range(values: Iterable[float]) -> tuple[float, float]:
    low, high = inf, -inf
    for value in values:
        low, high = min(low, value), max(high, value)
    if low == high:
        half = abs(low) / 2 or 0.5
        return low - half, high + half
    return low, high


def _place(
    point: tuple[float, float], across: tuple[float, float], up: tuple[float, float]
) -> tuple[float, float]:
    x = (point[0] - across[0]) / (across[1] - across[0])
    y = (point[1] - up[0]) / (up[1] - up[0])
    width, height = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    return _LEFT + x * width, HEIGHT - _BOTTOM - y * height


def _marks(
    marks: Mapping[str, float], across: tuple[float, float], up: tuple[float, float]
) -> Iterator[str]:
    """Upright lines with their names."""
    for name, at in marks.items():
        x, _ = _place((at, up[0]), across, up)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}" class="mark"/>'
        yield f'<text x="{x + 4:.1f}" y="{_TOP + 8}">{escape(name)}</text>'


def _axes(
    across: tuple[float, float],
    up: tuple[float, float],
    what: str,
    label: Callable[[float], str],
) -> Iterator[str]:
    for tick in _ticks(up):
        _, y = _place((across[0], tick), across, up)
        yield f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:.4g}</text>'
    for tick in _ticks(across):
        x, _ = _place((tick, up[0]), across, up)
        shown = escape(label(tick))
        yield f'<text x="{x:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{shown}</text>'
    yield f'<text x="4" y="{HEIGHT - 8}">{escape(what)}</text>'


def _ticks(span: tuple[float, float]) -> list[float]:
    """A few round numbers within a span."""
    low, high = span
    step = float(10 ** floor(log10((high - low) / _TICKS)))
    for factor in (1, 2, 5, 10):
        if (high - low) / (step * factor) <= _TICKS + 1:
            step *= factor
            break
    first = -(-low // step)
    return [n * step for n in range(int(first), int(high // step) + 1)]
