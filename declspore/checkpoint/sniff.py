"""What a file that is called a checkpoint really is.

Anything can be named ``.ckpt``. What is not a checkpoint of a known format is recognised by its
first or last bytes, or by what a zip archive lists, and named with what to do about it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress

from declspore.checkpoint import errors
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.format import Format
from declspore.checkpoint.wire import BYTES
from declspore.dataclass import dataclass

HEAD_SIZE = 1024


@dataclass(frozen=True, slots=True)
class ForeignFile:
    """A kind of file no format here is, and what to do with it."""

    name: str
    help: str


_TORCH = "in PyTorch, write its state_dict with safetensors.torch.save_file; that opens here"
_WEIGHTS = (
    "`declspore convert NET.weights.h5 NET.ckpt --network FILE.spec:NAME` reads Keras's weights"
)
_KERAS = f"save its weights: model.save_weights('NET.weights.h5'); {_WEIGHTS}"
_GRAPH = "a graph, not a checkpoint; name the checkpoint it was exported from"
_AGAIN = "copy it again from where it was made"
_SPEC = "for a spec: declspore check FILE, or plan, run"
_LIKE_A_SPEC = re.compile(rb"(?:\s++|#[^\n]*+)*+spec[ \t]+\d")
_UNPACK = "unpack it first"
_STRATEGY = ForeignFile(
    "a sharding strategy of MindSpore, which holds no values",
    "name the folder of the ranks, and this file with --strategy",
)
_UNKNOWN = ForeignFile("a file of an unknown kind", "`file` may recognize it")

_MAGICS = (
    (b"\x89HDF\r\n\x1a\n", ForeignFile("an HDF5 file (Keras weights)", _WEIGHTS)),
    (
        b"version https://git-lfs",
        ForeignFile("a Git-LFS pointer, not the file itself", "run `git lfs pull`"),
    ),
    (b"\x1f\x8b", ForeignFile("a gzip-compressed file", _UNPACK)),
    (b"\xfd7zXZ\0", ForeignFile("an xz-compressed file", _UNPACK)),
    (b"\x28\xb5\x2f\xfd", ForeignFile("a zstd-compressed file", _UNPACK)),
    (b"BZh", ForeignFile("a bzip2-compressed file", _UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", ForeignFile("a 7-Zip archive", _UNPACK)),
    (b"Rar!\x1a\x07", ForeignFile("a RAR archive", _UNPACK)),
    (
        b"\x93NUMPY",
        ForeignFile("a single NumPy array (.npy)", "put it into an .npz with numpy.savez"),
    ),
    (b"GGUF", ForeignFile("a GGUF model", "convert it to safetensors first")),
    (b"\x7fELF", ForeignFile("a program", "name the checkpoint")),
    (
        b"model_checkpoint_path:",
        ForeignFile(
            "TensorFlow's list of checkpoints, not a checkpoint", "load it with TensorFlow"
        ),
    ),
)
_GRAPHS = {b"TFL3": "a TensorFlow Lite model", b"MSL2": "a MindSpore Lite model"}
"""What FlatBuffers say of themselves after their first four bytes."""
_TABLE_END = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"
"""The last bytes of TensorFlow's ``.index`` files."""


def identify(file: FileBytes, formats: Iterable[Format]) -> Format:
    """The format of a file. Raises DiagnosticError, which names what else it is."""
    head = file.read(0, HEAD_SIZE)
    foreign = _foreign(file, head)
    if foreign is None:
        for format in formats:
            if format.recognises(head, file.size):
                return format
        foreign = _UNKNOWN
    raise errors.other_kind(file.path, foreign.name, "a checkpoint", foreign.help)


def expect(file: FileBytes, wanted: Format, formats: Iterable[Format]) -> None:
    """Raises DiagnosticError where a file is of another format than a spec says it is."""
    found = identify(file, formats)
    if found is not wanted:
        help = f'write {found.name}("...") for it'
        raise errors.other_kind(file.path, found.title, wanted.title, help)


def _foreign(file: FileBytes, head: bytes) -> ForeignFile | None:
    for magic, kind in _MAGICS:
        if head.startswith(magic):
            return kind
    for test in _TESTS:
        found = test(file, head)
        if found is not None:
            return found
    return None


