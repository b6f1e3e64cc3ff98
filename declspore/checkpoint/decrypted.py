"""Encrypted checkpoints, read: any range of the plain bytes, decrypted when asked for."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice

from declspore.checkpoint import errors
from declspore.checkpoint.bytesource import PIECE, ByteRange, ByteSource, pieces
from declspore.checkpoint.cipher import (
    BLOCK,
    CIPHER_BLOCK,
    GCM_NONCE,
    IV,
    TAG,
    Key,
    Mode,
    cipher_of,
    update_into,
)
from declspore.checkpoint.crc import SUFFIX_SIZE, stated
from declspore.checkpoint.reads import in_memory
from declspore.dataclass import dataclass

_MOST_BLOCKS = 1 << 16
"""As many as four tebibytes have."""
_COUNTERS = 1 << 32
"""AES-GCM counts its blocks in the last 32 bits, which begin again at 0."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Where the cipher of a block lies, and the plain bytes it stands for."""

    cipher: ByteRange
    plain: ByteRange
    iv: bytes
    tag: bytes


class DecryptedBytes:
    """The plain bytes of an encrypted source. Nothing of them is kept.

    Of AES-GCM no byte is handed out before its block was authenticated, once; from then on, as of
    the other modes, just the bytes wanted are decrypted. Those modes cannot distinguish a wrong key
    from damage, nor damage from data.
    """

    concurrent = True

    def __init__(self, source: ByteSource, path: str, mode: Mode, key: Key) -> None:
        if not key.fits(mode):
            raise errors.key_size(path, key.origin, len(key.secret), mode.name, mode.key_sizes)
        self._source, self._path, self._mode, self._key = source, path, mode, key
        self._blocks = tuple(islice(self._index(), _MOST_BLOCKS + 1))
        if len(self._blocks) > _MOST_BLOCKS:
            raise errors.too_many(path, _MOST_BLOCKS, "encrypted blocks")
        self._ends = [block.plain.end for block in self._blocks]
        self.size = self._ends[-1] if self._ends else 0
        self._counters: dict[_Block, int] = {}

    def read(self, start: int, length: int) -> bytes:
        target = bytearray(max(0, min(length, self.size - start)))
        self.readinto(start, memoryview(target))
        return bytes(target)

    def view(self, parts: Sequence[ByteRange]) -> memoryview:
        return in_memory(self, parts)

    def readinto(self, start: int, target: memoryview) -> None:
        if start + len(target) > self.size:
            raise self._damaged(self._source.size, "it ends before its last value does")
        fill = self._fill_counted if self._mode.authenticated else self._fill_chained
        while target:
            block = self._blocks[bisect_right(self._ends, start)]
            at = start - block.plain.start
            part = target[: len(block.plain) - at]
            fill(block, at, part)
            start += len(part)
            target = target[len(part) :]

    # ---- AES-GCM: a stream that can begin anywhere

    def _fill_counted(self, block: _Block, at: int, target: memoryview) -> None:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        first = self._counter(block)
        low = (first + at // CIPHER_BLOCK) % _COUNTERS
        reach = (_COUNTERS - low) * CIPHER_BLOCK - at % CIPHER_BLOCK
        counter = (first // _COUNTERS * _COUNTERS + low).to_bytes(CIPHER_BLOCK, "big")
        stream = Cipher(algorithms.AES(self._key.secret), modes.CTR(counter)).decryptor()
        stream.update(bytes(at % CIPHER_BLOCK))
        start = block.cipher.start + at
        done = 0
        for piece in pieces(self._source, [ByteRange(start, start + min(reach, len(target)))]):
            done += update_into(stream, piece, target[done:])
        if done < len(target):
            self._fill_counted(block, at + done, target[done:])

    def _counter(self, block: _Block) -> int:
        """What counts the first sixteen bytes of a block, which is authenticated first."""
        if block not in self._counters:
            sizes = (GCM_NONCE, IV)
            size = next((n for n in sizes if self._is_authentic(block, block.iv[:n])), None)
            if size is None:
                raise errors.wrong_key(self._path, self._key.origin, self._mode.name)
            self._counters[block] = self._first_counter(block.iv[:size])
        return self._counters[block]

    def _is_authentic(self, block: _Block, nonce: bytes) -> bool:
        from cryptography.exceptions import InvalidTag

        decryptor = cipher_of(self._mode, self._key, nonce, block.tag).decryptor()
        unused = memoryview(bytearray(PIECE + CIPHER_BLOCK))
        for piece in pieces(self._source, [block.cipher]):
            update_into(decryptor, piece, unused)
        try:
            decryptor.finalize()
        except InvalidTag:
            return False
        return True

    def _first_counter(self, nonce: bytes) -> int:
        """Zeros encrypt to the encrypted counter: decrypted, that is the counter itself."""
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        stream = cipher_of(self._mode, self._key, nonce).encryptor().update(bytes(CIPHER_BLOCK))
        single = Cipher(algorithms.AES(self._key.secret), modes.ECB())
        return int.from_bytes(single.decryptor().update(stream), "big")

    # ---- CBC: sixteen bytes need only the sixteen before

    def _fill_chained(self, block: _Block, at: int, target: memoryview) -> None:
        skip = at % CIPHER_BLOCK
        start = block.cipher.start + at - skip
        end = start + -(-(skip + len(target)) // CIPHER_BLOCK) * CIPHER_BLOCK
        first = start == block.cipher.start
        before = block.iv if first else self._source.read(start - CIPHER_BLOCK, CIPHER_BLOCK)
        decryptor = cipher_of(self._mode, self._key, before).decryptor()
        plain = memoryview(bytearray(min(PIECE, end - start) + CIPHER_BLOCK))
        for piece in pieces(self._source, [ByteRange(start, end)]):
            part = plain[skip : update_into(decryptor, piece, plain)][: len(target)]
            target[: len(part)] = part
            target = target[len(part) :]
            skip = 0

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
            if magic != self._mode.magic or iv_size != IV or length != 8 + IV + size:
                raise self._damaged(position, "no encrypted block begins here")
            if size < 1 or size > BLOCK + CIPHER_BLOCK:
                raise self._damaged(position, f"a block of {size:,} bytes")
            if start + size > end:
                lacking = start + size - end
                raise self._damaged(position, f"the last block lacks {lacking:,} bytes")
            cipher = ByteRange(start, start + size)
            count = size if self._mode.authenticated else self._unpadded(cipher)
            yield _Block(cipher, ByteRange(plain, plain + count), iv, tag)
            position, plain = cipher.end, plain + count

    def _end(self) -> int:
        """Where the blocks end: MindSpore may have put an empty CRC suffix after them."""
        return self._source.size - (SUFFIX_SIZE if stated(self._source) == 0 else 0)

    def _fields(self, head: bytes) -> tuple[int, bytes, int, int, bytes, int]:
        tag = head[4 : 4 + TAG] if self._mode.authenticated else b""
        (magic,) = struct.unpack_from("<I", head)
        length, iv_size = struct.unpack_from("<ii", head, 4 + len(tag))
        iv = head[12 + len(tag) : 12 + len(tag) + IV]
        (size,) = struct.unpack_from("<i", head, len(head) - 4)
        return magic, tag, length, iv_size, iv, size

    def _unpadded(self, cipher: ByteRange) -> int:
        """The plain size of a block of CBC: its last sixteen bytes hold the padding."""
        if len(cipher) % CIPHER_BLOCK:
            raise self._damaged(cipher.start, f"a block of {len(cipher):,} bytes")
        # what the last sixteen bytes were chained to: those before, in a block of one the iv
        first = len(cipher) == CIPHER_BLOCK
        chained = cipher.start - 4 - IV if first else cipher.end - 2 * CIPHER_BLOCK
        before = self._source.read(chained, CIPHER_BLOCK)
        last = self._source.read(cipher.end - CIPHER_BLOCK, CIPHER_BLOCK)
        plain: bytes = cipher_of(self._mode, self._key, before).decryptor().update(last)
        padding = plain[-1]
        if not 1 <= padding <= CIPHER_BLOCK or plain[-padding:] != bytes([padding]) * padding:
            raise errors.wrong_key(self._path, self._key.origin, self._mode.name)
        return len(cipher) - padding

    def _damaged(self, offset: int, reason: str) -> Exception:
        return errors.damaged_cipher(self._path, offset, reason)
