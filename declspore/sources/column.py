"""Columns that a spec declares where the files of a source do not say what they hold."""

from __future__ import annotations

from declspore.ir.dtype import FLOAT32
from declspore.registry.data import ColumnKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import ElementType, ListOf, Optional, Shape, Text

KINDS = (
    ColumnKind(
        name="Column",
        signature=signature(
            Argument("name", Text(), help="of the array, the field or the column of the file"),
            Argument(
                "shape",
                Shape(symbolic=True),
                (),
                "of one item; -1 for a size that differs between items",
            ),
            Argument("dtype", ElementType(texts=True), FLOAT32, "element type"),
            Argument(
                "fields",
                Optional(ListOf(Text())),
                None,
                "of a table, those that make up the column",
            ),
            Argument(
                "classes",
                Optional(ListOf(Text())),
                None,
                "the strings that the file has for the classes 0, 1, ...; the column is i32 then",
            ),
        ),
        summary="A column of a dataset: an array of that name, shape and element type.",
        example='Column("kind", classes = ["cat", "dog"])',
    ),
)
