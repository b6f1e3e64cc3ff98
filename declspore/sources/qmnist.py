"""QMNIST: the images of MNIST, those left out of it, and where each of them comes from
(mindspore.dataset.QMnistDataset, 2.10)."""

from __future__ import annotations

from declspore.ir.dtype import INT32, UINT8
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.files import FOLDER
from declspore.numerics.idx import IdxFile, IdxFolder, IdxPart
from declspore.registry.data import Element, Reader, SourceKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice

_CLASSES = 10
_NUMBERS = 8
"""Of each image: its class and seven numbers of its origin."""
_OF_MNIST = 10_000
_TRAIN, _TEST, _NIST = "qmnist-train", "qmnist-test", "xnist"
_PARTS: dict[str, tuple[str, ...]] = {
    "train": (_TRAIN,),
    "test": (_TEST,),
    "test10k": (_TEST,),
    "test50k": (_TEST,),
    "nist": (_NIST,),
    "all": (_TRAIN, _TEST, _NIST),
}
_ITEMS = {"test10k": (0, _OF_MNIST), "test50k": (_OF_MNIST, 60_000)}


def _folder(a: Arguments) -> IdxFolder:
    parts = (
        IdxPart(
            IdxFile.images(f"{prefix}-images-idx3-ubyte"),
            IdxFile(f"{prefix}-labels-idx2-int", 0x0C, (_NUMBERS,)),
            *_ITEMS.get(a.usage, (0, None)),
        )
        for prefix in _PARTS[a.usage]
    )
    return IdxFolder(a.dataset_dir, "QMNIST", tuple(parts))


def _element(a: Arguments) -> Element:
    image = TensorType(UINT8, (28, 28, 1))
    if a.compat:
        return Element.pair(image, TensorType(INT32, ()), classes=_CLASSES)
    return Element.pair(image, TensorType(INT32, (_NUMBERS,)))


def _open(a: Arguments) -> Reader:
    return _folder(a).open(_CLASSES, firsts=a.compat)


KINDS = (
    SourceKind(
        name="QMnist",
        signature=signature(
            FOLDER,
            Argument(
                "usage",
                Choice(("train", "test", "test10k", "test50k", "nist", "all")),
                "all",
                "which part; test10k: that of MNIST, test50k: what was left out of it",
            ),
            Argument(
                "compat",
                Boolean(),
                True,
                "whether the label is the class; else i32[8], the class and where it comes from",
            ),
        ),
        summary="Images u8[28, 28, 1] and labels of QMNIST, with the 50,000 test images that are "
        "not in MNIST.",
        example='QMnist("qmnist", usage = "test50k")',
        element=_element,
        size=lambda a: len(_folder(a)),
        open=_open,
        files=lambda a: _folder(a).files(),
    ),
)
