"""Columns of sources whose files do not say which columns are data and which are labels."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from declspore.dataclass import dataclass
from declspore.ir.dtype import FLOAT32, INT32, STRING
from declspore.ir.shape import Dim, TensorType, static, symbol
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments, Term
from declspore.numerics.shown import described
from declspore.registry.data import Column, Element, Unavailable
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument
from declspore.registry.types import ListOf, TermOf
from declspore.source import Span
from declspore.spelling import closest, listing, repeated

_COLUMNS = ListOf(TermOf("column", "Column({})"))
DATA = Argument("data", _COLUMNS, help="columns that enter a network")
LABELS = Argument("labels", _COLUMNS, (), "columns that losses and metrics see")


def element_of(a: Arguments) -> Element:
    """The columns that a source's ``data`` and ``labels`` declare."""
    found = Element(tuple(map(column_of, a.data)), tuple(map(column_of, a.labels)))
    return replace(found, classes=len(classes_of(a)) or None)


def classes_of(a: Arguments) -> tuple[str, ...]:
    """The names of the classes that the only label declares, if it does."""
    return column_of(a.labels[0]).classes if len(a.labels) == 1 else ()


def columns_of(a: Arguments) -> tuple[Column, ...]:
    """The declared columns, data before labels."""
    element = element_of(a)
    return (*element.inputs, *element.labels)


def column_of(term: Term) -> Column:
    """The column that a word declares. Raises Misfit where its classes do not fit."""
    a = term.arguments
    classes = tuple(a.classes or ())
    if not classes:
        return Column(a.name, TensorType(a.dtype, shape_of(a.name, a.shape, term.span)))
    dtype = INT32 if a.dtype is FLOAT32 else a.dtype
    if a.shape or dtype.kind not in ("int", "uint"):
        reason = f"the number of a class is a single integer, found {TensorType(dtype, a.shape)}"
        raise Misfit(reason, "leave out the shape and dtype", at=term.span)
    if (twice := repeated(classes)) is not None:
        raise Misfit(f"the class {twice!r} is named twice", at=term.span)
    return Column(a.name, TensorType(dtype, ()), classes)


def shape_of(name: str, sizes: Sequence[Dim], at: Span | None = None) -> tuple[Dim, ...]:
    """The shape of a column; -1 stands for one size that differs between items. Raises Misfit."""
    if any(size != -1 and not (isinstance(size, int) and size >= 0) for size in sizes):
        raise Misfit(f"the sizes of {name} are integers from 0, or -1", at=at)
    if sum(size == -1 for size in sizes) > 1:
        raise Misfit(f"{name} has more than one size that is not known", at=at)
    return tuple(symbol(name) if size == -1 else size for size in sizes)


def class_number(column: Column, value: str, place: str) -> int:
    """The number of a class by its name, around which spaces do not count. Raises Unavailable."""
    try:
        return column.classes.index(value.strip())
    except ValueError:
        known, near = listing(column.classes), closest(value.strip(), column.classes)
        raise Unavailable(
            f"{place}: expected one of {known} for {column.name}, found {described(value)}",
            f"did you mean {near[0]}?" if near else None,
        ) from None


def check_names(path: str, columns: Sequence[Column], found: Sequence[str]) -> None:
    """Raises Unavailable where a file does not have a column, or has two of its name."""
    for column in columns:
        if sum(name == column.name for name in found) > 1:
            raise Unavailable(f"{path} has more than one column {column.name!r}")
        if column.name not in found:
            near = closest(column.name, found)
            raise Unavailable(
                f"{path} does not have the column {column.name!r}; "
                f"there are {', '.join(found) or 'none'}",
                f'did you mean Column("{near[0]}")?' if near else None,
            )


class RowsOfFile(Protocol):
    """A file of rows; ``row`` raises ValueError, struct.error or OSError where it is damaged."""

    @property
    def path(self) -> str: ...
    def __len__(self) -> int: ...
    def row(self, number: int) -> Mapping[str, object]: ...


