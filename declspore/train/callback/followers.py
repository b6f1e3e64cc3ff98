"""Callbacks that follow a training: they keep figures, or call functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from declspore.train.callback.base import Callback, RunContext
from declspore.train.callback.monitored import rate_of

Called = Callable[[RunContext], object]


class History(Callback):
    """Keeps what each epoch ended with (mindspore.train.History).

    ``epoch["epoch"]`` lists the epochs; ``history`` the losses under ``net_output``, and with
    ``Model.fit`` the figures under their names.
    """

    sees_evaluation = False

    def __init__(self) -> None:
        self.history: dict[str, list[object]] = {}
        self.epoch: dict[str, list[int]] = {"epoch": []}

    def begin(self, run_context: RunContext) -> None:
        self.epoch = {"epoch": []}
        self.history = {}

    def epoch_end(self, run_context: RunContext) -> None:
        parameters = run_context.original_args()
        self.epoch["epoch"].append(parameters.cur_epoch_num)
        figures = {"net_output": np.mean(parameters.net_outputs.asnumpy())}
        figures |= parameters.get("eval_results", {})
        for name, value in figures.items():
            self.history.setdefault(name, []).append(value)

    def resume_state(self) -> dict[str, object]:
        history = {
            name: [np.asarray(value).tolist() for value in values]
            for name, values in self.history.items()
        }
        return {"history": history, "epoch": self.epoch}

    def resume_from(self, state: dict[str, Any]) -> None:
        self.history, self.epoch = state["history"], state["epoch"]


class LambdaCallback(Callback):
    """Calls functions at the moments of a training (mindspore.train.LambdaCallback)."""

    def __init__(
        self,
        on_train_epoch_begin: Called | None = None,
        on_train_epoch_end: Called | None = None,
        on_train_step_begin: Called | None = None,
        on_train_step_end: Called | None = None,
        on_train_begin: Called | None = None,
        on_train_end: Called | None = None,
        on_eval_epoch_begin: Called | None = None,
        on_eval_epoch_end: Called | None = None,
        on_eval_step_begin: Called | None = None,
        on_eval_step_end: Called | None = None,
        on_eval_begin: Called | None = None,
        on_eval_end: Called | None = None,
    ) -> None:
        given = {name: value for name, value in locals().items() if name.startswith("on_")}
        for name, function in given.items():
            if function is not None:
                setattr(self, name, function)


class LearningRateScheduler(Callback):
    """Sets the learning rate after each step (mindspore.train.LearningRateScheduler).

    ``learning_rate_function(rate, step)`` gives the next rate; steps count from 1. Raises
    ValueError where the rate of the optimizer is not one number.
    """

    sees_evaluation = False

    def __init__(self, learning_rate_function: Callable[[float, int], float]) -> None:
        self.learning_rate_function = learning_rate_function

    def step_end(self, run_context: RunContext) -> None:
        parameters = run_context.original_args()
        rate = rate_of(parameters)
        following = float(self.learning_rate_function(rate, parameters.cur_step_num))
        if not math.isclose(rate, following, rel_tol=1e-10):
            parameters.optimizer.set_rate(following)
