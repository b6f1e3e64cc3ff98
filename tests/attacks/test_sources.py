"""Files of samples besides arrays and MNIST: each attack ends in Unavailable, in bounded memory."""

import contextlib
import gzip
import json
import os
import pickle
import random
import resource
import struct
import zlib

import numpy as np
import pytest

from declspore.datafile import Damaged
from declspore.numerics.opencv import decoded
from declspore.registry.data import SourceKind, Unavailable
from declspore.registry.table import vocabulary
from declspore.sources import tfrecord
from tests.conftest import GOLDEN
from tests.support import checked

HUGE = 1 << 40


def read(text: str) -> int:
    """Every item of a source; how many there are."""
    source = checked(f"dataset d = {text}").datasets["d"].pipeline.source
    kind = vocabulary().of(SourceKind, source.word)
    count, reader = kind.size(source.arguments), kind.open(source.arguments)
    for item in range(count):
        reader.rows(np.asarray([item]))
    return count


@contextlib.contextmanager
def little_memory(megabytes: int = 300):
    """What is done within needs no more than so much."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < megabytes << 10


def sparse(path, head: bytes = b"", size: int = HUGE) -> None:
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)


def record(data: bytes) -> bytes:
    head = struct.pack("<Q", len(data))
    sums = (struct.pack("<I", tfrecord._checksum(part)) for part in (head, data))
    return head + next(sums) + data + next(sums)


def field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2, len(data)]) + data


def example(numbers: bytes) -> bytes:
    """A feature ``y`` of integers."""
    feature = field(3, field(1, numbers))
    return field(1, field(1, field(1, b"y") + field(2, feature)))


COLUMN = '[Column("y", dtype = i32)]'
SOURCES = {
    "csv": f'Csv("data", {COLUMN})',
    "text": 'TextFile("data")',
    "tfrecord": f'TFRecord("data", {COLUMN})',
    "mindrecord": f'MindRecord("data", {COLUMN})',
    "arrow": f'Arrow("data", {COLUMN})',
    "parquet": f'Parquet("data.parquet", {COLUMN})',
}


def good(here, name: str):
    """A file that is well, as its source takes it."""
    path = here / ("data.parquet" if name == "parquet" else "data")
    match name:
        case "csv":
            path.write_text("y\n" + "\n".join(map(str, range(5))) + "\n")
        case "text":
            path.write_text("a\nb\n")
        case "tfrecord":
            path.write_bytes(b"".join(record(example(bytes([n]))) for n in range(5)))
        case "mindrecord":
            path.write_bytes((GOLDEN / "scalars.mindrecord").read_bytes())
        case _:
            pyarrow = pytest.importorskip("pyarrow")
            from pyarrow import parquet

            table = pyarrow.table({"y": pyarrow.array(range(5), pyarrow.int32())})
            if name == "parquet":
                parquet.write_table(table, path)
            else:
                with pyarrow.ipc.new_stream(path, table.schema) as writer:
                    writer.write_table(table)
    return path


def scalar_of_mindrecord() -> str:
    (size,) = struct.unpack("<Q", (GOLDEN / "scalars.mindrecord").read_bytes()[:8])
    header = json.loads((GOLDEN / "scalars.mindrecord").read_bytes()[8 : 8 + size])
    types = header["schema"][0]["schema"]
    return next(
        f'MindRecord("data", [Column("{name}", dtype = i32)])'
        for name, t in types.items()
        if t["type"] == "int32" and "shape" not in t
    )


def source_of(name: str) -> str:
    return scalar_of_mindrecord() if name == "mindrecord" else SOURCES[name]


@pytest.mark.parametrize("name", SOURCES)
def test_cut_anywhere(here, name):
    path = good(here, name)
    whole = path.read_bytes()
    count = read(source_of(name))
    assert count
    rng = random.Random(0)
    for size in {0, 1, 7, 8, 9, len(whole) - 1, *(rng.randrange(len(whole)) for _ in range(25))}:
        path.write_bytes(whole[:size])
        with contextlib.suppress(Unavailable):
            assert read(source_of(name)) <= count


@pytest.mark.parametrize("name", SOURCES)
def test_flipped_bytes(here, name):
    path = good(here, name)
    whole = path.read_bytes()
    rng = random.Random(1)
    with little_memory():
        for _ in range(60):
            at = rng.randrange(min(len(whole), 4000))
            path.write_bytes(
                whole[:at] + bytes([whole[at] ^ rng.randrange(1, 256)]) + whole[at + 1 :]
            )
            with contextlib.suppress(Unavailable):
                read(source_of(name))


@pytest.mark.parametrize("make", ["pipe", "device", "folder", "dangling"])
@pytest.mark.parametrize("name", SOURCES)
def test_no_regular_file(here, name, make):
    path = here / ("data.parquet" if name == "parquet" else "data")
    match make:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
        case "dangling":
            path.symlink_to("nowhere")
    with pytest.raises(Unavailable):
        read(source_of(name))


# ---- endless, or larger than they look


@pytest.mark.parametrize("name", ["csv", "text", "mindrecord", "tfrecord"])
def test_a_hole_of_a_terabyte(here, name):
    head = b"y\n" if name == "csv" else b""
    sparse(here / "data", head, 1 << 33 if name in ("csv", "text") else HUGE)
    with little_memory(), pytest.raises(Unavailable):
        read(source_of(name))


def test_a_head_without_an_end(here):
    sparse(here / "data", b"y" * 10, 1 << 33)
    with little_memory(), pytest.raises(Unavailable):
        vocabulary().of(SourceKind, "Csv").size(
            checked(f"dataset d = {SOURCES['csv']}").datasets["d"].pipeline.source.arguments
        )


def test_a_record_of_a_terabyte(here):
    head = struct.pack("<Q", HUGE)
    sparse(here / "data", head + struct.pack("<I", tfrecord._checksum(head)), 2 * HUGE)
    with little_memory(), pytest.raises(Unavailable, match="record 1 has"):
        read(SOURCES["tfrecord"])


def test_gzip_that_is_well(here):
    path = good(here, "tfrecord")
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert read(SOURCES["tfrecord"]) == 5


@pytest.mark.parametrize(
    "changed",
    [
        {"page_size": 1 << 60},
        {"header_size": -5},
        {"header_size": 1 << 62},
        {"page_size": float("inf")},
        {"schema": []},
        {"page": [{"page_type": "RAW_DATA"}]},
        {"page": 7},
    ],
    ids=str,
)
def test_heads_of_mindrecord(here, changed):
    data = (GOLDEN / "scalars.mindrecord").read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    head = json.dumps(json.loads(data[8 : 8 + size]) | changed).encode()
    begin = struct.pack("<Q", len(head)) + head
    (here / "data").write_bytes(begin + data[max(len(begin), 8 + size) :])
    with little_memory(), pytest.raises(Unavailable):
        read(scalar_of_mindrecord())


def test_a_page_that_comes_again_and_again(here):
    data = (GOLDEN / "scalars.mindrecord").read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    header["page"] = header["page"] * 20
    head = json.dumps(header).encode()
    begin = struct.pack("<Q", len(head)) + head
    (here / "data").write_bytes(begin + data[len(begin) :])
    with pytest.raises(Unavailable, match="comes twice"):
        read(scalar_of_mindrecord())


# ---- what a record holds


def test_examples_of_any_bytes(here):
    rng = random.Random(2)
    with little_memory():
        for _ in range(200):
            body = example(bytes([rng.randrange(256) for _ in range(rng.randrange(12))]))
            at = rng.randrange(len(body))
            body = body[:at] + bytes([rng.randrange(256)]) + body[at + 1 :]
            (here / "data").write_bytes(record(body))
            with contextlib.suppress(Unavailable):
                read(SOURCES["tfrecord"])


def test_numbers_in_the_place_of_bytes(here):
    """``bytes`` of a number makes as many zeros."""
    huge = b"\xff\xff\xff\xff\x7f"
    values = field(1, b"\x08" + huge)
    for entry in (b"\x08" + huge, field(1, b"y") + field(2, values), field(1, b"y") + b"\x10\x05"):
        (here / "data").write_bytes(record(field(1, field(1, entry))))
        with little_memory(), pytest.raises(Unavailable):
            read(SOURCES["tfrecord"])


@pytest.mark.parametrize("name", ["csv", "arrow", "parquet"])
def test_a_column_that_is_there_twice(here, name):
    path = here / ("data.parquet" if name == "parquet" else "data")
    if name == "csv":
        path.write_text("y,y\n1,2\n")
    else:
        pa = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        table = pa.Table.from_arrays([pa.array([1], pa.int32())] * 2, names=["y", "y"])
        if name == "parquet":
            parquet.write_table(table, path)
        else:
            with pa.ipc.new_stream(path, table.schema) as writer:
                writer.write_table(table)
    with pytest.raises(Unavailable, match=r"more than one (column|field) 'y'"):
        read(SOURCES[name])


def test_a_column_whose_name_is_no_text(here):
    path = good(here, "arrow")
    path.write_bytes(path.read_bytes().replace(b"\x01\0\0\0y", b"\x01\0\0\0\x8d"))
    with pytest.raises(Unavailable, match="not UTF-8"):
        read(SOURCES["arrow"])


# ---- CIFAR


def cifar(here, found: object, protocol: int = 2) -> None:
    for name in (*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"):
        (here / name).write_bytes(
            found if isinstance(found, bytes) else pickle.dumps(found, protocol)
        )


class Calls:
    def __reduce__(self):
        return os.system, ("touch owned",)


def nested(depth: int) -> list:
    found: list = [1]
    for _ in range(depth):
        found = [found, found]
    return found


ROWS = np.zeros((2, 3072), np.uint8)


@pytest.mark.parametrize(
    "found",
    [
        Calls(),
        {"data": Calls(), "labels": [0, 1]},
        {"data": nested(60), "labels": [0, 1]},
        {"data": ROWS, "labels": nested(60)},
        {"data": ROWS, "labels": [0, 1, 2]},
        {"data": ROWS, "labels": ["a", "b"]},
        {"data": ROWS.astype(object), "labels": [0, 1]},
        {"data": ROWS},
        {"data": ROWS[:, :5], "labels": [0, 1]},
        [],
        b"",
        b"\x80\x04\x95" + b"\xff" * 8 + b".",
        b"\x80\x02X\xff\xff\xff\x7f",
        b"(" * 100_000,
        b"\x80\x02Nr\xff\xff\xff\x0f.",
        b"Np268435455\n.",
        b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x08\x00\x00\x00punycode\x86R.",
    ],
    ids=lambda found: type(found).__name__,
)
def test_pickles_of_cifar(here, found):
    cifar(here, found)
    with little_memory(), pytest.raises(Unavailable):
        read('Cifar10(".", usage = "train")')
    assert not (here / "owned").exists()


# ---- pictures in folders


@pytest.mark.parametrize("make", ["pipe", "device", "hole", "dangling", "unreadable"])
@pytest.mark.parametrize("damaged", ["error", "skip"])
def test_folders(here, make, damaged):
    folder = here / "f" / "a"
    folder.mkdir(parents=True)
    path = folder / "x.jpg"
    match make:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "hole":
            sparse(path, b"\xff\xd8\xff")
        case "dangling":
            path.symlink_to("nowhere")
        case "unreadable":
            path.mkdir()
    with little_memory(1100 if make == "hole" else 300), pytest.raises(Unavailable):
        read(f'ImageFolder("f", damaged = "{damaged}")')


def png(width: int, height: int) -> bytes:
    """A picture of one grey that states any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    row = zlib.compress(bytes(min((width + 1) * height, 1 << 20)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", row) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(30_000, 30_000), (2**31 - 1, 2**31 - 1), (1, 2**31 - 1), (0, 0)])
def test_pictures_that_state_any_size(size):
    with little_memory(), pytest.raises(Damaged):
        decoded(png(*size))
