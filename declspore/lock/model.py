"""The lock: what a run of a spec read and wrote, and with what."""

from __future__ import annotations

from dataclasses import field

from declspore.dataclass import dataclass
from declspore.lock.digest import FileDigest

VERSION = 2
"""Of the format; docs/lock.schema.json describes it."""


@dataclass(frozen=True, slots=True)
class LockedText:
    """A spec. ``path`` is relative to the folder of the lock, or, with ``shipped``, to the library
    of specs that comes with declspore."""

    path: str
    blake3: str
    shipped: bool = False


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A file a task read or wrote, under the task's name for it; ``path`` is relative to the folder
    of the lock. ``mode`` is how it is encrypted: then only its tensors are the same each time."""

    name: str
    path: str
    digest: FileDigest
    mode: str | None = None


@dataclass(frozen=True)
class LockedTask:
    """A task that ran. ``dataset`` is its source as a term; ``versions`` are those of declspore
    and the packages that computed."""

    kind: str
    versions: dict[str, str]
    inputs: tuple[LockedFile, ...]
    outputs: tuple[LockedFile, ...]
    seed: int | None = None
    dataset: str | None = None


@dataclass(frozen=True)
class Lock:
    """``path`` is where it lies; ``params`` are the values given by ``--set``, as given."""

    path: str
    spec: LockedText
    imports: tuple[LockedText, ...] = ()
    params: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, LockedTask] = field(default_factory=dict)

    def same_recipe(self, other: Lock) -> bool:
        """Whether both come of the same texts and params."""
        mine, others = ((lock.spec, lock.imports, lock.params) for lock in (self, other))
        return mine == others

    def with_tasks(self, tasks: dict[str, LockedTask]) -> Lock:
        return Lock(self.path, self.spec, self.imports, self.params, tasks)
