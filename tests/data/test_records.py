"""MindRecord, TFRecord, Parquet and Arrow, and what is damaged in them."""

import gzip
import json
import shutil
import struct
from contextlib import suppress

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from pyarrow import parquet

from declspore.numerics.example import features
from declspore.numerics.msgpack import unpacked
from declspore.registry.data import SourceKind, Unavailable
from declspore.registry.table import vocabulary
from tests.conftest import GOLDEN
from tests.data.support import items, stream, term
from tests.oracle.rows import FILES
from tests.support import problems


def _rows(text: str) -> list[list]:
    found = []
    for data, labels in items(text):
        parts = [part if isinstance(part, tuple) else (part,) for part in (data, labels)]
        found.append([value for part in parts for value in part])
    return found


def _refused(text: str) -> str:
    def read() -> None:
        found = stream(text)
        with found.explained():
            list(found.epoch(1))

    with pytest.raises(Unavailable) as caught:
        read()
    return str(caught.value)


# ---- MindRecord

ALL = (
    '[Column("label", dtype = i32), Column("single"), Column("double", dtype = f64), '
    'Column("large", dtype = i64), Column("name", dtype = str), Column("image", dtype = str), '
    'Column("ids", [10], dtype = i32), Column("table", [2, 3], dtype = i64), '
    'Column("values", [4])]'
)


@pytest.fixture
def shards(here):
    for path in sorted(GOLDEN.glob("every_type.mindrecord*")):
        shutil.copy(path, here / path.name)
    return here


def _expected(name: str) -> list[dict]:
    _, rows, _ = FILES[name]
    return rows()


def test_every_type_of_mindrecord(shards):
    found = _rows(f'MindRecord("every_type.mindrecord0", {ALL})')
    expected = _expected("every_type.mindrecord")
    assert len(found) == len(expected)
    by_label = {int(row[0]): row for row in found}
    for row in expected:
        mine = by_label[row["label"]]
        given = {**row, "name": row["name"].encode(), "single": np.float32(row["single"])}
        for value, key in zip(mine, given, strict=True):
            if isinstance(value, bytes):
                assert value == given[key]
            else:
                np.testing.assert_array_equal(value, given[key])


def test_mindrecord_in_an_order_and_in_batches(shards):
    columns = '[Column("values", [4])], [Column("label", dtype = i32)]'
    text = f'MindRecord("every_type.mindrecord0", {columns})'
    whole = [int(label) for _, label in items(text)]
    assert sorted(whole) == [i - 3 for i in range(40)]
    shuffled = stream(f"{text} |> shuffle() |> batch(7)")
    found = [label.tolist() for _, label in shuffled.epoch(2, 3).as_numpy_iterator()]
    again = [label.tolist() for _, label in shuffled.epoch(2).as_numpy_iterator()]
    assert found == again[3:]


@pytest.mark.parametrize(
    ("name", "columns", "fields"),
    [
        ("scalars", '[Column("x")], [Column("y", dtype = i32)]', ("x", "y")),
        (
            "one_blob",
            '[Column("data", dtype = str), Column("file", dtype = str)]',
            ("data", "file"),
        ),
    ],
)
def test_rows_without_blobs_and_with_one(here, name, columns, fields):
    """The file may be renamed."""
    shutil.copy(GOLDEN / f"{name}.mindrecord", here / "other name")
    found = _rows(f'MindRecord("other name", {columns})')
    expected = [[row[field] for field in fields] for row in _expected(f"{name}.mindrecord")]
    plain = [
        [v.decode() if f == "file" else v for v, f in zip(row, fields, strict=True)]
        for row in found
    ]
    assert plain == expected


def test_a_missing_file_of_a_set(shards):
    (shards / "every_type.mindrecord1").unlink()
    reason = _refused(f'MindRecord("every_type.mindrecord0", {ALL})')
    assert reason == "every_type.mindrecord0 is one of 2 files; missing: every_type.mindrecord1"


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ('[Column("lable")]', "does not have the column 'lable'; there are"),
        ('[Column("label")]', "label of every_type.mindrecord0 is i32[], the column is f32[]"),
        ('[Column("table", [3, 2], dtype = i64)]', "is i64[2, 3], the column is i64[3, 2]"),
        (
            '[Column("ids", [9], dtype = i32)]',
            "row 1: expected i32[9] for ids, found the shape [10]",
        ),
    ],
)
def test_columns_that_mindrecord_does_not_have(shards, columns, reason):
    assert reason in _refused(f'MindRecord("every_type.mindrecord0", {columns})')


