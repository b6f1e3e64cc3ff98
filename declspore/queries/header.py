"""Queries that headers answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from declspore.ir.header import HeaderEntry
from declspore.ir.pattern import natural
from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.query import Entries, File, NetworkValue, Patterns, QueryKind, some
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Optional
from declspore.spelling import closest, count, listing

Types = Mapping[str, str]

_ENTRIES = Argument("entries", Entries(), help="entries of an input or of the output")


_OTHERS = Argument("others", Entries(), help="entries of another file, or of the same")


def _alike(a: Arguments) -> bool:
    one, other = (
        {entry.name: (entry.dtype, entry.shape) for entry in each.entries}
        for each in (a.entries, a.others)
    )
    return bool(one) and one == other


def _unlike(a: Arguments) -> Iterator[str]:
    """Where the entries of two selections differ, in names, types and shapes."""
    one, other = ({e.name: e.type for e in each.entries} for each in (a.entries, a.others))
    if not one or not other:
        yield f"{a.others if one else a.entries} matches no entry"
        return
    names = sorted(one | other, key=natural)
    yield from some(
        _difference(a, name, one, other) for name in names if _differs(name, one, other)
    )


def _differs(name: str, one: Types, other: Types) -> bool:
    return one.get(name) != other.get(name)


def _difference(a: Arguments, name: str, one: Types, other: Types) -> str:
    if name not in one or name not in other:
        return f"only {a.entries if name in one else a.others} matches `{name}`"
    return f"`{name}` is {one[name]} in {a.entries} and {other[name]} in {a.others}"


def _matched(a: Arguments) -> Iterator[str]:
    """The entries that a selection matches."""
    names = [entry.name for entry in a.entries.entries]
    yield f"{a.entries} matches {listing(names)}" if names else f"{a.entries} matches no entry"
    if not names and a.entries.pattern.is_exact:
        near = closest(a.entries.pattern.text, [e.name for e in a.entries.file.header])
        yield from (f"the entry most like it is `{name}`" for name in near)


def _one(a: Arguments) -> HeaderEntry:
    found = a.entries.entries
    if len(found) != 1:
        help = None
        if not found:
            names = [entry.name for entry in a.entries.file.header]
            near = closest(a.entries.pattern.text, names, limit=3)
            help = f"did you mean {listing(near)}?" if near else None
        matches = count(len(found), "entry", "entries")
        raise Misfit(f"{a.entries} matches {matches}; this asks about one", help)
    return found[0]


def _has(a: Arguments) -> bool:
    name = None
    if a.name is not None:
        (pattern,) = a.name
        if not pattern.is_exact:
            raise Misfit(f"{pattern} is not the name of one parameter")
        name = pattern.text
    return a.entries.file.has(a.network, _one(a), name)


KINDS = (
    QueryKind(
        name="count",
        signature=signature(_ENTRIES),
        summary="How many entries there are.",
        example="count(dst.`**`) == 8",
        answer=lambda a: len(a.entries.entries),
        found=_matched,
    ),
    QueryKind(
        name="exists",
        signature=signature(_ENTRIES),
        summary="Whether there is such an entry.",
        example="exists(dst.`fc3.weight`)",
        answer=lambda a: bool(a.entries.entries),
        found=_matched,
    ),
    QueryKind(
        name="absent",
        signature=signature(_ENTRIES),
        summary="Whether an entry does not exist.",
        example="absent(dst.`moments.**`)",
        answer=lambda a: not a.entries.entries,
        found=_matched,
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
        answer=lambda a: _one(a).dtype.has_floats,
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
        found=_unlike,
    ),
    QueryKind(
        name="has",
        signature=signature(
            Argument("network", NetworkValue(), help="a network with its arguments"),
            _ENTRIES,
            Argument("name", Optional(Patterns()), None, "another name, such as it is to get"),
        ),
        summary="Whether the network has a parameter with the name, or another one, and the shape "
        "of an entry.",
        example="has(LeNet5(), dst.`fc3.weight`)",
        answer=_has,
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
