"""EMNIST: handwritten letters and digits (mindspore.dataset.EMnistDataset, 2.10)."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase, digits

from declspore.ir.dtype import INT32, UINT8
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.files import FOLDER
from declspore.numerics.idx import IdxFolder, IdxPart
from declspore.registry.data import Element, SourceKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice

# letters whose two forms look alike are one class
_MERGED = tuple(digits + ascii_uppercase + "abdefghnqrt")
_CLASSES = {
    "byclass": tuple(digits + ascii_uppercase + ascii_lowercase),
    "bymerge": _MERGED,
    "balanced": _MERGED,
    "letters": ("", *ascii_lowercase),  # the files count them from 1
    "digits": tuple(digits),
    "mnist": tuple(digits),
}
# the order of names, which MindSpore reads all files in
_PARTS = {"train": ("train",), "test": ("test",), "all": ("test", "train")}


def _folder(a: Arguments) -> IdxFolder:
    prefixes = (f"emnist-{a.name}-{part}" for part in _PARTS[a.usage])
    return IdxFolder(a.dataset_dir, "EMNIST", tuple(map(IdxPart.named, prefixes)))


KINDS = (
    SourceKind(
        name="EMnist",
        signature=signature(
            FOLDER,
            Argument("name", Choice(tuple(_CLASSES)), help="which division into classes"),
            Argument("usage", Choice(tuple(_PARTS)), "all", "which part; all: test first"),
        ),
        summary="Images u8[28, 28, 1] and labels of EMNIST, as they are in its files: rows and "
        "columns are swapped, and letters are numbered from 1.",
        example='EMnist("emnist", "balanced") |> map(image = transpose(image, [1, 0, 2]))',
        element=lambda a: Element.pair(
            TensorType(UINT8, (28, 28, 1)), TensorType(INT32, ()), classes=len(_CLASSES[a.name])
        ),
        size=lambda a: len(_folder(a)),
        open=lambda a: _folder(a).open(len(_CLASSES[a.name])),
        files=lambda a: _folder(a).files(),
        classes=lambda a: _CLASSES[a.name],
    ),
)
