"""Files that are not checkpoints, damaged checkpoints, hostile bytes: a diagnostic each."""

import os
import time
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declspore.checkpoint.reader import Access
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.report import DiagnosticError
from tests.checkpoint import protobuf
from tests.checkpoint.support import opened, written
from tests.conftest import GOLDEN


def _problem(path) -> str:
    with pytest.raises(DiagnosticError) as caught:
        opened(path)
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


def test_missing_and_unreadable(tmp_path):
    assert _problem(tmp_path / "nothing.ckpt").startswith("E501")
    assert _problem(tmp_path).startswith("E570 the folder does not contain a sharded checkpoint")
    os.mkfifo(tmp_path / "pipe.ckpt")
    assert _problem(tmp_path / "pipe.ckpt").startswith("E502")
    assert _problem("nul\0byte.ckpt").startswith("E502")


def test_truncated_anywhere(file):
    """Cut at every byte: a diagnostic, or a shorter checkpoint at the end of a record."""
    data = (GOLDEN / "kinds.ckpt").read_bytes()
    with opened(GOLDEN / "kinds.ckpt") as whole:
        ends = {record.whole.end for entry in whole for record in entry.records}
    for size in range(1, len(data)):
        path = file(data[:size])
        if size in ends:
            assert len(opened(path)) > 0
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


def test_crc_suffix_is_no_record(file):
    data = protobuf.encode([("a", (1,), "Int8", b"\7")])
    path = file(data + b"crc_num" + (123).to_bytes(10, "big"))
    assert opened(path).array("a").tolist() == [7]


def _read_everything(path) -> None:
    with opened(path) as file:
        for entry in file:
            if entry.header.dtype.name == "str":
                file.text(entry.name)
            else:
                file.array(entry.name)


@settings(max_examples=400)
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


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_random_bytes(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "random.ckpt"
    path.write_bytes(b"\x0a" + data)
    with suppress(DiagnosticError):
        _read_everything(path)


@pytest.mark.parametrize(
    ("entries", "codes"),
    [
        ([("a", (2,), "Int8", b"\0"), ("b", (1,), "Wide", b"\0"), ("c", (1,), "Int8", b"\1")], 2),
        ([("c", (1,), "Int8", b"\1"), ("d", (1,), "Int8", b"\0"), ("c", (1,), "Int8", b"\2")], 1),
    ],
)
def test_the_rest_is_shown(file, entries, codes):
    """Faults of entries are told all at once; opened leniently, the other entries are there."""
    path = file(protobuf.encode(entries))
    with pytest.raises(DiagnosticError) as caught:
        opened(path)
    assert len(caught.value.diagnostics) == codes
    with opened(path, lenient=True) as found:
        assert found.problems == caught.value.diagnostics
        assert found.array("c").tolist() == [1]


def test_entries_before_a_cut_are_shown(file):
    path = file((GOLDEN / "lenet-1_5.ckpt").read_bytes()[:100_000])
    with opened(path, lenient=True) as found:
        assert [entry.name for entry in found] == ["conv1.weight", "conv2.weight"]
        assert [problem.code for problem in found.problems] == ["E505"]


def test_neighbours_of_one_name(file):
    """Slices of one value, or two values: told by their sizes."""
    slices = [("a", (4,), "Int8", b"\1\2"), ("a", (4,), "Int8", b"\3\4")]
    assert opened(file(protobuf.encode(slices))).array("a").tolist() == [1, 2, 3, 4]
    values = [("a", (2,), "Int8", b"\1\2"), ("a", (2,), "Int8", b"\3\4")]
    assert _problem(file(protobuf.encode(values))).startswith("E508")
    mixed = [("a", (4,), "Int8", b"\1\2"), ("a", (2,), "Int16", b"\3\4")]
    assert _problem(file(protobuf.encode(mixed))).startswith("E504")


def test_bounds(file):
    """Absurd counts end in a diagnostic at once."""
    assert _problem(file(protobuf.encode([("a", (1,) * 65, "Int8", b"\1")]))).startswith("E504")
    assert _problem(file(protobuf.encode([("a", (1 << 40,) * 60, "Int8", b"\1")]))).startswith(
        "E507"
    )
    empty = [("a", (0, 1 << 61), "Int8", b"")]
    assert _problem(file(protobuf.encode(empty))).startswith("E504")
    long = b"\x0a\x10\x0a" + b"\xff" * 9 + b"\x01" + b"name of 2**64 - 1 bytes"
    assert _problem(file(long)).startswith("E504")
    faults = [(f"a{i}", (1,), "Wide", b"\0") for i in range(2000)]
    with pytest.raises(DiagnosticError) as caught:
        opened(file(protobuf.encode(faults)))
    assert len(caught.value.diagnostics) == 101


def _safetensors(file, header: str, data: bytes = b""):
    encoded = header.encode()
    return file(len(encoded).to_bytes(8, "little") + encoded + data)


def test_names_that_are_no_utf8(file):
    """JSON can spell half a surrogate pair, and names longer than a .ckpt may have them."""
    for name in (r"a\ud800", "a" * (1 << 20 | 1)):
        row = f'{{"{name}": {{"dtype": "I8", "shape": [1], "data_offsets": [0, 1]}}}}'
        assert _problem(_safetensors(file, row, b"\1")).startswith("E504")
    texts = r'{"__metadata__": {"a": "\ud800"}}'
    assert _problem(_safetensors(file, texts)) == (
        "E504 the checkpoint is damaged: metadata values must be strings"
    )


@pytest.mark.parametrize(
    "row",
    ['"a{}": {{"dtype": "I8"}}', '"a": {{"dtype": "I8", "shape": [], "data_offsets": [0, {}]}}'],
    ids=["faults", "one name"],
)
def test_many_faults_of_safetensors(file, row):
    """Told a hundred at most, and found in a time that grows no faster than the file."""
    path = _safetensors(file, f"{{{', '.join(row.format(i) for i in range(100_000))}}}")
    start = time.monotonic()
    with opened(path, lenient=True) as found:
        assert 1 <= len(found.problems) <= 101
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("row", ["{}", "[[]]"])
def test_headers_that_would_fill_the_memory(file, row):
    """Small in the file, large once they are objects: refused before they are."""
    rows = ",".join([row] * 1_000_002)
    assert _problem(_safetensors(file, f'{{"a": [{rows}]}}')) == (
        "E504 the file has more than 1,000,000 tensors"
    )


def test_a_cut_of_safetensors_is_located(file):
    values = {name: np.full(100, i) for i, name in enumerate("abc")}
    whole = written(file(b""), values, format=SAFETENSORS, access=Access(crc=True)).read_bytes()
    path = file(whole[:-900])
    assert _problem(path) == "E505 the checkpoint ends in the middle of entry 2 (`b`)"
    with opened(path, lenient=True) as found:
        assert found.array("a").tolist() == [0] * 100
        assert [entry.name for entry in found] == ["a"]
        (problem,) = found.problems
    assert "900 bytes are missing" in problem.notes[0]


def test_a_file_that_shrinks_while_it_is_read(file):
    path = file(protobuf.encode([("a", (50_000,), "Int8", bytes(50_000))]))
    found = opened(path)
    os.truncate(path, 1000)
    for read in (found.array, found.read):
        with pytest.raises(DiagnosticError) as caught:
            read("a")
        assert caught.value.diagnostics[0].code == "E502"
