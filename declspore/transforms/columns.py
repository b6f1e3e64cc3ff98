"""Steps over the columns of samples (mindspore.dataset.Dataset.map, filter, rename and project,
2.10). What MindSpore calls Python for is an expression here."""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence
from dataclasses import replace

from declspore.ir.dtype import BOOL
from declspore.ir.formula import Formula
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.of_columns import check_numbers, names_in, value_of
from declspore.registry.data import (
    Column,
    Element,
    PlaceKind,
    RowKind,
    SelectKind,
    Values,
)
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import ListOf, Optional, Tensor, Text
from declspore.spelling import repeated


def _names(columns: Sequence[Column]) -> list[str]:
    return [column.name for column in columns]


def _single(element: Element, what: str) -> None:
    if element.batched:
        raise Misfit(f"it {what} single samples", "put it before `batch`")


# ---- map


def _infer_map(a: Arguments, element: Element) -> Element:
    _single(element, "changes")
    made: dict[str, Formula] = dict(a)
    for formula in made.values():
        check_numbers(formula)

    def changed(column: Column) -> Column:
        return Column(column.name, made[column.name].type) if column.name in made else column

    inputs = tuple(map(changed, element.inputs))
    labels = tuple(map(changed, element.labels))
    known = _names(element.columns)
    new = tuple(Column(name, f.type) for name, f in made.items() if name not in known)
    late = dict(element.late)
    marks = [(name, word) for name, word in element.late if name not in made]
    for name, formula in made.items():
        words = [late[used] for used in names_in([formula]) if used in late]
        marks += [(name, word) for word in words[:1]]
    touched = set(made) & set(_names(element.labels))
    classes = None if touched else element.classes
    return replace(
        element, inputs=(*inputs, *new), labels=labels, late=tuple(marks), classes=classes
    )


def _map(a: Arguments, element: Element, values: Values, wanted: Container[str]) -> Values:
    columns = dict(zip(_names(element.columns), values, strict=True))
    made = {name: value_of(f, columns) for name, f in a.items() if name in wanted}
    # columns of data that are new come after the others, before labels
    inputs, new = _names(element.inputs), [name for name in a if name not in columns]
    every = [*inputs, *new, *_names(element.labels)]
    return tuple(made.get(name, columns.get(name)) for name in every)


def _map_uses(a: Arguments, element: Element, wanted: Collection[str]) -> frozenset[str]:
    kept = {name for name in wanted if name not in a}
    return names_in(formula for name, formula in a.items() if name in wanted) | kept


# ---- filter


def _infer_filter(a: Arguments, element: Element) -> Element:
    _single(element, "chooses")
    check_numbers(a.predicate)
    if a.predicate.type != TensorType(BOOL, ()):
        raise Misfit(
            f"it takes true or false for each sample, found {a.predicate.type}",
            "a comparison, such as label < 5; all(...) or any(...) of several",
        )
    element.needs("filter", sorted(names_in([a.predicate])))
    if element.shuffled:
        raise Misfit(
            "the samples are in another order each epoch, and it looks at them once before",
            "put filter before it: the samples that are left are the same",
        )
    return replace(element, count=None)


def _chooses(a: Arguments, element: Element, values: Values) -> bool:
    columns = dict(zip(_names(element.columns), values, strict=True))
    return bool(value_of(a.predicate, columns))


# ---- names and places


def _renamed(a: Arguments) -> dict[str, str]:
    if len(a.input_columns) != len(a.output_columns):
        raise Misfit(f"{len(a.input_columns)} columns are renamed to {len(a.output_columns)} names")
    return dict(zip(a.input_columns, a.output_columns, strict=True))


def _infer_rename(a: Arguments, element: Element) -> Element:
    names = _renamed(a)
    element.check_known(list(names))
    every = [names.get(name, name) for name in _names(element.columns)]
    if (twice := repeated(every)) is not None:
        raise Misfit(f"two columns would be called {twice!r}")

    def renamed(columns: Sequence[Column]) -> tuple[Column, ...]:
        return tuple(replace(each, name=names.get(each.name, each.name)) for each in columns)

    late = tuple((names.get(name, name), word) for name, word in element.late)
    return replace(
        element, inputs=renamed(element.inputs), labels=renamed(element.labels), late=late
    )


def _chosen(a: Arguments, element: Element) -> tuple[list[str], list[str]]:
    """The columns of data and of labels that are kept."""
    columns = list(a.columns)
    if a.labels is not None:
        return columns, list(a.labels)
    labels = _names(element.labels)
    return (
        [name for name in columns if name not in labels],
        [name for name in columns if name in labels],
    )


def _infer_project(a: Arguments, element: Element) -> Element:
    element.check_known([*a.columns, *(a.labels or ())])
    return element.projected(*_chosen(a, element))


def _places(a: Arguments, element: Element) -> tuple[int, ...]:
    data, labels = _chosen(a, element)
    every = _names(element.columns)
    return tuple(every.index(name) for name in (*data, *labels))


KINDS = (
    RowKind(
        name="map",
        signature=signature(
            Argument("columns", Tensor(), help="each by its name: an expression over columns")
        ),
        summary="Columns made of columns with the ops of the language: a column of a known name "
        "changes in its place, a new one is data.",
        example="Digits() |> map(image = image / 16.0, ink = sum(image))",
        infer=_infer_map,
        compute=_map,
        uses=_map_uses,
        over_columns=True,
        named=True,
    ),
    SelectKind(
        name="filter",
        signature=signature(
            Argument("predicate", Tensor(), help="an expression over columns, true or false")
        ),
        summary="The samples for which an expression over their columns is true. Every sample is "
        "read once, when a run is planned, so that their number is known before the first step.",
        example="Digits() |> filter(label < 5)",
        infer=_infer_filter,
        over_columns=True,
        chooses=_chooses,
        uses=lambda a: tuple(sorted(names_in([a.predicate]))),
    ),
    PlaceKind(
        name="rename",
        signature=signature(
            Argument("input_columns", ListOf(Text()), help="the names they have"),
            Argument("output_columns", ListOf(Text()), help="those they get"),
        ),
        summary="Columns under other names.",
        example='Digits() |> rename(["image"], ["x"])',
        infer=_infer_rename,
        places=lambda a, element: tuple(range(len(element.columns))),
    ),
    PlaceKind(
        name="project",
        signature=signature(
            Argument("columns", ListOf(Text()), help="those that are kept, in their new order"),
            Argument(
                "labels",
                Optional(ListOf(Text())),
                None,
                "those that are labels from here on; none: a column stays what it is",
            ),
        ),
        summary="Some of the columns, in another order, as data or as labels.",
        example='Digits() |> map(target = image / 16.0) |> project(["image"], ["target"])',
        infer=_infer_project,
        places=_places,
    ),
)
