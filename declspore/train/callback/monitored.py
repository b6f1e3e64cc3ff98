"""Callbacks that act on a figure: they stop a training, or lower its rate."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import keras
import numpy as np

from declspore.eager.cell import Cell
from declspore.serialization import load_param_into_net
from declspore.tensor import Tensor
from declspore.train.callback.base import Callback, CallbackParameters, RunContext

Mode = Literal["auto", "min", "max"]
_SMALLER = ("loss", "eval_loss", "MAE", "MSE", "mae", "mse", "hausdorff_distance", "perplexity")
"""Figures that are better when they are smaller, where ``mode`` is ``auto``."""


class _Monitored(Callback):
    """What both share: the figure, and whether it is better than the best so far."""

    sees_evaluation = False

    def __init__(self, monitor: str, mode: Mode, min_delta: float, patience: int) -> None:
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"mode must be auto, min or max, not {mode!r}")
        if isinstance(patience, bool) or not isinstance(patience, int) or patience < 0:
            raise ValueError(f"patience must be an integer from 0, not {patience!r}")
        self.monitor, self.mode, self.patience = monitor, mode, patience
        self.min_delta = abs(float(min_delta))
        self._falls = mode == "min" or (mode == "auto" and monitor in _SMALLER)
        self.wait = 0
        self.best = np.inf if self._falls else -np.inf

    def on_train_begin(self, run_context: RunContext) -> None:
        self.wait = 0
        self.best = np.inf if self._falls else -np.inf

    def resume_state(self) -> dict[str, object]:
        return {"wait": self.wait, "best": float(self.best)}

    def resume_from(self, state: dict[str, Any]) -> None:
        self.wait, self.best = state["wait"], state["best"]

    def _is_better(self, value: float, than: float) -> bool:
        if self._falls:
            return value < than - self.min_delta
        return value > than + self.min_delta

    def _figure(self, parameters: CallbackParameters) -> float | None:
        """The figure of this epoch; a warning where there is none."""
        if self.monitor == "loss":
            return float(np.mean(parameters.net_outputs.asnumpy()))
        found = parameters.get("eval_results", {})
        if self.monitor in found:
            value = np.asarray(found[self.monitor])
            if value.shape != ():
                raise ValueError(
                    f"{type(self).__name__} acts on numbers; {self.monitor!r} has {value.size}"
                )
            return float(value)
        known = ", ".join(["loss", *found])
        warnings.warn(
            f"{type(self).__name__}: there is no figure {self.monitor!r}, only {known}; those of "
            "an evaluation come with Model.fit",
            stacklevel=2,
        )
        return None


class EarlyStopping(_Monitored):
    """Stops a training whose figure does not get better (mindspore.train.EarlyStopping).

    ``monitor`` is ``loss``, or with ``Model.fit`` ``eval_loss`` or the name of a metric. The
    training ends after ``patience`` epochs without an improvement of more than ``min_delta``, and
    beyond ``baseline`` where it is given. ``restore_best_weights`` ends with the parameters of the
    best epoch. Raises ValueError.
    """

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
        super().__init__(monitor, mode, min_delta, patience)
        self.verbose, self.baseline = verbose, baseline
        self.restore_best_weights = restore_best_weights
        self.stopped_epoch = 0
        self._best_parameters: dict[str, Tensor] | None = None

    def on_train_begin(self, run_context: RunContext) -> None:
        super().on_train_begin(run_context)
        self.stopped_epoch = 0
        self._best_parameters = None

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        parameters = run_context.original_args()
        value = self._figure(parameters)
        if value is None:
            return
        self.wait += 1
        if self._is_better(value, self.best):
            self.best = value
            if self.restore_best_weights:
                self._best_parameters = _copied(parameters.train_network)
            if self.baseline is None or self._is_better(value, self.baseline):
                self.wait = 0
        if self.wait >= self.patience:
            self._stop(run_context, parameters)

    def _stop(self, run_context: RunContext, parameters: CallbackParameters) -> None:
        self.stopped_epoch = parameters.cur_epoch_num
        run_context.request_stop()
        if self._best_parameters is not None:
            load_param_into_net(parameters.train_network, self._best_parameters)
        if self.verbose:
            print(f"epoch {self.stopped_epoch}: stopped early, best {self.monitor} {self.best:g}")


class ReduceLROnPlateau(_Monitored):
    """Multiplies the learning rate by ``factor`` where a figure does not get better
    (mindspore.train.ReduceLROnPlateau).

    After ``patience`` epochs without an improvement of more than ``min_delta`` the rate is lowered,
    down to ``min_lr``; ``cooldown`` epochs then do not count. Raises ValueError.
    """

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
        super().__init__(monitor, mode, min_delta, patience)
        if not 0 < factor < 1:
            raise ValueError(f"factor must be between 0 and 1, not {factor!r}")
        self.factor, self.verbose = factor, verbose
        self.cooldown, self.min_lr = cooldown, min_lr
        self.cooldown_counter = 0

    def on_train_begin(self, run_context: RunContext) -> None:
        super().on_train_begin(run_context)
        self.cooldown_counter = 0
        rate_of(run_context.original_args())  # raises where it cannot be lowered

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        parameters = run_context.original_args()
        value = self._figure(parameters)
        if value is None:
            return
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_better(value, self.best):
            self.best, self.wait = value, 0
        elif self.cooldown_counter <= 0:
            self.wait += 1
            if self.wait >= self.patience:
                self._lower(parameters)

    def resume_state(self) -> dict[str, object]:
        return super().resume_state() | {"cooldown_counter": self.cooldown_counter}

    def resume_from(self, state: dict[str, Any]) -> None:
        super().resume_from(state)
        self.cooldown_counter = state["cooldown_counter"]

    def _lower(self, parameters: CallbackParameters) -> None:
        rate = rate_of(parameters)
        if rate > self.min_lr:
            lower = max(rate * self.factor, self.min_lr)
            parameters.optimizer.set_rate(lower)
            if self.verbose:
                print(f"epoch {parameters.cur_epoch_num}: the learning rate is now {lower:g}")
        self.cooldown_counter, self.wait = self.cooldown, 0


def rate_of(parameters: CallbackParameters) -> float:
    """The learning rate of a training. Raises ValueError where it is not one number."""
    rate: float | None = parameters.optimizer.fixed_rate
    if rate is None:
        raise ValueError(
            "the learning rate follows a list, a schedule or groups, so no callback can set it"
        )
    return rate


def _copied(network: keras.Model | Cell) -> dict[str, Tensor]:
    found = network.parameters_dict().items()
    return {name: Tensor(parameter.asnumpy().copy()) for name, parameter in found}
