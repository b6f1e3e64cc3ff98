"""Pages that need nothing from elsewhere: a title, charts, tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from html import escape

from declspore.numerics.svg import Points, chart, legend

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 720px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .2rem; }
svg, img { width: 100%; }
svg line { stroke: #8885; } svg .mark { stroke-dasharray: 4 3; stroke: #888; }
svg text { font-size: 11px; fill: #888; }
polyline { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
pre { overflow-x: auto; background: #8882; padding: .8rem; border-radius: 6px; font-size: 12px; }
table { border-collapse: collapse; } th, td { padding: .15rem .9rem .15rem 0; text-align: right; }
th { font-weight: 600; border-bottom: 1px solid #8885; }
.key { margin-right: 1rem; } .key i { display: inline-block; width: .8em; height: .8em;
  border-radius: 2px; margin-right: .35em; } .lead { color: #888; }
"""


def head(title: str, lead: str) -> Iterator[str]:
    """The beginning of a page; ``lead`` is one line below the title."""
    shown = escape(title)
    yield f"<!doctype html><html lang=en><meta charset=utf-8><title>{shown}</title>"
    yield '<meta name=viewport content="width=device-width, initial-scale=1">'
    yield f"<style>{_STYLE}</style><h1>{shown}</h1><p class=lead>{escape(lead)}</p>"


def section(
    title: str,
    lines: Mapping[str, Points],
    what: str,
    label: Callable[[float], str] = "{:.6g}".format,
    marks: Mapping[str, float] | None = None,
) -> str:
    """A chart below a heading, as :func:`declspore.numerics.svg.chart` draws it; nothing where
    there are no points."""
    drawn = chart(lines, what, label, marks)
    keys = f"<p>{legend(lines)}</p>" if len(lines) > 1 else ""
    return f"<h2>{escape(title)}</h2>{keys}{drawn}" if drawn else ""


def write(path: str, page: str) -> None:
    """Put a page in its place, all at once, with the folder it needs. Raises OSError."""
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    temporary = f"{path}.part"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(page)
    os.replace(temporary, path)
