"""The file that checkpoints are written to: what any file does, in writes that end with a block."""

import io
import os

from hypothesis import given
from hypothesis import strategies as st

from declspore.checkpoint.atomic import replacing
from declspore.checkpoint.bytesource import PIECE

SIZES = st.one_of(
    st.integers(0, 100), st.integers(10_000, 400_000), st.integers(PIECE - 3, 3 * PIECE)
)
WRITES = st.tuples(st.just("write"), SIZES, st.booleans())
STEPS = st.one_of(
    WRITES, WRITES, WRITES, st.tuples(st.just("seek"), st.integers(0, 5000), st.none())
)


@given(steps=st.lists(STEPS, max_size=12))
def test_writes_what_a_file_holds(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("blocks") / "x"
    wanted = io.BytesIO()
    with replacing(str(path), durable=False) as file:
        for number, (what, size, mutable) in enumerate(steps):
            if what == "seek":
                assert file.seek(size) == wanted.seek(size)
                continue
            data = os.urandom(1 + number) * (size // (1 + number))
            wanted.write(data)
            given = bytearray(data) if mutable else memoryview(data)
            assert file.write(given) == len(data)
            if mutable:
                given[:] = bytes(len(given))  # the owner goes on with it
            assert file.tell() == wanted.tell()
    assert path.read_bytes() == wanted.getvalue()


def test_writes_end_where_blocks_do(tmp_path, monkeypatch):
    ends = []
    gather = os.writev

    def seen(fd, parts):
        count = gather(fd, parts)
        ends.append(os.lseek(fd, 0, os.SEEK_CUR))
        return count

    monkeypatch.setattr(os, "writev", seen)
    with replacing(str(tmp_path / "x"), durable=False) as file:
        for _ in range(30):
            file.write(bytes(50))
            file.write(bytes(300_000))
        file.write(bytes(5 * PIECE))
    *blocks, _ = ends
    size = 30 * (50 + 300_000) + 5 * PIECE
    assert blocks == [PIECE * (place + 1) for place in range(size // PIECE)]


def test_what_the_system_takes_in_parts(tmp_path, monkeypatch):
    gather = os.writev
    monkeypatch.setattr(os, "writev", lambda fd, parts: gather(fd, [memoryview(parts[0])[:70_001]]))
    data = os.urandom(PIECE + 500_000)
    with replacing(str(tmp_path / "x"), durable=False) as file:
        for start in range(0, len(data), 200_000):
            file.write(data[start : start + 200_000])
    assert (tmp_path / "x").read_bytes() == data
