"""Parameters to checkpoints, now or in the background."""

from __future__ import annotations

import atexit
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from declspore.checkpoint import errors as file_errors
from declspore.checkpoint.format import Computed, Format
from declspore.checkpoint.reader import Access
from declspore.checkpoint.values import value_header
from declspore.checkpoint.writer import write_checkpoint
from declspore.ir.header import HeaderEntry
from declspore.serialization.arguments import (
    Choice,
    HasParameters,
    ParameterMap,
    access_by,
    check_choice,
    format_named,
    instead,
)
from declspore.tensor import Parameter, Tensor

V = TypeVar("V")


def save_checkpoint(
    save_obj: HasParameters | ParameterMap | Iterable[Parameter | Mapping[str, object]],
    ckpt_file_name: str | os.PathLike[str],
    integrated_save: bool = True,
    async_save: bool = False,
    append_dict: Mapping[str, Tensor | str | float] | None = None,
    enc_key: bytes | None = None,
    enc_mode: str = "AES-GCM",
    choice_func: Choice | None = None,
    crc_check: bool = False,
    format: str = "ckpt",
) -> None:
    """Write a checkpoint, byte for byte as MindSpore 2.10 does.

    ``save_obj`` is a network, a list of parameters, a list of ``{"name": ..., "data": ...}``, or
    a dict as :func:`load_checkpoint` returns it. ``append_dict`` adds ints, floats, bools, texts
    and tensors. ``choice_func`` says which names are saved. ``async_save`` takes the values now
    and writes them in the background; an error then comes at the next save or at exit.
    ``enc_key`` encrypts the file with ``enc_mode``; ``crc_check`` adds a CRC; ``format`` is
    ``ckpt``, ``safetensors`` or ``npz``, whose suffix is added where missing.
    ``integrated_save`` has no effect on one device. Nothing is changed unless all was written.
    Raises DiagnosticError, TypeError, ValueError.
    """
    check_saving(format, enc_key, enc_mode, crc_check)
    kind, access = format_named(format), access_by(enc_key, enc_mode, crc_check)
    path = os.fspath(ckpt_file_name)
    path = path if path.endswith(kind.name) else f"{path}{kind.suffix}"  # as MindSpore has it
    values = _values_of(save_obj, path)
    check_choice(choice_func)
    if choice_func is not None:
        values = {name: value for name, value in values.items() if choice_func(name)}
    appended = {name: _appended(name, value) for name, value in (append_dict or {}).items()}
    if both := [name for name in appended if name in values]:
        raise file_errors.twice(path, both)
    values |= appended
    if not values:
        raise ValueError(f"nothing is left to be saved as {path}")
    _Background.wait()
    if not async_save:
        _write(path, values, kind, access)
        return
    taken = {n: v if isinstance(v, str) else Tensor(v.asnumpy().copy()) for n, v in values.items()}
    _Background.start(path, taken, kind, access)


def check_saving(format: str, enc_key: bytes | None, enc_mode: str, crc_check: bool) -> str:
    """The format, if files of it can be written so. Raises ValueError and TypeError."""
    kind, access = format_named(format), access_by(enc_key, enc_mode, crc_check)
    if access.key is not None and not kind.protects:
        raise ValueError(f"format {format!r} cannot be encrypted; leave out enc_key")
    return kind.name


def async_ckpt_thread_status() -> bool:
    """Whether a save with ``async_save`` is under way."""
    return _Background.is_running()


def _values_of(save_obj: object, path: str) -> dict[str, Tensor | str]:
    if isinstance(save_obj, HasParameters):
        return dict(save_obj.parameters_dict())
    if isinstance(save_obj, Mapping):
        return {name: _saved(name, value) for name, value in save_obj.items()}
    if isinstance(save_obj, Iterable) and not isinstance(save_obj, str | bytes):
        return _distinct([_item(item) for item in save_obj], path)
    raise TypeError(
        f"save_obj must be a network, a list or a dict of parameters, not "
        f"{type(save_obj).__name__}{instead(save_obj)}"
    )


def _distinct(items: list[tuple[str, V]], path: str) -> dict[str, V]:
    counts = Counter(name for name, _ in items)
    if len(counts) < len(items):
        raise file_errors.twice(path, [name for name, many in counts.items() if many > 1])
    return dict(items)


def _item(item: object) -> tuple[str, Tensor | str]:
    if isinstance(item, Parameter):
        return item.name, item
    if isinstance(item, Mapping) and {"name", "data"} <= set(item):
        return item["name"], _saved(item["name"], item["data"])
    raise TypeError('each item must be a Parameter or {"name": ..., "data": ...}')


def _saved(name: str, value: object) -> Tensor | str:
    if isinstance(value, Tensor | str):
        return value
    raise TypeError(f"the value of `{name}` must be a Parameter or Tensor, as Tensor(array) is")


def _appended(name: str, value: object) -> Tensor | str:
    if isinstance(value, str | Tensor):
        return value
    if isinstance(value, bool | int | float):
        return Tensor(value)
    raise TypeError(f"append_dict takes numbers, bools, texts and tensors; `{name}` is none")


def _write(path: str, values: ParameterMap, format: Format, access: Access) -> None:
    pieces = [_piece(path, name, value) for name, value in values.items()]
    write_checkpoint(path, pieces, format=format, access=access)


def _piece(path: str, name: str, value: Tensor | str) -> Computed:
    if isinstance(value, str):
        return Computed(value_header(path, name, value), lambda: value)
    return Computed(HeaderEntry.of(name, value.dtype, value.shape), value.asnumpy)


class _Background:
    """One save at a time, in the background."""

    _pool: ThreadPoolExecutor | None = None
    _running: Future[None] | None = None

    @classmethod
    def start(cls, path: str, values: ParameterMap, format: Format, access: Access) -> None:
        if cls._pool is None:
            cls._pool = ThreadPoolExecutor(1, "save_checkpoint")
            atexit.register(cls.wait)
        cls._running = cls._pool.submit(_write, path, values, format, access)

    @classmethod
    def is_running(cls) -> bool:
        """Whether a save is under way."""
        return cls._running is not None and not cls._running.done()

    @classmethod
    def wait(cls) -> None:
        """Until the save under way is done. Raises what it raised."""
        running, cls._running = cls._running, None
        if running is not None:
            running.result()
