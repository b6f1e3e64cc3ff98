"""What a file that is called a checkpoint really is, from its first bytes."""

from __future__ import annotations

from dataclasses import dataclass

HEAD_SIZE = 512


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that is no plain MindSpore checkpoint, and what to do with it."""

    name: str
    help: str


_TORCH = "save its state_dict as .safetensors in PyTorch first"
_MAGICS = (
    (b"PK\x03\x04", "a zip archive (a PyTorch checkpoint, .keras or .npz)", _TORCH),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file (Keras weights)", "load it with Keras"),
    (b"version https://git-lfs", "a Git-LFS pointer, not the file itself", "run `git lfs pull`"),
    (b"\x1f\x8b", "a gzip-compressed file", "unpack it with gunzip"),
    (b"\x93NUMPY", "a NumPy array", "load it with numpy.load"),
    (b"\xd8\x5e\x3a\x7f", "an encrypted MindSpore checkpoint (AES-GCM)", "decrypt it first"),
    (b"\xd9\x5e\x3a\x7f", "an encrypted MindSpore checkpoint (AES-CBC)", "decrypt it first"),
    (b"\xda\x5e\x3a\x7f", "an encrypted MindSpore checkpoint (SM4-CBC)", "decrypt it first"),
)


def sniff(head: bytes, size: int) -> FileKind | None:
    """The kind of file these first bytes belong to, or None where it may be a checkpoint."""
    for magic, name, help in _MAGICS:
        if head.startswith(magic):
            return FileKind(name, help)
    if head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05" and len(head) > 1:
        return FileKind("a Python pickle (an old PyTorch checkpoint)", _TORCH)
    if _is_safetensors(head, size):
        return FileKind("a safetensors file", "rename it to .safetensors")
    return None


def _is_safetensors(head: bytes, size: int) -> bool:
    """Eight bytes of header length, then JSON."""
    length = int.from_bytes(head[:8], "little")
    return 2 <= length <= size - 8 and head[8:9] == b"{"
