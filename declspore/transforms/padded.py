"""Batches of samples that differ in size (mindspore.dataset.Dataset.padded_batch and
bucket_batch_by_length, 2.10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from declspore.ir.dtype import STRING
from declspore.ir.formula import Formula
from declspore.ir.shape import Dim, symbol
from declspore.ir.term import Arguments, show
from declspore.numerics.of_columns import check_numbers, names_in, value_of
from declspore.registry.data import (
    BucketKind,
    Buckets,
    Column,
    Element,
    GroupKind,
    Padding,
    Values,
)
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Anything, Boolean, Integer, ListOf, Optional, Tensor, Text

_EXAMPLE = '[["tokens", [none], 0]]'
_PAD_INFO = Argument(
    "pad_info",
    Optional(ListOf(ListOf(Anything()))),
    None,
    "of columns the name, the sizes (none: the largest of the batch) and what fills them up, as "
    f"{_EXAMPLE}; all others, and without it all, are filled with 0 up to the largest",
)


def _stated(
    a: Arguments, element: Element
) -> dict[str, tuple[tuple[int | None, ...], float | bytes]]:
    """What ``pad_info`` says of columns."""
    columns = {column.name: column for column in element.columns}
    found: dict[str, tuple[tuple[int | None, ...], float | bytes]] = {}
    for row in a.pad_info or ():
        if len(row) != 3 or not isinstance(row[0], str):
            raise Misfit("pad_info is a list of name, sizes and value", _EXAMPLE)
        name, shape, value = row
        if name not in columns:
            raise Misfit(
                f"the dataset does not have the column {name!r}; there are {', '.join(columns)}"
            )
        found[name] = _sizes(columns[name], shape), _value(columns[name], value)
    return found


def _sizes(column: Column, shape: object) -> tuple[int | None, ...]:
    if shape is None:
        return (None,) * column.type.rank
    if not isinstance(shape, tuple) or not all(
        size is None or (isinstance(size, int) and not isinstance(size, bool) and size > 0)
        for size in shape
    ):
        raise Misfit(f"the sizes of {column.name} in pad_info are not a list of sizes", _EXAMPLE)
    if len(shape) != column.type.rank:
        raise Misfit(f"pad_info has {len(shape)} sizes for {column}, which has {column.type.rank}")
    return tuple(shape)


def _value(column: Column, value: object) -> float | bytes:
    if column.type.dtype is STRING:
        if not isinstance(value, str):
            raise Misfit(f"{column} is filled with a text, found {value!r}", '["text", [none], ""]')
        return value.encode()
    if value is None:
        return 0
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Misfit(f"{column} is filled with a number, found {value!r}")
    if column.type.dtype.is_float:
        return float(value)
    low = -(1 << column.type.dtype.digits) if column.type.dtype.kind == "int" else 0
    if int(value) != value or not low <= value < 1 << column.type.dtype.digits:
        raise Misfit(f"{column} cannot hold {value}, which would fill it up")
    return int(value)


def _padding(a: Arguments, element: Element) -> Padding:
    stated = _stated(a, element)
    shapes, values = [], []
    for column in element.columns:
        plain = (None,) * column.type.rank, b"" if column.type.dtype is STRING else 0
        shape, value = stated.get(column.name, plain)
        shapes.append(shape)
        values.append(value)
    return Padding(tuple(shapes), tuple(values))


def _padded(element: Element, padding: Padding, first: Dim, count: int | None) -> Element:
    shapes = iter(padding.shapes)

    def padded(columns: tuple[Column, ...]) -> tuple[Column, ...]:
        return tuple(_batched(column, next(shapes), first) for column in columns)

    inputs, labels = padded(element.inputs), padded(element.labels)
    return replace(element, inputs=inputs, labels=labels, count=count, batched=True)


def _batched(column: Column, shape: tuple[int | None, ...], first: Dim) -> Column:
    sizes = (
        size if size is not None else dim
        for size, dim in zip(shape, column.type.shape, strict=True)
    )
    return replace(column, type=column.type.with_shape((first, *sizes)))


def _single(element: Element) -> None:
    if element.batched:
        raise Misfit("the samples are batched already", "one batch is enough")


def _infer_padded(a: Arguments, element: Element) -> Element:
    _single(element)
    count = element.count
    if count is not None:
        count = count // a.batch_size if a.drop_remainder else -(-count // a.batch_size)
    if count == 0:
        raise Misfit(
            f"{element.count} samples make no whole batch of {a.batch_size}",
            "a smaller batch_size, or drop_remainder = false",
        )
    first: Dim = a.batch_size if a.drop_remainder else symbol("B")
    return _padded(element, _padding(a, element), first, count)


# ---- buckets


def _buckets(a: Arguments) -> Buckets:
    return Buckets(
        tuple(a.bucket_boundaries),
        tuple(a.bucket_batch_sizes),
        not a.drop_remainder,
    )


def _bucket_padding(a: Arguments, element: Element) -> Padding:
    found = _padding(a, element)
    return replace(found, boundaries=a.bucket_boundaries if a.pad_to_bucket_boundary else ())


def _infer_buckets(a: Arguments, element: Element) -> Element:
    _single(element)
    for problem in _problems(a):
        raise problem
    if a.element_length_function is None:
        _check_own_length(a, element)
    else:
        element.check_known(a.column_names)
        _check_length(a)
    element.needs("bucket_batch_by_length", list(a.column_names))
    if element.varies:
        raise Misfit(
            "the samples are others each epoch, so the number of batches would be another each",
            "take, skip or a sampler after it, or before `shuffle`",
        )
    return _padded(element, _bucket_padding(a, element), symbol("B"), None)


def _check_own_length(a: Arguments, element: Element) -> None:
    """Raises Misfit where the length is not that of one column."""
    if len(a.column_names) != 1:
        raise Misfit(
            "without element_length_function the length is that of one column",
            'column_names = ["tokens"]',
        )
    element.check_known(a.column_names)
    column = next(each for each in element.columns if each.name == a.column_names[0])
    if not column.type.rank:
        raise Misfit(f"{column} has no length")


def _check_length(a: Arguments) -> None:
    """Raises Misfit where the expression is not a length of the named columns."""
    formula: Formula = a.element_length_function
    check_numbers(formula)
    if formula.type.shape or not formula.type.dtype.is_integer:
        raise Misfit(
            f"element_length_function is a single integer for each sample, found {formula.type}",
            "sum(ones_like(tokens))",
        )
    others = sorted(names_in([formula]) - set(a.column_names))
    if others:
        raise Misfit(
            f"element_length_function uses {others[0]}, which column_names does not have",
            f"column_names = {show(sorted(names_in([formula])))}",
        )


def _length(a: Arguments, element: Element, values: Values) -> int:
    columns = dict(zip((column.name for column in element.columns), values, strict=True))
    if a.element_length_function is None:
        return len(columns[a.column_names[0]])
    return int(value_of(a.element_length_function, columns))


def _problems(a: Arguments) -> Iterator[Misfit]:
    boundaries, sizes = a.bucket_boundaries, a.bucket_batch_sizes
    if not boundaries or sorted(set(boundaries)) != list(boundaries):
        yield Misfit("bucket_boundaries are lengths that increase", "[16, 32, 64]")
    if len(sizes) != len(boundaries) + 1:
        yield Misfit(
            f"there are {len(boundaries)} boundaries, which make {len(boundaries) + 1} buckets, "
            f"and {len(sizes)} batch sizes"
        )


KINDS = (
    GroupKind(
        name="padded_batch",
        signature=signature(
            Argument("batch_size", Integer(1), help="samples in a batch"),
            Argument(
                "drop_remainder", Boolean(), False, "whether a smaller last batch is left out"
            ),
            _PAD_INFO,
        ),
        summary="Samples that differ in size grouped into batches, each column filled up. A sample "
        "larger than a stated size is cut.",
        example='TextFile("t.txt") |> WhitespaceTokenizer() |> Lookup("v.txt") |> '
        'padded_batch(32, pad_info = [["text", [none], 1]])',
        infer=_infer_padded,
        size=lambda a: int(a.batch_size),
        keeps_last=lambda a: not a.drop_remainder,
        padding=_padding,
    ),
    BucketKind(
        name="bucket_batch_by_length",
        signature=signature(
            Argument(
                "column_names",
                ListOf(Text()),
                help="the column whose length counts, or those that element_length_function uses",
            ),
            Argument(
                "bucket_boundaries",
                ListOf(Integer(1)),
                help="the first length of each bucket but the first",
            ),
            Argument("bucket_batch_sizes", ListOf(Integer(1)), help="samples in a batch of each"),
            Argument(
                "element_length_function",
                Optional(Tensor()),
                None,
                "an expression over columns, an integer for each sample; none: the length of the "
                "column",
            ),
            _PAD_INFO,
            Argument(
                "pad_to_bucket_boundary",
                Boolean(),
                False,
                "whether sizes that are not stated become the boundary above, less 1",
            ),
            Argument("drop_remainder", Boolean(), False, "whether smaller batches are left out"),
        ),
        summary="Samples of about one length grouped into batches, each column filled up. Every "
        "sample is read once, when a run is planned, so that the number of batches is known.",
        example='TextFile("t.txt") |> WhitespaceTokenizer() |> Lookup("v.txt") |> '
        'bucket_batch_by_length(["text"], [16, 64], [64, 16, 4])',
        infer=_infer_buckets,
        buckets=_buckets,
        padding=_bucket_padding,
        uses=lambda a: tuple(a.column_names),
        length=_length,
        over_columns=True,
    ),
)
