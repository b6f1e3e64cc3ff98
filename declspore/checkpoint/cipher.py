"""Encrypted checkpoints: the plain bytes in blocks of 64 MiB, each encrypted alone.

A block is ``magic u32 | tag 16 (GCM only) | length i32 | iv_length i32 | iv 16 | size i32 |
cipher``, little-endian, ``length`` counting what follows it. The cryptography is that of the
package ``cryptography``; here is only the framing (docs/format.md).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from declspore.checkpoint import errors
from declspore.checkpoint.bytesource import PIECE, ByteRange, ByteSource, pieces

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import CipherContext

BLOCK = 64 << 20
_IV = 16
_TAG = 16
_GCM_NONCE = 12
"""MindSpore stores sixteen bytes and uses the first twelve; older sources use them all."""
_CIPHER_BLOCK = 16
_ZERO_CRC = 17
"""What MindSpore appends to an encrypted file it was asked to give a CRC: a mark and no number."""


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to encrypt, under MindSpore's name for it."""

    name: str
    magic: int
    key_sizes: tuple[int, ...]

    @property
    def authenticated(self) -> bool:
        return self.name == "AES-GCM"

    @property
    def head_size(self) -> int:
        return 4 + (_TAG if self.authenticated else 0) + 12 + _IV


MODES = {
    mode.name: mode
    for mode in (
        Mode("AES-GCM", 0x7F3A5ED8, (16, 24, 32)),
        Mode("AES-CBC", 0x7F3A5ED9, (16, 24, 32)),
        Mode("SM4-CBC", 0x7F3A5EDA, (16,)),
    )
}


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


@dataclass(frozen=True, slots=True)
class _Block:
    """Where the cipher of a block lies, and the plain bytes it stands for."""

    cipher: ByteRange
    plain: ByteRange
    iv: bytes
    tag: bytes


class DecryptedBytes:
    """The plain bytes of an encrypted source, a block at a time.

    Of AES-GCM no byte is handed out before its block is authenticated; the other modes cannot
    tell a wrong key from damage, nor damage from data.
    """

    def __init__(self, source: ByteSource, path: str, mode: Mode, key: Key) -> None:
        if not key.fits(mode):
            raise errors.key_size(path, key.origin, len(key.secret), mode.name, mode.key_sizes)
        self._source, self._path, self._mode, self._key = source, path, mode, key
        self._blocks = tuple(self._index())
        self.size = self._blocks[-1].plain.end if self._blocks else 0
        self._buffer = memoryview(bytearray(max(map(_held, self._blocks), default=0)))
        self._current: _Block | None = None

    def read(self, start: int, length: int) -> bytes:
        target = bytearray(max(0, min(length, self.size - start)))
        self.readinto(start, memoryview(target))
        return bytes(target)

    def view(self, where: ByteRange) -> memoryview:
        target = bytearray(len(where))
        self.readinto(where.start, memoryview(target))
        return memoryview(target).toreadonly()

    def readinto(self, start: int, target: memoryview) -> None:
        if start + len(target) > self.size:
            raise self._damaged(self._source.size, "it ends before its last value does")
        while target:
            block = next(b for b in self._blocks if start < b.plain.end)
            self._decrypt(block)
            at = start - block.plain.start
            part = self._buffer[at : min(at + len(target), len(block.plain))]
            target[: len(part)] = part
            start += len(part)
            target = target[len(part) :]

    # ---- blocks

    def _index(self) -> Iterator[_Block]:
        position = plain = 0
        end = self._end()
        while position < end:
            head = self._source.read(position, self._mode.head_size)
            if len(head) < self._mode.head_size:
                raise self._damaged(position, "the file ends in the head of a block")
            magic, tag, length, iv_size, iv, size = self._fields(head)
            start = position + self._mode.head_size
            if magic != self._mode.magic or iv_size != _IV or length != 8 + _IV + size:
                raise self._damaged(position, "no encrypted block begins here")
            if size < 1 or size > BLOCK + _CIPHER_BLOCK:
                raise self._damaged(position, f"a block of {size:,} bytes")
            if start + size > end:
                lacking = start + size - end
                raise self._damaged(position, f"the last block lacks {lacking:,} bytes")
            cipher = ByteRange(start, start + size)
            count = size if self._mode.authenticated else self._unpadded(cipher)
            yield _Block(cipher, ByteRange(plain, plain + count), iv, tag)
            position, plain = cipher.end, plain + count

    def _end(self) -> int:
        """Where the blocks end: MindSpore may have put an empty CRC suffix behind them."""
        from declspore.checkpoint.crc import stated

        return self._source.size - (_ZERO_CRC if stated(self._source) == 0 else 0)

    def _fields(self, head: bytes) -> tuple[int, bytes, int, int, bytes, int]:
        tag = head[4 : 4 + _TAG] if self._mode.authenticated else b""
        (magic,) = struct.unpack_from("<I", head)
        length, iv_size = struct.unpack_from("<ii", head, 4 + len(tag))
        iv = head[12 + len(tag) : 12 + len(tag) + _IV]
        (size,) = struct.unpack_from("<i", head, len(head) - 4)
        return magic, tag, length, iv_size, iv, size

    def _unpadded(self, cipher: ByteRange) -> int:
        """The plain size of a block of CBC: its last sixteen bytes tell the padding."""
        if len(cipher) % _CIPHER_BLOCK:
            raise self._damaged(cipher.start, f"a block of {len(cipher):,} bytes")
        # what the last sixteen bytes were chained to: those before, in a block of one the iv
        first = len(cipher) == _CIPHER_BLOCK
        chained = cipher.start - 4 - _IV if first else cipher.end - 2 * _CIPHER_BLOCK
        before = self._source.read(chained, _CIPHER_BLOCK)
        last = self._source.read(cipher.end - _CIPHER_BLOCK, _CIPHER_BLOCK)
        plain: bytes = self._cipher(before).decryptor().update(last)
        padding = plain[-1]
        if not 1 <= padding <= _CIPHER_BLOCK or plain[-padding:] != bytes([padding]) * padding:
            raise errors.wrong_key(self._path, self._key.origin, self._mode.name)
        return len(cipher) - padding

    def _decrypt(self, block: _Block) -> None:
        """Put the plain bytes of a block into the buffer."""
        if block is self._current:
            return
        self._current = None
        for size in (_GCM_NONCE, _IV) if self._mode.authenticated else (_IV,):
            if self._try(block, block.iv[:size]):
                self._current = block
                return
        raise errors.wrong_key(self._path, self._key.origin, self._mode.name)

    def _try(self, block: _Block, iv: bytes) -> bool:
        from cryptography.exceptions import InvalidTag

        decryptor = self._cipher(iv, block.tag).decryptor()
        written = 0
        for piece in pieces(self._source, [block.cipher]):
            written += _update_into(decryptor, piece, self._buffer[written:])
        try:
            decryptor.finalize()
        except InvalidTag:
            return False
        return True

    def _cipher(self, iv: bytes, tag: bytes | None = None) -> Any:
        return _cipher(self._mode, self._key, iv, tag or None)

    def _damaged(self, offset: int, reason: str) -> Exception:
        return errors.damaged_cipher(self._path, offset, reason)


