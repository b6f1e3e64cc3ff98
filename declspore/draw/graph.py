"""What a picture of a network shows: boxes and the tensors that flow between them.

Assumes a checked network; guarantees boxes in an order in which each follows those it takes from.
"""

from __future__ import annotations

from declspore.dataclass import dataclass
from declspore.ir.network import Network, Node


@dataclass(frozen=True, slots=True)
class Box:
    """``kind`` is input, output, cell, op or block; ``title`` and ``detail`` are its two lines."""

    key: str
    kind: str
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A tensor from one box to another; ``label`` is its type."""

    source: str
    target: str
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    name: str
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]


def graph_of(network: Network, depth: int | None = None) -> Drawing:
    """The picture of a network; calls below ``depth`` segments of path are drawn as one box."""
    boxes: dict[str, Box] = {}
    edges: dict[Edge, None] = {}
    maker: dict[int, str] = {}
    for index, entry in enumerate(network.inputs):
        key = f"input {entry.name}"
        boxes[key] = Box(key, "input", entry.name, str(entry.type))
        maker[index] = key
    for index, node in enumerate(network.nodes):
        box = _box(node, index, depth)
        boxes.setdefault(box.key, box)
        for value in node.inputs:
            if maker[value.index] != box.key:
                label = str(network.type_of(value))
                edges[Edge(maker[value.index], box.key, label)] = None
        maker |= {value.index: box.key for value in node.outputs}
    for index, value in enumerate(network.outputs):
        type = str(network.type_of(value))
        key = f"output {index}"
        title = "output" if len(network.outputs) == 1 else f"output {index + 1}"
        boxes[key] = Box(key, "output", title, type)
        edges[Edge(maker[value.index], key, type)] = None
    return _without_cycles(Drawing(network.name, tuple(boxes.values()), tuple(edges)))


def _box(node: Node, index: int, depth: int | None) -> Box:
    is_cell = node.family == "cell"
    segments = (node.path if is_cell else node.block).split(".")
    if depth is not None and segments != [""] and len(segments) > depth - (not is_cell):
        folded = ".".join(segments[:depth])
        return Box(f"block {folded}", "block", folded)
    if is_cell:
        return Box(f"cell {index}", "cell", node.word, node.path)
    return Box(f"op {index}", node.family, node.word, "")


def _without_cycles(graph: Drawing) -> Drawing:
    """Folded blocks may feed each other both ways; such an edge back is left out of the picture."""
    place = {box.key: index for index, box in enumerate(graph.boxes)}
    kept = tuple(edge for edge in graph.edges if place[edge.source] < place[edge.target])
    return Drawing(graph.name, graph.boxes, kept)
