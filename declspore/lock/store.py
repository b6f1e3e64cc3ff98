"""A lock as JSON: keys in a fixed order, one entry a line, so that a diff of two locks reads."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping

from declspore.checkpoint.atomic import replacing
from declspore.lock import errors
from declspore.lock.model import VERSION, Lock, LockedFile, LockedTask, LockedText
from declspore.lock.read import current_lock_of, lock_of
from declspore.lock.tensors import SIZE, TensorDigests
from declspore.regular import read_small
from declspore.spelling import json_escaped

SUFFIX = ".lock"
_MOST_BYTES = 512 << 20
"""Of a lock: a million entries take a third of that."""
_STEP = "  "
_AT_ONCE = 4096
"""Lines of tensors in a text."""


def lock_path(spec: str) -> str:
    return spec + SUFFIX


def write_lock(lock: Lock) -> None:
    """Put a lock in place, whole or not at all. Raises DiagnosticError where it cannot be."""
    with replacing(lock.path) as file:
        for text in _texts(lock):
            file.write(f"{text}\n".encode())


def read_lock(path: str) -> Lock:
    """Raises DiagnosticError where the lock does not exist, or none that this version
    understands."""
    return lock_of(_content(path), path)


def found_lock(path: str) -> Lock | None:
    """The lock, where there is one; None for one of an earlier version, whose records are of no use
    any more. Raises DiagnosticError as :func:`read_lock`."""
    if not os.path.lexists(path):
        return None
    return current_lock_of(_content(path), path)


def _content(path: str) -> bytes:
    try:
        return read_small(path, _MOST_BYTES)
    except FileNotFoundError:
        raise errors.no_lock(path) from None
    except OSError as error:
        raise errors.bad_lock(path, error.strerror or str(error)) from None


# ---- writing


def lock_text(lock: Lock) -> str:
    return "".join(f"{text}\n" for text in _texts(lock))


def _texts(lock: Lock) -> Iterator[str]:
    """Whole lines, one or many at a time."""
    yield "{"
    yield f'{_STEP}"lock": {VERSION},'
    yield f'{_STEP}"spec": {_json(_text_json(lock.spec))},'
    yield from _block("imports", "[]", [[_json(_text_json(text))] for text in lock.imports], 1, ",")
    yield from _block("params", "{}", _members(lock.params), 1, ",")
    tasks = (_task_texts(name, task) for name, task in lock.tasks.items())
    yield from _block("tasks", "{}", tasks, 1, "")
    yield "}"


def _task_texts(name: str, task: LockedTask) -> Iterator[str]:
    yield f"{_json(name)}: {{"
    members = [f'"kind": {_json(task.kind)}', f'"versions": {_json(task.versions)}']
    if task.seed is not None:
        members.append(f'"seed": {task.seed}')
    if task.dataset is not None:
        members.append(f'"dataset": {_json(task.dataset)}')
    yield from (f"{_STEP}{member}," for member in members)
    yield from _block("inputs", "[]", map(_file_texts, task.inputs), 1, ",")
    yield from _block("outputs", "[]", map(_file_texts, task.outputs), 1, "")
    yield "}"


def _file_texts(file: LockedFile) -> Iterator[str]:
    digest = file.digest
    facts: dict[str, object] = {"name": file.name, "path": file.path, "size": digest.size}
    facts["blake3"] = digest.blake3
    if file.mode is not None:
        facts["encryption"] = file.mode
    tables: dict[str, Iterable[Iterable[str]]] = {}
    if digest.files is not None:
        tables["files"] = _members(digest.files)
    if digest.tensors is not None:
        tables["tensors"] = _tensor_texts(digest.tensors)
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
    """``"name": [`` items, each of one text or more, ``]``; a text at a time, since there may be a
    million lines."""
    indent = _STEP * depth
    inner = f"\n{indent}{_STEP}"
    before: str | None = None
    for item in items:
        if before is None:
            yield f"{indent}{_json(name)}: {brackets[0]}"
        else:
            yield f"{before},"
            before = None
        for text in item:
            if before is not None:
                yield before
            before = f"{indent}{_STEP}{text.replace(chr(10), inner)}"
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


def _tensor_texts(tensors: TensorDigests) -> Iterator[list[str]]:
    """The members of a table of tensors, many in one text."""
    heads = [_tensor_head(*type) for type in tensors.types]
    for start in range(0, len(tensors), _AT_ONCE):
        end = min(start + _AT_ONCE, len(tensors))
        digests = tensors.digests[SIZE * start : SIZE * end].hex()
        digits = range(0, len(digests), 2 * SIZE)
        rows = zip(tensors.names[start:end], tensors.kinds[start:end], digits, strict=True)
        lines = [
            f'{_json(name)}: {heads[kind]}{digests[at : at + 2 * SIZE]}"}}'
            for name, kind, at in rows
        ]
        yield [",\n".join(lines)]


def _tensor_head(dtype: str, shape: tuple[int, ...]) -> str:
    """What a line has before the digest."""
    sizes = ", ".join(map(str, shape))
    return f'{{"dtype": {_json(dtype)}, "shape": [{sizes}], "blake3": "'


_encoded = json.JSONEncoder(ensure_ascii=False).encode


def _json(value: object) -> str:
    # a path may hold bytes that are not UTF-8, which Python keeps as halves of surrogate pairs
    return json_escaped(_encoded(value))
