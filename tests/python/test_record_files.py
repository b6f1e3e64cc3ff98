"""``TFRecordDataset``, ``MindDataset``, ``CSVDataset`` and ``Schema`` of scripts: rows, columns,
types and shapes are MindSpore's."""

import gzip
import json
import re
import shutil
import zlib

import numpy as np
import pytest
import tensorflow as tf

import declspore
import declspore.dataset as ds
from tests.conftest import GOLDEN
from tests.oracle.rows import FILES


def _feature(value):
    if isinstance(value[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=value))
    if isinstance(value[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=value))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=value))


def _write(path, rows):
    with tf.io.TFRecordWriter(str(path)) as writer:
        for row in rows:
            features = {name: _feature(value) for name, value in row.items()}
            example = tf.train.Example(features=tf.train.Features(feature=features))
            writer.write(example.SerializeToString())


@pytest.fixture(autouse=True)
def files(here):
    _write(
        "a.tfrecord",
        [
            {
                "x": list(range(n, 2 * n + 1)),
                "y": [n / 2],
                "s": [b"ab%d" % n],
                "b": [b"p", b"q%d" % n],
                "z": [1.5, 2.5],
            }
            for n in range(4)
        ],
    )
    whole = (here / "a.tfrecord").read_bytes()
    (here / "g.tfrecord").write_bytes(gzip.compress(whole))
    (here / "z.tfrecord").write_bytes(zlib.compress(whole))
    for k in range(5):
        _write(f"f{k}.tfrecord", [{"y": [k * 10 + i]} for i in range(k + 1)])
    y_and_x = {"y": {"type": "float32", "rank": 0}, "x": {"type": "int64", "rank": 2}}
    (here / "s.json").write_text(json.dumps({"numRows": 2, "columns": y_and_x}))
    (here / "a.csv").write_text('a,b,c\n1,2.5,"x,""y"\n-2,3.5,\n')
    (here / "n.csv").write_text("1;2\n3;4\n")


# as Python that both run: names of modules, then what makes a dataset
CASES = {
    "types of the first record": 'ds.TFRecordDataset("a.tfrecord", shuffle=False)',
    "chosen columns": 'ds.TFRecordDataset("a.tfrecord", None, ["y", "x"], 3, shuffle=False)',
    "zlib": 'ds.TFRecordDataset("z.tfrecord", None, ["y"], shuffle=False, compression_type="ZLIB")',
    "gzip": 'ds.TFRecordDataset("g.tfrecord", None, ["y"], shuffle=False, compression_type="GZIP")',
    "a schema's file": 'ds.TFRecordDataset("a.tfrecord", "s.json", shuffle=False)',
    "more rows": 'ds.TFRecordDataset("a.tfrecord", "s.json", ["x"], 3, shuffle=False)',
    "a schema": 'ds.TFRecordDataset("a.tfrecord", schema(("y", ms.float64, []), '
    '("s", "string", []), ("b", "string"), ("x", "int32", [-1]), ("z", "float16", [1, -1])), '
    "shuffle=False)",
    "bytes": 'ds.TFRecordDataset("a.tfrecord", schema(("s", ms.uint8), ("x", "float32")), '
    '["x", "s"], shuffle=False)',
    "parsed": 'ds.TFRecordDataset("a.tfrecord", parsed([{"name": "y", "type": "float32"}, '
    '{"name": "z", "type": "float64", "shape": [2]}]), shuffle=False)',
    "shards of files": "ds.TFRecordDataset(files, shuffle=False, num_shards=2, shard_id=1, "
    "num_parallel_workers=1)",
    "shards of rows": "ds.TFRecordDataset(files, shuffle=False, num_shards=2, shard_id=1, "
    "shard_equal_rows=True, num_parallel_workers=1)",
    "texts": 'ds.CSVDataset("a.csv", shuffle=False)',
    "defaults": 'ds.CSVDataset("a.csv", ",", [0, 1.0, ""], shuffle=False)',
    "names": 'ds.CSVDataset("n.csv", ";", [0, ""], ["k", "l"], 1, shuffle=False)',
}
COMMON = """
files = [f"f{k}.tfrecord" for k in range(5)]
def schema(*columns):
    found = ds.Schema()
    for column in columns:
        found.add_column(*column)
    return found
def parsed(columns):
    found = ds.Schema()
    found.parse_columns(columns)
    return found
def rows(data):
    each = [[(v.tolist(), str(v.dtype).split("U")[0], list(v.shape)) for v in row]
            for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
    return [data.get_col_names(), data.get_dataset_size(), each]
"""


SCHEMAS = """
def made():
    first = schema(("y", ms.float32, [1]), ("x", ms.int64))
    yield first
    yield ds.Schema()
    yield ds.Schema("s.json")
    first.parse_columns({"b": {"shape": [3, 3], "type": "int8"}, "a": {"type": "uint8"}})
    yield first
    first.from_json({"datasetType": "TF", "numRows": 3, "columns": [{"name": "x", "type": "bool"}]})
    yield first
def texts():
    return [[str(found), found.to_json(), ds.Schema.get_num_rows(found)] for found in made()]
"""


@pytest.mark.mindspore
def test_as_in_mindspore(mindspore):
    asked = ["texts()", *(f"rows({case})" for case in CASES.values())]
    text = "import json\nimport mindspore as ms, mindspore.dataset as ds\n" + COMMON + SCHEMAS
    text += "".join(f"print(json.dumps({each}))\n" for each in asked)
    theirs = [json.loads(line) for line in mindspore(text).splitlines() if line.startswith("[[")]
    home = {"ms": declspore, "ds": ds}
    exec(COMMON + SCHEMAS, home)
    for name, each, expected in zip(["schemas", *CASES], asked, theirs, strict=True):
        assert json.loads(json.dumps(eval(each, home))) == expected, name


