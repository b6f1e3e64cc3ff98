"""A graph as SVG: boxes in layers, each below all it takes from.

Long edges pass through a place of their own in every layer between, and places are ordered by the
middle of their neighbours, so that few lines cross (Sugiyama's method, without its last step).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from xml.sax.saxutils import escape

from declspore.draw.graph import Box, Edge, Graph

_CHAR, _PAD, _HEIGHT, _GAP, _RISE, _SWEEPS = 6.8, 10.0, 38.0, 26.0, 34.0, 8
_FILLS = {"input": "#fff7e6", "output": "#fff7e6", "cell": "#dbe9f6", "block": "#e7e1ef"}


@dataclass
class _Place:
    """A box, or a point where a long edge passes a layer."""

    layer: int
    box: Box | None
    width: float
    x: float = 0.0
    above: list[_Place] = field(default_factory=list)
    below: list[_Place] = field(default_factory=list)

    @property
    def y(self) -> float:
        return _GAP + self.layer * (_HEIGHT + _RISE)

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def svg(graph: Graph) -> str:
    """The graph as an SVG document."""
    places, routes = _places(graph)
    layers: list[list[_Place]] = [[] for _ in range(1 + max(p.layer for p in places))]
    for place in places:
        layers[place.layer].append(place)
    for sweep in range(_SWEEPS):
        _sweep(layers, down=sweep % 2 == 0)
    left = min(place.x for place in places) - _GAP
    for place in places:
        place.x -= left
    width = max(place.x + place.width for place in places) + _GAP
    height = _GAP * 2 + len(layers) * (_HEIGHT + _RISE) - _RISE
    labelled: set[tuple[str, str]] = set()
    body = []
    for edge, route in routes:
        body.append(_line(route, "" if (edge.source, edge.label) in labelled else edge.label))
        labelled.add((edge.source, edge.label))
    body += [_shape(place) for place in places if place.box is not None]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" font-family="Helvetica, Arial, sans-serif">'
    )
    marker = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#555"/></marker></defs>'
    )
    title = f"<title>{escape(graph.name)}</title>"
    return "\n".join([head, title, marker, *body, "</svg>"]) + "\n"


def _places(graph: Graph) -> tuple[list[_Place], list[tuple[Edge, list[_Place]]]]:
    """Where everything stands, and the places each edge passes."""
    layer: dict[str, int] = {}
    incoming: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        incoming.setdefault(edge.target, []).append(edge)
    for box in graph.boxes:
        layer[box.key] = 1 + max((layer[e.source] for e in incoming.get(box.key, ())), default=-1)
    stands = {box.key: _Place(layer[box.key], box, _width(box)) for box in graph.boxes}
    places, routes = list(stands.values()), []
    for edge in graph.edges:
        first, last = stands[edge.source], stands[edge.target]
        passed = [_Place(n, None, _PAD) for n in range(first.layer + 1, last.layer)]
        places += passed
        route = [first, *passed, last]
        for upper, lower in pairwise(route):
            upper.below.append(lower)
            lower.above.append(upper)
        routes.append((edge, route))
    return places, routes


def _width(box: Box) -> float:
    return max(len(box.title), len(box.detail) * 0.85, 6) * _CHAR + 2 * _PAD


def _sweep(layers: list[list[_Place]], *, down: bool) -> None:
    """Order each layer by the middle of its neighbours and set it as near to them as it fits."""
    for row in layers if down else reversed(layers):
        wanted = {}
        for index, place in enumerate(row):
            near = place.above if down else place.below
            aim = sum(p.middle for p in near) / len(near) if near else place.middle
            wanted[id(place)] = (aim, index)
        row.sort(key=lambda place: wanted[id(place)])
        right = None
        for place in row:
            aim = wanted[id(place)][0] - place.width / 2
            place.x = aim if right is None else max(aim, right + _GAP)
            right = place.x + place.width
        shift = sum(wanted[id(p)][0] - p.middle for p in row) / len(row)
        for place in row:
            place.x += shift


def _shape(place: _Place) -> str:
    box = place.box
    assert box is not None
    fill = _FILLS.get(box.kind, "#f2f2f2")
    round_ = _HEIGHT / 2 if box.kind in ("input", "output") else 5
    rect = (
        f'<rect x="{place.x:.1f}" y="{place.y:.1f}" width="{place.width:.1f}" '
        f'height="{_HEIGHT:.0f}" rx="{round_:.0f}" fill="{fill}" stroke="#888"/>'
    )
    lines = [text for text in (box.title, box.detail) if text]
    texts = []
    for index, text in enumerate(lines):
        y = place.y + _HEIGHT / 2 + 4 + (index - (len(lines) - 1) / 2) * 14
        size = 11 if index else 12
        texts.append(
            f'<text x="{place.middle:.1f}" y="{y:.1f}" font-size="{size}" '
            f'text-anchor="middle">{escape(text)}</text>'
        )
    return rect + "".join(texts)


def _line(route: list[_Place], text: str) -> str:
    points = [(route[0].middle, route[0].y + _HEIGHT)]
    for place in route[1:-1]:
        points += [(place.middle, place.y), (place.middle, place.y + _HEIGHT)]
    points.append((route[-1].middle, route[-1].y))
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x1, y1), (x2, y2) in pairwise(points):
        bend = (y2 - y1) / 2
        path += f" C{x1:.1f} {y1 + bend:.1f} {x2:.1f} {y2 - bend:.1f} {x2:.1f} {y2:.1f}"
    (x1, y1), (x2, y2) = points[0], points[1]
    label = (
        f'<text x="{(x1 + x2) / 2 + 4:.1f}" y="{(y1 + y2) / 2 + 3:.1f}" font-size="9" '
        f'fill="#555">{escape(text)}</text>'
    )
    return f'<path d="{path}" fill="none" stroke="#555" marker-end="url(#tip)"/>' + label
