"""TFRecord files whose columns a schema of MindSpore states."""

import json

import pytest
import tensorflow as tf

import declspore.dataset as ds
from tests.data.support import items
from tests.support import problems

SCHEMAS = {
    "s.json": {
        "numRows": 3,
        "columns": {
            "x": {"type": "int64", "rank": 2, "shape": [2, 2]},
            "y": {"type": "float32", "rank": 0},
            "s": {"type": "string", "rank": 0},
        },
    },
    "list.json": {
        "numRows": 100,
        "columns": [
            {"name": "y", "type": "float64", "rank": 1, "shape": [1]},
            {"name": "x", "type": "int32", "rank": 1, "shape": [4]},
        ],
    },
}


def _feature(value):
    if isinstance(value[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=value))
    if isinstance(value[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=value))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=value))


@pytest.fixture(autouse=True)
def records(here):
    with tf.io.TFRecordWriter("a.tfrecord") as writer:
        for n in range(5):
            given = {"x": [n, n + 1, n + 2, n + 3], "y": [n / 2], "s": [b"ab%d" % n]}
            features = {name: _feature(value) for name, value in given.items()}
            example = tf.train.Example(features=tf.train.Features(feature=features))
            writer.write(example.SerializeToString())
    for name, schema in SCHEMAS.items():
        (here / name).write_text(json.dumps({"datasetType": "TF", **schema}))


_READ = """
import json, mindspore.dataset as ds
def rows(schema):
    data = ds.TFRecordDataset("a.tfrecord", schema, shuffle=False)
    each = data.create_dict_iterator(num_epochs=1, output_numpy=True)
    return [{name: [value.tolist(), str(value.dtype)[:3]] for name, value in row.items()}
            for row in each]
print(json.dumps([rows("s.json"), rows("list.json")]))
"""


def _shown(value):
    value = value.decode() if isinstance(value, bytes) else value
    return [value, "<U3"] if isinstance(value, str) else [value.tolist(), value.dtype.name[:3]]


@pytest.mark.mindspore
def test_the_same_rows_as_mindspore(mindspore):
    for schema, theirs in zip(SCHEMAS, json.loads(mindspore(_READ).splitlines()[-1]), strict=True):
        columns = SCHEMAS[schema]["columns"]
        named = isinstance(columns, dict)
        names = sorted(columns) if named else [column["name"] for column in columns]
        rows = [data for data, _ in items(f'TFRecord("a.tfrecord", schema = "{schema}")')]
        assert [dict(zip(names, map(_shown, row), strict=True)) for row in rows] == theirs


def test_columns_are_chosen_by_name():
    ((s, x), y), *_ = items('TFRecord("a.tfrecord", schema = "s.json", labels = ["y"])')
    assert (x.tolist(), s, float(y)) == ([[0, 1], [2, 3]], b"ab0", 0.0)
    found = items('TFRecord("a.tfrecord", ["x"], ["y"], schema = "list.json")')
    assert [x.tolist() for x, _ in found] == [[n, n + 1, n + 2, n + 3] for n in range(5)]


def test_in_python():
    data = ds.TFRecordDataset("a.tfrecord", schema="s.json", shuffle=False)
    assert (data.get_col_names(), data.get_dataset_size()) == (["s", "x", "y"], 3)
    rows = list(data.create_dict_iterator(output_numpy=True))
    assert rows[1]["x"].tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("", "it does not state the columns of data"),
        ('["x"]', "'x' is the name of a column without a type"),
        ('[Column("x", [4])], schema = "s.json"', "data and labels are names of its columns"),
        ('schema = "s.json", labels = ["z"]', "does not have the column 'z'; there are s, x, y"),
        ('["x", "x"], schema = "s.json"', "the column 'x' is chosen twice"),
        ('schema = "s.json", labels = ["x", "y", "s"]', "it leaves no column of data"),
        ('schema = "none.json"', "none.json cannot be read: No such file"),
        ('schema = "a.tfrecord"', "a.tfrecord is not a schema: it is not JSON"),
    ],
)
def test_mistakes(arguments, reason):
    comma = ", " if arguments else ""
    (found,) = problems(f'dataset d = TFRecord("a.tfrecord"{comma}{arguments})')
    assert found.startswith("E306")
    assert reason in found


X = {"name": "x", "type": "int32", "rank": 0}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "it does not have columns"),
        ('{"columns": {}}', "it does not have columns"),
        ('{"columns": 3}', "it does not have columns"),
        ('{"columns": [3]}', "column 1 is not a name with a type"),
        ('{"columns": [{"type": "int32"}]}', "column 1 is not a name with a type"),
        ('{"columns": {"x": {"type": "int3", "rank": 0}}}', "the type of x is not one of string"),
        ('{"columns": {"x": {"type": "int32", "shape": [0]}}}', "the shape of x is not a list of"),
        ('{"columns": {"x": {"type": "int32", "shape": [-1, -1]}}}', "x has more than one size"),
        ('{"columns": {"x": {"type": "int32", "shape": [true]}}}', "the shape of x is not a list"),
        (json.dumps({"columns": [X, X]}), "has the column 'x' twice"),
        (json.dumps({"columns": [X], "numRows": "3"}), "numRows is not a number of rows"),
        ("[" * 100_000, "it is not JSON"),
        ('"' + "x" * (1 << 20) + '"', "it has more than 1,048,576 bytes"),
    ],
)
def test_damaged_schemas(here, text, reason):
    (here / "wrong.json").write_text(text)
    (found,) = problems('dataset d = TFRecord("a.tfrecord", schema = "wrong.json")')
    assert reason in found
