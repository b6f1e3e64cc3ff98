"""Pictures in folders, one folder a class (mindspore.dataset.ImageFolderDataset)."""

from __future__ import annotations

import os
from functools import lru_cache

from declspore.dataclass import dataclass
from declspore.datafile import Damaged
from declspore.ir.dtype import INT32, STRING
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Numbers
from declspore.ir.term import Arguments, Term
from declspore.numerics.opencv import PICTURES, decoded, read_picture
from declspore.registry.data import Element, SourceKind, Unavailable
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice, ListOf, Optional, Text
from declspore.spelling import closest


@dataclass(frozen=True)
class _Listing:
    """The pictures of a folder, and the number of each one's class."""

    paths: tuple[str, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.paths)

    def rows(self, items: Numbers) -> tuple[Array, ...]:
        import numpy as np

        found = np.empty(len(items), object)
        for place, item in enumerate(items.tolist()):
            found[place] = self._read(item)
        return found, np.asarray(self.labels, np.int32)[items]

    def place(self, item: int) -> str:
        return f"{self.paths[item]} (item {item}, class {self.classes[self.labels[item]]})"

    def _read(self, item: int) -> bytes:
        try:
            return read_picture(self.paths[item])
        except OSError as error:
            reason = f"{self.place(item)} cannot be read: {error.strerror or error}"
            raise Unavailable(reason) from None

    def problem(self, item: int) -> str | None:
        """What is wrong with a picture, if anything."""
        try:
            decoded(self._read(item))
        except (Damaged, Unavailable) as error:
            return str(error)
        return None


def _listing(a: Arguments) -> _Listing:
    """The pictures in the order of classes, then of names. Raises Unavailable."""
    try:
        folders = sorted(e.name for e in os.scandir(a.dataset_dir) if e.is_dir())
    except OSError as error:
        raise Unavailable(f"{a.dataset_dir} cannot be read: {error.strerror}") from None
    folders = [name for name in folders if not name.startswith(".")]
    classes = a.class_indexing or tuple(folders)
    if not folders:
        raise Unavailable(
            f"{a.dataset_dir} does not have a folder", "each class is a folder with its pictures"
        )
    missing = [name for name in classes if name not in folders]
    if missing:
        raise Unavailable(
            f"{a.dataset_dir} does not have the folder {', '.join(missing)}; "
            f"there are {', '.join(folders)}",
            next((f'did you mean "{near}"?' for near in closest(missing[0], folders)), None),
        )
    extensions = tuple(e.lower() for e in a.extensions or PICTURES)
    paths, labels = [], []
    for name in sorted(classes):
        folder = os.path.join(a.dataset_dir, name)
        files = _pictures(folder, extensions)
        if not files:
            raise _without_pictures(a, folder, folders, extensions)
        paths += [os.path.join(folder, file) for file in files]
        labels += [classes.index(name)] * len(files)
    return _Listing(tuple(paths), tuple(labels), tuple(classes))


def _pictures(folder: str, extensions: tuple[str, ...]) -> list[str]:
    files = [f for f in _entries(folder) if f.lower().endswith(extensions)]
    return [f for f in files if not f.startswith(".")]


def _without_pictures(
    a: Arguments, folder: str, folders: list[str], extensions: tuple[str, ...]
) -> Unavailable:
    """A folder of a class that has no picture: its folders may be the classes."""
    others = [name for name in folders if os.path.join(a.dataset_dir, name) != folder]
    inner = [entry.path for entry in os.scandir(folder) if entry.is_dir()]
    if any(_pictures(path, extensions) for path in inner):
        help = f'where its folders are the classes: ImageFolder("{folder}")'
    else:
        named = ", ".join(f'"{name}"' for name in others[:8])
        help = f"class_indexing = [{named or '...'}] names the folders that are classes"
    return Unavailable(f"{folder} does not have a picture ({', '.join(extensions)})", help)


def _entries(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError as error:
        raise Unavailable(f"{folder} cannot be read: {error.strerror}") from None


def _usable(a: Arguments) -> _Listing:
    """The pictures without those that are damaged, where these are skipped."""
    listing = _listing(a)
    if a.damaged == "error":
        return listing
    stamps = tuple(os.lstat(path).st_mtime_ns for path in listing.paths)
    kept = [item for item, reason in enumerate(_problems(listing, stamps)) if reason is None]
    if not kept:
        raise Unavailable(f"all {len(listing)} pictures of {a.dataset_dir} are damaged")
    paths = tuple(listing.paths[item] for item in kept)
    return _Listing(paths, tuple(listing.labels[item] for item in kept), listing.classes)


@lru_cache(maxsize=4)
def _problems(listing: _Listing, stamps: tuple[int, ...]) -> tuple[str | None, ...]:
    """What is wrong with each picture: every one is read."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return tuple(pool.map(listing.problem, range(len(listing)), chunksize=64))


def _damaged(a: Arguments) -> int:
    return len(_listing(a)) - len(_usable(a))


def _element(a: Arguments) -> Element:
    classes = len(a.class_indexing) if a.class_indexing else None
    return Element.pair(TensorType(STRING, ()), TensorType(INT32, ()), classes)


def _decode(a: Arguments) -> tuple[Term, ...]:
    return (Term("transform", "Decode", Arguments()),) if a.decode else ()


KINDS = (
    SourceKind(
        name="ImageFolder",
        signature=signature(
            Argument("dataset_dir", Text(), help="folder that has one folder a class"),
            Argument("decode", Boolean(), False, "whether pictures come as u8[H, W, 3], not bytes"),
            Argument(
                "class_indexing",
                Optional(ListOf(Text())),
                None,
                "folders in the order of class numbers; none: all, sorted",
            ),
            Argument(
                "extensions", Optional(ListOf(Text())), None, "of pictures; none: what Decode takes"
            ),
            Argument(
                "damaged",
                Choice(("error", "skip")),
                "error",
                "skip: every picture is read once before the first step, damaged ones are left out",
            ),
        ),
        summary="The bytes of pictures in folders, one folder a class, sorted by name; the label "
        "is the number of the class.",
        example='ImageFolder("flowers", class_indexing = ["daisy", "rose"])',
        element=_element,
        size=lambda a: len(_usable(a)),
        open=_usable,
        files=lambda a: _listing(a).paths,
        classes=lambda a: _listing(a).classes,
        first=_decode,
        names=lambda a: _usable(a).paths,
        damaged=_damaged,
    ),
)
