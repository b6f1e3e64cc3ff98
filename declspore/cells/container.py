"""Containers of cells."""

from __future__ import annotations

from declspore.registry.container import Cells, ContainerKind
from declspore.registry.signature import Argument, signature

_CELLS = signature(
    Argument("cells", Cells(), help="numbered 0, 1, ... in parameter paths", repeats=True)
)

KINDS = (
    ContainerKind(
        name="SequentialCell",
        signature=_CELLS,
        summary="Cells applied one after the other; their paths are numbered from 0.",
        example="SequentialCell(Dense(4, 8), ReLU(), Dense(8, 2))",
        is_sequence=True,
    ),
    ContainerKind(
        name="CellList",
        signature=_CELLS,
        summary="Cells to be called one by one by index; their paths are numbered from 0.",
        example="CellList(Dense(4, 4), Dense(4, 4))",
        is_sequence=False,
    ),
)
