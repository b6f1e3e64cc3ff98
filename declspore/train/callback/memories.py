"""What callbacks remember, in files next to the backup of a training."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress

from declspore.checkpoint.atomic import replacing
from declspore.dataclass import dataclass
from declspore.regular import read_small
from declspore.serialization import load_checkpoint, save_checkpoint
from declspore.tasks.train.statefile import remove_unfinished
from declspore.tensor import Tensor
from declspore.train.callback.base import Callback
from declspore.untrusted_json import parsed, text_of, with_floats

_LARGEST = 1 << 26
_VALUES = re.compile(r"backup-\d+-\d+\.ckpt")


@dataclass(frozen=True)
class Record:
    """What callbacks remembered after a step of the optimizer: of each the name of its class, its
    state, and the name of the file of its values, if it has any."""

    step: int
    states: tuple[tuple[str, dict[str, object], str | None], ...]

    def as_json(self) -> dict[str, object]:
        return {"step": self.step, "states": [list(each) for each in self.states]}

    @property
    def files(self) -> set[str]:
        return {file for _, _, file in self.states if file is not None}


class Memories:
    """The records of the latest two backups, and the checkpoints of values that they name. The step
    says which of them belongs to a backup."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._path = os.path.join(folder, "backup.json")
        self._latest: Record | None = None
        self._written: dict[str, dict[str, Tensor]] = {}
        """The values that are in a file, by its name."""

    def of_step(self, step: int) -> Record | None:
        """The record of the backup after a step, if there is one."""
        remove_unfinished([self._path, os.path.join(self._folder, "backup-{step}-{place}.ckpt")])
        found = [record for record in self._read() if record.step == step]
        self._latest = found[0] if found else None
        return self._latest

    def give(self, record: Record, callbacks: Sequence[object]) -> None:
        """Let callbacks take over what a record has, where they are those that it is of."""
        if [name for name, _, _ in record.states] != [type(each).__name__ for each in callbacks]:
            return
        for callback, (_, state, file) in zip(callbacks, record.states, strict=True):
            if isinstance(callback, Callback):
                if state:
                    callback.resume_from(state)
                if file is not None:
                    found = load_checkpoint(os.path.join(self._folder, file))
                    values: dict[str, Tensor] = {name: Tensor(p) for name, p in found.items()}
                    self._written[file] = values
                    callback.resume_values_from(values)

    def take(self, step: int, callbacks: Sequence[object]) -> None:
        """Write down what callbacks remember after a step; the record before stays."""
        states = []
        for place, callback in enumerate(callbacks):
            state, values = _remembered(callback)
            file = self._file(values, f"backup-{step}-{place}.ckpt") if values else None
            states.append((type(callback).__name__, state, file))
        now = Record(step, tuple(states))
        records = [now] if self._latest is None else [now, self._latest]
        with replacing(self._path) as opened:
            opened.write(text_of([record.as_json() for record in records]).encode())
        self._latest = now

    def _file(self, values: dict[str, Tensor], name: str) -> str:
        """The file that has these values: one of before, or a new one of this name."""
        for file, written in self._written.items():
            if written is values:
                return file
        listed = [{"name": key, "data": tensor} for key, tensor in values.items()]
        save_checkpoint(listed, os.path.join(self._folder, name))
        self._written[name] = values
        return name

    def forget_others(self) -> None:
        """Delete values that the latest record does not name."""
        kept = set() if self._latest is None else self._latest.files
        for name in os.listdir(self._folder):
            if _VALUES.fullmatch(name) and name not in kept:
                self._written.pop(name, None)
                with suppress(FileNotFoundError):
                    os.unlink(os.path.join(self._folder, name))

    def remove(self) -> None:
        """Delete all of it."""
        self._latest = None
        self.forget_others()
        with suppress(FileNotFoundError):
            os.unlink(self._path)

    def _read(self) -> list[Record]:
        """The records; none where there is nothing, or something else."""
        try:
            text = read_small(self._path, _LARGEST)
            return [_record(each) for each in parsed(text, pairs=with_floats)]
        except (OSError, ValueError, TypeError, KeyError):
            return []


def _remembered(callback: object) -> tuple[dict[str, object], dict[str, Tensor]]:
    """What a callback remembers, and the tensors among it; nothing of one of Keras."""
    if not isinstance(callback, Callback):
        return {}, {}
    return callback.resume_state(), callback.resume_values()


def _record(found: dict[str, object]) -> Record:
    """A record of JSON. Raises ValueError, TypeError or KeyError where it is not one."""
    step, listed = found["step"], found["states"]
    if not isinstance(step, int) or not isinstance(listed, list):
        raise TypeError("not a record")
    states = []
    for name, state, file in listed:
        if not isinstance(name, str) or not isinstance(state, dict):
            raise TypeError("not a state")
        if file is not None and not _VALUES.fullmatch(file):
            raise ValueError("not a file of values")
        states.append((name, state, file))
    return Record(step, tuple(states))
