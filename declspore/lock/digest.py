"""Digests of files and of the tensors in them, in one pass over the bytes.

A file's digest is what ``b3sum`` prints. A tensor's is that of its bytes as every format
stores them (little-endian, C order; texts as UCS-4), so that it is the same in every file that
holds the tensor.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

from blake3 import blake3

from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.reader import Checkpoint, Entry
from declspore.checkpoint.sharding.sets import ShardedCheckpoint
from declspore.dataclass import dataclass

BUFFER = 4 << 20
"""Bytes hashed at once: large enough that handing them to a second thread costs nothing."""


@dataclass(frozen=True, slots=True)
class TensorDigest:
    """An entry of a checkpoint: element type, shape, and the BLAKE3 of its bytes."""

    dtype: str
    shape: tuple[int, ...]
    blake3: str


@dataclass(frozen=True)
class FileDigest:
    """A file by content. ``tensors`` is None for a file that is not a checkpoint.

    Of a set of files, ``files`` has the BLAKE3 of each by its path seen from the folder of the
    set, and ``blake3`` is that of what ``b3sum`` prints for them.
    """

    size: int
    blake3: str
    tensors: dict[str, TensorDigest] | None = None
    files: dict[str, str] | None = None


def digest_bytes(data: bytes) -> str:
    return blake3(data).hexdigest()


def digest_file(path: str) -> FileDigest:
    """The digest of a file of any kind. Raises DiagnosticError where it cannot be read."""
    file = FileBytes(path)
    try:
        return FileDigest(file.size, digest_open(file))
    finally:
        file.close()


def digest_open(file: FileBytes) -> str:
    """The BLAKE3 of an open file, as ``b3sum`` prints it; all processors work at it."""
    whole = blake3(max_threads=blake3.AUTO)
    for _, data in _buffers(file):
        whole.update(data)
    return whole.hexdigest()


def sha256_open(file: FileBytes) -> str:
    """The SHA-256 of an open file, as ``sha256sum`` prints it."""
    whole = hashlib.sha256()
    for _, data in _buffers(file):
        whole.update(data)
    return whole.hexdigest()


def digest_checkpoint(
    checkpoint: Checkpoint, known: Mapping[str, TensorDigest] = MappingProxyType({})
) -> FileDigest:
    """The digests of an open checkpoint and all it holds; two threads work at it.

    Those of tensors that are ``known`` are not taken again, nor that of a file that was hashed as
    it was written. Raises DiagnosticError where the file cannot be read to its end.
    """
    file = file_of(checkpoint)
    unknown = [entry for entry in checkpoint if entry.name not in known]
    if checkpoint.hash is not None:
        found = {entry.name: _digest_entry(entry) for entry in unknown}
        whole = checkpoint.hash.hexdigest()
    else:
        whole, found = _digest_all(file, unknown)
    tensors = {
        entry.name: found[entry.name] if entry.name in found else known[entry.name]
        for entry in checkpoint
    }
    return FileDigest(file.size, whole, tensors)


def _digest_all(file: FileBytes, entries: list[Entry]) -> tuple[str, dict[str, TensorDigest]]:
    """The digest of a file and of entries in it."""
    found = {entry.name: _digest_entry(entry) for entry in entries if not _lies_open(entry)}
    segments = _segments(entry for entry in entries if entry.name not in found)
    whole = blake3()
    with ThreadPoolExecutor(1) as second:
        for start, data in _buffers(file):
            done = second.submit(whole.update, data)
            _feed(segments, start, data, found)
            done.result()
    for _, _, tensor in segments:  # without a byte
        tensor.take(b"", found)
    return whole.hexdigest(), found


def digest_set(checkpoint: ShardedCheckpoint) -> FileDigest:
    """The digest of a set of files, with those of its tensors.

    Raises DiagnosticError where a file cannot be read to its end, or replicas differ.
    """
    files = {name: digest_file(path).blake3 for name, path in checkpoint.named_files}
    tensors = {entry.name: _digest_entry(entry) for entry in checkpoint}
    return FileDigest(checkpoint.size, digest_names(files), tensors, files)


def sha256_set(checkpoint: ShardedCheckpoint) -> str:
    """The SHA-256 of what ``sha256sum`` prints for the files of a set, seen from its folder."""
    lines = []
    for name, path in checkpoint.named_files:
        file = FileBytes(path)
        lines.append(f"{sha256_open(file)}  {name}\n")
        file.close()
    return hashlib.sha256(_encoded(lines)).hexdigest()


def digest_names(files: dict[str, str]) -> str:
    """The digest of a set from those of its files: that of what ``b3sum`` prints for them."""
    return digest_bytes(_encoded(f"{digest}  {name}\n" for name, digest in files.items()))


def _encoded(lines: Iterable[str]) -> bytes:
    return "".join(lines).encode(errors="surrogateescape")


def _digest_entry(entry: Entry) -> TensorDigest:
    hash = blake3()
    for piece in entry.pieces():
        hash.update(piece)
    return _tensor_digest(entry, hash)


def _tensor_digest(entry: Entry, hash: blake3) -> TensorDigest:
    return TensorDigest(entry.header.dtype.name, entry.header.shape, hash.hexdigest())


def file_of(checkpoint: Checkpoint) -> FileBytes:
    """The file of an open checkpoint, which stays open when the checkpoint is closed."""
    storage = checkpoint.storage
    assert isinstance(storage, FileBytes)
    return storage.again()


class _Tensor:
    """An entry whose bytes are being hashed; ``parts`` of it are left. A hash takes 2 KB, so that
    one is there only from the first byte to the last."""

    __slots__ = ("_entry", "_hash", "_parts")

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._hash: blake3 | None = None
        self._parts = max(len(entry.parts), 1)

    def take(
        self, data: memoryview | bytes, found: dict[str, TensorDigest], *, ends: bool = True
    ) -> None:
        """Take in bytes, which end a part or not; with the last the digest is there."""
        if self._hash is None:
            self._hash = blake3()
        self._hash.update(data)
        self._parts -= ends
        if not self._parts:
            found[self._entry.name] = _tensor_digest(self._entry, self._hash)
            self._hash = None


Segment = tuple[int, int, _Tensor]
"""Bytes ``start`` to ``end`` of the file belong to this tensor."""


def _lies_open(entry: Entry) -> bool:
    """Whether the value's bytes are bytes of the file, in order (not encrypted, nor packed)."""
    starts = [part.start for part in entry.parts]
    return isinstance(entry.source, FileBytes) and starts == sorted(starts)


