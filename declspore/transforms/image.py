"""Transforms of images [H, W, C] (mindspore.dataset.vision, 2.10)."""

from __future__ import annotations

from declspore.ir.dtype import FLOAT32, STRING
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.image import image_type, of_images
from declspore.registry.data import ChangeKind, Element
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import ElementType, ListOf, Number


def _infer_rescale(a: Arguments, element: Element) -> Element:
    image = image_type("Rescale", element)
    return element.with_data(TensorType(FLOAT32, image.shape))


def _rescale(tf: Ops, a: Arguments, type: TensorType, images: Tensor) -> Tensor:
    return tf.cast(images, tf.float32) * a.rescale + a.shift


def _infer_normalize(a: Arguments, element: Element) -> Element:
    image = image_type("Normalize", element)
    channels = image.shape[2]
    if len(a.mean) != len(a.std) or len(a.mean) not in (1, channels):
        first = image.shape[0] == len(a.mean) == len(a.std)
        raise Misfit(
            f"mean has {len(a.mean)} values and std {len(a.std)}, the image {channels} channels",
            "put Normalize before ToTensor or HWC2CHW, with numbers of 0 to 255" if first else None,
        )
    return element.with_data(TensorType(FLOAT32, image.shape))


def _normalize(tf: Ops, a: Arguments, type: TensorType, images: Tensor) -> Tensor:
    mean, std = (tf.constant(values, tf.float32) for values in (a.mean, a.std))
    return (tf.cast(images, tf.float32) - mean) / std


def _infer_hwc2chw(a: Arguments, element: Element) -> Element:
    height, width, channels = image_type("HWC2CHW", element).shape
    return element.with_data(element.data.with_shape((channels, height, width)))


def _hwc2chw(tf: Ops, a: Arguments, type: TensorType, images: Tensor) -> Tensor:
    front = list(range(len(images.shape) - 3))
    return tf.transpose(images, [*front, *(len(front) + axis for axis in (2, 0, 1))])


def _infer_to_tensor(a: Arguments, element: Element) -> Element:
    height, width, channels = image_type("ToTensor", element).shape
    return element.with_data(TensorType(a.output_type, (channels, height, width)))


def _to_tensor(tf: Ops, a: Arguments, type: TensorType, images: Tensor) -> Tensor:
    scaled = tf.cast(images, tf.float32) * tf.constant(1 / 255, tf.float32)
    return tf.cast(_hwc2chw(tf, a, type, scaled), a.output_type.numpy)


def _infer_type_cast(a: Arguments, element: Element) -> Element:
    if element.data.dtype is STRING:
        raise Misfit("it takes numbers, found texts or bytes", "put Decode() before it")
    return element.with_data(TensorType(a.output_type, element.data.shape))


def _type_cast(tf: Ops, a: Arguments, type: TensorType, images: Tensor) -> Tensor:
    return tf.cast(images, a.output_type.numpy)


KINDS = (
    ChangeKind(
        name="Rescale",
        signature=signature(
            Argument("rescale", Number(), help="factor"),
            Argument("shift", Number(), help="added afterwards"),
        ),
        summary="x * rescale + shift, as f32.",
        example="Digits() |> Rescale(1 / 16, 0.0)",
        infer=_infer_rescale,
        apply=of_images(_rescale),
        by_value=True,
    ),
    ChangeKind(
        name="Normalize",
        signature=signature(
            Argument("mean", ListOf(Number()), help="per channel"),
            Argument("std", ListOf(Number(above=0.0)), help="per channel"),
        ),
        summary="(x - mean) / std per channel, as f32.",
        example="Digits() |> Normalize(mean = [4.9], std = [6.0])",
        infer=_infer_normalize,
        apply=of_images(_normalize),
        by_value=True,
    ),
    ChangeKind(
        name="HWC2CHW",
        signature=signature(),
        summary="[H, W, C] to [C, H, W], the order networks take.",
        example="Digits() |> HWC2CHW()",
        infer=_infer_hwc2chw,
        apply=of_images(_hwc2chw),
        by_value=True,
    ),
    ChangeKind(
        name="ToTensor",
        signature=signature(Argument("output_type", ElementType(), FLOAT32, "element type")),
        summary="x / 255 as [C, H, W].",
        example="Digits() |> ToTensor()",
        infer=_infer_to_tensor,
        apply=of_images(_to_tensor),
        by_value=True,
    ),
    ChangeKind(
        name="TypeCast",
        signature=signature(Argument("output_type", ElementType(), help="element type")),
        summary="The data as another element type; fractions are cut off.",
        example="Digits() |> TypeCast(f16)",
        infer=_infer_type_cast,
        apply=of_images(_type_cast),
    ),
)
