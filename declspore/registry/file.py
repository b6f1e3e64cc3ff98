"""Words for checkpoint files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from declspore.registry.kind import Kind


@dataclass(frozen=True, kw_only=True)
class FileKind(Kind):
    """A checkpoint file of some format, named by its path."""

    family: ClassVar[str] = "file"