def _segments(entries: Iterable[Entry]) -> list[Segment]:
    """Where the values lie, the last first."""
    found: list[Segment] = []
    for entry in entries:
        tensor = _Tensor(entry)
        found += [(part.start, part.end, tensor) for part in entry.parts]
    return sorted(found, key=lambda segment: segment[:2], reverse=True)


def _feed(
    segments: list[Segment], start: int, data: memoryview, found: dict[str, TensorDigest]
) -> None:
    """Hash what a buffer holds of the segments; what is left of them stays in the list."""
    end = start + len(data)
    going_on: list[Segment] = []
    while segments and segments[-1][0] < end:
        first, last, tensor = segments.pop()
        tensor.take(data[first - start : last - start], found, ends=last <= end)
        if last > end:
            going_on.append((end, last, tensor))
    segments.extend(reversed(going_on))


def _buffers(file: FileBytes) -> Iterator[tuple[int, memoryview]]:
    """The bytes of a file with where they begin: use them, then go on."""
    buffer = memoryview(bytearray(min(BUFFER, max(file.size, 1))))
    with file.borrowed() as fd:
        _expect_sequential(fd)
    for start in range(0, file.size, BUFFER):
        data = buffer[: min(BUFFER, file.size - start)]
        file.readinto(start, data)
        yield start, data


def _expect_sequential(fd: int) -> None:
    advise = getattr(os, "posix_fadvise", None)
    if advise is not None:
        advise(fd, 0, 0, os.POSIX_FADV_SEQUENTIAL)
