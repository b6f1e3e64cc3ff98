"""Bytes into checkpoints: whatever a file holds, it is read, or diagnostics say why not.

    python -m fuzz.checkpoint [--count 1000000] [--seconds 3600] [--seed 0]

fuzz/guided.py does the same guided by coverage.

Files are made of good ones of every format and protection by cutting, repeating, overwriting and
joining their bytes. Each is opened strictly and leniently, everything that opens is read, and what
opens strictly is copied into a new checkpoint, which must hold the same. Any exception but
DiagnosticError ends the run, as does a file that takes ten seconds of a processor or wants much
more memory than it has bytes; the file is kept then.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from declspore.checkpoint.cipher import MODES, Key
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.format import Computed, Copied, Format, Listed
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.npz import NPZ
from declspore.checkpoint.reader import Access, Checkpoint
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.stats import has_numbers, stats
from declspore.checkpoint.values import value_header
from declspore.checkpoint.writer import write_checkpoint
from declspore.plan.files import open_any
from declspore.report import DiagnosticError
from fuzz import watch

KEY = Key(b"0123456789abcdef", "the fuzzer")
_ROOM = 256 << 20
"""What a process may take beyond what it has at the start; the files are below a mebibyte."""
_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 1 << 31, (1 << 32) - 1, 1 << 62, (1 << 63) - 1)


def seeds() -> list[bytes]:
    """Good files: every format and protection, values of many types, a map parameter."""
    values = {
        "conv.weight": np.arange(12, dtype=np.float32).reshape(3, 4),
        "moments.conv.weight": np.zeros((3, 4), np.float16),
        "step": np.array(7),
        "名": np.array([True, False]),
        "empty": np.zeros((0, 2), np.int8),
    }
    made = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed"
        for format, access in _ways():
            texts = {"note": "grüße"} if format is not SAFETENSORS else {}
            pieces = [
                Computed(value_header(str(path), name, value), lambda value=value: value)
                for name, value in (values | texts).items()
            ]
            write_checkpoint(path, pieces, format=format, access=access, durable=False)
            made.append(path.read_bytes())
        np.savez_compressed(path.with_suffix(".npz"), **{"a.b": np.arange(40)})
        made.append(path.with_suffix(".npz").read_bytes())
    return [*made, made[0] + _MAP, _MAP + _SLICES, _ESCAPED, *_FOREIGN]


def _ways() -> list[tuple[Format, Access]]:
    ways = [(MINDSPORE, Access()), (MINDSPORE, Access(crc=True))]
    ways += [(MINDSPORE, Access(KEY, mode)) for mode in MODES]
    return [*ways, (SAFETENSORS, Access()), (SAFETENSORS, Access(crc=True)), (NPZ, Access())]


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def _tensor(dims: bytes, type: bytes, content: bytes) -> bytes:
    shape = b"".join(b"\x08" + bytes([dim]) for dim in dims)
    return shape + _field(2, type) + _field(3, content)


_COLUMNS = (
    _tensor(b"\2", b"int32", bytes(8)),
    _tensor(b"\2\3", b"float32", bytes(24)),
    _tensor(b"\2", b"int32", bytes(8)),
)
_MAP = _field(1, _field(1, b"map") + _field(3, b"".join(_field(1, c) for c in _COLUMNS)))
_SLICES = b"".join(
    _field(1, _field(1, b"cut") + _field(2, _tensor(b"\4\2", b"Int16", bytes([part]) * 8)))
    for part in (1, 2)
)
_TABLE = rb'{"a\ud83d\ude00": {"dtype": "I8", "shape": [1], "data_offsets": [0, 1]}}'
_ESCAPED = len(_TABLE).to_bytes(8, "little") + _TABLE + b"\1"
"""A name that JSON spells as a pair, of which half may be lost."""
_FOREIGN = (
    b"\x08\x01\x12\x14\x0a\x0cdense.weight\x12\x04\x0a\x02\x08\x01",
    b"\x12\xff\x04\x0a\x03abc",
    b"\x0a\x010\x12\x09MindSpore",
    b"\x08\x07\x12\x07pytorch\x1a\x05",
    b"\x80\x02}q\0.",
    b"PK\x03\x04archive/data.pkl",
)
"""Heads of files that are not checkpoints."""


# ---- changes


def mutated(source: random.Random, corpus: list[bytes]) -> bytes:
    data = bytearray(source.choice(corpus))
    for _ in range(1 + min(int(source.expovariate(0.5)), 12)):
        if not data:
            break
        source.choice(_CHANGES)(source, data, corpus)
    return bytes(data)


def _at(source: random.Random, data: bytearray) -> int:
    """A place; often near the start, where headers are."""
    limit = len(data) if source.random() < 0.5 else min(len(data), 96)
    return source.randrange(limit)


def _set(source: random.Random, data: bytearray, corpus: list[bytes]) -> None:
    data[_at(source, data)] = source.randrange(256)


def _flip(source: random.Random, data: bytearray, corpus: list[bytes]) -> None:
    data[_at(source, data)] ^= 1 << source.randrange(8)


def _count(source: random.Random, data: bytearray, corpus: list[bytes]) -> None:
    """A byte one more or less: lengths that nearly fit."""
    at = _at(source, data)
    data[at] = (data[at] + source.choice((-2, -1, 1, 2))) % 256


def _drop(source: random.Random, data: bytearray, corpus: list[bytes]) -> None:
    at = _at(source, data)
    del data[at : at + source.choice((1, 2, 8, 40))]


def _repeat(source: random.Random, data: bytearray, corpus: list[bytes]) -> None:
    at, size = _at(source, data), source.choice((1, 2, 8, 60))
    data[at:at] = data[at : at + size] * source.choice((1, 1, 1, 50))


def _cut(source: random.Random, data: bytearray, corpus: list[bytes]) -> None:
    del data[_at(source, data) :]


def _number(source: random.Random, data: bytearray, corpus: list[bytes]) -> None:
    """A number at the edge of its kind: fixed, base-128, or in decimal digits."""
    value, at = source.choice(_NUMBERS), _at(source, data)
    match source.randrange(3):
        case 0:
            written = value.to_bytes(8, "little")
            data[at : at + 8] = written
        case 1:
            data[at : at + 1] = _varint(value)
        case _:
            data[at : at + source.randrange(4)] = str(value).encode()


def _varint(value: int) -> bytes:
    written = bytearray()
    while value >= 0x80:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def _join(source: random.Random, data: bytearray, corpus: list[bytes]) -> None:
    other = source.choice(corpus)
    start = source.randrange(len(other))
    data[_at(source, data) :] = other[start : start + source.randrange(400)]


_CHANGES: tuple[Callable[[random.Random, bytearray, list[bytes]], None], ...] = (
    *(_set, _flip, _count, _count, _drop, _repeat, _cut, _number, _number, _join),
)


# ---- examination


class Examiner:
    """Opens and reads files that exist in memory only."""

    def __init__(self) -> None:
        self._file = os.fdopen(os.memfd_create("checkpoint"), "r+b", buffering=0)
        self._path = f"/proc/self/fd/{self._file.fileno()}"
        self._copy = os.fdopen(os.memfd_create("copy"), "w+b")

    def __enter__(self) -> Examiner:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._copy.close()

    def examine(self, data: bytes) -> str:
        """The code of the first diagnostic, or ``whole``."""
        self._file.truncate(0)
        os.pwrite(self._file.fileno(), data, 0)
        found = "whole"
        for access in (Access(), Access(KEY), Access(KEY, crc=True)):
            for lenient in (False, True):
                try:
                    with open_any(self._path, access, lenient=lenient) as file:
                        _read(file)
                        if not lenient:
                            _tolerant(lambda file=file: self._copied(file))
                except DiagnosticError as error:
                    if not lenient and not access.crc:
                        found = error.diagnostics[0].code
            if found != "E514":
                break
        return found

    def _copied(self, file: Checkpoint) -> None:
        """What opens can be copied into a checkpoint of ours that holds the same."""
        pieces = [Copied(file, entry, entry.name) for entry in file]
        self._copy.seek(0)
        self._copy.truncate()
        MINDSPORE.write(self._copy, "copy", Listed(pieces), Access(), lambda *_: None)
        self._copy.flush()
        again = MINDSPORE.open(FileBytes("copy", self._copy.fileno()), "copy", Access(), False)
        with again:
            assert again.header.entries == file.header.entries, "the copy has another header"
            for one, other in zip(file, again, strict=True):
                assert b"".join(one.pieces()) == b"".join(other.pieces()), one.name


def _read(file: Checkpoint) -> None:
    if file.crc is not None:
        _tolerant(file.check_crc)
    for entry in file:
        kind = entry.header.dtype.kind
        if kind == "text":
            _tolerant(lambda entry=entry: file.text(entry.name))
        elif kind == "map":
            _tolerant(lambda entry=entry: file.table(entry.name))
        else:
            _tolerant(lambda entry=entry: file.array(entry.name).tobytes())
            _tolerant(lambda entry=entry: file.read(entry.name))
        if has_numbers(entry):
            _tolerant(lambda entry=entry: stats(entry))


def _tolerant(read: Callable[[], object]) -> None:
    try:
        read()
    except DiagnosticError as error:
        if error.diagnostics[0].code not in ("E504", "E516", "E518", "E502"):
            raise


def run(
    count: int,
    seed: int,
    say: Callable[[str], None] = lambda text: None,
    seconds: float = math.inf,
) -> Counter[str]:
    """Examine ``count`` files, or fewer where the seconds of a processor are over; how often each
    code was found. Raises what no file may raise."""
    source, corpus = random.Random(seed), seeds()
    found: Counter[str] = Counter()
    start = time.monotonic()
    budget = watch.Budget(seconds)
    with Examiner() as examiner, watch.watching():
        for index in range(count):
            if not budget.is_left:
                break
            data = mutated(source, corpus)
            watch.begin()
            try:
                found[examiner.examine(data)] += 1
            except BaseException:
                kept = Path(tempfile.gettempdir()) / f"declspore-fuzz-{seed}-{index}.ckpt"
                kept.write_bytes(data)
                say(f"file {index} of seed {seed} is kept: {kept}")
                raise
            if (index + 1) % 100_000 == 0:
                say(f"{index + 1:,} files, {time.monotonic() - start:.0f} s")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=math.inf)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    seeds()  # what is imported for writing is not an allocation of a file
    watch.limit_memory(_ROOM)
    found = run(options.count, options.seed, lambda text: print(text, flush=True), options.seconds)
    print(f"checkpoint: {found.total():,} files; ", end="")
    print(", ".join(f"{code} {number:,}" for code, number in sorted(found.items())))


if __name__ == "__main__":
    main()
