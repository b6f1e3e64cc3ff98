"""Files of samples: damaged, endless, or made to unpack to more than there is room for."""

import gzip
import os
import struct
import zipfile
import zlib

import numpy as np
import pytest

from declspore.check.check import check
from declspore.ir.term import Arguments
from declspore.numerics.idx import IdxFile, IdxFolder, IdxPart
from declspore.registry.data import SourceKind, Unavailable
from declspore.registry.table import vocabulary
from declspore.source import Source
from tests.attacks.support import attacked, diagnosed

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
PART = IdxPart(IdxFile.images(IMAGES), IdxFile.labels(LABELS))
SPEC = """spec 1
dataset images = Mnist("data", usage = "train") |> Rescale(1 / 255, 0.0) |> HWC2CHW() |> batch(2)
network Net() {
  fc = Dense(784, 10)
  construct(x: f32[B, 1, 28, 28]) = flatten(x) |> fc
}
eval e {
  network = Net()
  load = ckpt("net.ckpt")
  dataset = images
  metrics = [Accuracy()]
}
"""


def idx(count):
    return struct.pack(">4i", 0x0803, count, 28, 28) + bytes(784 * count)


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :]


GOOD = gzip.compress(idx(5))
ATTACKS = {
    "empty": b"",
    "not gzip": b"no gzip",
    "cut in its head": GOOD[:5],
    "cut in its values": GOOD[:-20],
    "cut in its checksum": GOOD[:-3],
    "wrong checksum": flipped(GOOD, len(GOOD) - 6),
    "unknown method": flipped(GOOD, 2),
    "reserved flags": GOOD[:3] + b"\xff" + GOOD[4:],
    "block of an unknown type": GOOD[:10] + b"\x07" + GOOD[11:],
    "second member is rubbish": GOOD + b"\x1f\x8b rubbish",
    "goes on": GOOD + gzip.compress(b"x"),
    "states more": gzip.compress(idx(5)[:4] + struct.pack(">i", 6) + idx(5)[8:]),
    "states the most": gzip.compress(idx(5)[:4] + struct.pack(">i", (1 << 31) - 1) + idx(5)[8:]),
}


@pytest.fixture
def folder(here):
    (here / "data").mkdir()
    (here / "data" / LABELS).write_bytes(struct.pack(">2i", 0x0801, 5) + bytes(5))
    return here / "data"


def read():
    """What a training reads of the images."""
    return IdxFolder("data", "MNIST", (PART,)).open(10)


@pytest.mark.parametrize("name", ATTACKS)
def test_damaged_archives(folder, name):
    (folder / f"{IMAGES}.gz").write_bytes(ATTACKS[name])
    with pytest.raises(Unavailable):
        read()


def test_every_flipped_byte_is_the_same_or_answered(folder):
    for at in range(len(GOOD)):
        (folder / f"{IMAGES}.gz").write_bytes(flipped(GOOD, at))
        try:
            found = read()
        except Unavailable:
            continue
        assert not np.any(found.rows(np.arange(5))[0])


def bomb(path, megabytes, count):
    """An archive of so many zeros that states ``count`` images."""
    packer = zlib.compressobj(9, wbits=31)
    with path.open("wb") as file:
        file.write(packer.compress(struct.pack(">4i", 0x0803, count, 28, 28)))
        for _ in range(megabytes):
            file.write(packer.compress(bytes(1 << 20)))
        file.write(packer.flush())


@pytest.mark.parametrize("honest", [False, True], ids=["states less", "states all"])
def test_bombs(folder, honest):
    count = (400 << 20) // 784 if honest else 5
    (folder / LABELS).write_bytes(struct.pack(">2i", 0x0801, count) + bytes(count))
    bomb(folder / f"{IMAGES}.gz", 400, count)
    with pytest.raises(Unavailable, match="unpack to more" if honest else "continues"):
        read()


def test_planning_reads_a_head(folder):
    """A bomb is not unpacked to tell how many images there are."""
    bomb(folder / f"{IMAGES}.gz", 400, 5)
    (folder.parent / "own.spec").write_text(SPEC)
    done = attacked(folder.parent, "plan", "own.spec")
    assert "E501" in done.codes, done.text
    assert done.megabytes < 300


@pytest.mark.parametrize("make", ["pipe", "device", "folder"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_no_regular_file(folder, make, suffix):
    path = folder / (IMAGES + suffix)
    match make:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
    with pytest.raises(Unavailable, match="it is a"):
        vocabulary().of(SourceKind, "Mnist").size(_arguments())
    (folder.parent / "own.spec").write_text(SPEC)
    done = attacked(folder.parent, "plan", "own.spec")
    assert "E551" in done.codes, done.text


def _arguments():
    return Arguments({"dataset_dir": "data", "usage": "train"})


# ---- arrays


NUMPY = vocabulary().of(SourceKind, "NumpySlices")


def slices(path):
    (pipeline,) = check(
        Source("d", f'spec 1\ndataset d = NumpySlices("{path}", [Column("x", [8])]) |> batch(2)\n')
    ).datasets.values()
    return NUMPY.size(pipeline.pipeline.source.arguments)


@pytest.mark.parametrize("path", ["/dev/zero", "pipe", "/proc/self/mem", "empty", "bomb", "links"])
def test_arrays_of_no_archive(here, path):
    os.mkfifo("pipe")
    (here / "empty").write_bytes(b"")
    head = b"\x93NUMPY\x02\x00\xff\xff\xff\x7f" + b" " * (8 << 20)
    with zipfile.ZipFile("bomb", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", head)
    (here / "links").mkdir()
    (here / "links" / "x.npy").symlink_to("/dev/zero")
    with pytest.raises(Unavailable):
        slices(path)


def test_every_flipped_byte_of_arrays(here):
    np.savez_compressed("good.npz", x=np.ones((4, 8), np.float32))
    good = (here / "good.npz").read_bytes()
    for at in range(len(good)):
        (here / "a.npz").write_bytes(flipped(good, at))
        try:
            assert slices("a.npz") == 4
        except Unavailable:
            continue


def test_a_picture_of_a_thousand_times_its_file(here):
    """900 million black pixels in 2.6 MB."""
    row, packer = b"\0" + bytes(30000 * 3), zlib.compressobj(9)
    data = b"".join([*(packer.compress(row) for _ in range(30000)), packer.flush()])
    head = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(each)) + kind + each + struct.pack(">I", zlib.crc32(kind + each))
        for kind, each in parts
    )
    (here / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    (here / "d.spec").write_text('spec 1\ndataset d = Pictures("bomb.png") |> Resize([8, 8])\n')
    done = attacked(here, "check", "d.spec", "--data", seconds=120)
    diagnosed(done, "E551")
    assert "bomb.png" in done.stderr
    assert done.megabytes < 900


def test_records_that_unpack_without_end(here, monkeypatch):
    """Disk is room, too."""
    from declspore.sources import tfrecord

    monkeypatch.setattr(tfrecord, "_FREE", 1 << 20)
    (here / "a.tfrecord.gz").write_bytes(gzip.compress(bytes(1 << 24)))
    with pytest.raises(Unavailable, match="unpacks to more than 200 times its size"):
        tfrecord._mapped("a.tfrecord.gz")
    monkeypatch.setattr(tfrecord, "_FREE", 1 << 25)
    assert len(tfrecord._mapped("a.tfrecord.gz")) == 1 << 24
