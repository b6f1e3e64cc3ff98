"""The table of what does not fit: an entry a row, or where those are many, a layer a row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from declspore.ir.header import HeaderEntry
from declspore.plan.fitting import BindMismatch
from declspore.text import table

_MOST_ENTRIES = 14
_MOST_LAYERS = 16
_NONE = "-"

Row = tuple[str, HeaderEntry | None, HeaderEntry | None]
"""A name, what the checkpoint has there, and what the network needs."""


def mismatches(misfit: BindMismatch) -> str:
    """All mismatches, grouped by layer; entries of one layer are listed together."""
    rows = list(_rows(misfit))
    if len(rows) <= _MOST_ENTRIES:
        return _entries(rows)
    return _layers(rows)


def _rows(misfit: BindMismatch) -> Iterator[Row]:
    layers: dict[str, list[Row]] = defaultdict(list)
    found: list[Row] = [(entry.name, None, entry) for entry in misfit.missing]
    found += [(one.name, one, other) for one, other in (*misfit.shapes, *misfit.dtypes)]
    found += [(entry.name, entry, None) for entry in misfit.unused]
    for row in found:
        layers[row[0].rpartition(".")[0]].append(row)
    for layer in layers.values():
        yield from layer


def _entries(rows: Sequence[Row]) -> str:
    told = [(name, _type(found), _type(wanted)) for name, found, wanted in rows]
    return "\n".join(table([("", "checkpoint", "network"), *told]))


def _type(entry: HeaderEntry | None) -> str:
    return entry.type if entry is not None else _NONE


def _layers(rows: Sequence[Row]) -> str:
    """As deep as the rows stay few: how many of each kind, and one as an example."""
    deepest = max(name.count(".") for name, _, _ in rows)
    grouped: dict[str, list[Row]] = {}
    for depth in range(deepest, 0, -1):
        grouped = _grouped(rows, depth)
        if len(grouped) <= _MOST_LAYERS:
            break
    else:
        grouped = _grouped(rows, 1)
    kinds = [kind for kind in ("missing", "unused", "shape", "type") if _counts(rows)[kind]]
    told = [("layer", *kinds, "such as")]
    shown = list(grouped.items())[:_MOST_LAYERS]
    for layer, found in shown:
        counts = _counts(found)
        numbers = (f"{counts[kind]:,}" if counts[kind] else _NONE for kind in kinds)
        told.append((layer, *numbers, _example(found[0])))
    lines = table(told, right=range(1, len(kinds) + 1))
    left = list(grouped.items())[_MOST_LAYERS:]
    if left:
        amount = sum(len(found) for _, found in left)
        lines.append(f"... and {len(left):,} more layers with {amount:,} entries")
    return "\n".join(lines)


def _grouped(rows: Sequence[Row], depth: int) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        layer = row[0].rpartition(".")[0].split(".")
        found[".".join(layer[:depth]) or row[0]].append(row)
    return found


def _counts(rows: Iterable[Row]) -> Counter[str]:
    return Counter(_kind(row) for row in rows)


def _kind(row: Row) -> str:
    _, found, wanted = row
    if found is None or wanted is None:
        return "missing" if found is None else "unused"
    return "shape" if found.shape != wanted.shape else "type"


def _example(row: Row) -> str:
    name, found, wanted = row
    if found is not None and wanted is not None:
        return f"{name} {found.type}, not {wanted.type}"
    return f"{name} {_type(found or wanted)}"
