"""Counts of true and foretold classes (mindspore.train.ConfusionMatrix, 2.10)."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.metric import MetricKind, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Integer, Number

Matrix = tuple[tuple[float, ...], ...]


def _fit(a: Arguments, outputs: TensorType, labels: TensorType) -> None:
    if outputs.rank not in (labels.rank, labels.rank + 1) or not labels.rank:
        raise Misfit(f"labels must be class numbers of outputs {outputs}, found {labels}")
    if outputs.rank > labels.rank and outputs.shape[1] not in (a.num_classes, None):
        size = outputs.shape[1]
        if isinstance(size, int) and size > a.num_classes:
            raise Misfit(f"{outputs} has more than {a.num_classes} classes")


def _update(a: Arguments, state: State, outputs: Array, labels: Array) -> State:
    import numpy as np

    guess = outputs.argmax(axis=1) if outputs.ndim > labels.ndim else outputs
    if guess.dtype.kind == "f":
        guess = (guess >= a.threshold).astype(int)
    pairs = (labels.reshape(-1) * a.num_classes + guess.reshape(-1)).astype(int)
    return {"counts": state["counts"] + np.bincount(pairs, minlength=a.num_classes**2)}


def _result(a: Arguments, state: State) -> Matrix:
    import numpy as np

    counts = np.zeros(a.num_classes**2) + state["counts"]
    matrix = counts.reshape(a.num_classes, a.num_classes)
    if a.normalize != "no_norm":
        axis = {"target": 1, "prediction": 0, "all": None}[a.normalize]
        total = matrix.sum(axis=axis, keepdims=True)
        matrix = np.divide(matrix, total, out=np.zeros_like(matrix), where=total > 0)
    return tuple(tuple(map(float, row)) for row in matrix)


KINDS = (
    MetricKind(
        name="ConfusionMatrix",
        key="confusion_matrix",
        signature=signature(
            Argument("num_classes", Integer(1), help="rows and columns"),
            Argument(
                "normalize",
                Choice(("no_norm", "target", "prediction", "all")),
                "no_norm",
                "what the counts are divided by: nothing, rows, columns or all",
            ),
            Argument("threshold", Number(), 0.5, "from which outputs of one axis are class 1"),
        ),
        summary="How often class i was foretold as class j: `confusion_matrix[i][j]`.",
        example="ConfusionMatrix(10)",
        fit=_fit,
        start=lambda a: {"counts": 0},
        update=_update,
        result=_result,
        trial=lambda a: ((0.5,) * a.num_classes,) * a.num_classes,
    ),
)
