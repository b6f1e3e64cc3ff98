"""Callbacks that a policy of the engine decides for.

The policy is asked as the engine asks it, about a training as callbacks see it; what it requests is
carried out on the model that callbacks see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, assert_never

import numpy as np

from declspore.ir.timeline import Timeline
from declspore.registry.policy import Policy, State
from declspore.train.callback.base import (
    Callback,
    CallbackParameters,
    RunContext,
    step_in_epoch,
)
from declspore.training.chain import Hook
from declspore.training.moment import (
    Moment,
    Request,
    SilentTraining,
    ToBackUp,
    ToKeep,
    ToRecall,
    ToRemove,
    ToSave,
    ToSetRate,
)


class _Printed(SilentTraining):
    """Prints what happens, where that is asked for."""

    def __init__(self, callback: PolicyCallback) -> None:
        self._callback = callback

    def note(self, text: str) -> None:
        if self._callback.verbose:
            print(text)


class _RateOfRun:
    """The learning rate of a training as callbacks see it."""

    def __init__(self) -> None:
        self.parameters = CallbackParameters()

    def get(self) -> float:
        return rate_of(self.parameters)

    def set(self, rate: float) -> None:
        self.parameters.optimizer.set_rate(rate)


class PolicyCallback(Callback):
    """A policy as a callback. Its state continues from one training to the next, unless it is set
    again."""

    sees_evaluation: ClassVar[bool] = False
    verbose = False
    """Whether it prints what the policy notes."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._state: State = policy.start()
        self._rate = _RateOfRun()
        self._moment = Moment(Timeline(1), _Printed(self), self._rate)

    def _ask(self, hook: Hook, run_context: RunContext) -> None:
        """Ask the policy at this moment, and carry out what it requests."""
        parameters = run_context.original_args()
        moment = self._seen(parameters)
        self._state = getattr(self._policy, hook)(self._state, moment)
        for request in moment.requests():
            self._carry_out(request, parameters)
        if moment.stop_reason is not None:
            moment.note(f"epoch {moment.epoch}: stopped early, {moment.stop_reason}")
            moment.stop_reason = None
            self._stop(moment.epoch)
            run_context.request_stop()

    def _seen(self, parameters: CallbackParameters) -> Moment:
        """The training at this moment."""
        moment, count = self._moment, parameters.get("batch_num")
        epochs = int(parameters.get("epoch_num", 1))
        moment.timeline = Timeline(epochs, count, None if count is None else count * epochs)
        moment.step, moment.epoch = int(parameters.cur_step_num), int(parameters.cur_epoch_num)
        moment.step_in_epoch = step_in_epoch(parameters) if count else moment.step
        moment.series = {"loss": self._losses(parameters)}
        moment.figures = dict(self._figures(parameters))
        self._rate.parameters = parameters
        return moment

    def _carry_out(self, request: Request, parameters: CallbackParameters) -> None:
        match request:
            case ToSetRate():
                self._moment.take_rate(request.rate)
            case ToKeep():
                self._keep(parameters)
            case ToRecall():
                self._recall(parameters)
            case ToSave():
                self._save(request.path, parameters)
            case ToRemove():
                self._remove(request.path)
            case ToBackUp():
                pass  # a callback of its own does that
            case _:
                assert_never(request)

    # ---- what it sees

    def _losses(self, parameters: CallbackParameters) -> Sequence[float]:
        """The loss of the latest step."""
        outputs = parameters.get("net_outputs")
        return () if outputs is None else (float(np.mean(outputs.asnumpy())),)

    def _figures(self, parameters: CallbackParameters) -> Mapping[str, float]:
        """The figures of the latest evaluation, where there was one at this moment."""
        found: Mapping[str, float] = parameters.get("eval_results", {})
        return found

    # ---- what it does, where its policy requests that

    def _keep(self, parameters: CallbackParameters) -> None:
        """Remember the values of the network and the optimizer."""

    def _recall(self, parameters: CallbackParameters) -> None:
        """Go back to the values that were remembered."""

    def _save(self, path: str, parameters: CallbackParameters) -> None:
        """Write a checkpoint."""

    def _remove(self, path: str) -> None:
        """Delete a checkpoint."""

    def _stop(self, epoch: int) -> None:
        """The training ends after this moment, in this epoch."""


def rate_of(parameters: CallbackParameters) -> float:
    """The learning rate of a training. Raises ValueError where it is not one number."""
    rate: float | None = parameters.optimizer.fixed_rate
    if rate is None:
        raise ValueError(
            "the learning rate follows a list, a schedule or groups, so no callback can set it"
        )
    return rate
