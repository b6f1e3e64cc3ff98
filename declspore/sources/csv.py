"""Tables as text (mindspore.dataset.CSVDataset)."""

from __future__ import annotations

import csv
import io
import json
import math
from functools import partial
from typing import Any

from declspore.dataclass import dataclass
from declspore.ir.dtype import STRING, DType
from declspore.ir.tensors import Array, Numbers
from declspore.ir.term import Arguments, Term
from declspore.numerics.columns import (
    DATA,
    LABELS,
    class_number,
    classes_of,
    column_of,
    element_of,
)
from declspore.numerics.files import (
    PATHS,
    QUOTED_HELP,
    Lines,
    lines_of,
    not_utf8,
    paths_of,
    remembered,
)
from declspore.numerics.shown import described, fields_of
from declspore.registry.data import Column, SourceKind, Unavailable
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, ListOf, Optional, Text
from declspore.regular import text_of
from declspore.spelling import closest

_LINES = {
    (quoted, skipped): remembered(partial(lines_of, quoted=quoted, skipped=skipped))
    for quoted in (True, False)
    for skipped in (0, 1)
}


_LONGEST_HEADER = 1 << 20
"""Characters in which the names of fields are looked for."""


@dataclass(frozen=True)
class _Table:
    """``places`` are the fields of a row that make up each column."""

    lines: Lines
    columns: tuple[Column, ...]
    places: tuple[tuple[int, ...], ...]
    names: tuple[str, ...]
    delimiter: str
    quoted: bool

    def rows(self, items: Numbers) -> tuple[Array, ...]:
        import numpy as np

        texts = self.lines.read(items)
        parsed = [self._fields(int(n), text) for n, text in zip(items, texts, strict=True)]
        found = []
        for column, places in zip(self.columns, self.places, strict=True):
            shape: Any = (len(items), *column.type.shape)
            values = np.empty(shape, column.type.dtype.as_numpy())
            for row, fields in enumerate(parsed):
                given = [self._value(int(items[row]), fields, p, column) for p in places]
                values[row] = given if column.type.shape else given[0]
            found.append(values)
        return tuple(found)

    def place(self, item: int) -> str:
        return self.lines.place(item)

    def _fields(self, item: int, text: bytes) -> list[str]:
        try:
            if self.quoted:
                (fields,) = csv.reader([text.decode()], delimiter=self.delimiter, strict=True)
            else:
                fields = text.decode().split(self.delimiter)
        except csv.Error as error:
            raise Unavailable(f"{self.place(item)}: {error}", QUOTED_HELP) from None
        except UnicodeDecodeError as error:
            raise not_utf8(self.place(item), error) from None
        except ValueError as error:
            raise Unavailable(f"{self.place(item)}: {error}") from None
        if len(fields) != len(self.names):
            raise Unavailable(
                f"{self.place(item)}: expected {len(self.names)} fields, found {len(fields)}"
            )
        return fields

    def _value(self, item: int, fields: list[str], place: int, column: Column) -> object:
        if column.classes:
            return class_number(column, fields[place], self.place(item))
        try:
            return _parsed(fields[place], column.type.dtype)
        except (KeyError, ValueError, OverflowError):
            raise Unavailable(
                f"{self.place(item)}: expected {column.type.dtype.short} for "
                f"{self.names[place]}, found {described(fields[place])}"
            ) from None


def _parsed(text: str, dtype: DType) -> object:
    if dtype is STRING:
        return text.encode()
    if dtype.is_float:
        return float(text)
    if dtype.kind == "bool":
        return {"true": True, "1": True, "false": False, "0": False}[text.strip().lower()]
    number = int(text)
    low = -(1 << dtype.digits) if dtype.kind == "int" else 0
    if not low <= number < 1 << dtype.digits:
        raise ValueError
    return number


def _open(a: Arguments) -> _Table:
    paths = paths_of(a.dataset_files)
    names = a.column_names or _header(paths[0], a.field_delim)
    if not a.column_names:
        for path in paths[1:]:
            if (other := _header(path, a.field_delim)) != names:
                raise Unavailable(
                    f"the first line of {path} has {fields_of(other, a.field_delim)}; "
                    f"that of {paths[0]} has {fields_of(names, a.field_delim)}"
                )
    lines = _LINES[a.quoted, 0 if a.column_names else 1](paths)
    terms = (*a.data, *a.labels)
    places = tuple(_places(term, names, a.field_delim, paths[0]) for term in terms)
    return _Table(lines, tuple(map(column_of, terms)), places, names, a.field_delim, a.quoted)


def _places(term: Term, names: tuple[str, ...], delimiter: str, path: str) -> tuple[int, ...]:
    a = term.arguments
    fields = a.fields or (a.name,)
    missing = [field for field in fields if field not in names]
    if missing:
        near = closest(missing[0], names)
        raise Unavailable(
            f"{path} does not have the field {', '.join(missing)}; "
            f"its first line has {fields_of(names, delimiter)}",
            f'did you mean "{near[0]}"?' if near else _header_help(names, delimiter),
        )
    several = [field for field in fields if names.count(field) > 1]
    if several:
        raise Unavailable(
            f"{path} has more than one field {several[0]!r}",
            "column_names = [...] names the fields in order, where the first line is no header",
        )
    if len(fields) != math.prod(a.shape) or len(a.shape) > 1:
        raise Unavailable(
            f"the column {a.name} has the shape {list(a.shape)} and {len(fields)} fields",
            f'Column("{a.name}", [{len(fields)}], fields = [...])',
        )
    return tuple(names.index(field) for field in fields)


def _header_help(names: tuple[str, ...], delimiter: str) -> str | None:
    """What reads a table whose fields are separated otherwise, or have no names."""
    if len(names) == 1:
        other = next((sign for sign in ";\t|" if sign in names[0] and sign != delimiter), None)
        return None if other is None else f"field_delim = {json.dumps(other)}"
    if all(_is_number(name) for name in names):
        return "column_names = [...] names the fields in order, where the first line is no header"
    return None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _header(path: str, delimiter: str) -> tuple[str, ...]:
    try:
        with text_of(path, "utf-8-sig", "") as file:
            first = io.StringIO(file.read(_LONGEST_HEADER), "")
            return tuple(name.strip() for name in next(csv.reader(first, delimiter=delimiter)))
    except StopIteration:
        raise Unavailable(f"{path} is empty") from None
    except UnicodeDecodeError as error:
        raise not_utf8(path, error) from None
    except (OSError, csv.Error) as error:
        raise Unavailable(f"{path} cannot be read: {error}") from None


KINDS = (
    SourceKind(
        name="Csv",
        signature=signature(
            Argument("dataset_files", PATHS, help="a path or several, with * for any part"),
            DATA,
            LABELS,
            Argument("field_delim", Text(), ",", "what separates fields"),
            Argument(
                "column_names",
                Optional(ListOf(Text())),
                None,
                "the names of fields; none: the first line of each file has them",
            ),
            Argument(
                "quoted",
                Boolean(),
                True,
                'whether "..." may enclose a field; false: quotes are characters like others',
            ),
        ),
        summary="The rows of tables as text. A column is the field of its name, or several fields.",
        example='Csv("iris.csv", [Column("sizes", [2], fields = ["width", "length"])], '
        '[Column("kind", classes = ["setosa", "virginica"])])',
        element=element_of,
        size=lambda a: len(_open(a).lines),
        open=_open,
        files=lambda a: paths_of(a.dataset_files),
        classes=classes_of,
    ),
)
