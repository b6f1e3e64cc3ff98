"""Pictures of files to images (mindspore.dataset.vision.Decode, 2.10)."""

from __future__ import annotations

from declspore.ir.dtype import STRING, UINT8
from declspore.ir.shape import TensorType, symbol
from declspore.ir.tensors import Array, Draws, Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.opencv import decoded
from declspore.registry.data import Element, ItemKind, Traced
from declspore.registry.kind import Misfit
from declspore.registry.signature import signature


def _infer(a: Arguments, element: Element) -> Element:
    if element.batched:
        raise Misfit("it works on single pictures", "put Decode before `batch`")
    if element.data != TensorType(STRING, ()):
        raise Misfit(f"it takes the bytes of a picture, found {element.data}")
    return element.with_data(TensorType(UINT8, (symbol("H"), symbol("W"), 3)))


def _compute(a: Arguments, type: TensorType, value: bytes, draws: Draws) -> Array:
    return decoded(value)


def _traced(tf: Ops, a: Arguments, value: Tensor) -> Tensor:
    """JPEG, PNG, GIF; of JPEG by the same transform and interpolation of colours."""
    return tf.io.decode_jpeg(value, channels=3, dct_method="INTEGER_ACCURATE")


KINDS = (
    ItemKind(
        name="Decode",
        signature=signature(),
        summary="The bytes of a picture to u8[H, W, 3] in RGB. As in MindSpore, pixels stay where "
        "the file has them, whatever EXIF says about how the camera was held. JPEG in CMYK differs "
        "from MindSpore's bytes by one at most.",
        example='ImageFolder("flowers") |> Decode()',
        infer=_infer,
        compute=_compute,
        traced=Traced(apply=_traced, on_devices=False),
    ),
)
