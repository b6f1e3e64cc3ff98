"""Digests of files and of the tensors in them, in one pass over the bytes.

A file's digest is what ``b3sum`` prints. A tensor's is that of its bytes as every format
stores them (little-endian, C order; texts as UCS-4), so that it is the same in every file that
holds the tensor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from blake3 import blake3

from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.reader import Checkpoint, Entry
from declspore.checkpoint.sharding.sets import ShardedCheckpoint
from declspore.dataclass import dataclass
from declspore.lock.hashing import buffers, digest_all
from declspore.lock.tensors import SIZE, TensorDigests
from declspore.lock.values import values_in


@dataclass(frozen=True)
class FileDigest:
    """A file by content. ``tensors`` is None for a file that is not a checkpoint.

    Of a set of files, ``files`` has the BLAKE3 of each by its path relative to the folder of the
    set, and ``blake3`` is that of what ``b3sum`` prints for them.
    """

    size: int
    blake3: str
    tensors: TensorDigests | None = None
    files: dict[str, str] | None = None


class Known(NamedTuple):
    """Digests of the entries of a checkpoint, one after the other, and the places of those that
    are yet to be taken."""

    digests: bytearray
    left: Sequence[int]

    @classmethod
    def none(cls, checkpoint: Checkpoint) -> Known:
        return cls(bytearray(SIZE * len(checkpoint)), range(len(checkpoint)))


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
    """The BLAKE3 of an open file, as ``b3sum`` prints it."""
    whole = blake3()
    for _, data in buffers(file):
        whole.update(data)
    return whole.hexdigest()


def sha256_open(file: FileBytes) -> str:
    """The SHA-256 of an open file, as ``sha256sum`` prints it."""
    whole = hashlib.sha256()
    for _, data in buffers(file):
        whole.update(data)
    return whole.hexdigest()


def digest_checkpoint(checkpoint: Checkpoint, known: Known | None = None) -> FileDigest:
    """The digests of an open checkpoint and all it holds.

    Those that are ``known`` are not taken again, nor that of a file that was hashed as it was
    written. Raises DiagnosticError where the file cannot be read to its end.
    """
    file = file_of(checkpoint)
    digests, left = known or Known.none(checkpoint)
    if checkpoint.hash is not None:
        apart, whole = left, checkpoint.hash.hexdigest()
    else:
        values = values_in(checkpoint, left)
        apart, whole = values.apart, digest_all(file, values, digests)
    for place in apart:
        digest = _digest_entry(checkpoint.entries[place])
        digests[SIZE * place : SIZE * (place + 1)] = digest
    tensors = TensorDigests.of(checkpoint.header.entries, bytes(digests))
    return FileDigest(file.size, whole, tensors)


def digest_set(checkpoint: ShardedCheckpoint) -> FileDigest:
    """The digest of a set of files, with those of its tensors.

    Raises DiagnosticError where a file cannot be read to its end, or replicas differ.
    """
    files = {name: digest_file(path).blake3 for name, path in checkpoint.named_files}
    digests = b"".join(map(_digest_entry, checkpoint))
    tensors = TensorDigests.of(checkpoint.header.entries, digests)
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


def _digest_entry(entry: Entry) -> bytes:
    hash = blake3()
    for piece in entry.pieces():
        hash.update(piece)
    return hash.digest()


def file_of(checkpoint: Checkpoint) -> FileBytes:
    """The file of an open checkpoint, which stays open when the checkpoint is closed."""
    storage = checkpoint.storage
    assert isinstance(storage, FileBytes)
    return storage.again()
