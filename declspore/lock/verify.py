"""Files against a lock, without running anything."""

from __future__ import annotations

import os
from collections.abc import Iterator

from declspore.checkpoint import errors as file_errors
from declspore.checkpoint.reader import Access
from declspore.checkpoint.sharding.sets import folder_of
from declspore.dataclass import dataclass
from declspore.diagnostic import Diagnostic
from declspore.lock import errors
from declspore.lock.digest import FileDigest, digest_checkpoint, digest_file, digest_names
from declspore.lock.model import Lock, LockedFile, LockedText
from declspore.lock.places import resolved_path
from declspore.plan.files import open_any
from declspore.report import DiagnosticError
from declspore.resources import specs_folder
from declspore.same_file import file_id


@dataclass(frozen=True)
class Verified:
    """A file of a lock: ``role`` is spec, import, input or output; ``state`` same, differs,
    missing or absent (an input need not be there)."""

    path: str
    role: str
    task: str | None
    state: str
    problem: Diagnostic | None = None


def verify_lock(lock: Lock, access: Access) -> Iterator[Verified]:
    """Every file the lock names. A key, where ``access`` has one, shows which tensors
    of an encrypted file changed."""
    folder = os.path.dirname(lock.path)
    yield _text(lock.spec, "spec", folder)
    for text in lock.imports:
        yield _text(text, "import", folder)
    written = {file.path: file.name for task in lock.tasks.values() for file in task.outputs}
    replaced = {file_id(resolved_path(path, folder)) for path in written}
    for name, task in lock.tasks.items():
        for file in task.inputs:
            path = resolved_path(file.path, folder)
            # an output is checked as such, also where it took the place of this input
            if file_id(path) not in replaced:
                yield _file(file, path, "input", name, access)
        for file in task.outputs:
            yield _file(file, resolved_path(file.path, folder), "output", name, access)


def changed_inputs(lock: Lock) -> list[Diagnostic]:
    """The inputs that are there and not the ones recorded."""
    folder = os.path.dirname(lock.path)
    found = [
        _file(file, resolved_path(file.path, folder), "input", name, Access())
        for name, task in lock.tasks.items()
        for file in task.inputs
    ]
    return [one.problem for one in found if one.problem is not None]


def _text(text: LockedText, role: str, folder: str) -> Verified:
    path = str(specs_folder() / text.path) if text.shipped else resolved_path(text.path, folder)
    try:
        found = digest_file(path).blake3
    except DiagnosticError as error:
        return Verified(path, role, None, "missing", error.diagnostics[0])
    if found == text.blake3:
        return Verified(path, role, None, "same")
    problem = errors.text_differs(path, text.blake3, found)
    return Verified(path, role, None, "differs", problem)


def _file(file: LockedFile, path: str, role: str, task: str, access: Access) -> Verified:
    if not os.path.lexists(path):
        if role == "input":
            return Verified(path, role, task, "absent")
        (problem,) = file_errors.missing(path).diagnostics
        return Verified(path, role, task, "missing", problem)
    try:
        found = digest_file(path) if file.digest.files is None else _set(file.digest.files, path)
    except DiagnosticError as error:
        return Verified(path, role, task, "missing", error.diagnostics[0])
    if found.blake3 == file.digest.blake3:
        return Verified(path, role, task, "same")
    problem = errors.differs(path, file.digest, _closer(found, path, file, access))
    return Verified(path, role, task, "differs", problem)


def _set(recorded: dict[str, str], path: str) -> FileDigest:
    """The digest of the files of a set that a lock records and that exist."""
    folder = folder_of(path)
    files: dict[str, str] = {}
    size = 0
    for name in recorded:
        place = os.path.join(folder, name)
        if os.path.lexists(place):
            found = digest_file(place)
            files[name], size = found.blake3, size + found.size
    return FileDigest(size, digest_names(files), None, files)


def _closer(found: FileDigest, path: str, file: LockedFile, access: Access) -> FileDigest:
    """With the digests of tensors, where the file still is a checkpoint that can be read."""
    if file.digest.tensors is None or file.digest.files is not None:
        return found
    try:
        with open_any(path, access) as checkpoint:
            return digest_checkpoint(checkpoint)
    except DiagnosticError:
        return found
