"""Files of answers hold what was answered, whatever the format."""

import csv
import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from declspore.checkpoint.atomic import replacing
from declspore.registry.answer import AnswerColumn
from declspore.tasks.predict.writers import AnswerRows, format_of, table_formats
from declspore.tasks.predict.writers.html import png

COLUMNS = (
    AnswerColumn("class", "text", (2,)),
    AnswerColumn("score", "float32"),
    AnswerColumn("output", "float32", (3,)),
    AnswerColumn("label", "int64"),
)
NAMES = [["cat", 'a "big", dog'], ["Käse", "x\ny"], ["", "日本"]]
SCORES = np.float32([0.1, np.nan, -np.inf])
OUTPUTS = np.random.default_rng(0).normal(size=(3, 3)).astype(np.float32)
OPENED = []
LABELS = np.int64([1, -(2**62), 3])


@pytest.fixture(autouse=True)
def _closed():
    yield
    while OPENED:
        OPENED.pop().close()


def opened(file, path, columns):
    OPENED.append(format_of(path).open(file, columns))
    return OPENED[-1]


def written(path, columns=COLUMNS):
    values = {"class": NAMES, "score": SCORES, "output": OUTPUTS, "label": LABELS}
    with replacing(str(path)) as file:
        writer = opened(file, str(path), columns)
        for part in (slice(0, 2), slice(2, 3)):
            batch = {column.name: values[column.name][part] for column in columns}
            writer.write(AnswerRows(batch, (), None, len(LABELS[part])))
        writer.finish()
    return path


def test_formats():
    assert list(table_formats()) == [".csv", ".html", ".jsonl", ".npy", ".npz", ".parquet"]
    assert format_of("a.CSV").suffix == ".csv"
    assert format_of("a.txt") is None


def test_npz(tmp_path):
    with np.load(written(tmp_path / "a.npz")) as found:
        assert found["class"].tolist() == NAMES
        np.testing.assert_array_equal(found["score"], SCORES)
        np.testing.assert_array_equal(found["output"], OUTPUTS)
        np.testing.assert_array_equal(found["label"], LABELS)


def test_npy(tmp_path):
    found = np.load(written(tmp_path / "a.npy", COLUMNS[2:3]), mmap_mode="r")
    np.testing.assert_array_equal(found, OUTPUTS)
    assert format_of("a.npy").refusal(COLUMNS) is not None


def test_csv(tmp_path):
    with open(written(tmp_path / "a.csv"), newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == [*("class_0", "class_1", "score", "output_0", "output_1", "output_2", "label")]
    assert [row[:2] for row in rows] == NAMES
    np.testing.assert_array_equal(np.float32([row[2] for row in rows]), SCORES)
    np.testing.assert_array_equal(np.float32([row[3:6] for row in rows]), OUTPUTS)
    assert [int(row[6]) for row in rows] == LABELS.tolist()
    assert rows[0][2] == "0.1"


def test_jsonl(tmp_path):
    lines = written(tmp_path / "a.jsonl").read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    rows = [json.loads(line) for line in lines]
    assert [row["class"] for row in rows] == NAMES
    assert [row["score"] for row in rows] == [0.1, "NaN", "-Infinity"]
    np.testing.assert_array_equal(np.float32([row["output"] for row in rows]), OUTPUTS)
    assert [row["label"] for row in rows] == LABELS.tolist()


def test_parquet(tmp_path):
    found = pq.read_table(written(tmp_path / "a.parquet"))
    assert found.column("class").to_pylist() == NAMES
    np.testing.assert_array_equal(found.column("score").to_numpy(), SCORES)
    np.testing.assert_array_equal(np.float32(found.column("output").to_pylist()), OUTPUTS)
    assert found.column("label").to_pylist() == LABELS.tolist()


def test_many_batches_are_one_group_of_rows(tmp_path):
    path = tmp_path / "a.parquet"
    with replacing(str(path)) as file:
        writer = opened(file, "a.parquet", COLUMNS[1:2])
        for _ in range(100):
            writer.write(AnswerRows({"score": SCORES}, (), None, 3))
        writer.finish()
    assert pq.ParquetFile(path).num_row_groups == 1


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".npy", ".npz", ".parquet", ".html"])
def test_no_samples(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    with replacing(str(path)) as file:
        opened(file, str(path), COLUMNS[1:2]).finish()
    assert path.exists()


def test_samples_of_two_shapes_are_refused(tmp_path):
    with replacing(str(tmp_path / "a.npy")) as file:
        writer = opened(file, "a.npy", COLUMNS[2:3])
        writer.write(AnswerRows({"output": OUTPUTS}, (), None, 3))
        with pytest.raises(ValueError, match=r"differ in shape: \[3\] and \[2\]"):
            writer.write(AnswerRows({"output": OUTPUTS[:, :2]}, (), None, 3))


@pytest.mark.parametrize("channels", [1, 3])
def test_png_is_what_other_programs_read(channels):
    import tensorflow as tf

    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), np.uint8)
    np.testing.assert_array_equal(tf.io.decode_png(png(pixels)), pixels)


def test_page_escapes_what_it_shows(tmp_path):
    path = tmp_path / "a.html"
    columns = (AnswerColumn("class", "text"), AnswerColumn("class_score", "float32"))
    with replacing(str(path)) as file:
        writer = opened(file, str(path), columns)
        values = {"class": ["<script>"], "class_score": np.float32([0.5])}
        writer.write(AnswerRows(values, (np.zeros((1, 3, 8, 8)),), ["<b>.png"], 1))
        writer.finish()
    text = path.read_text()
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;.png" in text
    assert "<script>" not in text
    assert "data:image/png;base64," in text
