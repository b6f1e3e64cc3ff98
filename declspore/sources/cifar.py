"""CIFAR-10 and CIFAR-100 as published, in the binary and in the Python format
(mindspore.dataset.Cifar10Dataset, Cifar100Dataset)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from declspore.dataclass import dataclass
from declspore.ir.dtype import INT32, UINT8
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Numbers
from declspore.ir.term import Arguments
from declspore.numerics.files import FOLDER, in_parts
from declspore.numerics.pickled import PickledArray, plain_pickle
from declspore.registry.data import Column, Element, SourceKind, Unavailable
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice
from declspore.regular import stream_of, text_of

_PIXELS = 3 * 32 * 32
_IMAGE = Column("image", TensorType(UINT8, (32, 32, 3)))
_PARTS_10 = {"train": tuple(f"data_batch_{i}" for i in range(1, 6)), "test": ("test_batch",)}
_PARTS_100 = {"train": ("train",), "test": ("test",)}
_WHICH = {"train": ("train",), "test": ("test",), "all": ("train", "test")}


@dataclass(frozen=True)
class _Images:
    """``pixels`` [n, 3072] of every file as they lie in it, channels first; ``labels`` of all."""

    paths: tuple[str, ...]
    pixels: tuple[Array, ...]
    labels: tuple[Array, ...]

    def __len__(self) -> int:
        return sum(map(len, self.pixels))

    def rows(self, items: Numbers) -> tuple[Array, ...]:
        import numpy as np

        files, places = in_parts(self.pixels, items)
        found = np.empty((len(items), _PIXELS), np.uint8)
        for file in np.unique(files):
            found[files == file] = self.pixels[file][places[files == file]]
        images = found.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        return np.ascontiguousarray(images), *(labels[items] for labels in self.labels)

    def place(self, item: int) -> str:
        import numpy as np

        (file,), (row,) = in_parts(self.pixels, np.asarray([item]))
        return f"{self.paths[file]}, image {row + 1}"


def _paths(a: Arguments, parts: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The files, in the binary format where it is there."""
    names = [name for usage in _WHICH[a.usage] for name in parts[usage]]
    for suffix in (".bin", ""):
        found = [os.path.join(a.dataset_dir, name + suffix) for name in names]
        if all(map(os.path.isfile, found)):
            return tuple(found)
    first = os.path.join(a.dataset_dir, names[0])
    raise Unavailable(
        f"{a.dataset_dir} does not have {', '.join(names)}, with .bin or without",
        f"{first}.bin is of the binary version as published, {first} of the Python version",
    )


def _opened(paths: tuple[str, ...], labels: tuple[str, ...], most: tuple[int, ...]) -> _Images:
    import numpy as np

    pixels, numbers = [], []
    for path in paths:
        binary = path.endswith(".bin")
        rows, of_file = _binary(path, len(labels)) if binary else _pickled(path, labels)
        for name, values, classes in zip(labels, of_file, most, strict=True):
            wrong = np.flatnonzero(values >= classes)
            if len(wrong):
                row = wrong[0]
                raise Unavailable(
                    f"{path}, image {row + 1}: expected {name} below {classes}, found {values[row]}"
                )
        pixels.append(rows)
        numbers.append(of_file)
    joined = (np.concatenate(each).astype(np.int32) for each in zip(*numbers, strict=True))
    return _Images(paths, tuple(pixels), tuple(joined))


def _binary(path: str, labels: int) -> tuple[Array, list[Array]]:
    import numpy as np

    size, row = os.path.getsize(path), labels + _PIXELS
    if not size or size % row:
        raise Unavailable(f"{path} has {size:,} bytes, which is not a multiple of {row:,}")
    try:
        data = np.memmap(path, np.uint8, "r").reshape(-1, row)
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from None
    return data[:, labels:], [np.asarray(data[:, place]) for place in range(labels)]


def _unpickled(path: str) -> dict[str, Any]:
    """The entries of a pickle. Raises whatever a damaged one raises."""
    with stream_of(path) as file:
        found = plain_pickle(file.read())
    if not isinstance(found, dict):
        raise ValueError("it does not have entries with names")
    # bytes are what Python 2's texts became where Python 3 read and wrote them again
    return {k.decode() if isinstance(k, bytes) else k: value for k, value in found.items()}


