"""The callback that saves checkpoints, and when it does."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf

from declspore.ir.timeline import Interval
from declspore.registry.policy import Policy, policy
from declspore.serialization import HasParameters, check_saving, save_checkpoint
from declspore.tensor import Tensor
from declspore.train.callback.base import CallbackParameters, RunContext, step_in_epoch
from declspore.train.callback.deciding import PolicyCallback


class CheckpointConfig:
    """When :class:`ModelCheckpoint` saves and what it keeps.

    ``save_checkpoint_steps`` wins over ``save_checkpoint_seconds`` and ``keep_checkpoint_max``
    over ``keep_checkpoint_per_n_minutes``, as in MindSpore. ``saved_network`` saves that network
    instead of the one trained with its optimizer. ``append_info`` lists ``"epoch_num"``,
    ``"step_num"`` and at most one dict of further values. ``exception_save`` saves once more, as
    ``..._breakpoint.ckpt``, when an exception ends the training. ``enc_key`` and ``enc_mode``
    encrypt the files, ``crc_check`` adds a CRC, ``format`` is that of
    :func:`declspore.save_checkpoint`. ``integrated_save`` and ``remove_redundancy`` have no effect
    on one device. Raises ValueError and TypeError.
    """

    def __init__(
        self,
        save_checkpoint_steps: int | None = 1,
        save_checkpoint_seconds: int | None = 0,
        keep_checkpoint_max: int | None = 5,
        keep_checkpoint_per_n_minutes: int | None = 0,
        integrated_save: bool = True,
        async_save: bool = False,
        saved_network: HasParameters | None = None,
        append_info: Sequence[str | dict[str, Tensor | str | float]] | None = None,
        enc_key: bytes | None = None,
        enc_mode: str = "AES-GCM",
        exception_save: bool = False,
        crc_check: bool = False,
        remove_redundancy: bool = False,
        format: str = "ckpt",
    ) -> None:
        numbers = {
            "save_checkpoint_steps": save_checkpoint_steps,
            "save_checkpoint_seconds": save_checkpoint_seconds,
            "keep_checkpoint_max": keep_checkpoint_max,
            "keep_checkpoint_per_n_minutes": keep_checkpoint_per_n_minutes,
        }
        for name, value in numbers.items():
            if value is not None and (not isinstance(value, int) or value < 0):
                raise ValueError(f"{name} must be an integer from 0, not {value!r}")
        if not any(numbers.values()):
            raise ValueError(f"{', '.join(numbers)} cannot all be 0 or None")
        self.save_checkpoint_steps = save_checkpoint_steps
        self.save_checkpoint_seconds = None if save_checkpoint_steps else save_checkpoint_seconds
        self.keep_checkpoint_max = keep_checkpoint_max
        self.keep_checkpoint_per_n_minutes = (
            None if keep_checkpoint_max else keep_checkpoint_per_n_minutes
        )
        if not self.keep_checkpoint_max and not self.keep_checkpoint_per_n_minutes:
            self.keep_checkpoint_max = 1
        self.integrated_save = integrated_save
        self.async_save = async_save
        self.saved_network = saved_network
        self.append_dict = _append_dict(append_info)
        self.exception_save = exception_save
        self.format = check_saving(format, enc_key, enc_mode, crc_check)
        self.enc_key, self.enc_mode, self.crc_check = enc_key, enc_mode, crc_check

    @property
    def policy(self) -> Policy:
        """The policy of the engine that decides the same."""
        every = Interval(inf, "s")  # without an interval, the last step alone is saved
        if self.save_checkpoint_steps:
            every = Interval(self.save_checkpoint_steps, "step")
        elif self.save_checkpoint_seconds:
            every = Interval(self.save_checkpoint_seconds, "s")
        minutes = self.keep_checkpoint_per_n_minutes
        per = Interval(60 * minutes, "s") if minutes else None
        return policy(
            "Save", path="{epoch}_{step}", every=every, keep=self.keep_checkpoint_max, per=per
        )

    def get_checkpoint_policy(self) -> dict[str, object]:
        """The settings that decide when to save and what to keep."""
        return {
            "save_checkpoint_steps": self.save_checkpoint_steps,
            "save_checkpoint_seconds": self.save_checkpoint_seconds,
            "keep_checkpoint_max": self.keep_checkpoint_max,
            "keep_checkpoint_per_n_minutes": self.keep_checkpoint_per_n_minutes,
            "saved_network": self.saved_network,
        }


def _append_dict(
    append_info: Sequence[str | dict[str, Tensor | str | float]] | None,
) -> dict[str, Tensor | str | float]:
    found: dict[str, Tensor | str | float] = {}
    dicts = 0
    for item in append_info or ():
        if isinstance(item, dict):
            dicts += 1
            found |= item
        elif item in ("epoch_num", "step_num"):
            found[item] = 0
        else:
            raise ValueError(f"append_info takes 'epoch_num', 'step_num' and a dict, not {item!r}")
    if dicts > 1:
        raise TypeError("append_info takes one dict at most")
    return found


class ModelCheckpoint(PolicyCallback):
    """Saves checkpoints while a model trains, as ``<prefix>-<epoch>_<step in epoch>.ckpt``.

    Where files with the prefix already exist, a number is added to it: ``lenet_1-1_32.ckpt``.
    The last step is always saved. ``prefix`` and ``directory`` may be functions of the callback
    parameters. MindSpore's ``-graph.meta`` file is not written: it holds MindSpore's own graph.
    The policy ``Save`` decides when a file is saved and which ones stay; names and contents are
    decided here.
    """

    def __init__(
        self,
        prefix: str | Callable[[CallbackParameters], str] = "CKP",
        directory: str | Callable[[CallbackParameters], str] | None = None,
        config: CheckpointConfig | None = None,
    ) -> None:
        if not callable(prefix) and (not isinstance(prefix, str) or "/" in prefix):
            raise ValueError(f"prefix must be a text without '/', not {prefix!r}")
        if config is not None and not isinstance(config, CheckpointConfig):
            raise TypeError(f"config must be a CheckpointConfig, not {type(config).__name__}")
        self._config = config or CheckpointConfig()
        super().__init__(self._config.policy)
        self._directory = os.getcwd() if directory is None else directory
        self._prefix = self._given_prefix = prefix
        if not callable(self._directory) and not callable(prefix):
            os.makedirs(self._directory, exist_ok=True)
            self._prefix = _free_prefix(self._directory, prefix, self._suffix)
        self._files: dict[str, str] = {}
        """The files that stay so far, by the policy's names for them."""
        self.latest_ckpt_file_name = ""

    def step_end(self, run_context: RunContext) -> None:
        self._ask("after_steps", run_context)

    def end(self, run_context: RunContext) -> None:
        self._ask("end", run_context)

    def on_train_failed(self, run_context: RunContext) -> None:
        """Save because an error ends the training, where the configuration asks for it."""
        parameters = run_context.original_args()
        if self._config.exception_save and parameters.cur_step_num:
            self._write(parameters, f"{self._breakpoint_name(parameters)}{self._suffix}")

    def _save(self, path: str, parameters: CallbackParameters) -> None:
        written = self._write(parameters, self._name(parameters) + self._suffix)
        self._files[path] = written
        parameters.last_save_ckpt_step = parameters.cur_step_num
        parameters.latest_ckpt_file = self.latest_ckpt_file_name = written

    def _remove(self, path: str) -> None:
        old = self._files.pop(path, None)
        # functions may give one file several times
        if old is not None and old not in self._files.values():
            with suppress(OSError):
                os.unlink(old)

    @property
    def _suffix(self) -> str:
        return f".{self._config.format}"

    def _name(self, parameters: CallbackParameters) -> str:
        if callable(self._prefix):
            return self._prefix(parameters)
        return f"{self._prefix}-{parameters.cur_epoch_num}_{step_in_epoch(parameters)}"

    def _breakpoint_name(self, parameters: CallbackParameters) -> str:
        """These files are numbered among themselves, as MindSpore does it."""
        if callable(self._given_prefix) or callable(self._directory):
            return f"{self._name(parameters)}{_BREAKPOINT}"
        prefix = _free_prefix(self._directory, self._given_prefix, self._suffix, _BREAKPOINT)
        return f"{prefix}-{parameters.cur_epoch_num}_{step_in_epoch(parameters)}{_BREAKPOINT}"

    def _write(self, parameters: CallbackParameters, name: str) -> str:
        directory = self._directory
        folder = directory(parameters) if callable(directory) else directory
        path = os.path.join(folder, name)
        network = self._config.saved_network or parameters.train_network
        appended = dict(self._config.append_dict)
        now = {"epoch_num": parameters.cur_epoch_num, "step_num": parameters.cur_step_num}
        appended |= {key: now[key] for key in now if key in appended}
        save_checkpoint(
            network,
            path,
            async_save=self._config.async_save,
            append_dict=appended or None,
            enc_key=self._config.enc_key,
            enc_mode=self._config.enc_mode,
            crc_check=self._config.crc_check,
            format=self._config.format,
        )
        return path


_BREAKPOINT = "_breakpoint"


def _free_prefix(directory: str, prefix: str, suffix: str, ending: str = "") -> str:
    """The prefix, numbered where checkpoints with it already exist: those whose names have the
    ending."""
    number = 0
    for name in os.listdir(directory):
        stem, extension = os.path.splitext(name)
        if extension != suffix or not stem.startswith(prefix):
            continue
        if stem.endswith(_BREAKPOINT) != bool(ending):
            continue
        added, dash, _ = stem[len(prefix) :].partition("-")
        if dash and added == "":
            number = max(number, 1)
        elif dash and added.startswith("_") and added[1:].isdigit():
            number = max(number, int(added[1:]) + 1)
    return f"{prefix}_{number}" if number else prefix
