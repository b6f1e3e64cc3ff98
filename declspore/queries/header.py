"""Queries that headers answer."""

from __future__ import annotations

from typing import Any

from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.query import Entries, File, NetworkValue, Patterns, QueryKind
from declspore.registry.signature import Argument, signature

_ENTRIES = Argument("entries", Entries(), help="entries of an input or of the output")


_OTHERS = Argument("others", Entries(), help="entries of another file, or of the same")


def _alike(a: Arguments) -> bool:
    one, other = (
        {entry.name: (entry.dtype, entry.shape) for entry in each.entries}
        for each in (a.entries, a.others)
    )
    return bool(one) and one == other


def _one(a: Arguments) -> Any:
    found = a.entries.entries
    if len(found) != 1:
        raise Misfit(f"{a.entries} matches {len(found)} entries; this asks about one")
    return found[0]


KINDS = (
    QueryKind(
        name="count",
        signature=signature(_ENTRIES),
        summary="How many entries there are.",
        example="count(dst.`**`) == 8",
        answer=lambda a: len(a.entries.entries),
    ),
    QueryKind(
        name="exists",
        signature=signature(_ENTRIES),
        summary="Whether there is such an entry.",
        example="exists(dst.`fc3.weight`)",
        answer=lambda a: bool(a.entries.entries),
    ),
    QueryKind(
        name="absent",
        signature=signature(_ENTRIES),
        summary="Whether an entry does not exist.",
        example="absent(dst.`moments.**`)",
        answer=lambda a: not a.entries.entries,
    ),
    QueryKind(
        name="shape",
        signature=signature(_ENTRIES),
        summary="The shape of an entry.",
        example="shape(dst.`fc3.weight`) == [10, 84]",
        answer=lambda a: tuple(_one(a).shape),
    ),
    QueryKind(
        name="dtype",
        signature=signature(_ENTRIES),
        summary="The element type of an entry.",
        example="dtype(dst.`fc3.weight`) == f32",
        answer=lambda a: _one(a).dtype,
    ),
    QueryKind(
        name="rank",
        signature=signature(_ENTRIES),
        summary="The number of axes of an entry.",
        example="rank(dst.`fc3.weight`) == 2",
        answer=lambda a: len(_one(a).shape),
    ),
    QueryKind(
        name="is_float",
        signature=signature(_ENTRIES),
        summary="Whether an entry holds floats.",
        example="is_float(dst.`fc3.weight`)",
        answer=lambda a: _one(a).dtype.is_float,
    ),
    QueryKind(
        name="role",
        signature=signature(_ENTRIES),
        summary='What an entry is for: "weight", "statistic", "slot" of an optimizer, "scalar".',
        example='role(dst.`fc3.weight`) == "weight"',
        answer=lambda a: a.entries.file.role(_one(a)),
    ),
    QueryKind(
        name="alike",
        signature=signature(_ENTRIES, _OTHERS),
        summary="Whether there are entries, and those of both have the same names, types and "
        "shapes.",
        example="alike(dst.`fc3.*`, src.`fc3.*`)",
        answer=_alike,
    ),
    QueryKind(
        name="has",
        signature=signature(
            Argument("network", NetworkValue(), help="a network with its arguments"), _ENTRIES
        ),
        summary="Whether the network has a parameter with the name and shape of an entry.",
        example="has(LeNet5(), dst.`fc3.weight`)",
        answer=lambda a: a.entries.file.has(a.network, _one(a)),
    ),
    QueryKind(
        name="fits",
        signature=signature(
            Argument("checkpoint", File(), help="an input or the output"),
            Argument("network", NetworkValue(), help="the network it is for"),
            Argument("ignore", Patterns(), (), "entries the network need not have"),
        ),
        summary="Whether the checkpoint loads into the network exactly.",
        example="fits(dst, LeNet5())",
        answer=lambda a: a.checkpoint.fits(a.network, a.ignore),
    ),
)
