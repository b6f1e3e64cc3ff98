"""A graph in the language of Graphviz."""

from __future__ import annotations

from declspore.draw.graph import Drawing

_STYLES = {
    "input": "shape=oval",
    "output": "shape=oval",
    "cell": 'shape=box, style="filled,rounded", fillcolor="#dbe9f6"',
    "block": 'shape=box, style="filled", fillcolor="#e7e1ef"',
    "op": 'shape=box, style="filled,rounded", fillcolor="#f2f2f2"',
    "loss": 'shape=box, style="filled,rounded", fillcolor="#fbe8d3"',
    "tensor": 'shape=box, style="filled,rounded", fillcolor="#f2f2f2"',
}


def dot(graph: Drawing) -> str:
    """The graph as DOT."""
    rows = [f"digraph {_quoted(graph.name)} {{", '  node [fontname="Helvetica", fontsize=11];']
    rows.append('  edge [fontname="Helvetica", fontsize=9];')
    for box in graph.boxes:
        label = "\n".join(filter(None, (box.title, box.detail)))
        rows.append(f"  {_quoted(box.key)} [label={_quoted(label)}, {_STYLES[box.kind]}];")
    for edge in graph.edges:
        ends = f"{_quoted(edge.source)} -> {_quoted(edge.target)}"
        rows.append(f"  {ends} [label={_quoted(edge.label)}];")
    return "\n".join([*rows, "}"]) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
