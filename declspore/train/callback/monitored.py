"""Callbacks that act on a figure: they stop a training, or lower its rate.

The policies of the same names decide.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import keras
import numpy as np

from declspore.eager.cell import Cell
from declspore.numerics.monitor import Monitor
from declspore.registry.policy import policy
from declspore.serialization import load_param_into_net
from declspore.tensor import Tensor
from declspore.train.callback.base import CallbackParameters, RunContext
from declspore.train.callback.deciding import PolicyCallback, rate_of

Mode = Literal["auto", "min", "max"]


class _Monitored(PolicyCallback):
    """A policy that acts on a figure, as a callback: that of a word."""

    _word: ClassVar[str]

    def __init__(
        self,
        monitor: str,
        mode: Mode,
        min_delta: float,
        patience: int,
        verbose: bool,
        **more: object,
    ) -> None:
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"mode must be auto, min or max, not {mode!r}")
        if isinstance(patience, bool) or not isinstance(patience, int) or patience < 0:
            raise ValueError(f"patience must be an integer from 0, not {patience!r}")
        self.monitor, self.mode, self.patience, self.verbose = monitor, mode, patience, verbose
        self.min_delta = abs(float(min_delta))
        watched = {"monitor": monitor, "mode": mode, "min_delta": self.min_delta}
        super().__init__(policy(self._word, patience=patience, **watched, **more))
        self.stopped_epoch = 0
        self.kept: dict[str, Tensor] = {}
        """The parameters that it goes back to."""

    @property
    def wait(self) -> int:
        """How many figures in a row were not better."""
        return int(self._state["wait"])

    @property
    def best(self) -> float:
        """The best figure so far."""
        best = self._state["best"]
        return Monitor(self.monitor, self.mode).worst if best is None else float(best)

    def on_train_begin(self, run_context: RunContext) -> None:
        self._state, self.stopped_epoch, self.kept = self._policy.start(), 0, {}

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        self._ask("after_epoch", run_context)

    def _keep(self, parameters: CallbackParameters) -> None:
        self.kept = _copied(parameters.train_network)

    def _recall(self, parameters: CallbackParameters) -> None:
        load_param_into_net(parameters.train_network, self.kept)

    def _stop(self, epoch: int) -> None:
        self.stopped_epoch = epoch

    def resume_state(self) -> dict[str, object]:
        return dict(self._state)

    def resume_from(self, state: dict[str, Any]) -> None:
        self._state = state

    def resume_values(self) -> dict[str, Tensor]:
        return self.kept

    def resume_values_from(self, values: dict[str, Tensor]) -> None:
        self.kept = values

    def _losses(self, parameters: CallbackParameters) -> Sequence[float]:
        return super()._losses(parameters) if self.monitor == "loss" else ()

    def _figures(self, parameters: CallbackParameters) -> Mapping[str, float]:
        """The one that it acts on; a warning where there is none."""
        if self.monitor == "loss":
            return {}
        found = super()._figures(parameters)
        if self.monitor in found:
            value = np.asarray(found[self.monitor])
            if value.shape != ():
                raise ValueError(
                    f"{type(self).__name__} acts on numbers; {self.monitor!r} has {value.size}"
                )
            return {self.monitor: float(value)}
        known = ", ".join(["loss", *found])
        warnings.warn(
            f"{type(self).__name__}: there is no figure {self.monitor!r}, only {known}; those of "
            "an evaluation come with Model.fit",
            stacklevel=2,
        )
        return {}


class EarlyStopping(_Monitored):
    """Stops a training whose figure does not get better (mindspore.train.EarlyStopping).

    ``monitor`` is ``loss``, or with ``Model.fit`` ``eval_loss`` or the name of a metric. The
    training ends after ``patience`` epochs without an improvement of more than ``min_delta``, and
    beyond ``baseline`` where it is given. ``restore_best_weights`` ends with the parameters of the
    best epoch. Raises ValueError.
    """

    _word = "EarlyStopping"

    def __init__(
        self,
        monitor: str = "eval_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: bool = False,
        mode: Mode = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
    ) -> None:
        self.baseline, self.restore_best_weights = baseline, restore_best_weights
        own = {"baseline": baseline, "restore_best_weights": restore_best_weights}
        super().__init__(monitor, mode, min_delta, patience, verbose, **own)


class ReduceLROnPlateau(_Monitored):
    """Multiplies the learning rate by ``factor`` where a figure does not get better
    (mindspore.train.ReduceLROnPlateau).

    After ``patience`` epochs without an improvement of more than ``min_delta`` the rate is lowered,
    down to ``min_lr``; ``cooldown`` epochs then do not count. Raises ValueError.
    """

    _word = "ReduceLROnPlateau"

    def __init__(
        self,
        monitor: str = "eval_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: bool = False,
        mode: Mode = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0,
    ) -> None:
        if not 0 < factor < 1:
            raise ValueError(f"factor must be between 0 and 1, not {factor!r}")
        self.factor, self.cooldown, self.min_lr = factor, cooldown, min_lr
        own = {"factor": factor, "cooldown": cooldown, "min_lr": min_lr}
        super().__init__(monitor, mode, min_delta, patience, verbose, **own)

    @property
    def cooldown_counter(self) -> int:
        """How many epochs do not count yet."""
        return int(self._state["cooldown"])

    def on_train_begin(self, run_context: RunContext) -> None:
        super().on_train_begin(run_context)
        rate_of(run_context.original_args())  # raises where it cannot be lowered


def _copied(network: keras.Model | Cell) -> dict[str, Tensor]:
    found = network.parameters_dict().items()
    return {name: Tensor(parameter.asnumpy().copy()) for name, parameter in found}
