"""Callbacks that act on a figure: they stop a training, or lower its rate.

What they decide is decided by the policies of the same names; a callback hands them the figure, and
carries out on the model what they ask for.
"""

from __future__ import annotations

import warnings
from typing import Any, ClassVar, Literal

import keras
import numpy as np

from declspore.eager.cell import Cell
from declspore.numerics.judging import Judging
from declspore.numerics.monitor import Monitor
from declspore.registry.policy import policy
from declspore.serialization import load_param_into_net
from declspore.tensor import Tensor
from declspore.train.callback.base import Callback, CallbackParameters, RunContext

Mode = Literal["auto", "min", "max"]


class _Acts:
    """A run as a policy acts on it: :class:`declspore.numerics.judging.Acting`."""

    def __init__(self, callback: _Monitored, context: RunContext) -> None:
        self._callback, self._context = callback, context
        self._parameters = context.original_args()

    @property
    def epoch(self) -> int:
        return int(self._parameters.cur_epoch_num)

    @property
    def rate(self) -> float:
        return rate_of(self._parameters)

    def set_rate(self, rate: float) -> None:
        self._parameters.optimizer.set_rate(rate)

    def keep(self) -> None:
        self._callback.kept = _copied(self._parameters.train_network)

    def recall(self) -> None:
        load_param_into_net(self._parameters.train_network, self._callback.kept)

    def stop(self, reason: str) -> None:
        self._callback.stopped_epoch = self.epoch
        self._context.request_stop()
        self.note(f"epoch {self.epoch}: stopped early, {reason}")

    def note(self, text: str) -> None:
        if self._callback.verbose:
            print(text)


class _Monitored(Callback):
    """A policy that acts on a figure, as a callback: that of a word."""

    _word: ClassVar[str]
    sees_evaluation = False

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
        found = policy(self._word, patience=patience, **watched, **more)
        assert isinstance(found, Judging)
        self._judge, self._state = found, found.start()
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
        self._state, self.stopped_epoch, self.kept = self._judge.start(), 0, {}

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        value = self._figure(run_context.original_args())
        if value is not None:
            acts = _Acts(self, run_context)
            self._state = self._judge.judged(self._state, acts, value)

    def resume_state(self) -> dict[str, object]:
        return dict(self._state)

    def resume_from(self, state: dict[str, Any]) -> None:
        self._state = state

    def resume_values(self) -> dict[str, Tensor]:
        return self.kept

    def resume_values_from(self, values: dict[str, Tensor]) -> None:
        self.kept = values

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