def _pickled(path: str, labels: tuple[str, ...]) -> tuple[Array, list[Array]]:
    import numpy as np

    try:
        found = _unpickled(path)
        names = {"label": "labels", "coarse_label": "coarse_labels", "fine_label": "fine_labels"}
        missing = [name for name in ("data", *map(names.get, labels)) if name not in found]
        if missing:
            raise ValueError(f"it does not have {missing[0]!r}")
        array = found["data"]
        lists = [found[names[label]] for label in labels]
        # lists within lists may be few bytes of a pickle and more numbers than memory holds
        if not isinstance(array, PickledArray):
            raise ValueError("its data is not an array of bytes")
        rows = array.bytes_array()
        if not all(type(number) is int for numbers in lists for number in numbers):
            raise ValueError("its labels are not integers")
        numbers = [np.asarray(each, np.int64) for each in lists]
        if rows.ndim != 2 or rows.shape[1] != _PIXELS or any(len(n) != len(rows) for n in numbers):
            raise ValueError(f"its data has the shape {list(rows.shape)}")
    except Exception as error:  # whatever a damaged pickle raises
        reason = getattr(error, "strerror", None) or error
        raise Unavailable(f"{path} is not a file of CIFAR's Python version: {reason}") from None
    return rows, numbers


def _names(a: Arguments, files: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The names of classes, of a text file or of one of the Python version."""
    text, packed = (os.path.join(a.dataset_dir, name) for name, _ in files)
    try:
        if os.path.isfile(text):
            with text_of(text) as lines:
                return tuple(line.strip() for line in lines if line.strip())
        return tuple(map(str, _unpickled(packed)[files[1][1]]))
    except Exception:  # they are for people only
        return ()


_USAGE = Argument("usage", Choice(("train", "test", "all")), "all", "which part")


def _open_10(a: Arguments) -> _Images:
    return _opened(_paths(a, _PARTS_10), ("label",), (10,))


def _open_100(a: Arguments) -> _Images:
    found = _opened(_paths(a, _PARTS_100), ("coarse_label", "fine_label"), (20, 100))
    kept = {"both": slice(None), "coarse": slice(0, 1), "fine": slice(1, 2)}[a.labels]
    return _Images(found.paths, found.pixels, found.labels[kept])


def _element_100(a: Arguments) -> Element:
    number = TensorType(INT32, ())
    coarse, fine = Column("coarse_label", number), Column("fine_label", number)
    if a.labels == "both":
        return Element((_IMAGE,), (coarse, fine))
    classes = {"coarse": 20, "fine": 100}[a.labels]
    return Element((_IMAGE,), (fine if a.labels == "fine" else coarse,), classes=classes)


def _classes_100(a: Arguments) -> tuple[str, ...]:
    if a.labels == "both":
        return ()
    file = f"{a.labels}_label_names"
    return _names(a, ((f"{file}.txt", ""), ("meta", file)))


KINDS = (
    SourceKind(
        name="Cifar10",
        signature=signature(FOLDER, _USAGE),
        summary="Images u8[32, 32, 3] and labels of CIFAR-10's files, binary or Python's.",
        example='Cifar10("cifar-10-batches-bin", usage = "train")',
        element=lambda a: Element((_IMAGE,), (Column("label", TensorType(INT32, ())),), classes=10),
        size=lambda a: len(_open_10(a)),
        open=_open_10,
        files=lambda a: _paths(a, _PARTS_10),
        classes=lambda a: _names(a, (("batches.meta.txt", ""), ("batches.meta", "label_names"))),
    ),
    SourceKind(
        name="Cifar100",
        signature=signature(
            FOLDER,
            _USAGE,
            Argument("labels", Choice(("fine", "coarse", "both")), "fine", "100 classes, 20, both"),
        ),
        summary="Images u8[32, 32, 3] and labels of CIFAR-100's files, binary or Python's.",
        example='Cifar100("cifar-100-binary", usage = "train")',
        element=_element_100,
        size=lambda a: len(_open_100(a)),
        open=_open_100,
        files=lambda a: _paths(a, _PARTS_100),
        classes=_classes_100,
    ),
)
