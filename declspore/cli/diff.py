"""``declspore diff``"""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from typing import Unpack

from declspore.checkpoint.compare import Change, Difference, compare
from declspore.checkpoint.keys import read_key
from declspore.checkpoint.reader import Access
from declspore.checkpoint.sharding.open import is_set
from declspore.checkpoint.sharding.sets import SetOptions
from declspore.cli.keys import Sharding, check_one, reading, set_options
from declspore.cli.output import echo, print_json, reporting
from declspore.ir.header import HeaderEntry
from declspore.plan.files import open_any
from declspore.text import table

_DIFFERENT = 3


@reporting
def diff_command(
    before: str,
    after: str,
    other_strategy: str | None,
    key_env: str | None,
    key_file: str | None,
    other_key_env: str | None,
    other_key_file: str | None,
    as_json: bool,
    **sharding: Unpack[Sharding],
) -> None:
    access = reading(key_env, key_file)
    check_one("--other-key-env", other_key_env, "--other-key-file", other_key_file)
    own = read_key(other_key_env, other_key_file)
    their = access if own is None else Access(own)
    options = set_options(**sharding)
    with (
        open_any(before, access, options=_for(before, options)) as one,
        open_any(after, their, options=_for(after, options, other_strategy)) as other,
    ):
        found = compare(one, other)
    if as_json:
        print_json({"ok": True, "before": before, "after": after, **_json(found)})
    else:
        echo(*_text(found))
    if not found.is_empty:
        sys.exit(_DIFFERENT)


def _for(path: str, options: SetOptions, strategy: str | None = None) -> SetOptions:
    """The options for one of the two; a single file needs none, if the other is a set."""
    if strategy is not None:
        return replace(options, strategy=strategy)
    return options if is_set(path) else SetOptions()


def _text(found: Difference) -> list[str]:
    rows = [("-", entry.name, entry.type, "") for entry in found.removed]
    rows += [("+", entry.name, entry.type, "") for entry in found.added]
    rows += [(">", f"{old.name} -> {new.name}", new.type, "") for old, new in found.renamed]
    rows += [("~", change.before.name, *_changed(change)) for change in found.changed]
    counts = (
        (len(found.removed), "removed"),
        (len(found.added), "added"),
        (len(found.renamed), "renamed"),
        (len(found.changed), "changed"),
        (found.equal, "equal"),
    )
    summary = ", ".join(f"{number} {what}" for number, what in counts if number)
    return [*table(rows), summary or "both are empty"]


def _changed(change: Change) -> tuple[str, str]:
    if change.before.type != change.after.type:
        return f"{change.before.type} -> {change.after.type}", ""
    if change.largest is None:
        return change.before.type, ""
    return change.before.type, f"largest {change.largest:.3g}, relative {change.relative:.3g}"


def _json(found: Difference) -> dict[str, object]:
    return {
        "equal": found.equal,
        "removed": [_entry(entry) for entry in found.removed],
        "added": [_entry(entry) for entry in found.added],
        "renamed": [
            {"from": old.name, "to": new.name, "type": new.type} for old, new in found.renamed
        ],
        "changed": [
            {
                "name": change.before.name,
                "before": _entry(change.before),
                "after": _entry(change.after),
                "largest": _number(change.largest),
                "relative": _number(change.relative),
            }
            for change in found.changed
        ],
    }


def _entry(entry: HeaderEntry) -> dict[str, object]:
    return {"name": entry.name, "dtype": entry.dtype.name, "shape": list(entry.shape)}


def _number(value: float | None) -> float | str | None:
    """JSON has no NaN and no infinity: they are texts."""
    return value if value is None or math.isfinite(value) else str(value)