@dataclass(frozen=True)
class RowsOfFiles:
    """The rows of several files, one after the other; ``noun`` is what messages call one, and
    ``value`` makes what a column has of what a row has for it."""

    files: tuple[RowsOfFile, ...]
    columns: tuple[Column, ...]
    noun: str
    value: Callable[[object, Column], object] = lambda found, column: found

    def __len__(self) -> int:
        return sum(map(len, self.files))

    def rows(self, items: Array) -> tuple[Array, ...]:
        """The columns of some rows. Raises Unavailable where one is damaged or does not fit."""
        numbers = items.tolist()
        found = [self.row(number) for number in numbers]

        def place(row: int) -> str:
            return self.place(numbers[row])

        return tuple(
            stacked([self.value(row.get(column.name), column) for row in found], column, place)
            for column in self.columns
        )

    def place(self, item: int) -> str:
        file, row = self._where(item)
        return f"{file.path}, {self.noun} {row + 1}"

    def row(self, item: int) -> Mapping[str, object]:
        """What the row has by name. Raises Unavailable."""
        file, row = self._where(item)
        try:
            return file.row(row)
        except (ValueError, struct.error, OSError) as error:
            raise Unavailable(f"{self.place(item)} is damaged: {error}") from None

    def _where(self, item: int) -> tuple[RowsOfFile, int]:
        for file in self.files:
            if item < len(file):
                return file, item
            item -= len(file)
        raise IndexError(item)


def stacked(values: Sequence[object], column: Column, place: Callable[[int], str]) -> Array:
    """The values of a column in some rows, in its type; ``place`` names the row of each.

    Raises Unavailable where a value does not fit.
    """
    import numpy as np

    dtype, shape = column.type.dtype, static(column.type.shape)
    if column.classes:
        return np.asarray([_class(v, column, place(i)) for i, v in enumerate(values)], dtype.numpy)
    one = _texts if dtype is STRING else _numbers
    if shape is None:  # arrays of several sizes
        found = np.empty(len(values), object)
        for row, value in enumerate(values):
            found[row] = one(value, column, place, row)
        return found
    found = np.empty((len(values), *shape), object if dtype is STRING else dtype.as_numpy())
    for row, value in enumerate(values):
        found[row] = one(value, column, place, row)
    return found


Place = Callable[[int], str]


def _texts(value: object, column: Column, place: Place, row: int) -> bytes | Array:
    """A text, or an array of several."""
    if not column.type.shape:
        if not isinstance(value, bytes | str):
            raise _misfit(column, place(row), f"a {type(value).__name__}")
        return value.encode() if isinstance(value, str) else value
    import numpy as np

    each = np.asarray(value, object)
    texts = [text.encode() if isinstance(text, str) else text for text in each.reshape(-1)]
    if not all(isinstance(text, bytes) for text in texts):
        raise _misfit(column, place(row), "values that are not texts")
    found = np.empty(len(texts), object)
    found[:] = texts
    return _shaped(found.reshape(each.shape), column, place, row)


def _numbers(value: object, column: Column, place: Place, row: int) -> Array:
    import numpy as np

    if value is None or isinstance(value, bytes | str):
        raise _misfit(column, place(row), "nothing" if value is None else "a text or bytes")
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise _misfit(column, place(row), "values that are not numbers")
    shaped = _shaped(array, column, place, row)
    found = shaped.astype(column.type.dtype.as_numpy())
    if not np.can_cast(array.dtype, found.dtype, "safe") and not _same(found, array):
        raise _misfit(column, place(row), f"{array.dtype} values that do not fit")
    return found


def _shaped(array: Array, column: Column, place: Place, row: int) -> Array:
    """The array in the shape of its column, which a list may have lost. Raises Unavailable."""
    sizes = tuple(size if isinstance(size, int) else -1 for size in column.type.shape)
    fits = len(sizes) == array.ndim and all(
        want in (-1, have) for want, have in zip(sizes, array.shape, strict=True)
    )
    if not fits and (array.ndim > 1 or not fills(array.size, sizes)):
        raise _misfit(column, place(row), f"the shape {list(array.shape)}")
    return array.reshape(sizes) if array.size else array.reshape([max(n, 0) for n in sizes])


def fills(count: int, sizes: Sequence[int]) -> bool:
    """Whether so many elements have a shape of those sizes, of which one may be -1: any size."""
    known = math.prod(size for size in sizes if size != -1)
    if -1 not in sizes:
        return count == known
    return sizes.count(-1) == 1 and known > 0 and count % known == 0


def _class(value: object, column: Column, place: str) -> int:
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if not isinstance(value, str):
        raise Unavailable(
            f"{place}: expected the name of a class for {column.name}, "
            f"found {described(str(value))}"
        )
    return class_number(column, value, place)


def _same(found: Array, given: Array) -> bool:
    """Whether a cast kept the values: integers exactly, floats to their precision."""
    import numpy as np

    if given.dtype.kind == "f":
        return found.dtype.kind == "f" and bool(
            np.all(np.isfinite(found) == np.isfinite(given.reshape(found.shape)))
        )
    return found.dtype.kind in "iu" and np.array_equal(found.ravel(), given.ravel())


def _misfit(column: Column, place: str, found: str) -> Unavailable:
    return Unavailable(f"{place}: expected {column.type} for {column.name}, found {found}")
