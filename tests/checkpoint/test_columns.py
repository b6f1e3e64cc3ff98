"""An index in columns says what one of objects says."""

import json

import numpy as np
import pytest

from declspore.checkpoint import named
from declspore.checkpoint.columns import Columns
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.format import Computed, Copied
from declspore.checkpoint.mindspore import _index
from declspore.checkpoint.placed import Placed
from declspore.checkpoint.reader import Entry, Indexed
from declspore.checkpoint.values import value_header
from declspore.checkpoint.writer import write_checkpoint
from declspore.report import DiagnosticError
from tests.checkpoint.support import opened, written

VALUES = {
    "a.weight": np.arange(12, dtype=np.float32).reshape(3, 4),
    "b.weight": np.ones((3, 4), np.float32),
    "scalar": np.array(7, np.int64),
    "empty": np.zeros((0, 3), np.float16),
    "note": "hé",
    "größe": np.array([True, False]),
}


def _plain(path):
    file = FileBytes(path)
    return [entry for entry in _index(file, file.size, path) if isinstance(entry, Entry)]


def _facts(entry):
    return entry.header, entry.dims, entry.parts, entry.records


def test_both_are_alike(here):
    written("x.ckpt", VALUES)
    file = opened("x.ckpt")
    assert isinstance(file.entries, Indexed)
    plain = _plain("x.ckpt")
    assert list(map(_facts, file)) == list(map(_facts, plain))
    assert [e.name for e in file.entries[1:3]] == ["b.weight", "scalar"]
    assert file.entries[-1].name == "größe"
    assert list(file.header) == [entry.header for entry in plain]
    assert list(file.by_name) == list(VALUES)
    assert len(file.by_name) == len(file) == len(VALUES)
    with pytest.raises(IndexError):
        file.entries[len(VALUES)]


def test_names_are_found_one_by_one_and_many(here):
    written("x.ckpt", {f"n{i}": np.full(2, i, np.float32) for i in range(100)})
    file = opened("x.ckpt")
    for i in range(2 * named._FEW):
        assert file.array(f"n{i}")[0] == i
        assert f"m{i}" not in file.by_name
    with pytest.raises(DiagnosticError, match="n100"):
        file.array("n100")


def test_what_is_not_usual_is_indexed_by_objects(here, monkeypatch):
    monkeypatch.setattr("declspore.checkpoint.mindspore.SLICE_BYTES", 16)
    written("sliced.ckpt", VALUES)
    file = opened("sliced.ckpt")
    assert not isinstance(file.entries, Indexed)
    assert (file.array("a.weight") == VALUES["a.weight"]).all()


def test_faults_are_reported_as_before(here):
    """Two entries of one name, an unknown type, a file that is cut."""
    written("x.ckpt", {"a": VALUES["a.weight"], "b": VALUES["scalar"]})
    data = (here / "x.ckpt").read_bytes()
    (here / "twice.ckpt").write_bytes(data + data)
    (here / "type.ckpt").write_bytes(data.replace(b"Float32", b"Float99"))
    (here / "cut.ckpt").write_bytes(data[:-3])
    for name in ("twice.ckpt", "type.ckpt", "cut.ckpt"):
        file = FileBytes(name)
        assert Columns.of(file, file.size) is None
        with pytest.raises(DiagnosticError):
            opened(name)


def _safetensors(path, rows, data):
    header = json.dumps(rows).encode()
    (path).write_bytes(len(header).to_bytes(8, "little") + header + data)


def test_a_header_of_safetensors_is_columns_too(here):
    """In whatever order it names the tensors; a field of its own makes them objects."""
    tensors = {
        "b": {"dtype": "I8", "shape": [2, 2], "data_offsets": [3, 7]},
        "none": {"dtype": "F32", "shape": [0, 3], "data_offsets": [3, 3]},
        "a": {"dtype": "BOOL", "shape": [3], "data_offsets": [0, 3]},
        "scalar": {"shape": [], "data_offsets": [7, 8], "dtype": "U8"},
    }
    rows = {"__metadata__": {"by": "hand"}, **tensors}
    _safetensors(here / "x.safetensors", rows, bytes(range(8)))
    rows["b"] = rows["b"] | {"more": None}
    _safetensors(here / "y.safetensors", rows, bytes(range(8)))
    found, plain = opened("x.safetensors"), opened("y.safetensors")
    assert isinstance(found.entries, Placed)
    assert isinstance(plain.entries, tuple)
    assert [entry.name for entry in found] == ["a", "none", "b", "scalar"]
    for one, other in zip(found, plain, strict=True):
        assert (one.header, one.dims, one.records) == (other.header, other.dims, other.records)
        assert [*one.pieces()] == [*other.pieces()]
    start = found.size - 8
    assert list(found.entries.contents()) == [
        (start + first, start + last) for first, last in ((0, 3), (3, 3), (3, 7), (7, 8))
    ]
    assert found.metadata == {"by": "hand"}
    assert found.array("b").tolist() == [[3, 4], [5, 6]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"dtype": "I8", "shape": [True], "data_offsets": [0, 1]},
        {"dtype": "I8", "shape": [1], "data_offsets": [0, 1.0]},
        {"dtype": "I8", "shape": [2], "data_offsets": [0, 1]},
        {"dtype": "I8", "shape": [1], "data_offsets": [1, 2]},
        {"dtype": "X8", "shape": [1], "data_offsets": [0, 1]},
        {"dtype": ["I8"], "shape": [1], "data_offsets": [0, 1]},
    ],
)
def test_a_wrong_header_of_safetensors_is_no_columns(here, wrong):
    _safetensors(here / "x.safetensors", {"b": wrong}, b"1")
    with pytest.raises(DiagnosticError):
        opened("x.safetensors")
    _safetensors(here / "y.safetensors", wrong, b"1")
    with pytest.raises(DiagnosticError):
        opened("y.safetensors")


def test_many_small_entries_are_moved(here):
    """More than are listed at a time, renamed, so that each is a few ranges of bytes."""
    values = {f"layer{i}.weight": np.array([i, -i], np.int32) for i in range(5000)}
    written("x.ckpt", values)
    source = opened("x.ckpt")
    more = np.arange(3, dtype=np.float32)
    pieces = [Copied(source, entry, f"new.{entry.name}") for entry in source]
    pieces.insert(2500, Computed(value_header("", "more", more), lambda: more))
    told = []
    write_checkpoint("y.ckpt", pieces, progress=lambda done, total, name: told.append((done, name)))
    assert told == [(i + 1, piece.header.name) for i, piece in enumerate(pieces)]
    found = opened("y.ckpt")
    assert [entry.name for entry in found] == [piece.header.name for piece in pieces]
    for name, value in values.items():
        assert (found.array(f"new.{name}") == value).all()
