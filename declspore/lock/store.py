"""A lock as JSON: keys in a fixed order, one entry a line, so that a diff of two locks reads."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping

from declspore.checkpoint.atomic import replacing
from declspore.lock import errors
from declspore.lock.digest import TensorDigest
from declspore.lock.model import VERSION, Lock, LockedFile, LockedTask, LockedText
from declspore.lock.read import is_of_an_earlier_version, lock_of
from declspore.regular import read_small
from declspore.spelling import json_escaped

SUFFIX = ".lock"
_MOST_BYTES = 512 << 20
"""Of a lock: a million entries take a third of that."""
_STEP = "  "


def lock_path(spec: str) -> str:
    return spec + SUFFIX


def write_lock(lock: Lock) -> None:
    """Put a lock in place, whole or not at all. Raises DiagnosticError where it cannot be."""
    with replacing(lock.path) as file:
        for line in _lines(lock):
            file.write(f"{line}\n".encode())


def read_lock(path: str) -> Lock:
    """Raises DiagnosticError where the lock does not exist, or none that this version
    understands."""
    return lock_of(_content(path), path)


def found_lock(path: str) -> Lock | None:
    """The lock, where there is one; None for one of an earlier version, whose records are of no use
    any more. Raises DiagnosticError as :func:`read_lock`."""
    if not os.path.lexists(path):
        return None
    content = _content(path)
    return None if is_of_an_earlier_version(content) else lock_of(content, path)


def _content(path: str) -> bytes:
    try:
        return read_small(path, _MOST_BYTES)
    except FileNotFoundError:
        raise errors.no_lock(path) from None
    except OSError as error:
        raise errors.bad_lock(path, error.strerror or str(error)) from None


# ---- writing


def lock_text(lock: Lock) -> str:
    return "".join(f"{line}\n" for line in _lines(lock))


def _lines(lock: Lock) -> Iterator[str]:
    yield "{"
    yield f'{_STEP}"lock": {VERSION},'
    yield f'{_STEP}"spec": {_json(_text_json(lock.spec))},'
    yield from _block("imports", "[]", [[_json(_text_json(text))] for text in lock.imports], 1, ",")
    yield from _block("params", "{}", _members(lock.params), 1, ",")
    tasks = (_task_lines(name, task) for name, task in lock.tasks.items())
    yield from _block("tasks", "{}", tasks, 1, "")
    yield "}"


def _task_lines(name: str, task: LockedTask) -> Iterator[str]:
    yield f"{_json(name)}: {{"
    members = [f'"kind": {_json(task.kind)}', f'"versions": {_json(task.versions)}']
    if task.seed is not None:
        members.append(f'"seed": {task.seed}')
    if task.dataset is not None:
        members.append(f'"dataset": {_json(task.dataset)}')
    yield from (f"{_STEP}{member}," for member in members)
    yield from _block("inputs", "[]", map(_file_lines, task.inputs), 1, ",")
    yield from _block("outputs", "[]", map(_file_lines, task.outputs), 1, "")
    yield "}"


def _file_lines(file: LockedFile) -> Iterator[str]:
    digest = file.digest
    facts: dict[str, object] = {"name": file.name, "path": file.path, "size": digest.size}
    facts["blake3"] = digest.blake3
    if file.mode is not None:
        facts["encryption"] = file.mode
    tables: dict[str, Iterable[Iterable[str]]] = {}
    if digest.files is not None:
        tables["files"] = _members(digest.files)
    if digest.tensors is not None:
        tables["tensors"] = (
            [f"{_json(name)}: {_tensor_json(each)}"] for name, each in digest.tensors.items()
        )
    if not tables:
        yield _json(facts)
        return
    yield f"{_json(facts)[:-1]},"
    for place, (name, table) in enumerate(tables.items(), 1):
        yield from _block(name, "{}", table, 1, "," if place < len(tables) else "")
    yield "}"


def _block(
    name: str, brackets: str, items: Iterable[Iterable[str]], depth: int, end: str
) -> Iterator[str]:
    """``"name": [`` items, each of one line or more, ``]``; a line at a time, since there may be a
    million."""
    indent = _STEP * depth
    before: str | None = None
    for item in items:
        if before is None:
            yield f"{indent}{_json(name)}: {brackets[0]}"
        else:
            yield f"{before},"
            before = None
        for line in item:
            if before is not None:
                yield before
            before = f"{indent}{_STEP}{line}"
    if before is None:
        yield f"{indent}{_json(name)}: {brackets}{end}"
    else:
        yield before
        yield f"{indent}{brackets[1]}{end}"


def _members(values: Mapping[str, object]) -> Iterator[list[str]]:
    return ([f"{_json(name)}: {_json(value)}"] for name, value in values.items())


def _text_json(text: LockedText) -> dict[str, object]:
    facts: dict[str, object] = {"path": text.path, "blake3": text.blake3}
    return {**facts, "shipped": True} if text.shipped else facts


def _tensor_json(tensor: TensorDigest) -> str:
    shape = ", ".join(map(str, tensor.shape))
    return f'{{"dtype": {_json(tensor.dtype)}, "shape": [{shape}], "blake3": "{tensor.blake3}"}}'


_encoded = json.JSONEncoder(ensure_ascii=False).encode


def _json(value: object) -> str:
    # a path may hold bytes that are not UTF-8, which Python keeps as halves of surrogate pairs
    return json_escaped(_encoded(value))
