"""MindSpore's callbacks and Keras's as policies of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from typing import Any, TypeAlias

import keras
import numpy as np

from declspore.registry.policy import Policy, Run, State
from declspore.tensor import Tensor
from declspore.train.callback.base import Callback, CallbackParameters, RunContext
from declspore.training.optimizing import TrainingOptimizer

AnyCallback: TypeAlias = Callback | keras.callbacks.Callback

_MINDSPORES = ("step_begin", "step_end", "on_train_step_begin", "on_train_step_end")
_KERASS = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")


def listed(given: AnyCallback | Sequence[AnyCallback] | None) -> list[AnyCallback]:
    """One callback, several or none, as a list. Raises TypeError where one is not a callback."""
    callbacks = [] if given is None else list(given) if isinstance(given, list | tuple) else [given]
    for callback in callbacks:
        if not isinstance(callback, (Callback, keras.callbacks.Callback)):
            kind = type(callback).__name__
            raise TypeError(f"callbacks must be Callback objects of declspore or Keras, not {kind}")
    return callbacks


def mindspores(callbacks: Iterable[AnyCallback]) -> list[Callback]:
    """Those in MindSpore's style."""
    return [callback for callback in callbacks if isinstance(callback, Callback)]


def of_evaluation(given: Callback | Sequence[Callback] | None) -> list[Callback]:
    """The callbacks of an evaluation, as a list. Raises TypeError where one is Keras's: an
    evaluation has none of the moments that those are called at."""
    callbacks = listed(given)
    found = mindspores(callbacks)
    if len(found) < len(callbacks):
        raise TypeError("evaluation takes callbacks of declspore only")
    return found


def policies_of(
    callbacks: Iterable[AnyCallback], context: RunContext, trained: TrainedModel
) -> list[Policy]:
    """The callbacks as policies, in their order. MindSpore's share a context; Keras's see the
    trained model."""
    return [
        OfMindSpore(callback, context)
        if isinstance(callback, Callback)
        else OfKeras(callback, trained)
        for callback in callbacks
    ]


class OfMindSpore(Policy):
    """A callback in MindSpore's style. Where it looks at steps, they run one by one."""

    def __init__(self, callback: Callback, context: RunContext) -> None:
        self._callback, self._context = callback, context
        self._looks_at_steps = _overrides(callback, Callback, _MINDSPORES)
        self._stack = ExitStack()

    def next_pause(self, state: State, run: Run) -> int | None:
        return run.step + 1 if self._looks_at_steps else None

    def begin(self, state: State, run: Run) -> State:
        self._stack.enter_context(self._callback)
        return self._call("on_train_begin", state, run)

    def before_epoch(self, state: State, run: Run) -> State:
        self._arguments.cur_epoch_num = run.epoch
        return self._call("on_train_epoch_begin", state, run)

    def before_steps(self, state: State, run: Run) -> State:
        self._arguments.cur_step_num = run.step + 1
        return self._call("on_train_step_begin", state, run)

    def after_steps(self, state: State, run: Run) -> State:
        self._arguments.cur_step_num = run.step
        self._arguments.net_outputs = Tensor(np.float32(run.losses[-1]))
        return self._call("on_train_step_end", state, run)

    def after_epoch(self, state: State, run: Run) -> State:
        return self._call("on_train_epoch_end", state, run)

    def end(self, state: State, run: Run) -> State:
        self._call("on_train_end", state, run)
        self._stack.close()
        return state

    def failed(self, state: State, run: Run, error: BaseException) -> None:
        self._callback.on_train_failed(self._context)
        self._stack.__exit__(type(error), error, error.__traceback__)

    @property
    def _arguments(self) -> CallbackParameters:
        return self._context.original_args()

    def _call(self, event: str, state: State, run: Run) -> State:
        getattr(self._callback, event)(self._context)
        if self._context.get_stop_requested():
            run.stop(f"{type(self._callback).__name__} asked for it")
        return state


class TrainedModel:
    """The network as Keras's callbacks see it: compiled with the optimizer that trains it.

    Everything else is the network's own.
    """

    def __init__(self, network: keras.Model, optimizer: TrainingOptimizer) -> None:
        self._network = network
        # an optimizer of Keras is wrapped for the training; its callbacks want Keras's own
        self.optimizer = getattr(optimizer, "keras", optimizer)
        self.stop_training = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)


class OfKeras(Policy):
    """A callback of Keras. Where it looks at batches, steps run one by one.

    ``logs`` hold ``loss``, the mean of the epoch so far, as under ``fit``.
    """

    def __init__(self, callback: keras.callbacks.Callback, trained: TrainedModel) -> None:
        self._callback, self._trained = callback, trained
        self._looks_at_steps = _overrides(callback, keras.callbacks.Callback, _KERASS)

    def start(self) -> State:
        return {"sum": 0.0, "steps": 0}

    def next_pause(self, state: State, run: Run) -> int | None:
        return run.step + 1 if self._looks_at_steps else None

    def begin(self, state: State, run: Run) -> State:
        timeline = run.timeline
        self._callback.set_params(
            {"verbose": 0, "epochs": timeline.epochs, "steps": timeline.steps_per_epoch}
        )
        self._callback.set_model(self._trained)
        self._callback.on_train_begin({})
        return self._stopped(state, run)

    def before_epoch(self, state: State, run: Run) -> State:
        self._callback.on_epoch_begin(run.epoch - 1, {})
        return self._stopped(self.start(), run)

    def before_steps(self, state: State, run: Run) -> State:
        self._callback.on_train_batch_begin(run.step_in_epoch, {})
        return self._stopped(state, run)

    def after_steps(self, state: State, run: Run) -> State:
        state = {
            "sum": state["sum"] + sum(run.losses),
            "steps": state["steps"] + len(run.losses),
        }
        self._callback.on_train_batch_end(run.step_in_epoch - 1, _logs(state))
        return self._stopped(state, run)

    def after_epoch(self, state: State, run: Run) -> State:
        self._callback.on_epoch_end(run.epoch - 1, _logs(state))
        return self._stopped(state, run)

    def end(self, state: State, run: Run) -> State:
        self._callback.on_train_end(_logs(state))
        return state

    def _stopped(self, state: State, run: Run) -> State:
        if self._trained.stop_training:
            run.stop(f"{type(self._callback).__name__} asked for it")
        return state


def _logs(state: State) -> dict[str, float]:
    return {"loss": state["sum"] / state["steps"]} if state["steps"] else {}


def _overrides(callback: object, base: type, names: Iterable[str]) -> bool:
    """Whether one of these methods is another than the base class's."""
    return any(
        getattr(getattr(callback, name), "__func__", None) is not getattr(base, name)
        for name in names
    )