def _nothing(file: FileBytes, head: bytes) -> ForeignFile | None:
    if not head:
        return ForeignFile("an empty file", _AGAIN)
    if file.size == 1:
        return ForeignFile("a file of one byte", _AGAIN)
    if not any(head) and not any(file.read(file.size // 2, HEAD_SIZE)):
        return ForeignFile("a file of zeros, as a failed copy leaves it", _AGAIN)
    return None


def _pickle(file: FileBytes, head: bytes) -> ForeignFile | None:
    # the size of a safetensors header, such as 640, may look like the first bytes of a pickle
    if head[:1] == b"\x80" and 2 <= head[1] <= 5 and head[4:9] != b"\0\0\0\0{":
        return ForeignFile("a Python pickle (an old PyTorch checkpoint)", _TORCH)
    return None


def _tar(file: FileBytes, head: bytes) -> ForeignFile | None:
    return ForeignFile("a tar archive", _UNPACK) if head[257:262] == b"ustar" else None


def _zip(file: FileBytes, head: bytes) -> ForeignFile | None:
    """PyTorch, Keras or another zip; None for NumPy's, which is a format here."""
    if not head.startswith(b"PK\x03\x04"):
        return None
    import zipfile

    names: list[str] = []
    with suppress(Exception), zipfile.ZipFile(file.path) as archive:
        names = archive.namelist()
    if any(name.endswith(("data.pkl", "/version")) for name in names) or b"data.pkl" in head:
        return ForeignFile("a PyTorch checkpoint", _TORCH)
    if "model.weights.h5" in names or b"metadata.json" in head:
        return ForeignFile("a Keras model (.keras)", _KERAS)
    length = int.from_bytes(head[26:28], "little")
    if head[30 : 30 + length].endswith(b".npy"):
        return None
    return ForeignFile("a zip archive", _UNPACK)


def _bundle(file: FileBytes, head: bytes) -> ForeignFile | None:
    kind = ForeignFile("a TensorFlow checkpoint (bundle)", "load it with TensorFlow")
    if file.read(max(0, file.size - 8), 8) == _TABLE_END:
        return kind
    stem, _, part = file.path.rpartition(".data-")
    beside = stem and part and os.path.exists(f"{stem}.index")
    return kind if beside else None


def _text(file: FileBytes, head: bytes) -> ForeignFile | None:
    """Pages and messages that were saved in a file's place."""
    with suppress(UnicodeDecodeError):
        text = head[: len(head) - 4 if len(head) == HEAD_SIZE else None].decode()
        if all(char.isprintable() or char in "\r\n\t" for char in text):
            start = text.lstrip().lower()
            if start.startswith(("<!doctype html", "<html")):
                return ForeignFile("a web page, saved in place of the file", "download it again")
            if start.startswith("{") and '"weight_map"' in start:
                return ForeignFile(
                    "the index of a safetensors model in parts",
                    "let its name end in .safetensors.index.json",
                )
            return ForeignFile("a text file", _SPEC if _LIKE_A_SPEC.match(head) else _AGAIN)
    return None


def _model(file: FileBytes, head: bytes) -> ForeignFile | None:
    """Graphs: MindIR begins with its version's number as a text, ONNX with its as a number."""
    if head[:1] == b"\x0a" and b"MindSpore" in head[:40]:
        return ForeignFile("a MindIR model", _GRAPH)
    if head[:1] == b"\x08" and head[2:3] == b"\x12" and head[4:12] in (b"pytorch\x1a", b"onnx"):
        return ForeignFile("an ONNX model", _GRAPH)
    if head[4:8] in _GRAPHS:
        return ForeignFile(_GRAPHS[head[4:8]], _GRAPH)
    return None


def _strategy(file: FileBytes, head: bytes) -> ForeignFile | None:
    """``ParallelStrategyMap``: a number, then messages that begin with a name."""
    at = 2 if head[:1] == b"\x08" and head[1:2] < b"\x80" else 0
    if len(head) < at + 4 or head[at] not in (2 << 3 | BYTES, 3 << 3 | BYTES):
        return None
    at += 2 if head[at + 1] < 0x80 else 3
    if head[at : at + 1] != b"\x0a" or len(head) < at + 2:
        return None
    length = head[at + 1]
    name = head[at + 2 : at + 2 + length]
    return _STRATEGY if len(name) == length and name.isascii() and name else None


_TESTS: tuple[Callable[[FileBytes, bytes], ForeignFile | None], ...] = (
    *(_nothing, _pickle, _tar, _zip, _bundle, _text, _model, _strategy),
)
