"""What is written is what was given, for us and for the protobuf library."""

import re

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from declspore.checkpoint import mindspore
from declspore.checkpoint.format import Copied
from declspore.checkpoint.reader import Access
from declspore.checkpoint.writer import write_checkpoint
from declspore.ir.dtype import DTYPES
from declspore.report import DiagnosticError
from tests.checkpoint import protobuf
from tests.checkpoint.support import opened, piece, written
from tests.conftest import GOLDEN, ROOT

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
arrays = st.sampled_from(
    [d.as_numpy() for d in DTYPES if d.numpy != "bfloat16" and d.kind != "float8"]
).flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, max_side=5)))
contents = st.dictionaries(names, arrays, min_size=1, max_size=6)


def _write(path, values):
    write_checkpoint(path, [piece(name, value) for name, value in values.items()])
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("roundtrip") / "file.ckpt"


@given(contents)
def test_arrays(path, values):
    with opened(_write(path, values)) as file:
        assert [entry.name for entry in file] == list(values)
        for name, value in values.items():
            found = file.array(name)
            assert found.dtype == value.dtype
            assert found.shape == value.shape
            assert found.tobytes() == value.tobytes()
            assert not found.flags.writeable


@given(contents)
def test_protobuf_agrees(path, values):
    """The library reads what we write, and writes the same bytes from it; and the other way."""
    data = _write(path, values).read_bytes()
    records = protobuf.decode(data)
    assert [(name, dims, content) for name, dims, _, content in records] == [
        (name, value.shape, value.tobytes()) for name, value in values.items()
    ]
    assert protobuf.encode(records) == data


@given(contents, names)
def test_copies_and_renames(path, values, prefix):
    _write(path, values)
    copy = path.with_name("copy.ckpt")
    with opened(path) as file:
        write_checkpoint(copy, [Copied(file, entry, entry.name) for entry in file])
        assert copy.read_bytes() == path.read_bytes()
        write_checkpoint(copy, [Copied(file, entry, prefix + entry.name) for entry in file])
    renamed = {prefix + name: value for name, value in values.items()}
    assert copy.read_bytes() == _write(path, renamed).read_bytes()


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_texts(path, text):
    write_checkpoint(path, [piece("note", text)])
    with opened(path) as file:
        assert file.text("note") == text


def test_values_beyond_a_slice(path, monkeypatch):
    """MindSpore cuts at 512 MiB; here at 100 bytes, so that values become several records."""
    monkeypatch.setattr(mindspore, "SLICE_BYTES", 100)
    values = {"large": np.arange(90, dtype=np.float32).reshape(9, 10), "small": np.ones(3)}
    data = _write(path, values).read_bytes()
    records = protobuf.decode(data)
    assert [(name, len(content)) for name, _, _, content in records] == [
        *[("large", 100)] * 3,
        ("large", 60),
        ("small", 24),
    ]
    with opened(path) as file:
        assert len(file) == 2
        np.testing.assert_array_equal(file.array("large"), values["large"])
        write_checkpoint(path.with_name("b.ckpt"), [Copied(file, e, f"x.{e.name}") for e in file])
    with opened(path.with_name("b.ckpt")) as file:
        np.testing.assert_array_equal(file.array("x.large"), values["large"])


def test_big_endian_arrays_are_turned(path):
    value = np.arange(5, dtype=">f4")
    with opened(_write(path, {"x": value})) as file:
        np.testing.assert_array_equal(file.array("x"), value)


@pytest.mark.parametrize("file", ["kinds.ckpt", "edited.ckpt", "lenet-1_5.ckpt"])
def test_bytes_of_mindspore(file, tmp_path):
    """From the values alone, the bytes MindSpore wrote."""
    with opened(GOLDEN / file) as golden:
        pieces = []
        for entry in golden:
            is_text = entry.header.dtype.name == "str"
            value = (golden.text if is_text else golden.array)(entry.name)
            pieces.append(piece(entry.name, value))
        write_checkpoint(tmp_path / file, pieces)
    assert (tmp_path / file).read_bytes() == (GOLDEN / file).read_bytes()


