"""Cells that hold cells: ``SequentialCell``, ``CellList``, ``CellDict``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self, overload

from declspore.eager.cell import Cell


def _cell(value: object) -> Cell:
    if isinstance(value, Cell):
        return value
    raise TypeError(f"expected a cell, found {type(value).__name__}")


class _Numbered(Cell):
    """Cells by place; their paths are numbered from 0."""

    def _fill(self, cells: Iterable[object]) -> None:
        """Hold these cells, and no others."""
        self._cells.clear()
        for number, cell in enumerate(cells):
            self._take_cell(str(number), _cell(cell))

    def __len__(self) -> int:
        return len(self._cells)

    def __iter__(self) -> Iterator[Cell]:
        return iter(list(self._cells.values()))

    @overload
    def __getitem__(self, index: int) -> Cell: ...

    @overload
    def __getitem__(self, index: slice) -> Self: ...

    def __getitem__(self, index: int | slice) -> Cell:
        cells = list(self._cells.values())
        if not isinstance(index, slice):
            return cells[index]
        part = type(self)()
        part.__dict__["_auto_prefix"] = False  # the cells keep their names
        for number, cell in enumerate(cells[index]):
            part.insert_child_to_cell(str(number), cell)
        return part

    def __setitem__(self, index: int, cell: Cell) -> None:
        name = list(self._cells)[index]
        kept = list(self._cells.items())
        self._cells.clear()
        for each, held in kept:
            self._take_cell(each, _cell(cell) if each == name else held)

    def __delitem__(self, index: int | slice) -> None:
        cells = list(self._cells.values())
        del cells[index]
        self._fill(cells)

    def append(self, cell: Cell) -> Self:
        """Add a cell at the end."""
        self._take_cell(str(len(self._cells)), _cell(cell))
        return self


class SequentialCell(_Numbered):
    """Cells applied one after the other (mindspore.nn.SequentialCell).

    Takes cells, a list of them, or an ``OrderedDict`` whose keys become their names.
    """

    def __init__(self, *cells: object) -> None:
        super().__init__()
        first = cells[0] if len(cells) == 1 else None
        if isinstance(first, Mapping):
            for name, cell in first.items():
                self._take_cell(name, _cell(cell))
        else:
            self._fill(first if isinstance(first, list | tuple) else cells)

    def construct(self, *inputs: Any, **named: Any) -> Any:
        flowing: Any = inputs
        for place, cell in enumerate(self):
            flowing = cell(*flowing, **named) if place == 0 else cell(flowing)
        return flowing if len(self) else inputs[0]


class CellList(_Numbered):
    """Cells to be called one by one (mindspore.nn.CellList): a list whose cells are its own."""

    def __init__(self, *cells: object, **settings: object) -> None:
        super().__init__()
        first = cells[0] if len(cells) == 1 else None
        self._fill(first if isinstance(first, list | tuple) else cells)

    def extend(self, cells: Iterable[Cell]) -> CellList:
        """Add cells at the end."""
        for cell in cells:
            self.append(cell)
        return self

    def insert(self, index: int, cell: Cell) -> None:
        """Add a cell before a place."""
        cells = list(self)
        cells.insert(index, _cell(cell))
        self._fill(cells)


class CellDict(Cell):
    """Cells by name (mindspore.nn.CellDict)."""

    def __init__(self, cells: Mapping[str, Cell] | Iterable[tuple[str, Cell]] = ()) -> None:
        super().__init__()
        self.update(cells)

    def update(self, cells: Mapping[str, Cell] | Iterable[tuple[str, Cell]]) -> None:
        """Add cells, or replace those of the same names."""
        for name, cell in dict(cells).items():
            self[name] = cell

    def __setitem__(self, name: str, cell: Cell) -> None:
        self._take_cell(name, _cell(cell))

    def __getitem__(self, name: str) -> Cell:
        return self._cells[name]

    def __delitem__(self, name: str) -> None:
        del self._cells[name]

    def __len__(self) -> int:
        return len(self._cells)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._cells))

    def __contains__(self, name: str) -> bool:
        return name in self._cells

    def keys(self) -> list[str]:
        """The names."""
        return list(self._cells)

    def values(self) -> list[Cell]:
        """The cells."""
        return list(self._cells.values())

    def items(self) -> list[tuple[str, Cell]]:
        """Names and cells."""
        return list(self._cells.items())
