"""Whether a figure became better, as MindSpore's callbacks judge it."""

from __future__ import annotations

from math import inf

from declspore.dataclass import dataclass

LOWER_IS_BETTER = (
    *("loss", "eval_loss", "mae", "mse", "perplexity"),
    *("hausdorff_distance", "mean_surface_distance", "root_mean_square_distance"),
)
"""The figures of which a lower one is better where nothing is said: MindSpore's list."""
AVERAGED = "ema_"
"""How the names of figures begin that are measured with averages of all parameters."""


@dataclass(frozen=True)
class Monitor:
    """A figure that is watched. ``mode`` is ``min``, ``max``, or ``auto`` (by the figure's name);
    a change below ``min_delta`` is none."""

    figure: str
    mode: str = "auto"
    min_delta: float = 0.0

    @property
    def wants_less(self) -> bool:
        name = self.figure.removeprefix(AVERAGED).lower()
        return self.mode == "min" or (self.mode == "auto" and name in LOWER_IS_BETTER)

    @property
    def worst(self) -> float:
        return inf if self.wants_less else -inf

    def improves(self, figure: float, best: float | None) -> bool:
        """Whether a figure is better than the best so far; than none, it is unless it is no
        number."""
        best = self.worst if best is None else best
        if self.wants_less:
            return figure < best - abs(self.min_delta)
        return figure > best + abs(self.min_delta)