def _patched(path, at: int, data: bytes) -> None:
    whole = bytearray(path.read_bytes())
    whole[at : at + len(data)] = data
    path.write_bytes(whole)


def test_damaged_mindrecord(here):
    path = here / "s"
    golden = (GOLDEN / "scalars.mindrecord").read_bytes()
    text = 'MindRecord("s", [Column("x")])'
    for at, data, reason in (
        (0, b"\xff" * 8, "not a MindRecord file, or encrypted"),
        (8, b"#", "not a MindRecord file, or encrypted"),
        (1 << 14, struct.pack("<Q", 1 << 40), "row 1 goes beyond its page"),
        (golden.index(b"\x82\xa1x"), b"\xc1", "s, row 1 is damaged: 0xc1 begins nothing"),
    ):
        path.write_bytes(golden)
        _patched(path, at, data)
        assert reason in _refused(text)
    path.write_bytes(golden[: 1 << 14])
    assert "ends" in _refused(text)
    path.write_bytes(b"")
    assert "not a MindRecord file" in _refused(text)


@pytest.mark.parametrize("at", range(0, 400, 7))
def test_no_damage_of_a_header_gives_a_traceback(here, at):
    golden = (GOLDEN / "one_blob.mindrecord").read_bytes()
    (here / "s").write_bytes(golden[:at] + b"9" + golden[at + 1 :])
    with suppress(Unavailable, tf.errors.OpError):
        items('MindRecord("s", [Column("data", dtype = str)])')


@pytest.mark.parametrize(
    "value",
    [0, 127, 128, -1, -32, -33, 2**31, -(2**40), 2**63, 1.5, "", "ä" * 40, b"x" * 300, None, True,
     [1, [2, "x"]], {"a": {"b": [1] * 20}}, {str(i): i for i in range(70_000)}],
)  # fmt: skip
def test_messagepack(value):
    assert unpacked(_packed(value)) == value


def _packed(value) -> bytes:
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        if -32 <= value <= 127:
            return struct.pack("b", value)
        return (
            b"\xcf" + struct.pack(">Q", value) if value > 0 else b"\xd3" + struct.pack(">q", value)
        )
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str | bytes):
        data = value.encode() if isinstance(value, str) else value
        return (
            (b"\xda" if isinstance(value, str) else b"\xc5") + struct.pack(">H", len(data)) + data
        )
    if isinstance(value, list):
        return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(_packed, value))
    pairs = b"".join(_packed(k) + _packed(v) for k, v in value.items())
    return b"\xdf" + struct.pack(">I", len(value)) + pairs


@pytest.mark.parametrize(
    "data", [b"", b"\xc1", b"\xd9\x05ab", b"\x91" * 50, b"\xdf\xff\xff\xff\xff"]
)
def test_damaged_messagepack(data):
    with pytest.raises(ValueError, match=r"."):
        unpacked(data)


@pytest.mark.mindspore
def test_mindspore_reads_the_same_rows(here, mindspore):
    read = """
import json, mindspore.dataset as ds
from mindspore.mindrecord import FileWriter
from tests.oracle.rows import FILES
schema, rows, count = FILES["every_type.mindrecord"]
writer = FileWriter("every_type.mindrecord", count)
writer.add_schema(schema, "x")
writer.write_raw_data(rows())
writer.commit()
data = ds.MindDataset("every_type.mindrecord0", shuffle=False)
print(json.dumps([[int(r["label"]), r["ids"].tolist(), r["image"].tobytes().hex(),
    float(r["double"]), str(r["name"])]
    for r in data.create_dict_iterator(num_epochs=1, output_numpy=True)]))
"""
    theirs = json.loads(mindspore(read).splitlines()[-1])
    found = _rows(f'MindRecord("every_type.mindrecord0", {ALL})')
    ours = [[int(r[0]), r[6].tolist(), r[5].hex(), float(r[2]), r[4].decode()] for r in found]
    assert sorted(ours) == sorted(theirs)


# ---- TFRecord


def _example(i: int) -> bytes:
    def numbers(kind, values):
        return tf.train.Feature(
            **{f"{kind}_list": getattr(tf.train, f"{kind.title()}List")(value=values)}
        )

    found = {
        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"p" * i])),
        "label": numbers("int64", [i]),
        "wide": numbers("int64", [-i, 300 + i, 2**40]),
        "floats": numbers("float", [i / 2, -1.0]),
        "empty": tf.train.Feature(),
    }
    return tf.train.Example(features=tf.train.Features(feature=found)).SerializeToString()


