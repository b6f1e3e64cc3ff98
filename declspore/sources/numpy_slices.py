"""Arrays of a NumPy file as a dataset (mindspore.dataset.NumpySlicesDataset)."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from declspore.ir.dtype import BY_NUMPY, FLOAT32
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments, Term
from declspore.registry.data import Column, ColumnKind, Element, SourceKind, Unavailable, packed
from declspore.registry.signature import Argument, signature
from declspore.registry.types import ElementType, ListOf, Shape, TermOf, Text


def _column(term: Term) -> Column:
    a = term.arguments
    return Column(a.name, TensorType(a.dtype, a.shape))


def _element(a: Arguments) -> Element:
    return Element(tuple(map(_column, a.data)), tuple(map(_column, a.labels)))


def _columns(a: Arguments) -> tuple[Column, ...]:
    element = _element(a)
    return (*element.inputs, *element.labels)


def _headers(path: str) -> dict[str, tuple[tuple[int, ...], Any]]:
    """Shape and type of every array, from the headers of the file's members."""
    from numpy.lib import format as npy

    found = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as member:
                    version = npy.read_magic(member)
                    read = npy.read_array_header_1_0
                    if version != (1, 0):
                        read = npy.read_array_header_2_0
                    shape, _, dtype = read(member)
                found[name.removesuffix(".npy")] = shape, dtype
    except OSError:
        raise Unavailable(f"{path} is missing", "numpy.savez writes such a file") from None
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise Unavailable(f"{path} is no whole .npz file: {error}") from None
    return found


def _size(a: Arguments) -> int:
    headers, counts = _headers(a.path), {}
    for column in _columns(a):
        if column.name not in headers:
            raise Unavailable(
                f"{a.path} has no array {column.name!r}; there are {', '.join(headers) or 'none'}"
            )
        shape, dtype = headers[column.name]
        known = BY_NUMPY.get(dtype.name)
        if known is None or not shape:
            raise Unavailable(f"{column.name} of {a.path} is no column: {dtype}{list(shape)}")
        if TensorType(known, shape[1:]) != column.type:
            raise Unavailable(
                f"{column.name} of {a.path} holds {TensorType(known, shape[1:])}, "
                f"the column is {column.type}",
                f'Column("{column.name}", {list(shape[1:])}, dtype = {known.short})',
            )
        counts[column.name] = shape[0]
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise Unavailable(f"the columns of {a.path} are not equally long: {listed}")
    return next(iter(counts.values()))


def _open(tf: Any, a: Arguments) -> Any:
    import numpy as np

    _size(a)
    with np.load(a.path) as arrays:
        parts = [
            packed([arrays[column.arguments.name] for column in columns])
            for columns in (a.data, a.labels)
        ]
    return tf.data.Dataset.from_tensor_slices(tuple(parts))


KINDS = (
    SourceKind(
        name="NumpySlices",
        signature=signature(
            Argument("path", Text(), help="a .npz file, as numpy.savez writes it"),
            Argument("data", ListOf(TermOf("column")), help="columns that enter a network"),
            Argument("labels", ListOf(TermOf("column")), (), "columns that losses and metrics see"),
        ),
        summary=(
            "Items of arrays along their first axis. Several columns of data enter the network's "
            "inputs of their names."
        ),
        example='NumpySlices("pairs.npz", [Column("left", [8]), Column("right", [8])])',
        element=_element,
        size=_size,
        open=_open,
        files=lambda a: (str(Path(a.path)),),
    ),
    ColumnKind(
        name="Column",
        signature=signature(
            Argument("name", Text(), help="of the array"),
            Argument("shape", Shape(), (), "of one item"),
            Argument("dtype", ElementType(), FLOAT32, "element type"),
        ),
        summary="A column of a dataset: an array of that name, shape and element type.",
        example='Column("same", dtype = i32)',
    ),
)
