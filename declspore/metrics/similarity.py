"""How much alike the rows of an output are (mindspore.train.CosineSimilarity, 2.10)."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.numerics.rows import Rows
from declspore.registry.kind import Misfit
from declspore.registry.metric import Figure, MetricKind, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice


def _fit(a: Arguments, outputs: TensorType) -> None:
    if outputs.rank != 2:
        raise Misfit(f"expected vectors [N, D], found {outputs}")


def _update(a: Arguments, state: State, outputs: Array) -> State:
    return {"rows": state["rows"].added(outputs)}


def _result(a: Arguments, state: State) -> Figure:
    import numpy as np

    if not len(state["rows"]):
        raise Misfit("no sample was seen")
    rows = state["rows"].array().astype("float64")
    if a.similarity == "cosine":
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    matrix = rows @ rows.T
    if a.zero_diagonal:
        np.fill_diagonal(matrix, 0.0)
    if a.reduction == "none":
        return tuple(tuple(map(float, row)) for row in matrix)
    reduced = matrix.mean(axis=1) if a.reduction == "mean" else matrix.sum(axis=1)
    return tuple(map(float, reduced))


KINDS = (
    MetricKind(
        name="CosineSimilarity",
        key="cosine_similarity",
        signature=signature(
            Argument("similarity", Choice(("cosine", "dot")), "cosine", "dot: not divided by size"),
            Argument(
                "reduction", Choice(("none", "sum", "mean")), "none", "over the others of each row"
            ),
            Argument("zero_diagonal", Boolean(), True, "whether a row is 0 alike to itself"),
        ),
        summary="The cosine between all samples' outputs: `cosine_similarity[i][j]`.",
        example="CosineSimilarity()",
        inputs=("y_pred",),
        labels=(),
        fit=_fit,
        start=lambda a: {"rows": Rows()},
        update=_update,
        result=_result,
        trial=lambda a: None,
    ),
)