def test_kinds_of_mindspore():
    with opened(GOLDEN / "kinds.ckpt") as file:
        types = {entry.name: entry.header.type for entry in file}
        assert types["kind.Int8"] == "i8[2, 3]"
        assert types["kind.BFloat16"] == "bf16[4]"
        assert types["scalar"] == "f32[]"
        assert types["epoch_num"] == "i64[]"
        assert types["done"] == "bool[]"
        assert float(file.array("rate")) == 0.25
        assert file.text("note") == "grüße"
        assert file.array("名前.重み").tolist() == [1.0, 2.0]
        assert file.array("kind.BFloat16").astype(np.float32).tolist() == [0, 1, 2, 3]


def test_scalars_of_older_writers(path):
    """Older MindSpore gives scalars the dims [0]; copied, they stay as they are."""
    content = np.float64(0.01).tobytes()
    data = protobuf.encode([("learning_rate", (0,), "Float64", content)])
    path.write_bytes(data)
    with opened(path) as file:
        assert file.header.entries[0].shape == ()
        assert float(file.array("learning_rate")) == 0.01
        write_checkpoint(path.with_name("c.ckpt"), [Copied(file, e, e.name) for e in file])
    assert path.with_name("c.ckpt").read_bytes() == data


def test_fields_in_another_order_and_unknown_fields(path):
    """Other writers may order fields otherwise; what we do not know is skipped, and kept."""
    tensor = b"\x1a\x04\x00\x00\x80\x3f" + b"\x12\x07Float32" + b"\x0a\x01\x01" + b"\x20\x05"
    value = b"\x12" + bytes([len(tensor)]) + tensor + b"\x0a\x01x" + b"\x2a\x02hi"
    data = b"\x0a" + bytes([len(value)]) + value
    path.write_bytes(data)
    with opened(path) as file:
        assert file.array("x").tolist() == [1.0]
        write_checkpoint(path.with_name("d.ckpt"), [Copied(file, e, e.name) for e in file])
        write_checkpoint(path.with_name("e.ckpt"), [Copied(file, e, "other") for e in file])
    assert path.with_name("d.ckpt").read_bytes() == data
    with opened(path.with_name("e.ckpt")) as file:
        assert file.array("other").tolist() == [1.0]
    assert b"hi" in path.with_name("e.ckpt").read_bytes()


def test_real_files(shared_checkpoints, tmp_path):
    """Every real checkpoint loads as MindSpore loads it and is copied byte for byte."""
    import hashlib
    import json

    manifest = json.loads((shared_checkpoints / "manifest.json").read_text())
    assert len(manifest) > 20
    for row in manifest:
        source = shared_checkpoints / row["file"]
        if "params" not in row or row["file"].startswith("NEG"):
            continue
        with opened(source) as file:
            assert [entry.name for entry in file] == [p["name"] for p in row["params"]]
            for entry, expected in zip(file, row["params"], strict=True):
                assert entry.header.dtype.name == expected["dtype"]
                assert list(entry.header.shape) == expected["shape"]
                digest = hashlib.sha256(file.array(entry.name).tobytes()).hexdigest()
                assert digest.startswith(expected["sha256"]), entry.name
            write_checkpoint(tmp_path / "copy.ckpt", [Copied(file, e, e.name) for e in file])
        assert (tmp_path / "copy.ckpt").read_bytes() == source.read_bytes()


def test_the_example_of_the_format_page(path):
    """docs/format.md spells a file byte by byte: it is what is written."""
    page = (ROOT / "docs" / "format.md").read_text()
    lines = page.partition("```hex\n")[2].partition("```")[0].splitlines()
    data = b"".join(bytes.fromhex(re.match(r"\s*((?:[0-9a-f]{2} )+)", line)[1]) for line in lines)
    values = {"fc.bias": np.array([1.5, -2.0], np.float32), "step": np.array(7, np.int32)}
    written(path, values, access=Access(crc=True))
    assert path.read_bytes() == data


def test_an_entry_that_is_not_there_is_told_with_the_closest():
    with opened(GOLDEN / "lenet-1_5.ckpt") as file, pytest.raises(DiagnosticError) as caught:
        file.array("fc3.wieght")
    (found,) = caught.value.diagnostics
    assert (found.code, found.helps) == ("E510", ("did you mean `fc3.weight`?",))
