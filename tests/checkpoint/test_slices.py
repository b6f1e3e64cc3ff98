"""Values in several records: one array, most of it the file's own memory."""

import gc
import mmap
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from declspore.checkpoint import mapped, mindspore
from declspore.checkpoint.bytesource import LARGE_PAGE
from declspore.checkpoint.cipher import Key
from declspore.checkpoint.reader import Access
from declspore.report import DiagnosticError
from tests.checkpoint import protobuf
from tests.checkpoint.support import opened, written

KEY = Key(b"0123456789abcdef", "the test")
NOISE = np.random.default_rng(0).integers(0, 256, 4 * LARGE_PAGE, np.uint8)
SLICE = 3 << 20
VALUE = NOISE[: 2 * SLICE + 7]
PIECES = st.integers(0, 5000) | st.integers(LARGE_PAGE - 2, 2 * LARGE_PAGE)


@pytest.fixture
def sliced(tmp_path, monkeypatch):
    """The path of a value in three slices behind another value."""
    monkeypatch.setattr(mindspore, "SLICE_BYTES", SLICE)
    return written(tmp_path / "sliced.ckpt", {"first": NOISE[:99], "large": VALUE})


@given(before=PIECES, sizes=st.lists(PIECES, min_size=2, max_size=4))
@example(before=0, sizes=[LARGE_PAGE, 0])
@example(before=0, sizes=[LARGE_PAGE, mmap.PAGESIZE])
@example(before=0, sizes=[0, LARGE_PAGE])
def test_slices_of_any_size_at_any_place(tmp_path_factory, before, sizes):
    value = NOISE[: sum(sizes)]
    parts = [value[sum(sizes[:i]) :][:size] for i, size in enumerate(sizes)]
    path = tmp_path_factory.mktemp("slices") / "x.ckpt"
    records = [("before", (before,), "UInt8", NOISE[:before].tobytes())]
    records += [("a", (len(value),), "UInt8", part.tobytes()) for part in parts]
    path.write_bytes(protobuf.encode(records))
    with opened(path) as file:
        array = file.array("a")
        assert len(file.by_name["a"].parts) == len(sizes)
    assert (array.tobytes(), array.shape) == (value.tobytes(), value.shape)
    assert not array.flags.writeable


def test_the_first_slice_is_the_file_and_the_others_are_not(sliced):
    with opened(sliced) as file:
        array = file.array("large")
        first, second, _ = file.by_name["large"].parts
        with open(sliced, "r+b") as changed:
            for start in (first.start, second.start):
                changed.seek(start)
                changed.write(b"\0\1\2\3")
        assert array[:4].tolist() == [0, 1, 2, 3]
        assert array[SLICE:][:4].tolist() == VALUE[SLICE:][:4].tolist()
        assert file.read("large")[SLICE:][:4].tolist() == [0, 1, 2, 3]


def test_views_keep_memory_and_give_it_back(sliced):
    name = str(sliced)
    array = opened(sliced).array("large")
    last = array[-5:]
    del array
    gc.collect()
    assert name in Path("/proc/self/maps").read_text()
    assert last.tolist() == VALUE[-5:].tolist()
    del last
    gc.collect()
    assert name not in Path("/proc/self/maps").read_text()


def test_encrypted_slices(tmp_path, monkeypatch):
    monkeypatch.setattr(mindspore, "SLICE_BYTES", SLICE)
    access = Access(KEY, "AES-GCM")
    path = written(tmp_path / "secret.ckpt", {"large": VALUE}, access=access)
    assert opened(path, access).array("large").tobytes() == VALUE.tobytes()


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_file_that_shrinks(sliced, index):
    """In a slice that is mapped or read."""
    file = opened(sliced)
    os.truncate(sliced, file.by_name["large"].parts[index].end - 1)
    with pytest.raises(DiagnosticError) as caught:
        file.array("large")
    assert caught.value.diagnostics[0].code == "E502"


def test_a_system_that_does_not_map(sliced, monkeypatch):
    def refuse(*_):
        raise OSError(19, "No such device")

    monkeypatch.setattr(mapped, "_map_over", refuse)
    with pytest.raises(DiagnosticError) as caught:
        opened(sliced).array("large")
    assert "No such device" in str(caught.value.diagnostics[0])
