"""Callbacks that print."""

from __future__ import annotations

import math
import time

import numpy as np

from declspore.train.callback.base import Callback, RunContext, step_in_epoch


class LossMonitor(Callback):
    """Prints the loss every so many steps; ends the run where it is not finite (ValueError)."""

    sees_evaluation = False

    def __init__(self, per_print_times: int = 1) -> None:
        if per_print_times < 0:
            raise ValueError("per_print_times must not be negative")
        self._every = per_print_times
        self._printed = 0

    def step_end(self, run_context: RunContext) -> None:
        parameters = run_context.original_args()
        loss = float(np.mean(parameters.net_outputs.asnumpy()))
        epoch, step = parameters.cur_epoch_num, step_in_epoch(parameters)
        if not math.isfinite(loss):
            raise ValueError(f"the loss is {loss} at step {step} of epoch {epoch}")
        if self._every and parameters.cur_step_num - self._printed >= self._every:
            self._printed = parameters.cur_step_num
            print(f"epoch: {epoch} step: {step}, loss is {loss}", flush=True)


class TimeMonitor(Callback):
    """Prints the time of each epoch and, where it knows their number, of a step; with
    ``data_time`` also how much of it went by between steps, where data is read."""

    def __init__(self, data_size: int | None = None, data_time: bool = False) -> None:
        self._steps, self._asks_data = data_size, data_time
        self._start = self._waits_since = self._waited = 0.0
        if data_time:
            self.step_begin, self.step_end = self._step_begins, self._step_ends  # type: ignore[method-assign]

    def _step_begins(self, run_context: RunContext) -> None:
        self._waited += time.perf_counter() - self._waits_since

    def _step_ends(self, run_context: RunContext) -> None:
        self._waits_since = time.perf_counter()

    def epoch_begin(self, run_context: RunContext) -> None:
        self._start = self._waits_since = time.perf_counter()
        self._waited = 0.0

    def epoch_end(self, run_context: RunContext) -> None:
        spent = (time.perf_counter() - self._start) * 1000
        steps = self._steps or run_context.original_args().get("batch_num") or 1
        each = spent / steps
        waited = f", data time: {self._waited * 1000:5.3f} ms" if self._asks_data else ""
        print(
            f"Train epoch time: {spent:5.3f} ms, per step time: {each:5.3f} ms{waited}", flush=True
        )
