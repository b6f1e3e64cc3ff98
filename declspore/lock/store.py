"""A lock as JSON: keys in a fixed order, one entry a line, so that a diff of two locks reads."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

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
        file.write(lock_text(lock).encode())


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
    return "\n".join(_lines(lock)) + "\n"


def _lines(lock: Lock) -> Iterator[str]:
    yield "{"
    yield f'{_STEP}"lock": {VERSION},'
    yield f'{_STEP}"spec": {_json(_text_json(lock.spec))},'
    yield from _block("imports", "[", [_json(_text_json(text)) for text in lock.imports], 1, ",")
    yield from _block("params", "{", _members(lock.params), 1, ",")
    tasks = [_task_lines(name, task) for name, task in lock.tasks.items()]
    yield from _block("tasks", "{", tasks, 1, "")
    yield "}"


def _task_lines(name: str, task: LockedTask) -> str:
    lines = [f"{_json(name)}: {{"]
    members = [f'"kind": {_json(task.kind)}', f'"versions": {_json(task.versions)}']
    if task.seed is not None:
        members.append(f'"seed": {task.seed}')
    if task.dataset is not None:
        members.append(f'"dataset": {_json(task.dataset)}')
    lines += [f"{_STEP}{member}," for member in members]
    lines += _block("inputs", "[", map(_file_text, task.inputs), 1, ",")
    lines += _block("outputs", "[", map(_file_text, task.outputs), 1, "")
    return "\n".join([*lines, "}"])


def _file_text(file: LockedFile) -> str:
    digest = file.digest
    facts: dict[str, Any] = {"name": file.name, "path": file.path, "size": digest.size}
    facts["blake3"] = digest.blake3
    if file.mode is not None:
        facts["encryption"] = file.mode
    tables: dict[str, dict[str, Any]] = {}
    if digest.files is not None:
        tables["files"] = digest.files
    if digest.tensors is not None:
        tables["tensors"] = {name: _tensor_json(each) for name, each in digest.tensors.items()}
    lines = [_json(facts)[:-1]]
    for name, table in tables.items():
        lines[-1] += ","
        lines += _block(name, "{", _members(table), 1, "")
    return "\n".join([*lines, "}"] if tables else [_json(facts)])


def _block(name: str, bracket: str, items: Iterable[str], depth: int, end: str) -> list[str]:
    """``"name": [`` items, one a line or more, ``]``."""
    close = {"[": "]", "{": "}"}[bracket]
    found = list(items)
    indent = _STEP * depth
    if not found:
        return [f"{indent}{_json(name)}: {bracket}{close}{end}"]
    lines = [f"{indent}{_json(name)}: {bracket}"]
    for index, item in enumerate(found):
        comma = "," if index < len(found) - 1 else ""
        lines += [f"{indent}{_STEP}{line}" for line in f"{item}{comma}".split("\n")]
    return [*lines, f"{indent}{close}{end}"]


def _members(values: dict[str, Any]) -> list[str]:
    return [f"{_json(name)}: {_json(value)}" for name, value in values.items()]


def _text_json(text: LockedText) -> dict[str, object]:
    facts: dict[str, Any] = {"path": text.path, "blake3": text.blake3}
    return {**facts, "shipped": True} if text.shipped else facts


def _tensor_json(tensor: TensorDigest) -> dict[str, object]:
    return {"dtype": tensor.dtype, "shape": list(tensor.shape), "blake3": tensor.blake3}


def _json(value: object) -> str:
    # a path may hold bytes that are not UTF-8, which Python keeps as halves of surrogate pairs
    return json_escaped(json.dumps(value, ensure_ascii=False))
