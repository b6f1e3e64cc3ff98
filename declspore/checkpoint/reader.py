"""Opening checkpoints: an index at once, tensors when asked for."""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING

from declspore.checkpoint import errors
from declspore.checkpoint.scan import CRC_MARK, CRC_SUFFIX, Record, scan
from declspore.checkpoint.sniff import HEAD_SIZE, sniff
from declspore.ir.dtype import BY_NAME
from declspore.ir.header import TEXT, Header, HeaderEntry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.generic]


@dataclass(frozen=True)
class Entry:
    """A named value of a file: its header and its records (several where it was sliced).

    ``dims`` is the shape as stored: older files give scalars as ``[0]``.
    """

    header: HeaderEntry
    dims: tuple[int, ...]
    records: tuple[Record, ...]

    @property
    def name(self) -> str:
        return self.header.name


class Checkpoint:
    """A checkpoint file, indexed. Immutable; closed when garbage-collected or by ``close``.

    The index is read when the checkpoint is opened; the file stays open, so that values can be
    read even after it is replaced.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._fd = _open(self.path)
        try:
            self.size = os.fstat(self._fd).st_size
            self.entries = _index(self._fd, self.size, self.path)
        except BaseException:
            os.close(self._fd)
            raise
        self._open = True

    def close(self) -> None:
        if getattr(self, "_open", False):
            self._open = False
            os.close(self._fd)

    def __del__(self) -> None:
        self.close()

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def fd(self) -> int:
        return self._fd

    @cached_property
    def header(self) -> Header:
        return Header.of(self.path, (entry.header for entry in self.entries))

    @cached_property
    def by_name(self) -> dict[str, Entry]:
        return {entry.name: entry for entry in self.entries}

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @cached_property
    def _map(self) -> mmap.mmap:
        return mmap.mmap(self._fd, self.size, prot=mmap.PROT_READ)

    def array(self, name: str) -> Array:
        """The value of an entry: a read-only view of the file (sliced ones are joined).

        Raises DiagnosticError where there is no such entry, or it is text.
        """
        import numpy as np

        entry = self._entry(name)
        if entry.header.dtype == TEXT:
            raise errors.unsupported_value(self.path, name, "a text")
        dtype = entry.header.dtype.as_numpy()
        parts = [
            np.frombuffer(self._map, dtype, len(r.content) // dtype.itemsize, r.content.start)
            for r in entry.records
        ]
        flat = parts[0] if len(parts) == 1 else np.concatenate(parts)
        flat.flags.writeable = False
        return flat.reshape(entry.header.shape)

    def text(self, name: str) -> str:
        """The value of a text entry."""
        entry = self._entry(name)
        data = b"".join(os.pread(self._fd, len(r.content), r.content.start) for r in entry.records)
        return data.decode("utf-32-le", errors="replace").rstrip("\0")

    def _entry(self, name: str) -> Entry:
        entry = self.by_name.get(name)
        if entry is None:
            raise errors.no_such_entry(self.path, name)
        return entry


def _open(path: str) -> int:
    try:
        # without O_NONBLOCK, opening a named pipe would wait for a writer
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise errors.missing(path) from None
    except (OSError, ValueError) as error:
        raise errors.unreadable(path, getattr(error, "strerror", None) or str(error)) from None
    mode = os.fstat(fd).st_mode
    if not stat.S_ISREG(mode):
        os.close(fd)
        kind = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise errors.unreadable(path, f"it is {kind}")
    return fd


def _index(fd: int, size: int, path: str) -> tuple[Entry, ...]:
    head = os.pread(fd, HEAD_SIZE, 0)
    if size == 0:
        raise errors.not_a_checkpoint(path, "an empty file", "copy it again from where it was made")
    kind = sniff(head, size)
    if kind is not None:
        raise errors.not_a_checkpoint(path, kind.name, kind.help)
    if head[0] != 0x0A:
        help = "`file` may tell what it is"
        raise errors.not_a_checkpoint(path, "a file of an unknown kind", help)
    if size > CRC_SUFFIX and os.pread(fd, len(CRC_MARK), size - CRC_SUFFIX) == CRC_MARK:
        size -= CRC_SUFFIX
    entries: list[Entry] = []
    names: set[str] = set()
    for records in _joined(scan(fd, size, path)):
        entry = _entry(records, path)
        if entry.name in names:
            raise errors.duplicate(path, entry.name)
        names.add(entry.name)
        entries.append(entry)
    return tuple(entries)


def _joined(records: Iterator[Record]) -> Iterator[tuple[Record, ...]]:
    """Neighbours with the same name are slices of one value."""
    group: list[Record] = []
    for record in records:
        if group and group[-1].name != record.name:
            yield tuple(group)
            group = []
        group.append(record)
    if group:
        yield tuple(group)


def _entry(records: tuple[Record, ...], path: str) -> Entry:
    first = records[0]
    if any(record.is_map for record in records):
        raise errors.map_parameter(path, first.name)
    nbytes = sum(len(record.content) for record in records)
    if first.type == TEXT.name:
        return Entry(HeaderEntry(first.name, TEXT, (), nbytes), first.dims, records)
    dtype = BY_NAME.get(first.type)
    if dtype is None:
        raise errors.unknown_dtype(path, first.name, first.type)
    shape = () if first.dims == (0,) and nbytes == dtype.itemsize else first.dims
    expected = prod(shape) * dtype.itemsize
    header = HeaderEntry(first.name, dtype, shape, nbytes)
    if expected != nbytes:
        raise errors.wrong_size(path, first.name, expected, nbytes, header.type)
    return Entry(header, first.dims, records)