def test_order_by_chance():
    names = [f"f{k}.tfrecord" for k in range(5)]

    def found(**settings):
        data = ds.TFRecordDataset(names, **settings)
        return [int(row[0].asnumpy()[0]) for row in data]

    plain = found(shuffle=False)
    assert plain == [10 * k + i for k in range(5) for i in range(k + 1)]
    ds.config.set_seed(3)
    try:
        mixed, by_files = found(), found(shuffle=ds.Shuffle.FILES)
        within = found(shuffle=ds.Shuffle.INFILE)
    finally:
        ds.config._settings.clear()
    assert sorted(mixed) == plain != mixed
    tens = list(dict.fromkeys(number // 10 for number in by_files))
    assert by_files == [10 * k + i for k in tens for i in range(k + 1)] != plain
    assert [number // 10 for number in within] == [number // 10 for number in plain]
    assert sorted(within) == plain != within


def test_mindrecord(here):
    for path in GOLDEN.glob("every_type.mindrecord*"):
        shutil.copy(path, path.name)
    data = ds.MindDataset("every_type.mindrecord0", shuffle=False)
    names = data.get_col_names()
    assert names == sorted(names)
    expected = {row["label"]: row for row in FILES["every_type.mindrecord"][1]()}
    found = list(data.create_dict_iterator(output_numpy=True))
    assert len(found) == data.get_dataset_size() == len(expected)
    for row in found:
        for name, value in expected[int(row["label"])].items():
            assert name in names
            given = np.frombuffer(value, np.uint8) if isinstance(value, bytes) else value
            np.testing.assert_array_equal(row[name], np.asarray(given, row[name].dtype))
    chosen = ds.MindDataset(["every_type.mindrecord0"], ["name", "ids"], None, False, num_samples=2)
    assert [value.shape for value in chosen.first()] == [(), (10,)]
    assert chosen.get_dataset_size() == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('TFRecordDataset("no.tfrecord")', "no.tfrecord does not exist"),
        ('TFRecordDataset("a.csv")', "a.csv is not a TFRecord file"),
        ('TFRecordDataset("a.tfrecord", columns_list=["q"])', "does not have the column 'q'"),
        ('TFRecordDataset("a.tfrecord", None, ["y", "y"])', "the column 'y' comes twice"),
        ('TFRecordDataset("a.tfrecord", columns_list="y")', "columns_list must be a list"),
        ('TFRecordDataset("a.tfrecord", 3)', "schema must be a Schema or a path, not int"),
        ('TFRecordDataset("a.tfrecord", "no.json")', "no.json cannot be read"),
        ('TFRecordDataset("a.tfrecord", ds.Schema())', "the schema does not have a column"),
        ('TFRecordDataset("a.tfrecord", num_shards=2, shard_id=0)', "1 files make no 2 shards"),
        ('TFRecordDataset("a.tfrecord", num_shards=2, shard_id=2)', "shard_id must be from 0 to 1"),
        ('TFRecordDataset("a.tfrecord", num_samples=-1)', "num_samples must be an integer from 0"),
        ('TFRecordDataset("a.tfrecord", shuffle=1.5)', "shuffle must be a bool or one of Shuffle"),
        ('TFRecordDataset("a.tfrecord", compression_type="BZ2")', "must be '', 'GZIP' or 'ZLIB'"),
        ('CSVDataset("a.csv", ",,")', "field_delim must be one character"),
        ('CSVDataset("a.csv", ",", [1])', "column_defaults has 1 values for 3 columns"),
        ('CSVDataset("a.csv", ",", [1, 2, None])', "column_defaults must be ints"),
        ('CSVDataset("a.csv", ",", None, ["a", "a", "b"])', "the column 'a' comes twice"),
        ('MindDataset("a.csv")', "a.csv is not a MindRecord file"),
        ('Schema("a.csv")', "a.csv is not a schema: it is not JSON"),
        ('Schema().add_column("x", "int3")', "de_type must be one of"),
        ('Schema().add_column("x", "int32", 3)', "shape must be a list, not int"),
        ('Schema().parse_columns([{"type": "int8"}])', "column 1 is not a name with a type"),
        ('Schema().parse_columns({"x": {"type": "int3"}})', "the type of x must be one of"),
        ('Schema().from_json({"numRows": 1})', "a schema must have columns"),
        ('Schema().from_json({"columns": {}, "foo": 1})', "does not have a field 'foo'"),
    ],
)
def test_mistakes(text, reason):
    with pytest.raises((ValueError, TypeError), match=re.escape(reason)):
        eval(f"ds.{text}")


def test_rows_that_do_not_fit():
    wrong = ds.Schema()
    wrong.add_column("z", "float32", [3])
    data = ds.TFRecordDataset("a.tfrecord", wrong, shuffle=False)
    with pytest.raises(ValueError, match=r"a.tfrecord, record 1: z has 2 values, .* states \[3\]"):
        next(iter(data))
    whole = ds.Schema()
    whole.add_column("z", "int32", [2])
    data = ds.TFRecordDataset("a.tfrecord", whole, shuffle=False)
    with pytest.raises(ValueError, match="z has float32 values that do not fit into int32"):
        next(iter(data))  # MindSpore gives their bits
    csv = ds.CSVDataset("a.csv", column_defaults=[1, 1, ""], shuffle=False)
    with pytest.raises(ValueError, match=r"a.csv, line 2: expected int32 for b, found '2.5'"):
        next(iter(csv))
