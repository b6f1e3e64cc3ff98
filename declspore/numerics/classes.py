"""What metrics of classes share: outputs [N, classes, ...] and the labels that go with them."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument
from declspore.registry.types import Choice

EVAL_TYPE = Argument(
    "eval_type",
    Choice(("classification", "multilabel")),
    "classification",
    "multilabel: outputs and labels are 0 or 1 for each class, and figures are by sample",
)


def fit_classes(outputs: TensorType, labels: TensorType, eval_type: str = "classification") -> None:
    """Labels are class numbers, or like the outputs. Raises Misfit."""
    if outputs.rank < 2:
        raise Misfit(f"expected outputs [N, classes, ...], found {outputs}")
    if labels.shape == outputs.shape:
        return
    if eval_type == "multilabel":
        raise Misfit(f"labels must be like outputs {outputs}, found {labels}")
    numbers = (outputs.shape[0], *outputs.shape[2:])
    if labels.shape != numbers or not labels.dtype.is_integer:
        raise Misfit(f"labels must be class numbers [N, ...] or like {outputs}, found {labels}")


def numbers_of(outputs: Array, labels: Array) -> Array:
    """The class numbers that labels stand for."""
    return labels.argmax(axis=1) if labels.ndim == outputs.ndim else labels


def truths_of(outputs: Array, labels: Array) -> tuple[Array, Array]:
    """Outputs and labels as integers [samples, classes]. Raises Misfit where one is neither 0
    nor 1."""
    import numpy as np

    rows = []
    for name, values in (("outputs", outputs), ("labels", labels)):
        if not np.isin(values, (0, 1)).all():
            raise Misfit(
                f"{name} must be 0 or 1 for eval_type multilabel",
                "round them in the network, as in `cast(x > 0.5, f32)`",
            )
        rows.append(np.moveaxis(values, 1, -1).reshape(-1, values.shape[1]).astype(int))
    return rows[0], rows[1]
