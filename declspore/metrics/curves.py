"""Receiver operating characteristics and the area under them (mindspore.train, 2.10)."""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.numerics.rows import Rows
from declspore.registry.kind import Misfit
from declspore.registry.metric import Figure, MetricKind, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, Optional

Points = tuple[float, ...]


def _fit(a: Arguments, outputs: TensorType, labels: TensorType) -> None:
    if outputs.shape == labels.shape and labels.rank:
        if a.class_num not in (None, 1):
            raise Misfit(f"outputs {outputs} are of one class, class_num is {a.class_num}")
        return
    if outputs.rank < 2 or labels.shape != (outputs.shape[0], *outputs.shape[2:]):
        raise Misfit(f"labels must be class numbers of outputs {outputs}, found {labels}")
    if a.class_num != outputs.shape[1]:
        raise Misfit(f"class_num is {a.class_num}, outputs are {outputs}")
    if a.pos_label is not None:
        raise Misfit("pos_label is for outputs of one class; of several, each is one in turn")


def _update(a: Arguments, state: State, outputs: Array, labels: Array) -> State:
    import numpy as np

    if outputs.ndim == labels.ndim:
        columns = outputs.reshape(-1, 1)
    else:
        columns = np.moveaxis(outputs, 1, -1).reshape(-1, outputs.shape[1])
    scores, found = state["scores"].added(columns), state["labels"].added(labels.reshape(-1))
    return {"scores": scores, "labels": found}


def _curve(scores: Array, positive: Array) -> tuple[Points, Points, Points]:
    """Rates of false and true positives, and the thresholds they belong to, from the highest; the
    first is 1 above it. Raises Misfit where one of both kinds is missing."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    scores, positive = scores[order], positive[order]
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    true = np.cumsum(positive)[last]
    false = 1 + last - true
    if not true[-1] or not false[-1]:
        raise Misfit(f"of {len(scores)} samples all or none are of one class: there is no curve")
    thresholds = np.append(scores[last][0] + 1, scores[last])
    rates = (np.append(0, count) / count[-1] for count in (false, true))
    fpr, tpr, over = (tuple(map(float, values)) for values in (*rates, thresholds))
    return fpr, tpr, over


def _curves(a: Arguments, state: State) -> list[tuple[Points, Points, Points]]:
    if not len(state["scores"]):
        raise Misfit("no sample was seen")
    scores, labels = state["scores"].array().astype("float64"), state["labels"].array()
    if a.class_num in (None, 1) and scores.shape[1] == 1:
        return [_curve(scores[:, 0], labels == (1 if a.pos_label is None else a.pos_label))]
    return [_curve(scores[:, number], labels == number) for number in range(scores.shape[1])]


def _roc(a: Arguments, state: State) -> Figure:
    curves = _curves(a, state)
    return curves[0] if len(curves) == 1 else tuple(zip(*curves, strict=True))


def _areas(a: Arguments, state: State) -> Figure:
    import numpy as np

    areas = tuple(float(np.trapezoid(tpr, fpr)) for fpr, tpr, _ in _curves(a, state))
    return areas[0] if len(areas) == 1 else areas


_ARGUMENTS = signature(
    Argument("class_num", Optional(Integer(1)), None, "how many classes; none: one"),
    Argument("pos_label", Optional(Integer()), None, "the label of one class; none: 1"),
)


def _of_curves(
    name: str,
    key: str,
    summary: str,
    result: Callable[[Arguments, State], Figure],
    trial: Callable[[Arguments], Figure | None],
) -> MetricKind:
    return MetricKind(
        name=name,
        key=key,
        low=0.0,
        high=1.0 if name == "AUC" else None,
        signature=_ARGUMENTS,
        summary=summary,
        example=f"{name}()",
        fit=_fit,
        start=lambda a: {"scores": Rows(), "labels": Rows()},
        update=_update,
        result=result,
        trial=trial,
    )


KINDS = (
    _of_curves(
        "ROC",
        "roc",
        "Rates of false positives, of true positives, and thresholds, `roc[0]` to `roc[2]`; of "
        "several classes a list each, one against the rest.",
        _roc,
        lambda a: None,
    ),
    _of_curves(
        "AUC",
        "auc",
        "The area under ROC, MindSpore's function `auc` of it; of several classes a list.",
        _areas,
        lambda a: 0.5 if a.class_num in (None, 1) else (0.5,) * a.class_num,
    ),
)
