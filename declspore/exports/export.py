"""Writing a file, proving it, and putting it in its place: all of that or nothing."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from declspore.checkpoint.atomic import replacing
from declspore.checkpoint.errors import unwritable
from declspore.dataclass import dataclass
from declspore.exports import errors
from declspore.exports.format import Exportable, ExportFormat, Runtime
from declspore.exports.proof import Proof, Unproved, at_fault, prove
from declspore.exports.quiet import quietly
from declspore.exports.refusing import in_use
from declspore.source import Span

_H5_REASON = re.compile(r"errno = \d+, error message = '([^']*)'")


@dataclass(frozen=True)
class Exported:
    """A file that is in its place: its size in bytes, and what the proof found."""

    path: str
    bytes: int
    proof: Proof


def export(
    format: ExportFormat,
    exportable: Exportable,
    path: str,
    span: Span | None = None,
    check: Callable[[Runtime], None] | None = None,
    permissions: int = 0o777,
) -> Exported:
    """Write a file, compare its answers with the network's, and put it in its place.

    ``span`` is where the path is written. ``check`` is shown the file in its own runtime, and may
    raise DiagnosticError. What was not there before is no more open to others than
    ``permissions``. Raises DiagnosticError; then nothing is changed.
    """
    if format.is_folder and (reason := in_use(path)) is not None:
        raise unwritable(path, reason)
    with _made(path, format) as made:
        try:
            with warnings.catch_warnings(action="ignore"), quietly():
                format.written(exportable, made)
                proof = prove(format, made, exportable)
        except Exception as error:
            if (full := _of_disk(error)) is not None:
                where = os.path.dirname(made)
                raise unwritable(path, f"{full}, in {where}") from error
            with warnings.catch_warnings(action="ignore"), quietly():
                node = at_fault(format, exportable)
            raise errors.unproved(format.title, path, span, _reason(error), node) from error
        if check is not None:
            check(format.opened(made, exportable))
        size = _size(made)
        _put(made, path, format, permissions)
    return Exported(path, size, proof)


def _of_disk(error: Exception) -> str | None:
    """What the system said where a file could not be written; h5py puts it into a RuntimeError."""
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    found = _H5_REASON.search(str(error))
    return found[1] if found else None


def _reason(error: Exception) -> str:
    if isinstance(error, Unproved):
        return str(error)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"it cannot be written: {(lines[0] if lines else type(error).__name__)[:300]}"


@contextmanager
def _made(path: str, format: ExportFormat) -> Iterator[str]:
    """Where the file is made before it is proved: a folder next to where it will be, for that can
    be renamed, a file among the temporary ones."""
    if not format.is_folder:
        with tempfile.TemporaryDirectory() as folder:
            yield os.path.join(folder, f"made{format.suffix}")
        return
    parent, name = os.path.split(os.path.abspath(path))
    try:
        os.makedirs(parent, exist_ok=True)
        folder = tempfile.mkdtemp(prefix=f".{name}.", dir=parent)
    except OSError as error:
        raise unwritable(path, error.strerror or str(error)) from error
    try:
        yield os.path.join(folder, "made")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put(made: str, path: str, format: ExportFormat, permissions: int) -> None:
    if not format.is_folder:
        with open(made, "rb") as source, replacing(path, permissions=permissions) as target:
            shutil.copyfileobj(source, target, 1 << 20)
        return
    target_path = os.path.abspath(path)
    try:
        _close(made, permissions)
        if os.path.isdir(target_path):
            os.chmod(made, stat.S_IMODE(os.stat(target_path).st_mode))
            os.rename(target_path, f"{made}.old")
        os.rename(made, target_path)
    except OSError as error:
        raise unwritable(path, error.strerror or str(error)) from error


def _close(folder: str, permissions: int) -> None:
    """Take from a folder and all in it what others may not have; who may not read a file may not
    look into a folder."""
    files = permissions | stat.S_IRWXU
    folders = stat.S_IRWXU | sum(7 << place for place in (0, 3) if permissions >> place & 4)
    for place, _, names in os.walk(folder):
        for path, allowed in ((place, folders), *((os.path.join(place, n), files) for n in names)):
            os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) & allowed)


def _size(path: str) -> int:
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(
        os.path.getsize(os.path.join(folder, name))
        for folder, _, names in os.walk(path)
        for name in names
    )
