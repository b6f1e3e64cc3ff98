"""Rows of named columns, epoch by epoch: what datasets are, and what steps make of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

Row = tuple[Any, ...]


class Rows:
    """Rows of named columns, made of those of its ``parents``."""

    def __init__(self, names: Sequence[str], parents: Sequence[Rows] = ()) -> None:
        self._names = list(names)
        self._parents = tuple(parents)

    def rows(self, epoch: int) -> Iterator[Row]:
        """The rows of an epoch, starting from 0."""
        raise NotImplementedError

    def get_dataset_size(self) -> int:
        """How many rows an epoch has."""
        return sum(1 for _ in self.rows(0))

    def get_col_names(self) -> list[str]:
        """The names of the columns."""
        return list(self._names)

    def get_batch_size(self) -> int:
        """How many items a row has: 1, where the rows are not batches."""
        return self._parents[0].get_batch_size() if self._parents else 1

    def get_repeat_count(self) -> int:
        """How often the data is repeated in an epoch."""
        return self._parents[0].get_repeat_count() if self._parents else 1

    def num_classes(self) -> int | None:
        """How many classes labels come from, where that is known."""
        return self._parents[0].num_classes() if self._parents else None

    def place_of(self, name: str) -> int:
        """The place of a column in a row. Raises ValueError."""
        if name not in self._names:
            raise ValueError(f"no column is called {name!r}; there are {', '.join(self._names)}")
        return self._names.index(name)


def listed(given: str | Sequence[str]) -> list[str]:
    """One name or several, as a list."""
    return [given] if isinstance(given, str) else list(given)
