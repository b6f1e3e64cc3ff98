"""The state of a training in one file, whose contents are data: arrays, and a text of JSON.

It is a safetensors file: `training` holds the JSON as bytes, every other entry a variable. Reading
the facts reads no array.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from glob import escape, glob
from typing import TYPE_CHECKING, Any

from declspore.checkpoint.format import Computed
from declspore.checkpoint.reader import Access, Checkpoint
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.writer import write_checkpoint
from declspore.ir.dtype import BY_NUMPY, UINT8
from declspore.ir.header import HeaderEntry
from declspore.numerics.placeholders import PLACEHOLDER
from declspore.plan.files import open_as
from declspore.untrusted_json import parsed, text_of, with_floats

if TYPE_CHECKING:
    from declspore.tensor import Array

FORMAT = 2
_FACTS = "training"
_DAMAGED = "it is damaged"
_TYPES: Mapping[str, tuple[type, ...]] = {
    "recipe": (dict,),
    "backend": (str,),
    "step": (int,),
    "policies": (dict,),
    "saved": (int,),
    "files": (list,),
    "removing": (list,),
    "stop_reason": (str, type(None)),
    "loss": (str,),
    "seconds": (int, float),
    "unasked": (dict,),
}


def state_path(save: str, task: str) -> str:
    """Where the state is kept: in the folder of the first checkpoint, under the task's name."""
    folder = os.path.dirname(save.partition("{")[0])
    return os.path.join(folder, f"{task}.state")


def write_state(path: str, facts: Mapping[str, object], arrays: Mapping[str, Array]) -> None:
    """Replace the state, all at once. Raises DiagnosticError where that fails."""
    import numpy as np

    text = text_of({"format": FORMAT, **facts}).encode()
    head = np.frombuffer(text, np.uint8)
    pieces = [Computed(HeaderEntry.of(_FACTS, UINT8, (len(text),)), lambda: head)]
    for name, value in arrays.items():
        dtype = BY_NUMPY[value.dtype.name]
        entry = HeaderEntry.of(name, dtype, tuple(value.shape))
        pieces.append(Computed(entry, lambda value=value: value))  # type: ignore[misc]
    write_checkpoint(path, pieces, format=SAFETENSORS)


def _opened(path: str) -> Checkpoint:
    return open_as(path, SAFETENSORS, Access())


def read_facts(path: str) -> dict[str, Any]:
    """What a state says of its training. Raises ValueError where it is not one, DiagnosticError
    where it is damaged."""
    with _opened(path) as file:
        if _FACTS not in file.header.by_name:
            raise ValueError("it is not the state of a training")
        try:
            found = parsed(bytes(file.array(_FACTS)), pairs=with_floats)
        except ValueError:
            raise ValueError(_DAMAGED) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError("it was written by another version of declspore")
    if not _is_typed(found):
        raise ValueError(_DAMAGED)
    return found


def _is_typed(found: Mapping[str, Any]) -> bool:
    """Whether every fact has the type that a training writes."""
    if not all(name in found and isinstance(found[name], t) for name, t in _TYPES.items()):
        return False
    try:
        float(found["loss"])
    except ValueError:
        return False
    paths = [*found["files"], *found["removing"]]
    reports = found["unasked"].values()
    return (
        all(isinstance(path, str) and "\0" not in path for path in paths)
        and all(isinstance(report, list) for report in reports)
        and all(isinstance(value, int | float) for report in reports for value in report)
        and found["step"] >= 0
        and math.isfinite(found["seconds"])
    )


def read_arrays(path: str) -> dict[str, Array]:
    """The arrays of a state."""
    import numpy as np

    with _opened(path) as file:
        return {e.name: np.array(file.array(e.name)) for e in file if e.name != _FACTS}


def remove_state(path: str) -> None:
    """Nothing is left of a training to continue."""
    with suppress(FileNotFoundError):
        os.unlink(path)


def remove_unfinished(paths: list[str]) -> None:
    """Delete what a process left that died between two steps of putting a file in its place. Paths
    may have placeholders: which files of figures were to be written is not known."""
    for path in paths:
        folder, name = os.path.split(os.path.abspath(path))
        folders = glob("*".join(map(escape, PLACEHOLDER.split(folder))))
        own = ".+".join(map(re.escape, PLACEHOLDER.split(name)))
        unfinished = re.compile(rf"\.{own}\.[0-9a-f]{{12}}")
        for each in folders:
            with suppress(OSError):
                for entry in os.listdir(each):
                    if unfinished.fullmatch(entry):
                        os.unlink(os.path.join(each, entry))