def _write(path, count: int, first: int = 0, options: str = "") -> None:
    with tf.io.TFRecordWriter(str(path), options) as writer:
        for i in range(first, first + count):
            writer.write(_example(i))


WIDE = (
    '[Column("image", dtype = str), Column("wide", [3], dtype = i64), Column("floats", [2])], '
    '[Column("label", dtype = i32)]'
)


@pytest.mark.parametrize("options", ["", "GZIP"])
def test_tfrecord(here, options):
    _write(here / "a.tfrecord", 5, 0, options)
    _write(here / "b.tfrecord", 3, 5, options)
    found = _rows(f'TFRecord("*.tfrecord", {WIDE})')
    assert [int(row[3]) for row in found] == list(range(8))
    for i, (image, wide, floats, label) in enumerate(found):
        assert image == b"p" * i
        assert wide.tolist() == [-i, 300 + i, 2**40]
        assert floats.tolist() == [i / 2, -1.0]
        assert label.dtype == np.int32


def test_a_flipped_bit_is_found(here):
    _write(here / "a.tfrecord", 5)
    whole = (here / "a.tfrecord").read_bytes()
    second = 16 + len(_example(0))
    for at, reason in (
        (second + 20, "a.tfrecord, record 2 is damaged: its checksum is another one"),
        (second + 1, "the length of record 2 is damaged"),
        (0, "is not a TFRecord file"),
    ):
        (here / "a.tfrecord").write_bytes(whole)
        _patched(here / "a.tfrecord", at, bytes([whole[at] ^ 1]))
        assert reason in _refused(f'TFRecord("a.tfrecord", {WIDE})')
    (here / "a.tfrecord").write_bytes(whole[:-3])
    assert "ends within record 5" in _refused(f'TFRecord("a.tfrecord", {WIDE})')
    (here / "a.tfrecord").write_bytes(gzip.compress(whole)[:-20])
    assert "its compressed bytes end early" in _refused(f'TFRecord("a.tfrecord", {WIDE})')
    (here / "a.tfrecord").write_bytes(b"")
    assert "does not have a record" in _refused(f'TFRecord("a.tfrecord", {WIDE})')


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ('[Column("lable")]', "does not have the column 'lable'"),
        ('[Column("image")]', "record 1: expected f32[] for image, found"),
        ('[Column("label", dtype = str)]', "record 1: expected str[] for label, found a ndarray"),
        ('[Column("wide", [2], dtype = i64)]', "found the shape [3]"),
        ('[Column("wide", [3], dtype = i32)]', "int64 values that do not fit"),
        ('[Column("empty")]', "record 1: expected f32[] for empty, found nothing"),
    ],
)
def test_columns_that_tfrecord_does_not_have(here, columns, reason):
    _write(here / "a.tfrecord", 2)
    assert reason in _refused(f'TFRecord("a.tfrecord", {columns})')


def test_examples_are_read_as_tensorflow_writes_them():
    found = features(_example(7))
    assert found["image"] == [b"ppppppp"]
    assert found["wide"].tolist() == [-7, 307, 2**40]
    assert found["floats"].dtype == np.float32
    for data in (b"\x0a\x05a", b"\x0a\x03\x0a\x01\xff", b"\xff" * 12):
        with pytest.raises(ValueError, match=r"not a tf\.train\.Example"):
            features(data)


# ---- Parquet, Arrow, Hugging Face


def _table(count: int):
    pictures = [{"bytes": b"p" * i, "path": f"{i}.png"} for i in range(count)]
    return pa.table(
        {
            "x": pa.array([i / 4 for i in range(count)], pa.float64()),
            "ids": pa.array([[i, i + 1, i + 2] for i in range(count)], pa.list_(pa.int32())),
            "text": pa.array([f"t{i}ü" for i in range(count)]),
            "picture": pa.array(pictures),
            "label": pa.array(list(range(count)), pa.int64()),
        }
    )


TABLE = (
    '[Column("x"), Column("ids", [3], dtype = i32), Column("text", dtype = str), '
    'Column("picture", dtype = str)], [Column("label", dtype = i32)]'
)


