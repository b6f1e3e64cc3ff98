"""Sharded checkpoints: many files that are one checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from declspore.checkpoint.format import Format, Piece, Progress
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.reader import Access, Checkpoint
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.sharding.open import open_set
from declspore.checkpoint.sharding.sets import SetOptions
from declspore.checkpoint.sharding.target import (
    HUGGING_FACE,
    PREFIX,
    SHARD_BYTES,
    UNIFIED,
    SetPlan,
    Target,
    plan_set,
)
from declspore.ir.header import HeaderEntry
from declspore.ir.term import Arguments
from declspore.registry.file import SHA256, FileKind, FileSet
from declspore.registry.kind import Misfit
from declspore.registry.protection import PROTECTION, check_protection, protected_access
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice, Integer, Optional, Text

_FORMATS = {format.name: format for format in (MINDSPORE, SAFETENSORS)}


def _check(a: Arguments) -> None:
    check_protection(a)
    if a.strategy is None and (a.key_env or a.key_file):
        raise Misfit("safetensors cannot be encrypted", "name a strategy, or leave the key out")
    if "/" in a.prefix or a.prefix.startswith("."):
        raise Misfit("the prefix is not the beginning of a file name", 'prefix = "checkpoint_"')


def _open(a: Arguments, formats: Sequence[Format], access: Access) -> Checkpoint:
    options = SetOptions(a.strategy, a.files, a.replicas == "first", a.remove_redundancy)
    return open_set(a.path, formats, options, access)


def _target(a: Arguments) -> Target:
    return Target(
        a.path,
        _FORMATS[a.format] if a.strategy is not None else SAFETENSORS,
        a.strategy,
        a.index,
        a.prefix,
        a.shard_bytes,
        bool(a.remove_redundancy),
    )


def _plan(a: Arguments, entries: Sequence[HeaderEntry]) -> SetPlan:
    return plan_set(_target(a), entries)


def _write(
    a: Arguments,
    pieces: Sequence[Piece],
    formats: Sequence[Format],
    access: Access,
    verify: Callable[[Checkpoint], None],
    progress: Progress,
) -> int:
    # an edit that writes no set does not load what writes one
    from declspore.checkpoint.sharding.write import write_set

    target = _target(a)
    return write_set(
        target, pieces, formats=formats, access=access, verify=verify, progress=progress
    )


KINDS = (
    FileKind(
        name="sharded",
        signature=signature(
            Argument("path", Text(), help="the folder, or a pattern for the files of all ranks"),
            Argument(
                "strategy",
                Optional(Text()),
                None,
                "MindSpore's strategy file; a pattern for those of all pipeline stages; none: "
                "shards with an index, or ranks with whole tensors",
            ),
            Argument("files", Optional(Text()), None, "names of the files to read in rank folders"),
            Argument(
                "replicas",
                Choice(("equal", "first")),
                "equal",
                "replicas that are read must be equal, or the lowest rank's is used",
            ),
            Argument(
                "remove_redundancy",
                Optional(Boolean()),
                None,
                "whether each piece is on one rank only; none: as the files say",
            ),
            Argument("format", Choice(tuple(_FORMATS)), MINDSPORE.name, "of rank files to write"),
            Argument("prefix", Text(), PREFIX, "how names of rank files to write begin"),
            Argument(
                "index",
                Choice((HUGGING_FACE, UNIFIED)),
                HUGGING_FACE,
                "the index to write where there is no strategy",
            ),
            Argument(
                "shard_bytes", Integer(1), SHARD_BYTES, "size of the values of a shard, at most"
            ),
            *PROTECTION,
            SHA256,
        ),
        summary="A checkpoint in many files: rank folders of a parallel training, or safetensors "
        "with an index.",
        example='sharded("src/", strategy = "strategy.ckpt")',
        files=FileSet(_open, _plan, _write),
        check=_check,
        access=protected_access,
    ),
)
