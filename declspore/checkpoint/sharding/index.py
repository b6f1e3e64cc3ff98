"""Index files: which shard has which entry, as Hugging Face and MindSpore write them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.reader import is_name
from declspore.checkpoint.sharding import errors
from declspore.untrusted_json import parsed

_LARGEST = 1 << 28


class Index(NamedTuple):
    """``shards`` gives the file of each entry; ``total`` is the stated size of all values.
    ``twice`` are names that the file lists more than once."""

    path: str
    shards: Mapping[str, str]
    total: int | None
    twice: Sequence[str]


def read_index(path: str) -> Index:
    """Read an index. Raises DiagnosticError where it is not one."""
    file = FileBytes(path)
    try:
        if file.size > _LARGEST:
            raise errors.bad_index(path, f"it has more than {_LARGEST:,} bytes")
        data = file.read(0, file.size)
    finally:
        file.close()
    twice: list[str] = []

    def pairs(found: list[tuple[str, object]]) -> dict[str, object]:
        made: dict[str, object] = {}
        for name, value in found:
            if name in made:
                twice.append(name)
            made[name] = value
        return made

    try:
        table = parsed(data, pairs=pairs)
    except ValueError as error:
        raise errors.bad_index(path, f"it is not JSON: {error}") from None
    shards = table.get("weight_map") if isinstance(table, dict) else None
    if not isinstance(shards, dict):
        raise errors.bad_index(path, 'it does not have a "weight_map"')
    for name, shard in shards.items():
        if not is_name(name):
            raise errors.bad_index(path, f"{name!r} is not the name of an entry")
        if not isinstance(shard, str) or shard in ("", ".", "..") or "\0" in shard:
            raise errors.bad_index(path, f"{shard!r} is not the name of a file")
        if os.path.basename(shard) != shard:
            raise errors.bad_index(path, f"{shard!r} is not a file next to the index")
    return Index(path, shards, _total(path, table), twice)


def _total(path: str, table: Mapping[str, object]) -> int | None:
    metadata = table.get("metadata")
    total = metadata.get("total_size") if isinstance(metadata, dict) else None
    if isinstance(total, float) and total.is_integer():
        total = int(total)
    if total is not None and type(total) is not int:
        raise errors.bad_index(path, f'"total_size" is {total!r}, expected an integer')
    return total


def index_text(shards: Mapping[str, str], total: int, *, indent: int) -> str:
    """The text of an index."""
    table = {"metadata": {"total_size": total}, "weight_map": dict(shards)}
    return json.dumps(table, indent=indent, ensure_ascii=False) + "\n"
