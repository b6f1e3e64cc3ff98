"""Containers of cells."""

from __future__ import annotations

import re

from declspore.ir.term import Arguments
from declspore.registry.container import Cells, ContainerKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import ListOf, Optional, Text
from declspore.spelling import count

_CELLS = signature(
    Argument("cells", Cells(), help="numbered 0, 1, ... in parameter paths", repeats=True),
    Argument(
        "names",
        Optional(ListOf(Text())),
        None,
        "their paths in place of `field.0`, `field.1`, ...: one for each, without the field's name",
    ),
)


def _check(a: Arguments) -> Arguments:
    """Raises Misfit where the names are not as many as the cells, or are not paths."""
    if a.names is not None and len(a.names) != len(a.cells):
        raise Misfit(f"{len(a.names)} names for {count(len(a.cells), 'cell')}")
    for name in a.names or ():
        if not re.fullmatch(r"\w+(\.\w+)*", name):
            raise Misfit(f'"{name}" is not a path of names and numbers: "0", "layers.0"')
    return a


KINDS = (
    ContainerKind(
        name="SequentialCell",
        signature=_CELLS,
        summary="Cells applied one after the other; their paths are numbered from 0.",
        example="SequentialCell(Dense(4, 8), ReLU(), Dense(8, 2))",
        is_sequence=True,
        complete=_check,
    ),
    ContainerKind(
        name="CellList",
        signature=_CELLS,
        summary="Cells to be called one by one by index; their paths are numbered from 0.",
        example="CellList(Dense(4, 4), Dense(4, 4))",
        is_sequence=False,
        complete=_check,
    ),
)
