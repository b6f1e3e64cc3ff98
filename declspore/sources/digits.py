"""The handwritten digits that scikit-learn ships (UCI, 8x8 images)."""

from __future__ import annotations

from declspore.ir.dtype import FLOAT32, INT32
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.data import Arrays, Element, SourceKind, Unavailable
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice

_TOTAL = 1797
# every fifth image, so that both parts hold every digit and every writer
_PARTS = {
    "train": [index for index in range(_TOTAL) if index % 5 != 4],
    "test": [index for index in range(_TOTAL) if index % 5 == 4],
    "all": list(range(_TOTAL)),
}


def _open(a: Arguments) -> Arrays:
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise Unavailable(
            "Digits needs scikit-learn, which is not installed",
            "pip install 'declspore[samples]'",
        ) from None
    digits = load_digits()
    chosen = _PARTS[a.usage]
    images = digits.images[chosen].astype("float32")[..., None]
    return Arrays((images, digits.target[chosen].astype("int32")))


KINDS = (
    SourceKind(
        name="Digits",
        signature=signature(
            Argument("usage", Choice(("train", "test", "all")), "all", "test: every fifth image")
        ),
        summary="1797 images of handwritten digits, f32[8, 8, 1] with values 0 to 16.",
        example='Digits(usage = "train")',
        element=lambda a: Element.pair(
            TensorType(FLOAT32, (8, 8, 1)), TensorType(INT32, ()), classes=10
        ),
        size=lambda a: len(_PARTS[a.usage]),
        open=_open,
    ),
)
