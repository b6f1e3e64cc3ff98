"""Images and labels in IDX files, plain or compressed with gzip: MNIST's format, as published."""

from __future__ import annotations

import mmap
import os
import shutil
import struct
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import prod

from declspore.dataclass import dataclass
from declspore.datafile import Damaged, Samples, opened
from declspore.ir.tensors import Array
from declspore.numerics.files import in_parts
from declspore.registry.data import Reader, Unavailable

_IN_MEMORY = 64 << 20
"""Files of more bytes are mapped, not loaded."""
_MOST = 1 << 24
"""Images that a file may have."""
_AT_ONCE = 1 << 20
_TYPES = {0x08: "u1", 0x0C: ">i4"}


@dataclass(frozen=True)
class IdxFile:
    """A file ``name``: its third byte is ``code``, the type of its values; an item of it has the
    shape ``row``."""

    name: str
    code: int
    row: tuple[int, ...]

    @classmethod
    def images(cls, name: str) -> IdxFile:
        return cls(name, 0x08, (28, 28))

    @classmethod
    def labels(cls, name: str) -> IdxFile:
        return cls(name, 0x08, ())


@dataclass(frozen=True)
class IdxPart:
    """Images and their labels, two files of a folder; those from ``begin`` up to ``end`` count."""

    images: IdxFile
    labels: IdxFile
    begin: int = 0
    end: int | None = None

    @classmethod
    def named(cls, prefix: str) -> IdxPart:
        """The two files that MNIST has of a part, all of whose items count."""
        images = IdxFile.images(f"{prefix}-images-idx3-ubyte")
        return cls(images, IdxFile.labels(f"{prefix}-labels-idx1-ubyte"))

    @property
    def items(self) -> slice:
        """Those that count."""
        return slice(self.begin, self.end)


@dataclass(frozen=True)
class IdxFolder:
    """The files of a dataset in a folder, one part after the other; ``owner`` is what the dataset
    is called in messages."""

    path: str
    owner: str
    parts: tuple[IdxPart, ...]

    def files(self) -> tuple[str, ...]:
        """The paths of all files."""
        pairs = ((part.images, part.labels) for part in self.parts)
        return tuple(_path(self.path, file.name) for pair in pairs for file in pair)

    def __len__(self) -> int:
        """How many items the headers state. Raises Unavailable."""
        return sum(len(range(self._count(part))[part.items]) for part in self.parts)

    def open(self, classes: int, firsts: bool = False) -> Reader:
        """The items, whose labels, or their first numbers, are below ``classes``. With ``firsts``,
        those first numbers are the labels. Raises Unavailable."""
        paths, images, labels = [], [], []
        for part in self.parts:
            self._count(part)
            path = _path(self.path, part.images.name)
            numbers = self._values(part.labels)
            _check_classes(_path(self.path, part.labels.name), numbers, classes)
            paths.append(path)
            images.append(self._values(part.images)[part.items])
            labels.append(numbers[part.items, 0] if firsts else numbers[part.items])
        begins = tuple(part.begin for part in self.parts)
        return _Images(tuple(paths), begins, tuple(images), _joined(labels))

    def _count(self, part: IdxPart) -> int:
        """How many items the files of a part have, those among them that do not count."""
        counts = []
        for file in (part.images, part.labels):
            with self._opened(file) as stream:
                counts.append(_header(stream, file))
        if counts[0] != counts[1]:
            raise Unavailable(
                f"{self.path}: {counts[0]} images but {counts[1]} labels "
                f"({part.images.name}, {part.labels.name})"
            )
        if counts[0] > _MOST:
            raise Unavailable(f"{self.path}: it has {counts[0]:,} images; it may have {_MOST:,}")
        least = max(part.begin, part.end or 0)
        if counts[0] < least:
            raise Unavailable(
                f"{part.images.name} has {counts[0]:,} images, and the chosen part needs the first "
                f"{least:,}",
                'usage = "test"',
            )
        return counts[0]

    def _values(self, file: IdxFile) -> Array:
        import numpy as np

        dtype = np.dtype(_TYPES[file.code])
        with self._opened(file) as stream:
            shape = (_header(stream, file), *file.row)
            size = prod(shape) * dtype.itemsize
            data = stream.take(size) if size <= _IN_MEMORY else _mapped(stream, size)
            stream.end()
        return np.frombuffer(data, dtype).reshape(shape)

    @contextmanager
    def _opened(self, file: IdxFile) -> Iterator[Samples]:
        """A file, plain or packed. Raises Unavailable, also for what reading raises."""
        path = _path(self.path, file.name)
        try:
            with opened(path) as stream:
                yield stream
        except FileNotFoundError:
            raise self._missing(file.name) from None
        except Damaged as error:
            raise Unavailable(f"{path} is damaged: {error}") from None
        except OSError as error:
            raise Unavailable(f"{path} cannot be read: {error.strerror or error}") from None

    def _missing(self, name: str) -> Unavailable:
        path = os.path.join(self.path, name)
        if os.path.exists(f"{path}.xz"):
            return Unavailable(f"{path} is missing, there is only {name}.xz", f"unxz {path}.xz")
        help = f"{self.path} must hold the files of {self.owner} as published, plain or .gz"
        return Unavailable(f"{path} is missing", help)


