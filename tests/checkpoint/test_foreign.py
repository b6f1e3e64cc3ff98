"""Files that are called checkpoints: each is named for what it is, with what to do about it."""

import bz2
import gzip
import io
import lzma
import pickle
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from declspore.report import DiagnosticError
from tests.checkpoint import protobuf
from tests.checkpoint.support import opened

RECORD = protobuf.encode([("a", (1,), "Int8", b"\0")])


def _zip(*members) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for member in members:
            archive.writestr(member, b"\x80\x02}q\0.")
    return data.getvalue()


def _tar() -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        member = tarfile.TarInfo("net.ckpt")
        member.size = len(RECORD)
        archive.addfile(member, io.BytesIO(RECORD))
    return data.getvalue()


def _npy() -> bytes:
    data = io.BytesIO()
    np.save(data, np.ones(3))
    return data.getvalue()


FILES = {
    "empty": (b"", "an empty file"),
    "one byte": (b"\x0a", "a file of one byte"),
    "zeros": (bytes(5000), "a file of zeros"),
    "torch zip": (_zip("archive/data.pkl", "archive/version"), "a PyTorch checkpoint"),
    "pickle": (pickle.dumps({"a": 1}, protocol=2), "a Python pickle (an old PyTorch checkpoint)"),
    "keras": (_zip("metadata.json", "config.json", "model.weights.h5"), "a Keras model (.keras)"),
    "zip": (_zip("notes.txt"), "a zip archive"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "an HDF5 file (Keras weights)"),
    "lfs": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n",
        "a Git-LFS pointer, not the file itself",
    ),
    "bundle list": (
        b'model_checkpoint_path: "model-5"\n',
        "TensorFlow's list of checkpoints, not a checkpoint",
    ),
    "bundle index": (
        bytes(range(1, 100)) + b"\x57\xfb\x80\x8b\x24\x75\x47\xdb",
        "a TensorFlow checkpoint (bundle)",
    ),
    "strategy": (
        b"\x08\x01\x12\x14\x0a\x0cdense.weight\x12\x04\x0a\x02\x08\x01",
        "a sharding strategy of MindSpore, which holds no values",
    ),
    "gzip": (gzip.compress(RECORD), "a gzip-compressed file"),
    "bzip2": (bz2.compress(RECORD), "a bzip2-compressed file"),
    "xz": (lzma.compress(RECORD), "an xz-compressed file"),
    "tar": (_tar(), "a tar archive"),
    "npy": (_npy(), "a single NumPy array (.npy)"),
    "gguf": (b"GGUF\x03\0\0\0", "a GGUF model"),
    "onnx": (b"\x08\x07\x12\x07pytorch\x1a\x05", "an ONNX model"),
    "mindir": (b"\x0a\x010\x12\x09MindSpore", "a MindIR model"),
    "tflite": (b"\x20\0\0\0TFL3" + bytes(range(200)), "a TensorFlow Lite model"),
    "mindspore lite": (b"\x20\0\0\0MSL2" + bytes(range(200)), "a MindSpore Lite model"),
    "index": (
        b'{"metadata": {"total_size": 4}, "weight_map": {"a": "model-1.safetensors"}}',
        "the index of a safetensors model in parts",
    ),
    "json": (b'{"weight": [1, 2]}', "a text file"),
    "web page": (b"<!DOCTYPE html><html></html>", "a web page, saved in place of the file"),
    "text": (b"epoch 1: loss 0.3\n", "a text file"),
    "program": (b"\x7fELF\x02\x01", "a program"),
    "four bytes": (b"\x12\xff\x04\x0a", "a file of an unknown kind"),
    "unknown": (bytes(range(200, 256)) * 4, "a file of an unknown kind"),
}


@pytest.mark.parametrize("name", FILES)
def test_named(tmp_path, name):
    data, kind = FILES[name]
    path = tmp_path / "net.ckpt"
    path.write_bytes(data)
    with pytest.raises(DiagnosticError) as caught:
        opened(path)
    (problem,) = caught.value.diagnostics
    assert (problem.code, caught.value.exit_code) == ("E503", 2)
    assert problem.title.startswith(f"this is {kind}")
    assert problem.helps


def test_data_of_a_bundle(tmp_path):
    """It has no mark of its own; its index stands beside it."""
    (tmp_path / "model.index").write_bytes(FILES["bundle index"][0])
    (tmp_path / "model.data-00000-of-00001").write_bytes(bytes(range(200, 256)))
    with pytest.raises(DiagnosticError) as caught:
        opened(tmp_path / "model.data-00000-of-00001")
    assert caught.value.diagnostics[0].title.startswith("this is a TensorFlow checkpoint")


def test_real_strategies(shared_checkpoints):
    found = sorted(shared_checkpoints.glob("NEG-strategy-*.ckpt"))
    assert found
    for path in found:
        with pytest.raises(DiagnosticError) as caught:
            opened(path)
        assert "a sharding strategy of MindSpore" in caught.value.diagnostics[0].title


@pytest.mark.parametrize("name", ["x.safetensors", "x.npz", "x.ckpt", "x.any"])
def test_the_name_does_not_count(tmp_path, name):
    (tmp_path / name).write_bytes(RECORD)
    with opened(tmp_path / name) as file:
        assert file.format == "ckpt"


@pytest.mark.parametrize("size", [0x280, 0x380, 0x480, 0x580])
def test_a_header_whose_size_looks_like_a_pickle(here, size):
    """Safetensors begin with the size of their header: 80 02 may begin a pickle, too."""
    header = b'{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}'.ljust(size)
    Path("a.safetensors").write_bytes(size.to_bytes(8, "little") + header + b"\1")
    assert opened("a.safetensors").array("a").tolist() == [1]
    # of a pickle with a short frame bytes 4 to 8 are zeros, too
    Path("a.ckpt").write_bytes(b"\x80\x04\x95\x0b\0\0\0\0\0\0\0" + b"x" * 11)
    with pytest.raises(DiagnosticError, match="pickle"):
        opened("a.ckpt")
