"""Figures made of true and false positives and negatives (mindspore.train, 2.10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from declspore.dataclass import dataclass
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments, show
from declspore.registry.kind import Misfit
from declspore.registry.metric import MetricKind, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice, Mismatch
from declspore.spelling import closest

_NAMES = {
    "tpr": ("sensitivity", "recall", "hit_rate", "true_positive_rate"),
    "tnr": ("specificity", "selectivity", "true_negative_rate"),
    "ppv": ("precision", "positive_predictive_value"),
    "npv": ("negative_predictive_value",),
    "fnr": ("miss_rate", "false_negative_rate"),
    "fpr": ("fall_out", "false_positive_rate"),
    "fdr": ("false_discovery_rate",),
    "for": ("false_omission_rate",),
    "pt": ("prevalence_threshold",),
    "ts": ("threat_score", "critical_success_index", "csi"),
    "acc": ("accuracy",),
    "ba": ("balanced_accuracy",),
    "f1": ("f1_score",),
    "mcc": ("matthews_correlation_coefficient",),
    "fm": ("fowlkes_mallows_index",),
    "bm": ("informedness", "bookmaker_informedness"),
    "mk": ("markedness", "deltap"),
}
_SHORT = {name: short for short, names in _NAMES.items() for name in (short, *names)}


@dataclass(frozen=True, slots=True)
class RateName:
    """A rate by one of its names, with spaces or underscores; becomes its short one."""

    name: str = 'the name of a rate such as "sensitivity"'

    def accept(self, value: object) -> str:
        if not isinstance(value, str):
            raise Mismatch(f"expected {self.name}, found `{show(value)}`")
        spelled = value.lower().replace(" ", "_")
        if spelled not in _SHORT:
            near = closest(spelled, _SHORT)
            help = f'did you mean "{near[0]}"?' if near else ", ".join(_SHORT)
            raise Mismatch(f"expected {self.name}, found `{show(value)}`", help)
        return _SHORT[spelled]


Counts: TypeAlias = "Array | float"
"""An array of counts for each class, or a number."""


def _ratio(over: Array | float, under: Array | float) -> Array:
    """NaN where there is nothing to divide by."""
    import numpy as np

    over, under = np.broadcast_arrays(np.asarray(over, float), np.asarray(under, float))
    return np.divide(over, under, out=np.full(over.shape, np.nan), where=under != 0)


def _prevalence(tpr: Array, tnr: Array) -> Array:
    import numpy as np

    return _ratio(np.sqrt(tpr * (1.0 - tnr)) + tnr - 1.0, tpr + tnr - 1.0)


def _correlation(tp: Counts, fp: Counts, tn: Counts, fn: Counts) -> Array:
    import numpy as np

    return _ratio(tp * tn - fp * fn, np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))


Rate = Callable[[Counts, Counts, Counts, Counts], Array]

_RATES: dict[str, Rate] = {
    "tpr": lambda tp, fp, tn, fn: _ratio(tp, tp + fn),
    "tnr": lambda tp, fp, tn, fn: _ratio(tn, fp + tn),
    "ppv": lambda tp, fp, tn, fn: _ratio(tp, tp + fp),
    "npv": lambda tp, fp, tn, fn: _ratio(tn, tn + fn),
    "fnr": lambda tp, fp, tn, fn: _ratio(fn, tp + fn),
    "fpr": lambda tp, fp, tn, fn: _ratio(fp, fp + tn),
    "fdr": lambda tp, fp, tn, fn: _ratio(fp, fp + tp),
    "for": lambda tp, fp, tn, fn: _ratio(fn, fn + tn),
    "pt": lambda tp, fp, tn, fn: _prevalence(_ratio(tp, tp + fn), _ratio(tn, fp + tn)),
    "ts": lambda tp, fp, tn, fn: _ratio(tp, tp + fn + fp),
    "acc": lambda tp, fp, tn, fn: _ratio(tp + tn, tp + fp + tn + fn),
    "ba": lambda tp, fp, tn, fn: (_ratio(tp, tp + fn) + _ratio(tn, fp + tn)) / 2,
    "f1": lambda tp, fp, tn, fn: _ratio(2 * tp, 2 * tp + fn + fp),
    "mcc": _correlation,
    "fm": lambda tp, fp, tn, fn: (_ratio(tp, tp + fp) * _ratio(tp, tp + fn)) ** 0.5,
    "bm": lambda tp, fp, tn, fn: _ratio(tp, tp + fn) + _ratio(tn, fp + tn) - 1,
    "mk": lambda tp, fp, tn, fn: _ratio(tp, tp + fp) + _ratio(tn, tn + fn) - 1,
}


def _fit(a: Arguments, outputs: TensorType, labels: TensorType) -> None:
    if outputs.rank < 2 or outputs.shape != labels.shape:
        raise Misfit(f"0 or 1 [N, classes, ...] of one shape, found {outputs} and {labels}")
    if a.calculation_method and (outputs.rank == 2 or outputs.shape[2:] == (1,)):
        raise Misfit(
            f"a rate of each sample needs more than one place in it, found {outputs}",
            "calculation_method = false",
        )


def _counts(a: Arguments, outputs: Array, labels: Array) -> tuple[Array, Array, Array, Array]:
    """True and false positives, true and false negatives [N, classes]."""
    import numpy as np

    if not np.isin(labels, (0, 1)).all():
        raise Misfit("labels must be 0 or 1")
    first = int(not a.skip_channel and outputs.shape[1] > 1)
    shape = (*outputs[:, first:].shape[:2], -1)
    guess, truth = outputs[:, first:].reshape(shape), labels[:, first:].reshape(shape)
    both, neither = guess + truth == 2, guess + truth == 0
    tp, tn, p = both.sum(axis=2), neither.sum(axis=2), truth.sum(axis=2)
    return tp, truth.shape[2] - p - tn, tn, p - tp


def _update(a: Arguments, state: State, outputs: Array, labels: Array) -> State:
    import numpy as np

    outputs, labels = outputs.astype("float64"), labels.astype("float64")
    counts = _counts(a, outputs, labels)
    if not a.calculation_method:
        sums = np.array([float(count.sum()) for count in counts])
        return {**state, "counts": state["counts"] + sums}
    rates = _RATES[a.metric_name](*counts)
    known = ~np.isnan(rates)
    number = float(known.sum())
    total = float(rates[known].sum())
    if a.decrease == "mean":  # over classes, then over the samples that have a rate at all
        of_class = _ratio(np.where(known, rates, 0.0).sum(axis=1), known.sum(axis=1))
        number = float((~np.isnan(of_class)).sum())
        total = float(np.nansum(of_class)) / max(number, 1.0)
    return {**state, "sum": state["sum"] + total * number, "number": state["number"] + number}


def _result(a: Arguments, state: State) -> float:
    if a.calculation_method:
        return float(state["sum"] / state["number"]) if state["number"] else float("nan")
    return float(_RATES[a.metric_name](*state["counts"]))


def _start(a: Arguments) -> State:
    import numpy as np

    return {"counts": np.zeros(4), "sum": 0.0, "number": 0.0}


KINDS = (
    MetricKind(
        name="ConfusionMatrixMetric",
        key="confusion_matrix_metric",
        signature=signature(
            Argument(
                "skip_channel",
                Boolean(),
                True,
                "false leaves out the first class, as MindSpore computes; its text says true does",
            ),
            Argument("metric_name", RateName(), "sensitivity", "which rate"),
            Argument("calculation_method", Boolean(), False, "whether of each sample first"),
            Argument(
                "decrease",
                Choice(("mean", "sum")),
                "mean",
                "what the rates of a batch become where they are of each sample; MindSpore fails "
                "for others",
            ),
        ),
        summary=(
            "A rate of true and false positives and negatives, outputs and labels being 0 or 1 for "
            "each class."
        ),
        example='ConfusionMatrixMetric(metric_name = "specificity")',
        fit=_fit,
        start=_start,
        update=_update,
        result=_result,
    ),
)