def _held(block: _Block) -> int:
    return len(block.cipher) + _CIPHER_BLOCK


class EncryptingFile:
    """Plain bytes in, encrypted blocks into a file that can seek; ``finish`` ends the last one.

    Ivs are random, as they must be: no two files are equal.
    """

    def __init__(self, file: BinaryIO, mode: Mode, key: Key) -> None:
        self._file, self._mode, self._key = file, mode, key
        self._buffer = memoryview(bytearray(PIECE + 2 * _CIPHER_BLOCK))
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
            self._put(_update_into(self._context, part, self._buffer))
            self._room -= len(part)
            rest = rest[len(part) :]
            if not self._room:
                self._end()

    def finish(self) -> None:
        if self._room:
            self._end()

    def _begin(self) -> None:
        self._iv = os.urandom(_IV)
        nonce = self._iv[:_GCM_NONCE] if self._mode.authenticated else self._iv
        self._context = _cipher(self._mode, self._key, nonce).encryptor()
        self._start, self._written, self._room = self._file.tell(), 0, BLOCK
        self._file.write(bytes(self._mode.head_size))

    def _end(self) -> None:
        """Complete the block; its head holds what only its end tells."""
        if not self._mode.authenticated:
            padding = _CIPHER_BLOCK - (BLOCK - self._room) % _CIPHER_BLOCK
            self._put(_update_into(self._context, bytes([padding]) * padding, self._buffer))
        self._context.finalize()
        tag = self._context.tag if self._mode.authenticated else b""
        head = struct.pack("<I", self._mode.magic) + tag
        head += struct.pack("<ii", 8 + _IV + self._written, _IV) + self._iv
        head += struct.pack("<i", self._written)
        self._file.seek(self._start)
        self._file.write(head)
        self._file.seek(0, os.SEEK_END)
        self._room = 0

    def _put(self, count: int) -> None:
        self._file.write(self._buffer[:count])
        self._written += count


def _update_into(context: CipherContext, data: bytes | memoryview, target: memoryview) -> int:
    written: int = context.update_into(data, target)
    return written


def _cipher(mode: Mode, key: Key, iv: bytes, tag: bytes | None = None) -> Any:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if mode.authenticated:
        return Cipher(algorithms.AES(key.secret), modes.GCM(iv, tag))
    algorithm = algorithms.SM4 if mode.name == "SM4-CBC" else algorithms.AES
    return Cipher(algorithm(key.secret), modes.CBC(iv))
