"""The bytes of a lock to what they say; anything may be in them.

Everything is held to docs/lock.schema.json as far as something depends on it: a value of another
type, a digest that is none, a path that no system could open is an error of the lock.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import TypeVar

from declspore.lock import errors
from declspore.lock.digest import FileDigest
from declspore.lock.model import VERSION, Lock, LockedFile, LockedTask, LockedText
from declspore.lock.tensors import TensorDigests, in_columns
from declspore.untrusted_json import parsed

T = TypeVar("T")

_BLAKE3 = re.compile(r"[0-9a-f]{64}")
_MOST_SIZE = 1 << 63


class _Wrong(Exception):
    """What the lock says at a place is not what belongs there."""


def lock_of(content: bytes, path: str) -> Lock:
    """The lock that some bytes are. Raises DiagnosticError."""
    return _lock(*_versioned(content, path), path)


def current_lock_of(content: bytes, path: str) -> Lock | None:
    """The same; None where an earlier declspore wrote it, so that a new lock may replace it."""
    value, version = _versioned(content, path)
    return None if 0 < version < VERSION else _lock(value, version, path)


def _versioned(content: bytes, path: str) -> tuple[dict[str, object], int]:
    """A document, and the version of the format that it states. Raises DiagnosticError."""
    try:
        value = parsed(content.decode("utf-8"))
    except ValueError as error:
        raise errors.bad_lock(path, str(error)) from None
    version = value.get("lock") if isinstance(value, dict) else None
    if type(version) is not int:
        raise errors.bad_lock(path, "it does not state the version of its format")
    return value, version


def _lock(value: dict[str, object], version: int, path: str) -> Lock:
    if version != VERSION:
        raise errors.bad_lock(path, f"its version is {version}, this declspore knows {VERSION}")
    try:
        return Lock(
            path,
            _text(_member(value, "spec")),
            _list(_member(value, "imports"), _text),
            _mapping(_member(value, "params"), _string),
            _mapping(_member(value, "tasks"), _task),
        )
    except _Wrong as error:
        raise errors.bad_lock(path, str(error)) from None


# ---- parts


def _text(value: object) -> LockedText:
    shipped = _member(value, "shipped", False)
    path = _path(_member(value, "path"))
    if not isinstance(shipped, bool):
        raise _Wrong("`shipped` must be true or false")
    if shipped and (PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts):
        raise _Wrong("the path of a shipped spec leads out of the library of specs")
    return LockedText(path, _blake3(_member(value, "blake3")), shipped)


def _task(value: object) -> LockedTask:
    seed, dataset = _member(value, "seed", None), _member(value, "dataset", None)
    return LockedTask(
        _string(_member(value, "kind")),
        _mapping(_member(value, "versions"), _string),
        _list(_member(value, "inputs"), _file),
        _list(_member(value, "outputs"), _file),
        None if seed is None else _integer(seed),
        None if dataset is None else _string(dataset),
    )


def _file(value: object) -> LockedFile:
    tensors, mode = _member(value, "tensors", None), _member(value, "encryption", None)
    files = _member(value, "files", None)
    digest = FileDigest(
        _whole(_member(value, "size")),
        _blake3(_member(value, "blake3")),
        None if tensors is None else _tensors(tensors),
        None if files is None else {_path(name): d for name, d in _mapping(files, _blake3).items()},
    )
    name, path = _string(_member(value, "name")), _path(_member(value, "path"))
    return LockedFile(name, path, digest, None if mode is None else _string(mode))


def _tensors(value: object) -> TensorDigests:
    found = _object(value)
    digests: list[str] = []

    def typed() -> Iterator[tuple[str, tuple[int, ...]]]:
        for each in found.values():
            digests.append(_blake3(_member(each, "blake3")))
            yield _string(_member(each, "dtype")), _list(_member(each, "shape"), _whole)

    kinds, types = in_columns(typed())
    return TensorDigests(list(found), kinds, types, bytes.fromhex("".join(digests)))


# ---- values

_REQUIRED = object()


def _member(value: object, name: str, default: object = _REQUIRED) -> object:
    if not isinstance(value, dict):
        raise _Wrong(f"expected an object with `{name}`, found {_kind(value)}")
    found = value.get(name, default)
    if found is _REQUIRED:
        raise _Wrong(f"`{name}` is missing")
    return found


def _list(value: object, of: Callable[[object], T]) -> tuple[T, ...]:
    if not isinstance(value, list):
        raise _Wrong(f"expected a list, found {_kind(value)}")
    return tuple(map(of, value))


def _mapping(value: object, of: Callable[[object], T]) -> dict[str, T]:
    return {name: of(each) for name, each in _object(value).items()}


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _Wrong(f"expected an object, found {_kind(value)}")
    return value


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise _Wrong(f"expected a string, found {_kind(value)}")
    return value


def _blake3(value: object) -> str:
    text = _string(value)
    if _BLAKE3.fullmatch(text) is None:
        raise _Wrong("a digest must have 64 hexadecimal digits")
    return text


def _path(value: object) -> str:
    text = _string(value)
    try:
        possible = bool(text) and b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        possible = False
    if not possible:
        raise _Wrong("a path is empty, or holds what no path can hold")
    return text


def _integer(value: object) -> int:
    if type(value) is not int or not -_MOST_SIZE <= value < _MOST_SIZE:
        raise _Wrong(f"expected an integer, found {_kind(value)}")
    return value


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value < _MOST_SIZE:
        raise _Wrong(f"expected an integer from 0, found {_kind(value)}")
    return value


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    names |= {int: "a number", float: "a number", type(None): "null"}
    return names[type(value)]
