"""A graph as SVG: boxes in layers, each below all it takes from.

Long edges pass through a place of their own in every layer between (those of one tensor through the
same), and places are ordered by the middle of their neighbours, so that few lines cross (Sugiyama's
method, without its last step). A tensor's type is written in the box that makes it, where no line
can cross it; only where a box makes tensors of several types are they written where their arrows
arrive, above a place wide enough for them, and not above an output, which shows its type itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from itertools import pairwise
from xml.sax.saxutils import escape

from declspore.dataclass import dataclass
from declspore.draw.graph import Box, Drawing, Edge

_PAD, _LINE, _GAP, _RISE, _SWEEPS = 10.0, 14.0, 26.0, 30.0, 8
_LEAD = 20.0  # the room for types above the places they arrive at
_EM = 0.6  # of the widest of the fonts that replace Helvetica
_FILLS = {"input": "#fff7e6", "output": "#fff7e6", "cell": "#dbe9f6", "block": "#e7e1ef"}
_TITLE, _DETAIL, _TYPE = (12, "#000"), (11, "#000"), (9, "#555")

_Text = tuple[str, tuple[int, str]]


@dataclass
class _Place:
    """A box, or a point where long edges pass a layer."""

    layer: int
    box: Box | None = None
    texts: list[_Text] = field(default_factory=list)
    arriving: list[_Route] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0
    height: float = 0.0
    lead: float = 0.0
    above: list[_Place] = field(default_factory=list)
    below: list[_Place] = field(default_factory=list)

    @property
    def width(self) -> float:
        above = sum(route.width + _PAD for route in self.arriving)
        if self.box is None:
            return max(_PAD, above)
        widest = max(36.0, *(len(text) * size * _EM for text, (size, _) in self.texts))
        return max(widest + 2 * _PAD, above)

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass
class _Route:
    """A line between neighbouring layers; ``types`` is what is written next to it."""

    upper: _Place
    lower: _Place
    types: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return ", ".join(self.types)

    @property
    def width(self) -> float:
        return len(self.text) * _TYPE[0] * _EM


def svg(graph: Drawing) -> str:
    """The graph as an SVG document."""
    places, routes = _places(graph)
    layers: list[list[_Place]] = [[] for _ in range(1 + max(p.layer for p in places))]
    for place in places:
        layers[place.layer].append(place)
    for sweep in range(_SWEEPS):
        _sweep(layers, down=sweep % 2 == 0)
    height = _stack(layers)
    left = min(place.x for place in places) - _GAP
    for place in places:
        place.x -= left
    width = max(place.x + place.width for place in places) + _GAP
    body = [_line(route.upper, route.lower) for route in routes]
    body += [_shape(place, place.box) for place in places if place.box is not None]
    body += [label for place in places for label in _labels(place)]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" font-family="Helvetica, Arial, sans-serif">'
    )
    marker = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#555"/></marker></defs>'
    )
    title = f"<title>{escape(graph.name)}</title>"
    ground = f'<rect x="0" y="0" width="{width:.0f}" height="{height:.0f}" fill="#fff"/>'
    return "\n".join([head, title, marker, ground, *body, "</svg>"]) + "\n"


def _places(graph: Drawing) -> tuple[list[_Place], list[_Route]]:
    """Where everything is placed, and the lines between neighbouring layers with what they
    carry."""
    types: dict[str, set[str]] = {}
    for edge in graph.edges:
        types.setdefault(edge.source, set()).add(edge.label)
    layers = _layers(graph)
    boxes = {
        box.key: _Place(layers[box.key], box, _texts(box, types.get(box.key, set())))
        for box in graph.boxes
    }
    routing = _Routing()
    for edge in graph.edges:
        routes = routing.along(edge, boxes[edge.source], boxes[edge.target])
        if len(types[edge.source]) > 1:
            _write_type(edge, routes, boxes)
    for route in routing.routes.values():
        if route.types:
            route.lower.arriving.append(route)
    return [*boxes.values(), *routing.passed.values()], list(routing.routes.values())


def _layers(graph: Drawing) -> dict[str, int]:
    """The layer of each box: below all it takes from."""
    sources: dict[str, list[str]] = {}
    for edge in graph.edges:
        sources.setdefault(edge.target, []).append(edge.source)
    found: dict[str, int] = {}
    for box in graph.boxes:
        above = (found[source] for source in sources.get(box.key, ()))
        found[box.key] = 1 + max(above, default=-1)
    return found


class _Routing:
    """Lines between neighbouring layers, and the places where long edges pass a layer."""

    def __init__(self) -> None:
        self.passed: dict[tuple[str, str, int], _Place] = {}
        self.routes: dict[tuple[int, int], _Route] = {}

    def along(self, edge: Edge, first: _Place, last: _Place) -> list[_Route]:
        """The lines an edge takes from one box to another."""
        between = [
            self.passed.setdefault((edge.source, edge.label, layer), _Place(layer))
            for layer in range(first.layer + 1, last.layer)
        ]
        return [self._route(*ends) for ends in pairwise([first, *between, last])]

    def _route(self, upper: _Place, lower: _Place) -> _Route:
        ends = id(upper), id(lower)
        if ends not in self.routes:
            self.routes[ends] = _Route(upper, lower)
            upper.below.append(lower)
            lower.above.append(upper)
        return self.routes[ends]


def _write_type(edge: Edge, routes: list[_Route], boxes: Mapping[str, _Place]) -> None:
    """Write what an edge carries where it leaves its box; the box of an output has its type."""
    target, first = boxes[edge.target].box, routes[0]
    assert target is not None
    if target.kind != "output" and edge.label not in first.types:
        first.types.append(edge.label)


def _texts(box: Box, types: set[str]) -> list[_Text]:
    found = [(box.title, _TITLE), (box.detail, _DETAIL)]
    if len(types) == 1 and box.detail not in types:
        found.append((min(types), _TYPE))
    return [(text, look) for text, look in found if text]


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


def _stack(layers: list[list[_Place]]) -> float:
    """Give each layer its height, below the one before; the height of all."""
    y = _GAP
    for row in layers:
        lead = _LEAD if any(place.arriving for place in row) else 0.0
        y += lead
        height = _LINE * max(len(place.texts) for place in row) + _PAD
        for place in row:
            place.y, place.height, place.lead = y, height, lead
        y += height + _RISE
    return y - _RISE + _GAP


def _shape(place: _Place, box: Box) -> str:
    fill = _FILLS.get(box.kind, "#f2f2f2")
    round_ = place.height / 2 if box.kind in ("input", "output") else 5
    rect = (
        f'<rect x="{place.x:.1f}" y="{place.y:.1f}" width="{place.width:.1f}" '
        f'height="{place.height:.0f}" rx="{round_:.0f}" fill="{fill}" stroke="#888"/>'
    )
    first = place.y + place.height / 2 + 4 - (len(place.texts) - 1) / 2 * _LINE
    return rect + "".join(
        f'<text x="{place.middle:.1f}" y="{first + index * _LINE:.1f}" font-size="{size}" '
        f'fill="{colour}" text-anchor="middle">{escape(text)}</text>'
        for index, (text, (size, colour)) in enumerate(place.texts)
    )


def _line(upper: _Place, lower: _Place) -> str:
    """From the foot of a place to the head of the next, or through it where it is not a box;
    straight where types are written."""
    x1, y1, x2, y2 = upper.middle, upper.y + upper.height, lower.middle, lower.y - lower.lead
    bend = (y2 - y1) / 2
    path = f"M{x1:.1f} {y1:.1f} C{x1:.1f} {y1 + bend:.1f} "
    path += f"{x2:.1f} {y2 - bend:.1f} {x2:.1f} {y2:.1f}"
    if lower.box is None:
        return f'<path d="{path} V{lower.y + lower.height:.1f}" fill="none" stroke="#555"/>'
    path += f" V{lower.y:.1f}" if lower.lead else ""
    return f'<path d="{path}" fill="none" stroke="#555" marker-end="url(#tip)"/>'


def _labels(place: _Place) -> list[str]:
    """What the arrows carry that arrive at a place, from left to right as they come, on a ground of
    its own so that lines do not strike it through."""
    size, colour = _TYPE
    x = place.middle - sum(route.width + _PAD for route in place.arriving) / 2
    found = []
    for route in sorted(place.arriving, key=lambda route: route.upper.middle):
        x += _PAD / 2
        found.append(
            f'<rect x="{x:.1f}" y="{place.y - 20:.1f}" width="{route.width:.1f}" height="12" '
            f'fill="#fff"/><text x="{x + route.width / 2:.1f}" y="{place.y - 11:.1f}" '
            f'font-size="{size}" fill="{colour}" text-anchor="middle">{escape(route.text)}</text>'
        )
        x += route.width + _PAD / 2
    return found
