"""Which columns records have (mindspore.dataset.Schema, 2.10)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from declspore.eager.methods import ElementType, as_dtype
from declspore.ir.dtype import BY_NUMPY, STRING, DType
from declspore.numerics.schema import each_column, json_of
from declspore.registry.kind import Misfit

_TYPES = {name: dtype for name, dtype in BY_NUMPY.items() if name != "bfloat16"} | {
    "string": STRING
}
_KNOWN = ("columns", "datasetType", "numRows")


class Schema:
    """Columns of records with their types and shapes, and how many records count. Made of a file
    of JSON, or column by column. Raises ValueError where the file is not a schema."""

    def __init__(self, schema_file: str | None = None) -> None:
        self.columns: list[tuple[str, str, tuple[int, ...] | None]] = []
        """Names, types and shapes; None stands for one axis of any size."""
        self.num_rows: int | None = None
        """How many records count; None: all."""
        self._kind: str | None = None
        if schema_file is not None:
            try:
                self.from_json(json_of(schema_file))
            except Misfit as error:
                raise ValueError(str(error)) from None

    def add_column(
        self, name: str, de_type: ElementType | str, shape: Sequence[int] | None = None
    ) -> None:
        """Add a column; -1 in ``shape`` stands for a size that differs between records, no shape
        for one such axis. Raises TypeError."""
        if not isinstance(name, str):
            raise TypeError(f"name must be a string, not {type(name).__name__}")
        if shape is not None and not isinstance(shape, list):
            raise TypeError(f"shape must be a list, not {type(shape).__name__}")
        for size in shape or ():
            if isinstance(size, bool) or not isinstance(size, int):
                raise TypeError(f"shape must be a list of integers, not {shape!r}")
        self.columns.append((name, _type(de_type), None if shape is None else tuple(shape)))

    def parse_columns(self, columns: object) -> None:
        """Take the columns of a dict by name, or of a list of dicts, in place of those before; one
        without a shape is a single value. Raises ValueError."""
        try:
            each = list(each_column("columns", columns))
        except Misfit as error:
            raise ValueError(str(error)) from None
        found: list[tuple[str, str, tuple[int, ...] | None]] = []
        for name, about in each:
            if about.get("type") not in _TYPES:
                raise ValueError(f"the type of {name} must be one of {', '.join(_TYPES)}")
            shape = about.get("shape") or []
            if not isinstance(shape, list) or not all(type(size) is int for size in shape):
                raise ValueError(f"the shape of {name} must be a list of integers, not {shape!r}")
            found.append((name, str(about["type"]), tuple(shape)))
        self.columns = found

    def from_json(self, json_obj: Mapping[str, object]) -> None:
        """Take what the JSON of a schema file states. Raises ValueError."""
        unknown = [name for name in json_obj if name not in _KNOWN]
        if unknown:
            raise ValueError(f"a schema does not have a field {unknown[0]!r}")
        rows, kind = json_obj.get("numRows"), json_obj.get("datasetType")
        if rows is not None and (type(rows) is not int or rows < 0):
            raise ValueError(f"numRows must be an integer from 0, not {rows!r}")
        if "columns" not in json_obj:
            raise ValueError("a schema must have columns")
        self.parse_columns(json_obj["columns"])
        self.num_rows, self._kind = rows, None if kind is None else str(kind)

    def to_json(self) -> str:
        """The text of a schema file."""
        found: dict[str, Any] = {"columns": [_stated(*column) for column in self.columns] or None}
        if self._kind is not None:
            found["datasetType"] = self._kind
        if self.num_rows is not None:
            found["numRows"] = self.num_rows
        return json.dumps(found, indent=2, sort_keys=True)

    def __str__(self) -> str:
        return self.to_json()

    @staticmethod
    def get_num_rows(schema: Schema | str) -> int:
        """How many records count by a schema or the file of one; 0: all."""
        found = schema if isinstance(schema, Schema) else Schema(schema)
        return found.num_rows or 0


def _type(given: ElementType | str) -> str:
    if given is STRING:
        return "string"
    name = given if isinstance(given, str) else as_dtype(given).numpy
    if name not in _TYPES or (isinstance(given, type) and not isinstance(given, DType)):
        raise TypeError(f"de_type must be one of {', '.join(_TYPES)}, not {given!r}")
    return name


def _stated(name: str, dtype: str, shape: tuple[int, ...] | None) -> dict[str, object]:
    found: dict[str, object] = {"name": name, "type": dtype}
    found["rank"] = 1 if shape is None else len(shape)
    return found if shape is None else {**found, "shape": list(shape)}
