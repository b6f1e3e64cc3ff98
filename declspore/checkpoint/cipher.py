"""Encrypted checkpoints: the plain bytes in blocks of 64 MiB, each encrypted alone.

A block is ``magic u32 | tag 16 (GCM only) | length i32 | iv_length i32 | iv 16 | size i32 |
cipher``, little-endian, ``length`` counting what follows it. The cryptography is that of the
package ``cryptography``; here is only the framing (docs/format.md).
"""

from __future__ import annotations

import os
import struct
from dataclasses import field
from typing import TYPE_CHECKING, Any, BinaryIO

from declspore.checkpoint.bytesource import PIECE
from declspore.dataclass import dataclass

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
    from cryptography.hazmat.primitives.ciphers.modes import CBC, GCM

BLOCK = 64 << 20
IV = 16
TAG = 16
GCM_NONCE = 12
"""MindSpore stores sixteen bytes and uses the first twelve; older sources use them all."""
CIPHER_BLOCK = 16


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to encrypt, under MindSpore's name for it; ``algorithm`` is the block cipher's name in
    ``cryptography``. An ``authenticated`` one detects changed bytes."""

    name: str
    magic: int
    key_sizes: tuple[int, ...]
    algorithm: str
    authenticated: bool = False

    @property
    def head_size(self) -> int:
        return 4 + (TAG if self.authenticated else 0) + 12 + IV


MODES = {
    mode.name: mode
    for mode in (
        Mode("AES-GCM", 0x7F3A5ED8, (16, 24, 32), "AES", authenticated=True),
        Mode("AES-CBC", 0x7F3A5ED9, (16, 24, 32), "AES"),
        Mode("SM4-CBC", 0x7F3A5EDA, (16,), "SM4"),
    )
}
DEFAULT_MODE = "AES-GCM"
"""How a new file is encrypted where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Key:
    """The bytes of a key, which nothing prints, and where they come from."""

    secret: bytes = field(repr=False)
    origin: str

    def fits(self, mode: Mode) -> bool:
        return len(self.secret) in mode.key_sizes


def mode_of(head: bytes) -> Mode | None:
    """How a file is encrypted, by its first four bytes."""
    magic = int.from_bytes(head[:4], "little")
    return next((mode for mode in MODES.values() if mode.magic == magic), None)


class EncryptingFile:
    """Plain bytes in, encrypted blocks into a file that can seek; ``finish`` ends the last one.

    Ivs are random, as they must be: no two files are equal.
    """

    def __init__(self, file: BinaryIO, mode: Mode, key: Key) -> None:
        self._file, self._mode, self._key = file, mode, key
        self._buffer = memoryview(bytearray(PIECE + 2 * CIPHER_BLOCK))
        self._room = 0
        self._start = self._written = 0
        self._iv = b""
        self._context: Any = None

    def write(self, data: bytes | memoryview) -> None:
        rest = memoryview(data)
        while rest:
            if not self._room:
                self._begin()
            part = rest[: min(self._room, PIECE)]
            self._put(update_into(self._context, part, self._buffer))
            self._room -= len(part)
            rest = rest[len(part) :]
            if not self._room:
                self._end()

    def finish(self) -> None:
        if self._room:
            self._end()

    def _begin(self) -> None:
        self._iv = os.urandom(IV)
        nonce = self._iv[:GCM_NONCE] if self._mode.authenticated else self._iv
        self._context = cipher_of(self._mode, self._key, nonce).encryptor()
        self._start, self._written, self._room = self._file.tell(), 0, BLOCK
        self._file.write(bytes(self._mode.head_size))

    def _end(self) -> None:
        """Complete the block; its head holds what is known only at its end."""
        if not self._mode.authenticated:
            padding = CIPHER_BLOCK - (BLOCK - self._room) % CIPHER_BLOCK
            self._put(update_into(self._context, bytes([padding]) * padding, self._buffer))
        self._context.finalize()
        tag = self._context.tag if self._mode.authenticated else b""
        head = struct.pack("<I", self._mode.magic) + tag
        head += struct.pack("<ii", 8 + IV + self._written, IV) + self._iv
        head += struct.pack("<i", self._written)
        self._file.seek(self._start)
        self._file.write(head)
        self._file.seek(0, os.SEEK_END)
        self._room = 0

    def _put(self, count: int) -> None:
        self._file.write(self._buffer[:count])
        self._written += count


def update_into(context: CipherContext, data: bytes | memoryview, target: memoryview) -> int:
    written: int = context.update_into(data, target)
    return written


def cipher_of(mode: Mode, key: Key, iv: bytes, tag: bytes | None = None) -> Cipher[GCM | CBC]:
    """The cipher of one block."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    algorithm = getattr(algorithms, mode.algorithm)(key.secret)
    return Cipher(algorithm, modes.GCM(iv, tag) if mode.authenticated else modes.CBC(iv))
