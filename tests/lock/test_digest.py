"""Digests are those of the bytes, whatever the file and however its buffers fall."""

import os
import threading

import ml_dtypes
import numpy as np
import pytest
from blake3 import blake3

from declspore.checkpoint.format import Computed, Copied
from declspore.checkpoint.keys import read_key
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.npz import NPZ
from declspore.checkpoint.reader import Access
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.values import value_header
from declspore.checkpoint.writer import write_checkpoint
from declspore.lock import hashing
from declspore.lock.digest import digest_checkpoint, digest_file
from declspore.lock.digests import Digests
from declspore.report import DiagnosticError
from tests.checkpoint.support import opened, written

VALUES = {
    "a": np.arange(2000, dtype=np.float32).reshape(40, 50),
    "empty": np.zeros((0, 3), np.float16),
    "scalar": np.array(7, np.int64),
    "flags": np.array([True, False]),
    "b.weight": np.linspace(0, 1, 777),
}


def _expected(values):
    return {name: blake3(value.tobytes()).hexdigest() for name, value in values.items()}


def _found(path, access=None):
    with opened(path, access) as checkpoint:
        return digest_checkpoint(checkpoint)


@pytest.mark.parametrize("buffer", [1, 7, 1000, 4 << 20])
@pytest.mark.parametrize("name", ["x.ckpt", "x.safetensors", "x.npz"])
def test_every_format_gives_the_same(here, name, buffer, monkeypatch):
    monkeypatch.setattr(hashing, "BUFFER", buffer)
    formats = {"x.safetensors": {"format": SAFETENSORS}, "x.npz": {"format": NPZ}}
    written(name, VALUES, **formats.get(name, {}))
    found = _found(name)
    data = (here / name).read_bytes()
    assert (found.size, found.blake3) == (len(data), blake3(data).hexdigest())
    assert {n: t.blake3 for n, t in found.tensors.items()} == _expected(VALUES)
    assert found.tensors["a"].shape == (40, 50)
    assert found.tensors["a"].dtype == "Float32"


def test_bytes_that_do_not_lie_open(here):
    """Encrypted and packed values: their own bytes count, not those of the file."""
    (here / "key").write_bytes(b"k" * 16)
    access = Access(key=read_key(file="key"))
    written("secret.ckpt", VALUES, access=access)
    np.savez_compressed("packed.npz", **VALUES)
    for path, key in (("secret.ckpt", access), ("packed.npz", None)):
        found = _found(path, key)
        assert {n: t.blake3 for n, t in found.tensors.items()} == _expected(VALUES)
        assert found.blake3 == blake3((here / path).read_bytes()).hexdigest()


def test_other_values(here):
    """Texts as UCS-4, bfloat16 as its two bytes; files of any kind."""
    written("x.ckpt", {"note": "hé", "half": np.ones(3, ml_dtypes.bfloat16)})
    tensors = _found("x.ckpt").tensors
    assert tensors["note"].blake3 == blake3("hé".encode("utf-32-le")).hexdigest()
    assert tensors["half"].blake3 == blake3(b"\x80\x3f" * 3).hexdigest()
    (here / "text").write_bytes(b"abc")
    assert digest_file("text").blake3 == blake3(b"abc").hexdigest()
    assert digest_file("text").tensors is None


def test_a_file_that_changes_while_it_is_read(here, monkeypatch):
    """The digest of half the one and half the other is not a digest."""
    written("x.ckpt", VALUES)
    reading, go_on = threading.Event(), threading.Event()
    buffers = hashing.buffers

    def slow(file):
        reading.set()
        assert go_on.wait(30)
        yield from buffers(file)

    monkeypatch.setattr(hashing, "buffers", slow)
    digests = Digests()
    found = digests.of(opened("x.ckpt"))
    assert reading.wait(30)
    with open("x.ckpt", "r+b") as file:
        file.seek(100)
        file.write(b"!")
    os.utime("x.ckpt", ns=(0, 0))
    go_on.set()
    with pytest.raises(DiagnosticError, match="E587"):
        found.result()
    digests.close()


def test_what_was_just_written_is_not_read_again(here, monkeypatch):
    """Copied entries have the digests of their sources, computed ones those of their bytes, and the
    file that of what went into it; the same as those of a file that is read."""
    written("x.ckpt", VALUES)
    digests = Digests()
    source = opened("x.ckpt")
    digests.of(source).result()
    more = np.arange(5, dtype=np.int16)
    pieces = [Copied(source, entry, f"new.{entry.name}") for entry in source]
    pieces.append(Computed(value_header("", "more", more), lambda: more))
    read = []
    found = []

    def verify(checkpoint):
        found.append(digests.of(checkpoint).result())

    with monkeypatch.context() as patched:
        patched.setattr(hashing, "buffers", lambda file, *_: read.append(file.path) or iter(()))
        for name, format in (("y.ckpt", MINDSPORE), ("y.safetensors", SAFETENSORS)):
            write_checkpoint(name, pieces, format=format, verify=verify, hash=blake3())
    assert read == []
    assert found == [_found("y.ckpt"), _found("y.safetensors")]
    digests.close()


def test_digests_of_a_source_that_changed_are_not_taken_over(here):
    written("x.ckpt", VALUES)
    digests = Digests()
    source = opened("x.ckpt")
    digests.of(source).result()
    with open("x.ckpt", "r+b") as file:
        file.seek(source.by_name["a"].parts[0].start)
        file.write(b"!")
    os.utime("x.ckpt", ns=(0, 0))
    found = []
    pieces = [Copied(source, entry, entry.name) for entry in source]
    write_checkpoint(
        "y.ckpt", pieces, verify=lambda new: found.append(digests.of(new).result()), hash=blake3()
    )
    assert found == [_found("y.ckpt")]
    digests.close()


def test_a_file_that_is_not_written_in_order_is_read(here):
    """The CRC of a safetensors file is put into its header at the end."""
    values = {"a": np.arange(6, dtype=np.float32)}
    pieces = [
        Computed(value_header("", name, value), lambda v=value: v) for name, value in values.items()
    ]
    found = []
    write_checkpoint(
        "x.safetensors",
        pieces,
        format=SAFETENSORS,
        access=Access(crc=True),
        verify=lambda new: found.append(digest_checkpoint(new)),
        hash=blake3(),
    )
    assert found == [_found("x.safetensors")]


def test_each_file_is_read_once(here, monkeypatch):
    written("x.ckpt", VALUES)
    os.link("x.ckpt", "y.ckpt")
    digests = Digests()
    assert digests.of(opened("x.ckpt")) is digests.of(opened("y.ckpt"))
    first = digests.of_file("x.ckpt")
    written("x.ckpt", {})
    assert digests.of_file("x.ckpt").result() != first.result()
    digests.close()