@dataclass(frozen=True)
class _Images:
    """Images [28, 28] of several files, of each those from ``begins`` on, and the labels of all."""

    paths: tuple[str, ...]
    begins: tuple[int, ...]
    images: tuple[Array, ...]
    labels: Array

    def rows(self, items: Array) -> tuple[Array, ...]:
        import numpy as np

        files, places = in_parts(self.images, items)
        found = np.empty((len(items), 28, 28, 1), np.uint8)
        for file in np.unique(files):
            found[files == file, ..., 0] = self.images[file][places[files == file]]
        return found, self.labels[items]

    def place(self, item: int) -> str:
        import numpy as np

        (file,), (row,) = in_parts(self.images, np.asarray([item]))
        return f"{self.paths[file]}, image {self.begins[file] + row + 1}"


def _path(folder: str, name: str) -> str:
    plain = os.path.join(folder, name)
    return plain if os.path.exists(plain) else f"{plain}.gz"


def _header(stream: Samples, file: IdxFile) -> int:
    """The number of items of a file, whose first four bytes state the type and number of axes."""
    axes = 1 + len(file.row)
    try:
        magic, count, *row = struct.unpack(f">{1 + axes}i", stream.take(4 + 4 * axes))
    except Damaged as error:
        raise Unavailable(
            f"{file.name} is too short to be an IDX file, or damaged: {error}"
        ) from None
    if magic != (file.code << 8 | axes) or min(count, *row, 0) < 0:
        raise Unavailable(f"{file.name} is not an IDX file of the expected kind")
    if tuple(row) != file.row:
        what = "images of" if len(row) == 2 else "labels of"
        shown = ["x".join(map(str, sizes)) for sizes in (row, file.row)]
        raise Unavailable(f"{file.name} holds {what} {shown[0]}, not {shown[1]}")
    return int(count)


def _mapped(stream: Samples, size: int) -> memoryview:
    """The next bytes of a stream as a map of its file; of one that is packed, of a file without a
    name. Raises Damaged."""
    if (mapped := stream.mapped(size)) is not None:
        return mapped
    if size > shutil.disk_usage(tempfile.gettempdir()).free // 2:
        raise Damaged(f"its {size:,} bytes do not fit on the disk for files without a name")
    with tempfile.TemporaryFile() as copy:
        for begin in range(0, size, _AT_ONCE):
            copy.write(stream.take(min(_AT_ONCE, size - begin)))
        copy.flush()
        return memoryview(mmap.mmap(copy.fileno(), size, access=mmap.ACCESS_READ))


def _check_classes(path: str, labels: Array, classes: int) -> None:
    import numpy as np

    numbers = labels if labels.ndim == 1 else labels[:, 0]
    wrong = np.flatnonzero((numbers < 0) | (numbers >= classes))
    if len(wrong):
        row = wrong[0]
        raise Unavailable(
            f"{path}, label {row + 1}: expected a label below {classes}, found {numbers[row]}"
        )


def _joined(labels: Sequence[Array]) -> Array:
    import numpy as np

    found: Array = np.concatenate(labels).astype(np.int32)
    return found
