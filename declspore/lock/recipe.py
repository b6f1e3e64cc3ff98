"""The lock of a spec before anything ran: its texts and params."""

from __future__ import annotations

import os
from collections.abc import Mapping

from declspore.check.spec import CheckedSpec
from declspore.lock.digest import digest_bytes
from declspore.lock.model import Lock, LockedText
from declspore.lock.places import recorded_path
from declspore.lock.store import lock_path
from declspore.resources import specs_folder
from declspore.source import Source


def recipe_of(spec: CheckedSpec, path: str, settings: Mapping[str, str]) -> Lock:
    """``path`` is that of the spec, ``settings`` are the params given."""
    lock = lock_path(path)
    folder = os.path.dirname(lock)
    own, *imports = spec.sources
    in_library = _imported(own, folder)
    spec_text = (
        in_library if in_library.shipped else LockedText(os.path.basename(path), _digest(own))
    )
    texts = sorted((_imported(source, folder) for source in imports), key=lambda text: text.path)
    return Lock(lock, spec_text, tuple(texts), dict(sorted(settings.items())))


def _imported(source: Source, folder: str) -> LockedText:
    assert source.path is not None
    digest = _digest(source)
    library = specs_folder().resolve()
    here = source.path.resolve()
    if here.is_relative_to(library) and not here.is_relative_to(os.path.realpath(folder or ".")):
        return LockedText(here.relative_to(library).as_posix(), digest, shipped=True)
    return LockedText(recorded_path(os.path.relpath(here), folder), digest)


def _digest(source: Source) -> str:
    return digest_bytes(source.content)
