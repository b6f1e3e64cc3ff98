"""Callbacks that follow a training: they keep figures, or call functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from declspore.registry.policy import State, policy
from declspore.train.callback.base import Callback, CallbackParameters, RunContext
from declspore.train.callback.deciding import PolicyCallback, rate_of

Called = Callable[[RunContext], object]


class History(PolicyCallback):
    """Keeps what each epoch ended with (mindspore.train.History).

    ``epoch["epoch"]`` lists the epochs; ``history`` the losses under ``net_output``, and with
    ``Model.fit`` the figures under their names.
    """

    def __init__(self) -> None:
        super().__init__(policy("History"))
        self.history: dict[str, list[object]] = {}
        self.epoch: dict[str, list[int]] = {"epoch": []}

    def begin(self, run_context: RunContext) -> None:
        self.resume_from(self._policy.start())

    def epoch_end(self, run_context: RunContext) -> None:
        self._ask("after_epoch", run_context)
        self._show()

    def _losses(self, parameters: CallbackParameters) -> Sequence[float]:
        return (np.mean(parameters.net_outputs.asnumpy()),)  # in float32, as scripts know it

    def resume_state(self) -> dict[str, object]:
        return {name: _plain(value) for name, value in self._state.items()}

    def resume_from(self, state: State) -> None:
        self._state = state
        self._show()

    def _show(self) -> None:
        """Bring what the policy remembers into MindSpore's form."""
        self.epoch, self.history = {"epoch": []}, {}
        for epoch, _, _, loss, *_ in self._state["epochs"]:
            self.epoch["epoch"].append(epoch)
            self.history.setdefault("net_output", []).append(loss)
        for _, _, figures in self._state["figures"]:
            for name, value in figures.items():
                self.history.setdefault(name, []).append(value)


def _plain(value: object) -> object:
    """A value with numbers of Python in place of NumPy's."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return np.asarray(value).tolist() if isinstance(value, np.ndarray | np.generic) else value


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
