"""Whether the processes and devices of a training can share it, and all are about to train the
same."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import cast

import keras

from declspore.devices.errors import Differs, unsupported
from declspore.devices.group import Group
from declspore.lock.versions import versions_of
from declspore.plan.deciding import file_facts
from declspore.report import DiagnosticError
from declspore.tasks.train.continuing import recipe_of
from declspore.tasks.train.kind import TrainTask
from declspore.tasks.train.plan import TrainPlan, data_files

WHOLE = 1 << 30
"""Files of up to so many bytes are read whole, of larger ones blocks in regular places."""
_VERSION = "the version of "
_SHOWN = ("seed", "statistics", "length")
_BLOCK = 1 << 20
_BLOCKS = 256


def check_supported(task: TrainTask, group: Group) -> None:
    """Raises DiagnosticError (E703) where Keras's backend cannot share a training so."""
    backend, reason, help = keras.backend.backend(), None, "KERAS_BACKEND=tensorflow"
    if group.size > 1 and backend != "tensorflow":
        reason = f"several processes train with TensorFlow, not with {backend}"
    elif task.devices > 1 and backend == "jax" and task.statistics != "batch":
        reason = "on JAX, batch normalization always uses the statistics of the whole batch"
        help = 'statistics = "batch"'
    if reason is not None:
        raise DiagnosticError([unsupported(task.span, reason, help)])


def check_alike(plan: TrainPlan, group: Group) -> None:
    """Compare what decides the numbers with rank 0: the task, the contents of its files, and the
    versions of the packages. Processes of one machine have the same files.

    Raises Differs with every part that another rank has otherwise.
    """
    if group.size == 1:
        return
    facts = contents if group.spans_machines else file_facts
    own: dict[str, str] = dict(recipe_of(plan.task, plan.load, data_files(plan.task), facts))
    if plan.load is not None:
        own[f"the contents of {plan.load.path}"] = own.pop(plan.load.word)
    own |= {f"{_VERSION}{name}": text for name, text in versions_of(plan).items()}
    own["length"] = str(plan.schedule.steps)
    first, *others = cast("list[dict[str, str]]", group.gathered(dict(own)))
    differing = [
        f"rank {rank} differs from rank 0 in {', '.join(names)}"
        for rank, found in enumerate(others, 1)
        if (names := list(_differing(first, found)))
    ]
    if differing:
        raise Differs(f"{'; '.join(differing)}; nothing was trained")


def _differing(first: dict[str, str], other: dict[str, str]) -> Iterator[str]:
    """What differs, with both values where people can compare them."""
    for name in dict.fromkeys((*first, *other)):
        values = other.get(name, "none"), first.get(name, "none")
        if values[0] != values[1]:
            is_shown = name in _SHOWN or name.startswith(_VERSION)
            yield f"{name} ({values[0]}, not {values[1]})" if is_shown else name


def contents(path: str) -> str:
    """The digest of a file's contents; nothing of one that another task is still to write."""
    try:
        size = os.path.getsize(path)
        with open(path, "rb") as file:
            digest = hashlib.blake2b(str(size).encode(), digest_size=16)
            if size <= WHOLE:
                while block := file.read(_BLOCK):
                    digest.update(block)
            else:
                for number in range(_BLOCKS):
                    file.seek((size - _BLOCK) * number // (_BLOCKS - 1))
                    digest.update(file.read(_BLOCK))
    except FileNotFoundError:
        return ""
    return digest.hexdigest()
