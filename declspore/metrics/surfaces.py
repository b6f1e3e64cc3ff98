"""Distances between the surfaces of segmented regions (mindspore.train, 2.10).

A surface is what binary erosion by a cross takes off a region; beyond the image nothing belongs to
it. Distances are between the places of pixels. MindSpore knows the last image alone; here each
sample is one image, and the figure their mean.
"""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.metric import MetricKind, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice, Integer, Number, Optional

_AT_ONCE = 1 << 22
"""Distances computed at once."""


def _fit(a: Arguments, outputs: TensorType, labels: TensorType) -> None:
    if outputs.rank < 3 or outputs.shape != labels.shape:
        raise Misfit(
            f"expected images [N, H, W] or [N, D, H, W] of one shape, found {outputs} and {labels}",
            "one image alone is x[None]",
        )


def _surface(region: Array) -> Array:
    """What erosion takes off."""
    import numpy as np

    kept = region.copy()
    for axis in range(region.ndim):
        for step in (-1, 1):
            beside = np.roll(region, step, axis=axis)
            edge = [slice(None)] * region.ndim
            edge[axis] = slice(-1, None) if step < 0 else slice(0, 1)
            beside[tuple(edge)] = False
            kept &= beside
    return region & ~kept


def _cropped(first: Array, second: Array) -> tuple[Array, Array]:
    """Both regions in the least box that holds them, without the axes along which that is 1."""
    import numpy as np

    places = np.argwhere(first | second)
    if not len(places):
        return first, second
    box = tuple(map(slice, places.min(axis=0), places.max(axis=0) + 1))
    boxed = (np.atleast_1d(np.squeeze(region[box])) for region in (first, second))
    one, other = boxed
    return one, other


def _distances(a: Arguments, of: Array, to: Array) -> Array:
    """From every place of one surface to the nearest of another; infinite where that has none."""
    import numpy as np

    places, others = np.argwhere(of).astype("float64"), np.argwhere(to).astype("float64")
    if not len(others):
        return np.full(len(places), np.inf)
    found = []
    size = max(1, _AT_ONCE // len(others))
    for start in range(0, len(places), size):
        apart = np.abs(places[start : start + size, None] - others)
        if a.distance_metric == "euclidean":
            lengths = np.sqrt((apart**2).sum(axis=2))
        else:
            lengths = apart.sum(axis=2) if a.distance_metric == "taxicab" else apart.max(axis=2)
        found.append(lengths.min(axis=1))
    return np.concatenate(found) if found else np.empty(0)


Measure = Callable[[Arguments, Array, Array], float]


def _updating(measure: Measure) -> Callable[..., State]:
    def update(a: Arguments, state: State, outputs: Array, labels: Array) -> State:
        import numpy as np

        figures = []
        for first, second in zip(outputs == a.label_idx, labels == a.label_idx, strict=True):
            if not (first.any() or second.any()):
                continue  # a sample without that label has no surface to be far from another
            regions = _cropped(first, second) if a.get("crop") else (first, second)
            guess, truth = map(_surface, regions)
            figures.append(measure(a, _distances(a, guess, truth), _distances(a, truth, guess)))
        return {
            "sum": state["sum"] + float(np.sum(figures)),
            "count": state["count"] + len(figures),
        }

    return update


def _mean(a: Arguments, state: State) -> float:
    return float(state["sum"] / state["count"]) if state["count"] else float("nan")


def _hausdorff(a: Arguments, there: Array, back: Array) -> float:
    import numpy as np

    def farthest(distances: Array) -> float:
        if not len(distances):
            return float("inf")
        if not a.percentile or np.isinf(distances).any():
            return float(distances.max())
        return float(np.percentile(distances, a.percentile))

    return farthest(there) if a.directed else max(farthest(there), farthest(back))


def _average(a: Arguments, there: Array, back: Array) -> float:
    if not len(there) or (a.symmetric and not len(back)):
        return float("inf")
    return float((there.mean() + back.mean()) / 2) if a.symmetric else float(there.mean())


def _mean_square(a: Arguments, there: Array, back: Array) -> float:
    squares = _average(a, there**2, back**2)
    return float(squares**0.5) if a.symmetric else squares


_LABEL = Argument(
    "label_idx", Integer(0), 1, "the label measured; MindSpore takes it with every update"
)
_METRIC = Argument(
    "distance_metric", Choice(("euclidean", "chessboard", "taxicab")), "euclidean", "which distance"
)


def _kind(name: str, key: str, summary: str, measure: Measure, *arguments: Argument) -> MetricKind:
    return MetricKind(
        name=name,
        key=key,
        low=0.0,
        signature=signature(*arguments, _LABEL),
        summary=summary,
        example=f"{name}(label_idx = 1)",
        fit=_fit,
        start=lambda a: {"sum": 0.0, "count": 0},
        update=_updating(measure),
        result=_mean,
    )


_SYMMETRIC = Argument("symmetric", Boolean(), False, "whether of both ways, not of outputs alone")

KINDS = (
    _kind(
        "HausdorffDistance",
        "hausdorff_distance",
        "The greatest distance from a place of one region's surface to the other's surface; the "
        "mean over samples that have the label.",
        _hausdorff,
        _METRIC,
        Argument("percentile", Optional(Number(0.0, 100.0)), None, "in place of the greatest"),
        Argument("directed", Boolean(), False, "whether from outputs to labels alone"),
        Argument("crop", Boolean(), True, "whether the images are cropped to the regions first"),
    ),
    _kind(
        "MeanSurfaceDistance",
        "mean_surface_distance",
        "The mean distance from the output's surface to the label's; the mean over samples that "
        "have the label.",
        _average,
        _SYMMETRIC,
        _METRIC,
    ),
    _kind(
        "RootMeanSquareDistance",
        "root_mean_square_distance",
        "The mean square of the distances from the output's surface to the label's, as MindSpore "
        "computes it, and its root where symmetric; the mean over samples that have the label.",
        _mean_square,
        _SYMMETRIC,
        _METRIC,
    ),
)
