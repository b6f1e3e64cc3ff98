"""Cross-entropy losses (mindspore.nn, 2.10)."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.losses import REDUCTIONS, agree, class_numbers_help, reduced
from declspore.registry.kind import Misfit
from declspore.registry.loss import LossKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice


def _fit(a: Arguments, logits: TensorType, labels: TensorType) -> None:
    if logits.rank != 2 or not logits.dtype.is_float:
        raise Misfit(f"logits must be floats [N, classes], found {logits}")
    if a.sparse and not (labels.dtype.is_integer and agree(labels.shape, logits.shape[:1])):
        raise Misfit(
            f"with sparse = true, labels are class numbers: integers [N], found {labels}",
            "sparse = false for one-hot labels"
            if labels.shape == logits.shape
            else class_numbers_help(logits, labels),
        )
    if not a.sparse and not (labels.dtype.is_float and agree(labels.shape, logits.shape)):
        raise Misfit(
            f"with sparse = false, labels are probabilities like {logits}, found {labels}",
            "sparse = true for class numbers",
        )


def _compute(ops: Ops, a: Arguments, logits: Tensor, labels: Tensor) -> Tensor:
    if a.sparse:
        # one kernel of the backend, where picking from log_softmax is a dozen ops and their
        # gradients; TensorFlow's refuses class numbers that do not exist
        losses = ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    else:
        # labels have no gradient, as in MindSpore
        losses = -ops.sum(ops.stop_gradient(labels) * ops.log_softmax(logits, axis=-1), axis=-1)
    return reduced(ops, losses, a.reduction)


KINDS = (
    LossKind(
        name="SoftmaxCrossEntropyWithLogits",
        signature=signature(
            Argument("sparse", Boolean(), False, "whether labels are class numbers"),
            Argument("reduction", Choice(REDUCTIONS), "none", "over the batch"),
        ),
        summary=(
            "-sum(labels log(softmax(logits))) per sample, then the reduction. Where labels do not "
            "sum up to 1, MindSpore's kernel errs in the gradient; the formula is followed."
        ),
        example='SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")',
        fit=_fit,
        compute=_compute,
        by_sample=lambda a: True,
    ),
)
