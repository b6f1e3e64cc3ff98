"""MNIST and what follows its file format (IDX, as published, plain or gzip-compressed)."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

from declspore.datafile import Damaged, Samples, opened
from declspore.ir.dtype import INT32, UINT8
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.data import Arrays, Element, SourceKind, Unavailable
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Text

_IMAGES, _LABELS = 0x0803, 0x0801
_PREFIXES = {"train": ("train",), "test": ("t10k",), "all": ("train", "t10k")}


@contextmanager
def _opened(folder: str, name: str) -> Iterator[Samples]:
    """A file of the folder, plain or packed. Raises Unavailable, also for what reading raises."""
    path = _path(folder, name)
    try:
        with opened(path) as file:
            yield file
    except FileNotFoundError:
        raise Unavailable(
            f"{os.path.join(folder, name)} is missing",
            f"{folder} must hold the files of MNIST as published, plain or .gz",
        ) from None
    except Damaged as error:
        raise Unavailable(f"{path} is damaged: {error}") from None
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror or error}") from None


def _path(folder: str, name: str) -> str:
    plain = os.path.join(folder, name)
    return plain if os.path.exists(plain) else f"{plain}.gz"


def _header(file: Samples, name: str, magic: int) -> tuple[int, ...]:
    """The sizes of an IDX file, whose first four bytes state the type and number of axes."""
    axes = magic & 0xFF
    try:
        found, *sizes = struct.unpack(f">{1 + axes}i", file.take(4 + 4 * axes))
    except Damaged as error:
        raise Unavailable(f"{name} is too short to be an IDX file, or damaged: {error}") from None
    if found != magic or min(sizes) < 0:
        raise Unavailable(f"{name} is not an IDX file of the expected kind")
    if axes == 3 and tuple(sizes[1:]) != (28, 28):
        raise Unavailable(f"{name} holds images of {sizes[1]}x{sizes[2]}, not 28x28")
    return tuple(sizes)


def _count(folder: str, prefix: str) -> int:
    counts = []
    for name, magic in _files(prefix):
        with _opened(folder, name) as file:
            counts.append(_header(file, name, magic)[0])
    if counts[0] != counts[1]:
        raise Unavailable(f"{folder}: {counts[0]} images but {counts[1]} labels of {prefix}")
    return counts[0]


def _files(prefix: str) -> tuple[tuple[str, int], tuple[str, int]]:
    images, labels = f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"
    return (images, _IMAGES), (labels, _LABELS)


def _array(folder: str, name: str, magic: int) -> Any:
    import numpy as np

    with _opened(folder, name) as file:
        sizes = _header(file, name, magic)
        data = np.frombuffer(file.take(prod(sizes)), np.uint8)
        file.end()
    return data.reshape(sizes)


def _parts(a: Arguments) -> Iterator[tuple[Any, Any]]:
    for prefix in _PREFIXES[a.usage]:
        _count(a.dataset_dir, prefix)
        images, labels = (_array(a.dataset_dir, name, magic) for name, magic in _files(prefix))
        yield images[..., None], labels.astype("int32")


def _paths(a: Arguments) -> tuple[str, ...]:
    return tuple(
        _path(a.dataset_dir, name) for prefix in _PREFIXES[a.usage] for name, _ in _files(prefix)
    )


def _open(a: Arguments) -> Arrays:
    import numpy as np

    images, labels = zip(*_parts(a), strict=True)
    return Arrays((np.concatenate(images), np.concatenate(labels)))


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
