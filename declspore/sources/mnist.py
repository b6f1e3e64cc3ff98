"""MNIST and the datasets that have its files: Fashion-MNIST and Kuzushiji-MNIST
(mindspore.dataset.MnistDataset, FashionMnistDataset, KMnistDataset, 2.10)."""

from __future__ import annotations

from declspore.ir.dtype import INT32, UINT8
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.idx import IdxFolder, IdxPart
from declspore.registry.data import Element, SourceKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Text

# the order of names, which MindSpore reads all files in
_PREFIXES = {"train": ("train",), "test": ("t10k",), "all": ("t10k", "train")}
_CLASSES = 10


def _source(
    name: str, owner: str, classes: tuple[str, ...], summary: str, folder: str
) -> SourceKind:
    """A dataset that has the four files of MNIST."""

    def of(a: Arguments) -> IdxFolder:
        return IdxFolder(a.dataset_dir, owner, tuple(map(IdxPart.named, _PREFIXES[a.usage])))

    return SourceKind(
        name=name,
        signature=signature(
            Argument("dataset_dir", Text(), help="folder of the four files"),
            Argument(
                "usage", Choice(("train", "test", "all")), "all", "which part; all: test first"
            ),
        ),
        summary=summary,
        example=f'{name}("{folder}", usage = "train")',
        element=lambda a: Element.pair(
            TensorType(UINT8, (28, 28, 1)), TensorType(INT32, ()), classes=_CLASSES
        ),
        size=lambda a: len(of(a)),
        open=lambda a: of(a).open(_CLASSES),
        files=lambda a: of(a).files(),
        classes=lambda a: classes,
    )


KINDS = (
    _source(
        "Mnist",
        "MNIST",
        (),
        "Images u8[28, 28, 1] and labels of MNIST's file format.",
        "MNIST_Data",
    ),
    _source(
        "FashionMnist",
        "Fashion-MNIST",
        (
            *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
            *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        ),
        "Images u8[28, 28, 1] and labels of Fashion-MNIST, clothes of ten kinds.",
        "fashion-mnist",
    ),
    _source(
        "KMnist",
        "Kuzushiji-MNIST",
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        "Images u8[28, 28, 1] and labels of Kuzushiji-MNIST, ten Japanese characters.",
        "kmnist",
    ),
)
