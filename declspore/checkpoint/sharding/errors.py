"""Diagnostics of sharded checkpoints: codes E570 to E579."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from declspore.checkpoint.errors import UNREADABLE, file_diagnostic, file_error
from declspore.diagnostic import Diagnostic, FilePlace
from declspore.report import DiagnosticError
from declspore.spelling import count, did_you_mean, listing
from declspore.text import files

OfEntry = Callable[..., Diagnostic]
"""A problem of an entry: path of the index, name, and what else it is about."""

# ---- E570: a file is missing


def no_shards(path: str, pattern: str) -> DiagnosticError:
    return file_error(
        "E570",
        f"the folder does not contain a sharded checkpoint: no {pattern}",
        FilePlace(path),
        helps=("name a folder with rank_0, rank_1, ... or with a model.safetensors.index.json",),
    )


def no_matches(pattern: str) -> DiagnosticError:
    return file_error(
        "E570",
        "no file matches the pattern, and it is not a folder",
        FilePlace(pattern),
        helps=("relative paths start at the folder that declspore runs in",),
    )


def unlisted(path: str, reason: str) -> DiagnosticError:
    return file_error(UNREADABLE, f"the folder cannot be read: {reason}", FilePlace(path))


SHOWN_RANKS = 8


def missing_ranks(
    path: str, ranks: Sequence[int], missing: int, wanted: int, found: int
) -> Diagnostic:
    """``ranks`` are the first of those that are missing, ``missing`` is how many there are."""
    more = f" and {missing - len(ranks):,} more" if missing > len(ranks) else ""
    named = ", ".join(map(str, ranks)) + more
    return file_diagnostic(
        "E570",
        f"rank {named} is missing" if missing == 1 else f"ranks {named} are missing",
        FilePlace(path),
        (f"the strategy is for {count(wanted, 'rank')}, the set has {found}",),
        ("copy the missing folders next to the others",),
    )


def missing_shard(
    index: str, shard: str, entries: Sequence[str], places: Sequence[str]
) -> Diagnostic:
    """``places`` are other files that have some of its entries."""
    helps = [f"some of them are in {listing(places)}: correct the index"] if places else []
    return file_diagnostic(
        "E570",
        f"the shard {shard} is missing",
        FilePlace(index),
        (f"it should contain {count(len(entries), 'entry', 'entries')}: {listing(entries)}",),
        (*helps, "copy the shard next to the index"),
    )


# ---- E571: entries that are not where the set says


def absent_in_rank(path: str, entry: str, rank: int, holders: Sequence[int]) -> Diagnostic:
    notes: tuple[str, ...] = ("the strategy places a piece of it on this rank",)
    helps: tuple[str, ...] = ()
    if holders:
        notes += (f"rank {', '.join(map(str, holders[:4]))} holds the same piece",)
        helps = ("remove_redundancy = true, if the set was saved without replicas",)
    return file_diagnostic(
        "E571",
        f"rank {rank} does not have the entry",
        FilePlace(path, entry=entry),
        notes,
        helps,
    )


def piece_absent(path: str, entry: str, ranks: Sequence[int]) -> Diagnostic:
    return file_diagnostic(
        "E571",
        f"no rank has the piece that rank {' and '.join(map(str, ranks[:4]))} should hold",
        FilePlace(path, entry=entry),
    )


def other_stage(path: str, entry: str, rank: int, stage: int, wanted: Iterable[int]) -> Diagnostic:
    return file_diagnostic(
        "E571",
        f"rank {rank} has the entry, which the strategy does not place in stage {stage}",
        FilePlace(path, entry=entry),
        (f"the strategy places it in stage {', '.join(map(str, wanted))}",),
    )


def in_other_shard(index: str, entry: str, stated: str, found: str) -> Diagnostic:
    return file_diagnostic(
        "E571",
        f"the index says that the entry is in {stated}, it is in {found}",
        FilePlace(index, entry=entry),
        helps=(f"correct the index, or take {stated} and the index from the same save",),
    )


def not_in_shard(index: str, entry: str, shard: str, known: Iterable[str]) -> Diagnostic:
    return file_diagnostic(
        "E571",
        f"the index says that the entry is in {shard}, which does not have it",
        FilePlace(index, entry=entry),
        helps=did_you_mean(entry, known),
    )


def not_indexed(index: str, entry: str, shard: str) -> Diagnostic:
    return file_diagnostic(
        "E571",
        f"{shard} has an entry that the index does not list",
        FilePlace(index, entry=entry),
    )


def stray_shard(index: str, shard: str) -> Diagnostic:
    return file_diagnostic(
        "E571",
        f"{shard} is named like a shard of the set, but the index does not list it",
        FilePlace(index),
        helps=("remove it, or take the index from the same save",),
    )


# ---- E572: twice


def in_two_shards(index: str, entry: str, one: str, other: str) -> Diagnostic:
    return file_diagnostic(
        "E572", f"the entry is in {one} and in {other}", FilePlace(index, entry=entry)
    )


def listed_twice(index: str, entry: str) -> Diagnostic:
    return file_diagnostic("E572", "the index lists the entry twice", FilePlace(index, entry=entry))


def rank_twice(path: str, rank: int, paths: Sequence[str]) -> Diagnostic:
    title = f"rank {rank} has two files: {files(paths)}"
    return file_diagnostic("E572", title, FilePlace(path))


# ---- E573: totals


def wrong_total(index: str, stated: int, found: int) -> Diagnostic:
    return file_diagnostic(
        "E573",
        f"the index states a total of {stated:,} bytes, the entries have {found:,}",
        FilePlace(index),
        ("the index and the shards may be of different saves",),
        (f'"total_size": {found}, if the shards are right',),
    )


# ---- E574: strategy and set do not fit


def foreign_strategy(
    path: str, strategy: str, named: Sequence[str], held: Sequence[str]
) -> Diagnostic:
    return file_diagnostic(
        "E574",
        f"{strategy} is the strategy of another model: it names no entry of the set",
        FilePlace(path),
        (f"the set has {listing(held, limit=3)}", f"the strategy has {listing(named, limit=3)}"),
    )


def extra_ranks(path: str, ranks: Sequence[int], wanted: int) -> Diagnostic:
    return file_diagnostic(
        "E574",
        f"the set has rank {max(ranks)}, the strategy is for {count(wanted, 'rank')}",
        FilePlace(path),
        helps=("name the strategy that was saved with these ranks",),
    )


def other_axes(path: str, entry: str, type: str, axes: int) -> Diagnostic:
    return file_diagnostic(
        "E574",
        f"the strategy cuts {count(axes, 'axis', 'axes')}, the entry is {type}",
        FilePlace(path, entry=entry),
    )


def other_type(path: str, entry: str, one: str, other: str, origin: str) -> Diagnostic:
    return file_diagnostic(
        "E574",
        f"the piece is {other}, expected {one} as in {origin}",
        FilePlace(path, entry=entry),
        ("the pieces of an entry have one shape and element type",),
    )


def other_whole(path: str, other: str, entry: str, one: str, found: str) -> Diagnostic:
    return file_diagnostic(
        "E574",
        f"the pieces make {found} in this stage, {one} in that of {other}",
        FilePlace(path, entry=entry),
    )


def not_cut(path: str, entry: str, kind: str) -> Diagnostic:
    title = f"the strategy cuts the entry, which is {kind}"
    return file_diagnostic("E574", title, FilePlace(path, entry=entry))


# ---- E575: replicas that disagree


def replicas_differ(
    path: str, entry: str, other: str, place: str, values: tuple[str, str], laid_out: bool
) -> DiagnosticError:
    notes = [
        f"first at {place}: {values[0]} in {path}, {values[1]} in {other}",
        "the strategy says that both hold the same values"
        if laid_out
        else "the strategy does not have a layout for it, so all ranks should hold the same",
    ]
    return file_error(
        "E575",
        "replicas of the entry differ",
        FilePlace(path, entry=entry),
        tuple(notes),
        (
            'replicas = "first" (--replicas first) takes the lowest rank, as MindSpore does',
            "correct the strategy, if the entry is cut",
        ),
    )


# ---- E576: files that describe a set


def bad_strategy(
    path: str, reason: str, counts: Mapping[int, str] | None = None
) -> DiagnosticError:
    notes = tuple(
        f"`{name}` has {count(number, 'device')}" for number, name in (counts or {}).items()
    )
    return file_error("E576", f"the strategy cannot be used: {reason}", FilePlace(path), notes)


def bad_layout(path: str, entry: str, reason: str) -> Diagnostic:
    title = f"the layout cannot be used: {reason}"
    return file_diagnostic("E576", title, FilePlace(path, entry=entry))


def layout_twice(path: str, entry: str) -> Diagnostic:
    return file_diagnostic("E576", "the entry has two layouts", FilePlace(path, entry=entry))


def stage_twice(path: str, other: str, stage: int) -> DiagnosticError:
    title = f"it describes stage {stage} otherwise than {other} does"
    return file_error("E576", title, FilePlace(path))


def absent_stage(path: str, absent: Sequence[int], found: Sequence[int]) -> DiagnosticError:
    return file_error(
        "E576",
        f"stage {', '.join(map(str, absent))} is missing from the strategy",
        FilePlace(path),
        (f"it describes stage {', '.join(map(str, found))}",),
        ('name the files of all stages: strategy = "strategies/*.ckpt"',),
    )


def bad_index(path: str, reason: str) -> DiagnosticError:
    return file_error("E576", f"the index cannot be used: {reason}", FilePlace(path))


# ---- E577: which files


def ambiguous(path: str, one: str, other: str) -> Diagnostic:
    return file_diagnostic(
        "E577",
        f"the last file by name is {one}, the last by number is {other}",
        FilePlace(path),
        ("MindSpore takes the last by name from a folder of .ckpt files",),
        (f'files = "*{_tail(other)}" (--files) names the wanted ones',),
    )


def other_step(path: str, one: str, other: str) -> Diagnostic:
    return file_diagnostic(
        "E577",
        f"the ranks are of different steps: {one} and {other}",
        FilePlace(path),
        helps=(f'files = "*{_tail(one)}" (--files) names the files of one step',),
    )


def two_formats(path: str) -> DiagnosticError:
    return file_error(
        "E577",
        "the folder contains .ckpt and .safetensors files",
        FilePlace(path),
        helps=('files = "*.ckpt" (--files) names the wanted ones',),
    )


def _tail(name: str) -> str:
    """The end of a name from the numbers of epoch and step on."""
    at = name.rfind("-")
    return name[at:] if at >= 0 else name


# ---- E578, E579: writing


def not_a_set(path: str, strangers: Sequence[str]) -> DiagnosticError:
    return file_error(
        "E578",
        f"the folder contains {count(len(strangers), 'file')} that would not be replaced: "
        f"{files(strangers)}",
        FilePlace(path),
        ("a sharded checkpoint replaces its folder as a whole",),
        ("name another folder, or remove the files",),
    )


def uncut(path: str, entry: str, type: str, pieces: Sequence[int]) -> Diagnostic:
    return file_diagnostic(
        "E579",
        f"{type} cannot be cut into {' x '.join(map(str, pieces))} pieces",
        FilePlace(path, entry=entry),
    )


def no_layout(path: str, entry: str, strategy: str) -> Diagnostic:
    return file_diagnostic(
        "E579",
        f"{strategy} does not have a layout for the entry, which is cut in the input",
        FilePlace(path, entry=entry),
        helps=("delete it in an edit, or name a strategy that includes it",),
    )


# ---- E502: while it is read


def changed_shard(path: str) -> DiagnosticError:
    return file_error(
        UNREADABLE,
        "the file cannot be read: it was replaced while the set was read",
        FilePlace(path),
    )
