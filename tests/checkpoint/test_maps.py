"""Map parameters (hash-table embeddings): read, copied, renamed; kept out where they cannot be."""

import zlib

import numpy as np
import pytest

from declspore.checkpoint import crc
from declspore.checkpoint.format import Copied
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.npz import NPZ
from declspore.checkpoint.reader import Access
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.writer import write_checkpoint
from declspore.report import DiagnosticError
from declspore.serialization import LoadWarning, load_checkpoint
from tests.checkpoint import protobuf
from tests.checkpoint.support import opened

WEIGHT = protobuf.encode([("dense.weight", (2,), "Float32", np.ones(2, np.float32).tobytes())])


def _slice(start, count, width=3):
    keys = np.arange(start, start + count, dtype=np.int32)
    values = np.arange(count * width, dtype=np.float32).reshape(count, width)
    return keys, values + start, np.full(count, start % 3, np.int32)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "map.ckpt"
    path.write_bytes(protobuf.encode_map("table", _slice(0, 4), _slice(10, 2)) + WEIGHT)
    return path


def _codes(path) -> list[str]:
    with pytest.raises(DiagnosticError) as caught:
        opened(path)
    return [problem.code for problem in caught.value.diagnostics]


def test_read(table):
    with opened(table) as file:
        assert file.header.by_name["table"].type == "map(i32 -> f32)[6, 3]"
        keys, values, status = file.table("table")
        assert keys.tolist() == [0, 1, 2, 3, 10, 11]
        assert values[4:].tolist() == [[10, 11, 12], [13, 14, 15]]
        assert status.tolist() == [0, 0, 0, 0, 1, 1]
        assert not any(column.flags.writeable for column in (keys, values, status))
        assert file.array("dense.weight").tolist() == [1, 1]
        for read in (file.array, file.read):
            with pytest.raises(DiagnosticError) as caught:
                read("table")
            assert caught.value.diagnostics[0].code == "E527"


def test_copied_and_renamed(table, tmp_path):
    """Bytes stay; of a rename only the tags differ. Through CRC and encryption too."""
    with opened(table) as file:
        pieces = [Copied(file, entry, entry.name) for entry in file]
        write_checkpoint(tmp_path / "copy.ckpt", pieces, access=Access(crc=True))
        renamed = [Copied(file, entry, f"new.{entry.name}") for entry in file]
        write_checkpoint(tmp_path / "renamed.ckpt", renamed, format=MINDSPORE)
    assert (tmp_path / "copy.ckpt").read_bytes()[:-17] == table.read_bytes()
    slices = protobuf.encode_map("new.table", _slice(0, 4), _slice(10, 2))
    assert (tmp_path / "renamed.ckpt").read_bytes().startswith(slices)
    with opened(tmp_path / "renamed.ckpt") as file:
        assert file.table("new.table")[0].tolist() == [0, 1, 2, 3, 10, 11]


def test_a_crc_that_does_not_count_them(table, tmp_path):
    """MindSpore leaves their records out of the sum, and cannot load what it wrote."""
    path = tmp_path / "summed.ckpt"
    for counted in (WEIGHT, table.read_bytes()):
        path.write_bytes(table.read_bytes() + crc.suffix(zlib.crc32(counted)))
        assert len(opened(path, Access(crc=True))) == 2
    path.write_bytes(table.read_bytes() + crc.suffix(zlib.crc32(WEIGHT[1:])))
    with pytest.raises(DiagnosticError) as caught:
        opened(path, Access(crc=True))
    assert caught.value.diagnostics[0].code == "E518"
    assert f"give {zlib.crc32(table.read_bytes()):08x}" in caught.value.diagnostics[0].notes[0]


@pytest.mark.parametrize("format", [SAFETENSORS, NPZ], ids=["safetensors", "npz"])
def test_other_formats_have_no_place_for_them(table, tmp_path, format):
    file = opened(table)
    pieces = [Copied(file, entry, entry.name) for entry in file]
    with pytest.raises(DiagnosticError) as caught:
        write_checkpoint(tmp_path / "never", pieces, format=format)
    assert caught.value.diagnostics[0].code == "E523"


def test_left_out_in_python_with_a_warning(table):
    with pytest.warns(LoadWarning, match="table"):
        found = load_checkpoint(table)
    assert list(found) == ["dense.weight"]


@pytest.mark.parametrize(
    ("slices", "code"),
    [
        ([_slice(0, 4)[:2]], "E504"),
        ([(*_slice(0, 4)[:2], np.zeros(3, np.int32))], "E509"),
        ([_slice(0, 4), _slice(4, 4, width=2)], "E509"),
        ([(_slice(0, 4)[0].astype(np.void), *_slice(0, 4)[1:])], "E506"),
    ],
    ids=["two tensors", "counts", "widths", "types"],
)
def test_malformed(tmp_path, slices, code):
    path = tmp_path / "bad.ckpt"
    path.write_bytes(protobuf.encode_map("table", *slices))
    assert _codes(path) == [code]


def test_half_a_map(tmp_path):
    path = tmp_path / "half.ckpt"
    tensor = protobuf.encode([("table", (1,), "Int8", b"\0")])
    path.write_bytes(protobuf.encode_map("table", _slice(0, 4)) + tensor)
    assert _codes(path) == ["E509"]