def _as_folder(folder, table, parts: int = 2):
    folder.mkdir()
    names = [f"data-{i:05d}-of-{parts:05d}.arrow" for i in range(parts)]
    size = -(-table.num_rows // parts)
    for i, name in enumerate(names):
        part = table.slice(i * size, size)
        with pa.ipc.new_stream(str(folder / name), part.schema) as writer:
            writer.write_table(part, max_chunksize=3)
    (folder / "state.json").write_text(
        json.dumps({"_data_files": [{"filename": n} for n in names]})
    )
    label = {"names": ["no", "yes"], "_type": "ClassLabel"}
    (folder / "dataset_info.json").write_text(json.dumps({"features": {"label": label}}))


def test_tables(here):
    table = _table(10)
    parquet.write_table(table, here / "a.parquet", row_group_size=3)
    with pa.ipc.new_file(str(here / "a.arrow"), table.schema) as writer:
        writer.write_table(table, max_chunksize=4)
    _as_folder(here / "saved", table)
    for text in ('Parquet("a.parquet"', 'Arrow("a.arrow"', 'Arrow("saved"'):
        found = _rows(f"{text}, {TABLE})")
        assert [int(row[4]) for row in found] == list(range(10))
        for i, (x, ids, label_text, picture, _) in enumerate(found):
            assert (x, ids.tolist()) == (i / 4, [i, i + 1, i + 2])
            assert (label_text.decode(), picture) == (f"t{i}ü", b"p" * i)
        shuffled = items(f"{text}, {TABLE}) |> shuffle() |> batch(4)")
        assert sorted(np.concatenate([labels for _, labels in shuffled])) == list(range(10))
    kind = vocabulary().of(SourceKind, "Arrow")
    assert kind.classes(term(f'Arrow("saved", {TABLE})').arguments) == ("no", "yes")


def test_a_folder_with_several_parts(here):
    (here / "all").mkdir()
    (here / "all" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    assert "all holds several parts: train, test" in _refused(f'Arrow("all", {TABLE})')


def test_tables_that_are_refused(here):
    (here / "a.parquet").write_bytes(b"nothing")
    assert "a.parquet cannot be read" in _refused(f'Parquet("a.parquet", {TABLE})')
    parquet.write_table(pa.table({"x": pa.array([1.0, None])}), here / "a.parquet")
    assert "does not have the column 'ids'" in _refused(f'Parquet("a.parquet", {TABLE})')
    reason = _refused('Parquet("a.parquet", [Column("x")])')
    assert reason == "a.parquet, row 2: expected f32[] for x, found nothing"
    parquet.write_table(pa.table({"x": pa.array([], pa.float64())}), here / "a.parquet")
    assert "does not have a row" in _refused('Parquet("a.parquet", [Column("x")])')


def test_columns_of_any_size(here):
    """A size of -1 differs between rows: padded batches and buckets take such columns."""
    with tf.io.TFRecordWriter("v.tfrecord") as writer:
        for n in range(4):
            given = {"ids": list(range(n + 1)), "y": [n]}
            features_ = {
                name: tf.train.Feature(int64_list=tf.train.Int64List(value=value))
                for name, value in given.items()
            }
            example = tf.train.Example(features=tf.train.Features(feature=features_))
            writer.write(example.SerializeToString())
    texts = [["a"], ["b", "c"], [], ["d"]]
    rows = {"ids": [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]], "t": texts, "y": [0, 1, 2, 3]}
    parquet.write_table(pa.table(rows), "v.parquet")
    columns = '[Column("ids", [-1], i32)], [Column("y", dtype = i32)]'
    for source in ("TFRecord", "Parquet"):
        text = f'{source}("v.{source.lower()}", {columns})'
        assert [x.tolist() for x, _ in items(text)] == rows["ids"]
        padded = [x.tolist() for x, _ in items(f"{text} |> padded_batch(3)")]
        assert padded == [[[0, 0, 0], [0, 1, 0], [0, 1, 2]], [[0, 1, 2, 3]]]
        bucketed = f'{text} |> bucket_batch_by_length(["ids"], [3], [2, 2])'
        assert [x.shape for x, _ in items(bucketed)] == [(2, 2), (2, 4)]
        mixed = [x.tolist() for x, _ in items(f"Concat([{text}, {text}]) |> shuffle(4)", epoch=2)]
        assert sorted(mixed) == sorted(rows["ids"] * 2)
    found = [
        [t.decode() for t in x]
        for x, _ in items(
            'Parquet("v.parquet", [Column("t", [-1], str)], [Column("y", dtype = i32)])'
        )
    ]
    assert found == texts
    assert "expected str[2] for t, found the shape [1]" in _refused(
        'Parquet("v.parquet", [Column("t", [2], str)])'
    )
    (problem,) = problems(f'dataset d = Parquet("v.parquet", {columns}) |> batch(2)')
    assert "the samples differ in size: ids: i32[ids]" in problem
    for shape, reason in (("-1, -1", "more than one size"), ("-2", "integers from 0, or -1")):
        (problem,) = problems(f'dataset d = Parquet("v.parquet", [Column("ids", [{shape}])])')
        assert reason in problem
