"""What takes long to make, kept as JSON in the user's cache.

The kept file is data, which runs nothing when it is read. It is used where it belongs to this user
and no one else may write to it. Its name is the digest of all that it depends on; whatever is wrong
with it, what it holds is made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from declspore.regular import read_small
from declspore.resources import cache_folder

_MOST_BYTES = 16 << 20

Made = TypeVar("Made")


def cached(
    name: str,
    depends_on: bytes,
    make: Callable[[], Made],
    *,
    dump: Callable[[Made], object],
    load: Callable[[str], Made],
) -> Made:
    """What ``make`` gives, or gave in an earlier process.

    ``dump`` gives the values of JSON that are kept, ``load`` what their text stands for; it may
    raise anything where the text is not what it should be.
    """
    path = place(name, depends_on)
    if path is None:
        return make()
    with suppress(Exception):  # whatever another version or a broken disk left there
        return load(_read(path))
    made = make()
    with suppress(OSError):  # a full or read-only disk must not keep anyone from working
        _write(path, dump(made))
    return made


def place(name: str, depends_on: bytes) -> Path | None:
    """Where it is kept; None where nothing can be."""
    folder = cache_folder()
    digest = hashlib.sha256(depends_on).hexdigest()[:32]
    return None if folder is None else folder / f"{name}-{digest}.json"


def _read(path: Path) -> str:
    """Raises whatever is wrong with the file."""
    found = os.stat(path)
    if found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(path)
    return read_small(str(path), _MOST_BYTES).decode()


def _write(path: Path, values: object) -> None:
    """Put it in place all at once, readable to this user alone."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(fd, "w", encoding="utf-8") as file:
            json.dump(values, file, separators=(",", ":"))
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
