"""Doors of data: files of samples of every source, and pictures."""

from __future__ import annotations

import json
import pickle
import struct
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from declspore.check.check import check
from declspore.ir.term import Term
from declspore.registry.data import SourceKind, Unavailable
from declspore.registry.table import vocabulary
from declspore.source import Source
from declspore.sources import tfrecord
from fuzz.door import Door, answered

_GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
_MOST = 20
"""Items that are read of a file: all where there are fewer, else the first and the last."""


@cache
def _term(text: str, folder: str) -> Term:
    own = text.replace("HERE", folder)
    return check(Source("fuzz", f"spec 1\ndataset d = {own}")).datasets["d"].pipeline.source


def _reader(text: str, depth: int = 1) -> Callable[[str], str]:
    """What a source says of the folder that ``HERE`` stands for; the file is so deep in it."""

    def answer(path: str) -> str:
        term = _term(text, str(Path(path).parents[depth - 1]))
        kind = vocabulary().of(SourceKind, term.word)

        def read() -> None:
            count, reader = kind.size(term.arguments), kind.open(term.arguments)
            items = range(count) if count <= 2 * _MOST else [*range(_MOST), count - 1]
            for item in items:
                reader.rows(np.asarray([item]))

        return answered(read, Unavailable)

    return answer


def _record(data: bytes) -> bytes:
    head = struct.pack("<Q", len(data))
    first, second = (struct.pack("<I", tfrecord._checksum(p)) for p in (head, data))  # noqa: SLF001
    return head + first + data + second


def _field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2, len(data)]) + data


def _tfrecords() -> list[bytes]:
    def example(numbers: bytes) -> bytes:
        feature = _field(3, _field(1, numbers))
        return _field(1, _field(1, _field(1, b"y") + _field(2, feature)))

    return [b"".join(_record(example(bytes([n]))) for n in range(count)) for count in (1, 5)]


def _examples() -> list[bytes]:
    """Single examples, which the answer wraps so that their checksums are right."""
    return [data[12:-4] for data in _tfrecords()[:1]]


def _of_example(path: str) -> str:
    file = Path(path)
    file.write_bytes(_record(file.read_bytes()))
    return _reader('TFRecord("HERE/data", [Column("y", dtype = i32)])')(path)


def _mindrecords() -> list[bytes]:
    return [(_GOLDEN / "scalars.mindrecord").read_bytes()]


@cache
def _scalar() -> str:
    (data,) = _mindrecords()
    (size,) = struct.unpack("<Q", data[:8])
    types = json.loads(data[8 : 8 + size])["schema"][0]["schema"]
    return next(n for n, t in types.items() if t["type"] == "int32" and "shape" not in t)


def _mindrecord(path: str) -> str:
    return _reader(f'MindRecord("HERE/data", [Column("{_scalar()}", dtype = i32)])')(path)


def _tables(write: Callable[[object, Path], None]) -> Callable[[], list[bytes]]:
    def made() -> list[bytes]:
        import pyarrow as pa

        found = []
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "seed"
            for texts in (None, pa.array([f"t{n}" for n in range(5)])):
                columns = {"y": pa.array(range(5), pa.int32())}
                write(pa.table(columns | ({} if texts is None else {"t": texts})), path)
                found.append(path.read_bytes())
        return found

    return made


def _write_parquet(table: object, path: Path) -> None:
    from pyarrow import parquet

    parquet.write_table(table, path)


def _write_arrow(table: object, path: Path) -> None:
    import pyarrow as pa

    with pa.ipc.new_stream(path, table.schema) as writer:  # type: ignore[attr-defined]
        writer.write_table(table)


def _pickles() -> list[bytes]:
    rows, labels = np.zeros((2, 3072), np.uint8), [0, 1]
    found = {"data": rows, "labels": labels, "batch_label": "testing batch 1 of 1"}
    return [pickle.dumps(found, protocol) for protocol in (2, 4)]


def _images() -> list[bytes]:
    import cv2

    picture = np.random.default_rng(0).integers(0, 256, (12, 9, 3), np.uint8)
    return [cv2.imencode(end, picture)[1].tobytes() for end in (".jpg", ".png", ".bmp")]


def _picture(path: str) -> str:
    from declspore.datafile import Damaged
    from declspore.numerics.opencv import decoded

    return answered(lambda: decoded(Path(path).read_bytes()), Damaged)


def _texts(*texts: str) -> Callable[[], list[bytes]]:
    return lambda: [text.encode() for text in texts]


def _vocabulary(path: str) -> str:
    from declspore.numerics.files import stamps_of
    from declspore.numerics.tokens import vocabulary_of

    return answered(lambda: vocabulary_of(stamps_of((path,))), Unavailable)


_COLUMN = '[Column("y", dtype = i32)]'
DOORS = {
    "csv": Door(
        _texts("y,t\n1,a\n2,b\n", 'y\r\n"1"\r\n-7\r\n', "\ufeffy;t\n1;ü\n"),
        _reader(f'Csv("HERE/data", {_COLUMN})'),
        "data",
    ),
    "text": Door(_texts("a\nb\n", "ü\r\n\r\nx"), _reader('TextFile("HERE/data")'), "data"),
    "tfrecord": Door(_tfrecords, _reader(f'TFRecord("HERE/data", {_COLUMN})'), "data"),
    "example": Door(_examples, _of_example, "data"),
    "mindrecord": Door(_mindrecords, _mindrecord, "data"),
    "arrow": Door(_tables(_write_arrow), _reader(f'Arrow("HERE/data", {_COLUMN})'), "data"),
    "parquet": Door(
        _tables(_write_parquet),
        _reader(f'Parquet("HERE/data.parquet", {_COLUMN})'),
        "data.parquet",
    ),
    "pickle": Door(_pickles, _reader('Cifar10("HERE", usage = "test")'), "test_batch"),
    "binary": Door(
        lambda: [bytes(3073 * 3), bytes([9]) + bytes(3072)],
        _reader('Cifar10("HERE", usage = "test")'),
        "test_batch.bin",
    ),
    "picture": Door(_images, _picture),
    "folder": Door(_images, _reader('ImageFolder("HERE")', depth=2), "a/x.jpg"),
    "vocabulary": Door(_texts("[PAD]\n[UNK]\na\n##b\n"), _vocabulary),
}
