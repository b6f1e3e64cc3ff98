"""MNIST and what follows its file format (IDX, as published, plain or gzip-compressed)."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from declspore.ir.dtype import INT32, UINT8
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.data import Element, SourceKind, Unavailable
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Text

_IMAGES, _LABELS = 0x0803, 0x0801
_PREFIXES = {"train": ("train",), "test": ("t10k",), "all": ("train", "t10k")}


def _open_file(folder: str, name: str) -> BinaryIO:
    plain = Path(folder) / name
    packed = plain.with_name(name + ".gz")
    try:
        if plain.exists():
            return plain.open("rb")
        return cast(BinaryIO, gzip.open(packed, "rb"))
    except OSError:
        raise Unavailable(
            f"{plain} is missing",
            f"{folder} must hold the files of MNIST as published, plain or .gz",
        ) from None


def _header(file: BinaryIO, name: str, magic: int) -> tuple[int, ...]:
    """The sizes of an IDX file, whose first four bytes tell type and number of axes."""
    axes = magic & 0xFF
    try:
        head = file.read(4 + 4 * axes)
        found, *sizes = struct.unpack(f">{1 + axes}i", head)
    except (struct.error, OSError, EOFError):
        raise Unavailable(f"{name} is too short to be an IDX file, or damaged") from None
    if found != magic or min(sizes) < 0:
        raise Unavailable(f"{name} is not an IDX file of the expected kind")
    if axes == 3 and tuple(sizes[1:]) != (28, 28):
        raise Unavailable(f"{name} holds images of {sizes[1]}x{sizes[2]}, not 28x28")
    return tuple(sizes)


def _count(folder: str, prefix: str) -> int:
    counts = []
    for name, magic in _files(prefix):
        with _open_file(folder, name) as file:
            counts.append(_header(file, name, magic)[0])
    if counts[0] != counts[1]:
        raise Unavailable(f"{folder}: {counts[0]} images but {counts[1]} labels of {prefix}")
    return counts[0]


def _files(prefix: str) -> tuple[tuple[str, int], tuple[str, int]]:
    images, labels = f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"
    return (images, _IMAGES), (labels, _LABELS)


def _array(folder: str, name: str, magic: int) -> Any:
    import numpy as np

    with _open_file(folder, name) as file:
        sizes = _header(file, name, magic)
        try:
            data = np.frombuffer(file.read(), np.uint8)
        except (OSError, EOFError):
            raise Unavailable(f"{name} is damaged") from None
    total = int(np.prod(sizes))
    if data.size != total:
        raise Unavailable(f"{name} promises {total} bytes of data and holds {data.size}")
    return data.reshape(sizes)


def _parts(a: Arguments) -> Iterator[tuple[Any, Any]]:
    for prefix in _PREFIXES[a.usage]:
        _count(a.dataset_dir, prefix)
        images, labels = (_array(a.dataset_dir, name, magic) for name, magic in _files(prefix))
        yield images[..., None], labels.astype("int32")


def _paths(a: Arguments) -> tuple[str, ...]:
    plain = [
        Path(a.dataset_dir) / name for prefix in _PREFIXES[a.usage] for name, _ in _files(prefix)
    ]
    return tuple(str(p) if p.exists() else f"{p}.gz" for p in plain)


def _open(tf: Any, a: Arguments) -> Any:
    datasets = [tf.data.Dataset.from_tensor_slices(part) for part in _parts(a)]
    first, *others = datasets
    for other in others:
        first = first.concatenate(other)
    return first


KINDS = (
    SourceKind(
        name="Mnist",
        signature=signature(
            Argument("dataset_dir", Text(), help="folder of the four files"),
            Argument("usage", Choice(("train", "test", "all")), "all", "which part"),
        ),
        summary="Images u8[28, 28, 1] and labels of MNIST's file format.",
        example='Mnist("MNIST_Data", usage = "train")',
        element=lambda a: Element.pair(
            TensorType(UINT8, (28, 28, 1)), TensorType(INT32, ()), classes=10
        ),
        size=lambda a: sum(_count(a.dataset_dir, prefix) for prefix in _PREFIXES[a.usage]),
        open=_open,
        files=_paths,
    ),
)
