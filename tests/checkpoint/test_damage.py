"""Files that are no checkpoints, damaged checkpoints, hostile bytes: a diagnostic each."""

import os
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declspore.checkpoint.reader import Checkpoint
from declspore.checkpoint.writer import Computed, write_checkpoint
from declspore.report import DiagnosticError
from tests.checkpoint import protobuf
from tests.conftest import GOLDEN


def _problem(path) -> str:
    with pytest.raises(DiagnosticError) as caught:
        Checkpoint(path)
    assert caught.value.exit_code == 2
    (found,) = caught.value.diagnostics
    return f"{found.code} {found.title}"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file.ckpt"

    def write(data: bytes):
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "an empty file"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"\x80\x02}q\x00.", "a Python pickle"),
        (b"\x89HDF\r\n\x1a\nrest", "an HDF5 file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git-LFS pointer"),
        (b"\x0a\x00\x00\x00\x00\x00\x00\x00{}        ", "a safetensors file"),
        (b"\xd8\x5e\x3a\x7fsecret", "an encrypted MindSpore checkpoint (AES-GCM)"),
        (b"hello", "a file of an unknown kind"),
    ],
)
def test_other_files(file, data, kind):
    assert _problem(file(data)).startswith(f"E503 this is {kind}")


def test_strategy_files(shared_checkpoints):
    for path in shared_checkpoints.glob("NEG-*"):
        assert _problem(path).startswith("E503")


def test_missing_and_unreadable(tmp_path):
    assert _problem(tmp_path / "nothing.ckpt").startswith("E501")
    assert _problem(tmp_path) == "E502 the file cannot be read: it is a folder"
    os.mkfifo(tmp_path / "pipe.ckpt")
    assert _problem(tmp_path / "pipe.ckpt").startswith("E502")
    assert _problem("nul\0byte.ckpt").startswith("E502")


def test_truncated_anywhere(file):
    """Cut at every byte: a diagnostic, or a shorter checkpoint at the end of a record."""
    data = (GOLDEN / "kinds.ckpt").read_bytes()
    with Checkpoint(GOLDEN / "kinds.ckpt") as whole:
        ends = {record.whole.end for entry in whole for record in entry.records}
    for size in range(1, len(data)):
        path = file(data[:size])
        if size in ends:
            assert len(Checkpoint(path)) > 0
        else:
            assert _problem(path)[:4] in ("E505", "E504", "E503"), size


def test_truncation_is_located(file):
    data = (GOLDEN / "lenet-1_5.ckpt").read_bytes()
    path = file(data[:100_000])
    assert _problem(path) == ("E505 the checkpoint ends in the middle of entry 3 (`fc1.weight`)")


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ([("a", (2,), "Float32", b"\0" * 4)], "E507 the value holds 4 bytes, f32[2] needs 8"),
        ([("a", (1,), "Float33", b"\0" * 4)], 'E506 unknown element type "Float33"'),
        (
            [(name, (1,), "Int8", b"\0") for name in ("a", "b", "a")],
            "E508 two entries have the same name",
        ),
    ],
)
def test_contradictions(file, entries, problem):
    assert _problem(file(protobuf.encode(entries))) == problem


def test_map_parameters_are_named(file):
    value = b"\x0a\x01t\x1a\x02\x0a\x00"
    assert _problem(file(b"\x0a" + bytes([len(value)]) + value)).startswith("E509")


def test_crc_suffix_is_no_record(file):
    data = protobuf.encode([("a", (1,), "Int8", b"\7")])
    path = file(data + b"crc_num" + (123).to_bytes(10, "big"))
    assert Checkpoint(path).array("a").tolist() == [7]


def _read_everything(path) -> None:
    with Checkpoint(path) as file:
        for entry in file:
            if entry.header.dtype.name == "str":
                file.text(entry.name)
            else:
                file.array(entry.name)


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_mutated_bytes(tmp_path_factory, data):
    """Whatever happens to a file: it is read, or a diagnostic says why not. Nothing else."""
    good = (GOLDEN / "kinds.ckpt").read_bytes()
    changed = bytearray(good)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(changed) - 1))
        match data.draw(st.sampled_from(["set", "drop", "double"])):
            case "set":
                changed[at] = data.draw(st.integers(0, 255))
            case "drop":
                del changed[at : at + data.draw(st.integers(1, 20))]
            case "double":
                changed[at:at] = changed[at : at + 20]
        if not changed:
            break
    path = tmp_path_factory.getbasetemp() / "mutated.ckpt"
    path.write_bytes(changed)
    with suppress(DiagnosticError):
        _read_everything(path)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200))
def test_random_bytes(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "random.ckpt"
    path.write_bytes(b"\x0a" + data)
    with suppress(DiagnosticError):
        _read_everything(path)


def test_failed_writes_change_nothing(tmp_path):
    path = tmp_path / "kept.ckpt"
    write_checkpoint(path, [Computed("a", lambda: np.ones(3))])
    before = path.read_bytes()

    def broken():
        raise ValueError("no value")

    with pytest.raises(ValueError, match="no value"):
        write_checkpoint(path, [Computed("b", lambda: np.ones(3)), Computed("c", broken)])

    def refuse(_):
        raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        write_checkpoint(path, [Computed("b", lambda: np.ones(3))], verify=refuse)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["kept.ckpt"]


def test_unwritable_places(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(DiagnosticError) as caught:
        write_checkpoint(file / "x.ckpt", [Computed("a", lambda: np.ones(3))])
    assert caught.value.diagnostics[0].code == "E520"
    with pytest.raises(DiagnosticError) as caught:
        write_checkpoint(tmp_path / "x.ckpt", [Computed("a", lambda: np.array(["text"]))])
    assert caught.value.diagnostics[0].code == "E522"
    assert os.listdir(tmp_path) == ["file"]


def test_permissions_and_links_are_kept(tmp_path):
    real = tmp_path / "real.ckpt"
    link = tmp_path / "link.ckpt"
    write_checkpoint(real, [Computed("a", lambda: np.ones(3))])
    real.chmod(0o640)
    link.symlink_to(real)
    write_checkpoint(link, [Computed("b", lambda: np.ones(3))])
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert Checkpoint(real).entries[0].name == "b"


def test_a_value_outlives_its_file(tmp_path):
    path = tmp_path / "x.ckpt"
    write_checkpoint(path, [Computed("a", lambda: np.arange(5))])
    value = Checkpoint(path).array("a")
    write_checkpoint(path, [Computed("a", lambda: np.zeros(2))])
    path.unlink()
    assert value.tolist() == [0, 1, 2, 3, 4]
