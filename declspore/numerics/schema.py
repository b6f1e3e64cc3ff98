"""Schemas of MindSpore: JSON files that say which columns records have (mindspore.dataset.Schema,
2.10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from declspore.dataclass import dataclass
from declspore.ir.dtype import BY_NUMPY, STRING
from declspore.ir.shape import TensorType
from declspore.numerics.columns import shape_of
from declspore.registry.data import Column
from declspore.registry.kind import Misfit
from declspore.regular import stream_of
from declspore.spelling import repeated
from declspore.untrusted_json import parsed

_LONGEST = 1 << 20
"""Bytes that a schema may have."""
_EXAMPLE = '{"columns": {"x": {"type": "float32", "rank": 1, "shape": [4]}}}'


@dataclass(frozen=True)
class Schema:
    """The columns that records have, and how many records count; None: all."""

    columns: tuple[Column, ...]
    rows: int | None


def schema_of(path: str) -> Schema:
    """The schema that a file holds. Raises Misfit."""
    found = json_of(path)
    columns = tuple(each_column(path, found.get("columns")))
    rows = found.get("numRows")
    if rows is not None and (isinstance(rows, bool) or not isinstance(rows, int) or rows < 0):
        raise Misfit(f"{path}: numRows is not a number of rows")
    made = tuple(_column(path, name, about) for name, about in columns)
    if (twice := repeated(column.name for column in made)) is not None:
        raise Misfit(f"{path} has the column {twice!r} twice")
    return Schema(made, rows or None)


def json_of(path: str) -> dict[str, object]:
    """The JSON of a file. Raises Misfit."""
    try:
        with stream_of(path) as file:
            text = file.read(_LONGEST + 1)
    except OSError as error:
        raise Misfit(f"{path} cannot be read: {error.strerror or error}") from None
    if len(text) > _LONGEST:
        raise Misfit(f"{path} is not a schema: it has more than {_LONGEST:,} bytes")
    try:
        found: object = parsed(text)
    except ValueError:
        raise Misfit(f"{path} is not a schema: it is not JSON", _EXAMPLE) from None
    return found if isinstance(found, dict) else {}


def each_column(where: str, columns: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The columns by name, of a table (in the order of names, as MindSpore reads it) or of a
    list; ``where`` begins messages. Raises Misfit."""
    if not isinstance(columns, dict | list) or not columns:
        raise Misfit(f"{where} is not a schema: it does not have columns", _EXAMPLE)
    pairs: list[tuple[object, object]] = (
        [(each.get("name") if isinstance(each, dict) else None, each) for each in columns]
        if isinstance(columns, list)
        else sorted(columns.items())
    )
    for number, (name, about) in enumerate(pairs, start=1):
        if not isinstance(name, str) or not name or not isinstance(about, dict):
            raise Misfit(f"{where}: column {number} is not a name with a type", _EXAMPLE)
        yield name, about


def _column(path: str, name: str, about: Mapping[str, object]) -> Column:
    given = about.get("type")
    dtype = STRING if given == "string" else BY_NUMPY.get(given) if isinstance(given, str) else None
    if dtype is None:
        known = ", ".join(["string", *BY_NUMPY])
        raise Misfit(f"{path}: the type of {name} is not one of {known}")
    shape = about.get("shape", [] if about.get("rank") == 0 else [-1])
    if not isinstance(shape, list) or not all(_is_size(size) for size in shape):
        raise Misfit(f"{path}: the shape of {name} is not a list of sizes", '"shape": [2, 4]')
    return Column(name, TensorType(dtype, shape_of(name, shape)))


def _is_size(size: object) -> bool:
    return (
        isinstance(size, int) and not isinstance(size, bool) and (size == -1 or 0 < size < 1 << 31)
    )
