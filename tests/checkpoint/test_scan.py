"""The scan: what is laid out as MindSpore lays it out is read at a glance, with the same result."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declspore.checkpoint import scan
from declspore.checkpoint.columns import Columns
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.mindspore import _index
from declspore.report import DiagnosticError
from tests.checkpoint import protobuf

NAMES = st.text(max_size=8) | st.integers(100, 140).map("x".__mul__)
DIMS = st.lists(st.sampled_from([0, 1, 2, 127, 128, 300, 1 << 62]), max_size=4)
TYPES = st.sampled_from(["Float32", "Int8", "no type", ""])
ENTRIES = st.lists(st.tuples(NAMES, DIMS, TYPES, st.binary(max_size=200)), max_size=4)
CHANGES = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1), st.binary(max_size=2)))


def _found(path):
    try:
        return list(scan.scan(FileBytes(str(path)), path.stat().st_size, "x.ckpt"))
    except DiagnosticError as error:
        return str(error)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("scan") / "x.ckpt"


def _in_columns(path):
    """What columns hold, and what objects would; both None where there are no columns."""
    file = FileBytes(str(path))
    made = Columns.of(file, file.size)
    if made is None:
        return None, None
    return list(map(_facts, made)), list(map(_facts, _index(file, file.size, "x.ckpt")))


def _facts(entry):
    return entry.header, entry.dims, entry.parts, entry.records


def _check(path, data):
    path.write_bytes(data)
    mine, others = _in_columns(path)
    assert mine == others
    quick = _found(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "usual", lambda cursor: iter(()))
        assert _found(path) == quick


@given(entries=ENTRIES, changes=CHANGES)
def test_a_glance_sees_what_a_closer_look_does(path, entries, changes):
    data = bytearray(protobuf.encode(entries))
    for place, length, new in changes:
        at = place % (len(data) + 1)
        data[at : at + length] = new
    _check(path, data)


def test_whatever_byte_is_another(path):
    entries = [("a.weight", (2, 3), "Int8", bytes(6)), ("b", (130,), "UInt8", bytes(130))]
    whole = protobuf.encode(entries)
    for at, byte in enumerate(whole):
        for other in {byte - 1, byte + 1, byte ^ 0x80, 0, 0x0A, 0x12, 0x1A, 0xFF} & set(range(256)):
            _check(path, whole[:at] + bytes([other]) + whole[at + 1 :])


def test_records_of_mindspore_need_no_closer_look(path, monkeypatch):
    monkeypatch.setattr(scan, "_any", None)
    entries = [
        ("conv.weight", (6, 1, 5, 5), "Float32", bytes(600)),
        ("step", (), "Int32", bytes(4)),
        ("größe", (200,), "BFloat16", bytes(400)),
        ("deep." * 40 + "weight", (300, 300), "Int8", bytes(90_000)),
        ("moments.conv.weight", (6, 1, 5, 5), "Float32", bytes(600)),
    ]
    path.write_bytes(protobuf.encode(entries))
    assert [record.name for record in _found(path)] == [name for name, *_ in entries]
