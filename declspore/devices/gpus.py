"""The GPUs of a machine, divided among the processes that a command starts on it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence

VISIBLE = "CUDA_VISIBLE_DEVICES"
"""The environment variable that says which GPUs a process has, by numbers or names."""
_GROWTH = "TF_FORCE_GPU_ALLOW_GROWTH"
_DEVICE = re.compile(r"nvidia(\d+)")


def visible_gpus(environment: Mapping[str, str], devices: Iterable[str]) -> list[str]:
    """The GPUs that a process may use, of those in ``devices`` (names in ``/dev``): what the
    environment says, up to the first that is none, else all of them."""
    said = environment.get(VISIBLE)
    if said is None:
        found = (_DEVICE.fullmatch(name) for name in devices)
        return sorted((each[1] for each in found if each), key=int)
    names = [name.strip() for name in said.split(",")]
    ends = [at for at, name in enumerate(names) if name in {"", "-1"}]
    return names[: ends[0]] if ends else names


def gpus_of(gpus: Sequence[str], rank: int, size: int) -> list[str]:
    """The GPUs of one of ``size`` processes: as many each as can be, the rest for the last ones;
    where there are fewer than processes, several have the same one."""
    if 0 < len(gpus) < size:
        return [gpus[rank * len(gpus) // size]]
    return list(gpus[len(gpus) * rank // size : len(gpus) * (rank + 1) // size])


def settings_of(gpus: Sequence[str], rank: int, size: int) -> dict[str, str]:
    """The variables of the environment that give a process its GPUs; none where nothing is to be
    divided."""
    if not gpus or size == 1:
        return {}
    own = {VISIBLE: ",".join(gpus_of(gpus, rank, size))}
    # else the first process takes all memory of a GPU that it shares
    return own | {_GROWTH: "true"} if len(gpus) < size else own


def take_gpus(rank: int, size: int) -> None:
    """Give this process its GPUs; to be called before anything computes."""
    devices = os.listdir("/dev") if os.path.isdir("/dev") else []
    os.environ.update(settings_of(visible_gpus(os.environ, devices), rank, size))
