"""The base class of callbacks, and what they see."""

from __future__ import annotations

from typing import Any, ClassVar

from declspore.tensor import Tensor


class CallbackParameters(dict[str, Any]):
    """What a callback can see of the run, by key or as attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: object) -> None:
        self[name] = value


class RunContext:
    """The run as a callback sees it: ``original_args()`` and the wish to stop.

    The arguments hold ``cur_epoch_num``, ``cur_step_num``, ``batch_num``, ``epoch_num``,
    ``net_outputs`` (the loss), ``network``, ``train_network``, ``optimizer``, ``loss_fn``,
    ``train_dataset``, ``mode``, ``list_callback``, ``device_number``, ``parallel_mode``.
    """

    def __init__(self, original_args: CallbackParameters) -> None:
        self._original_args = original_args
        self._stop_requested = False

    def original_args(self) -> CallbackParameters:
        return self._original_args

    def request_stop(self) -> None:
        """Ask that the run ends after this step."""
        self._stop_requested = True

    def get_stop_requested(self) -> bool:
        return self._stop_requested


class Callback:
    """Base class of callbacks. Override what should be called.

    ``begin``, ``epoch_begin``, ``step_begin``, ``step_end``, ``epoch_end`` and ``end`` are called
    in training and evaluation; ``on_train_...`` and ``on_eval_...`` in one of them, and by
    default call the others.
    """

    sees_evaluation: ClassVar[bool] = True
    """Whether it is called in the evaluations of ``Model.fit``, too."""

    def __enter__(self) -> Callback:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def begin(self, run_context: RunContext) -> None:
        """Before the first epoch."""

    def epoch_begin(self, run_context: RunContext) -> None:
        """Before each epoch."""

    def epoch_end(self, run_context: RunContext) -> None:
        """After each epoch."""

    def step_begin(self, run_context: RunContext) -> None:
        """Before each step."""

    def step_end(self, run_context: RunContext) -> None:
        """After each step."""

    def end(self, run_context: RunContext) -> None:
        """After the last epoch."""

    def resume_state(self) -> dict[str, object]:
        """What it remembers that a training needs which is taken up again, as plain data."""
        return {}

    def resume_from(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`resume_state` gave; called before the first epoch."""

    def resume_values(self) -> dict[str, Tensor]:
        """The tensors among what it remembers, by name: another dict wherever one has changed."""
        return {}

    def resume_values_from(self, values: dict[str, Tensor]) -> None:
        """Take over what :meth:`resume_values` gave, where it was not empty."""

    def on_train_begin(self, run_context: RunContext) -> None:
        self.begin(run_context)

    def on_train_epoch_begin(self, run_context: RunContext) -> None:
        self.epoch_begin(run_context)

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        self.epoch_end(run_context)

    def on_train_step_begin(self, run_context: RunContext) -> None:
        self.step_begin(run_context)

    def on_train_step_end(self, run_context: RunContext) -> None:
        self.step_end(run_context)

    def on_train_end(self, run_context: RunContext) -> None:
        self.end(run_context)

    def on_train_failed(self, run_context: RunContext) -> None:
        """Where an error or an interruption ends the training, in place of its end."""

    def on_eval_begin(self, run_context: RunContext) -> None:
        self.begin(run_context)

    def on_eval_epoch_begin(self, run_context: RunContext) -> None:
        self.epoch_begin(run_context)

    def on_eval_epoch_end(self, run_context: RunContext) -> None:
        self.epoch_end(run_context)

    def on_eval_step_begin(self, run_context: RunContext) -> None:
        self.step_begin(run_context)

    def on_eval_step_end(self, run_context: RunContext) -> None:
        self.step_end(run_context)

    def on_eval_end(self, run_context: RunContext) -> None:
        self.end(run_context)


def step_in_epoch(parameters: CallbackParameters) -> int:
    """The current step counted from 1 within its epoch."""
    return int((parameters.cur_step_num - 1) % parameters.batch_num + 1)
