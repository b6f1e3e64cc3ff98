"""Images of a batch mixed with each other (mindspore.dataset.vision, 2.10)."""

from __future__ import annotations

from declspore.ir.dtype import FLOAT32
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.registry.data import ChangeKind, Element
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Number


def _check(element: Element, word: str) -> None:
    if not element.batched:
        raise Misfit("it mixes the images of a batch", f"put {word} after `batch`")
    if not element.label.dtype.is_float or element.label.rank < 2:
        raise Misfit(f"it mixes labels, found {element.label}", "put OneHot(...) before it")


def _infer_mix_up(a: Arguments, element: Element) -> Element:
    _check(element, "MixUpBatch")
    return element.with_data(TensorType(FLOAT32, element.data.shape))


def _infer_cut_mix(a: Arguments, element: Element) -> Element:
    _check(element, "CutMixBatch")
    if element.data.rank != 4:
        raise Misfit(f"it takes a batch of images, found {element.data}")
    return element


def _beta(tf: Ops, alpha: float, draw: Tensor) -> Tensor:
    """A number of Beta(alpha, alpha) for a uniform one: its quantile, from a table."""
    import numpy as np
    from numpy.random import Generator, Philox

    table = np.sort(Generator(Philox(0)).beta(alpha, alpha, 1 << 16)).astype(np.float32)
    return tf.gather(tf.constant(table), tf.cast(draw * len(table), tf.int32))


def _other(tf: Ops, values: Tensor, draw: Tensor) -> Tensor:
    """Each with another of the batch: the batch turned by a random number of places."""
    count = tf.shape(values)[0]
    turn = 1 + tf.cast(draw * tf.cast(count - 1, tf.float32), tf.int32)
    return tf.roll(values, turn, axis=0)


def _mix_up(
    tf: Ops, a: Arguments, element: Element, data: Tensor, labels: Tensor, draws: Tensor
) -> tuple[Tensor, Tensor]:
    share = _beta(tf, a.alpha, draws[..., 0])
    data = tf.cast(data, tf.float32)

    def mixed(values: Tensor) -> Tensor:
        return values * share + _other(tf, values, draws[..., 1]) * (1 - share)

    return mixed(data), mixed(labels)


def _cut_mix(
    tf: Ops, a: Arguments, element: Element, data: Tensor, labels: Tensor, draws: Tensor
) -> tuple[Tensor, Tensor]:
    vertical, horizontal = (1, 2) if a.image_batch_format == "NHWC" else (2, 3)
    shape = tf.shape(data)
    height, width = (tf.cast(shape[axis], tf.float32) for axis in (vertical, horizontal))
    edge = tf.sqrt(1 - _beta(tf, a.alpha, draws[..., 0]))
    y, x = draws[..., 2] * height, draws[..., 3] * width

    def ends(middle: Tensor, size: Tensor) -> tuple[Tensor, Tensor]:
        half = tf.floor(size * edge) / 2
        return tf.floor(tf.maximum(middle - half, 0)), tf.floor(tf.minimum(middle + half, size))

    (top, bottom), (left, right) = ends(y, height), ends(x, width)
    rows, columns = tf.range(height), tf.range(width)
    inside = ((rows >= top) & (rows < bottom))[:, None] & ((columns >= left) & (columns < right))
    mask = inside[None, ..., None] if vertical == 1 else inside[None, None]
    mask &= draws[..., 4] < a.prob
    share = 1 - (bottom - top) * (right - left) / (height * width)
    share = tf.where(draws[..., 4] < a.prob, share, 1.0)
    mixed = tf.where(mask, _other(tf, data, draws[..., 1]), data)
    return mixed, labels * share + _other(tf, labels, draws[..., 1]) * (1 - share)


_ALPHA = Argument("alpha", Number(above=0.0), 1.0, "shares are drawn from Beta(alpha, alpha)")

KINDS = (
    ChangeKind(
        name="MixUpBatch",
        signature=signature(_ALPHA),
        summary="A share of each image and its label, and the rest of another of the batch.",
        example="Digits() |> OneHot(10) |> batch(32) |> MixUpBatch(0.2)",
        infer=_infer_mix_up,
        apply=_mix_up,
        of="both",
        draws=lambda a: 2,
    ),
    ChangeKind(
        name="CutMixBatch",
        signature=signature(
            Argument("image_batch_format", Choice(("NHWC", "NCHW")), help="order of the axes"),
            _ALPHA,
            Argument("prob", Number(0.0, 1.0), 1.0, "how likely"),
        ),
        summary="A part of each image, and that share of its label, from another of the batch.",
        example='Digits() |> OneHot(10) |> batch(32) |> CutMixBatch("NHWC")',
        infer=_infer_cut_mix,
        apply=_cut_mix,
        of="both",
        draws=lambda a: 5,
    ),
)
