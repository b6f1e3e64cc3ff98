"""Callbacks that let a training be interrupted and taken up again."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Any

from declspore.porting.names import Unsupported
from declspore.serialization import load_checkpoint, save_checkpoint
from declspore.tasks.train.statefile import remove_unfinished
from declspore.train.callback.base import Callback, RunContext
from declspore.train.callback.memories import Memories, Record


class BackupAndRestore(Callback):
    """Saves network and optimizer after every ``save_freq`` epochs, and loads them where an earlier
    run was interrupted (mindspore.train.BackupAndRestore).

    The file is ``backup.ckpt`` in ``backup_dir``; at the end of the training it is deleted, unless
    ``delete_checkpoint`` is False. As in MindSpore, epochs are counted again. What the other
    callbacks remember (the best figure, how long it was not better, the history) is kept in
    ``backup.json`` next to it, best parameters in checkpoints, and continues, too; in MindSpore it
    starts over. Those before it in the list have seen the epoch that is backed up, those after it
    have not. A process may be killed at any moment: what is loaded is of one epoch. Raises
    ValueError.
    """

    sees_evaluation = False

    def __init__(
        self, backup_dir: str, save_freq: int | str = "epoch", delete_checkpoint: bool = True
    ) -> None:
        epochs = 1 if save_freq == "epoch" else save_freq
        if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 1:
            raise ValueError(f'save_freq must be "epoch" or a number of epochs, not {save_freq!r}')
        os.makedirs(backup_dir, exist_ok=True)
        self.backup_file = os.path.join(backup_dir, "backup.ckpt")
        self.save_freq, self.delete_checkpoint = epochs, delete_checkpoint
        self._memories = Memories(backup_dir)
        self._found: Record | None = None

    def on_train_begin(self, run_context: RunContext) -> None:
        remove_unfinished([self.backup_file])
        parameters = run_context.original_args()
        if os.path.exists(self.backup_file):
            load_checkpoint(self.backup_file, net=parameters.train_network)
            self._found = self._memories.of_step(parameters.optimizer.steps_done)

    def on_train_epoch_begin(self, run_context: RunContext) -> None:
        # once every callback has begun, which makes it forget
        found, self._found = self._found, None
        if found is not None:
            self._memories.give(found, run_context.original_args().list_callback)

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        parameters = run_context.original_args()
        if parameters.cur_epoch_num % self.save_freq == 0:
            # what belongs to either checkpoint is there while one takes the place of the other
            self._memories.take(parameters.optimizer.steps_done, parameters.list_callback)
            save_checkpoint(parameters.train_network, self.backup_file)
            self._memories.forget_others()

    def on_train_end(self, run_context: RunContext) -> None:
        if self.delete_checkpoint:
            with suppress(FileNotFoundError):
                os.unlink(self.backup_file)
            self._memories.remove()


class OnRequestExit(Callback):
    """Ends a training at a signal, and saves it (mindspore.train.OnRequestExit).

    At ``sig`` the training ends after its step, and network and optimizer are saved as
    ``<directory>/<file_name>_train.ckpt``, which the next run loads. ``save_mindir`` must be
    False: MindIR files are not written. Raises ValueError, Unsupported.
    """

    sees_evaluation = False

    def __init__(
        self,
        save_ckpt: bool = True,
        save_mindir: bool = False,
        file_name: str = "Net",
        directory: str = "./",
        config_file: str | None = None,
        sig: int = signal.SIGTERM,
    ) -> None:
        if save_mindir:
            raise Unsupported("OnRequestExit(save_mindir=True)", "MindIR files are not written")
        if config_file is not None:
            raise Unsupported("OnRequestExit(config_file)", "send the signal")
        if sig == getattr(signal, "SIGKILL", None):
            raise ValueError("SIGKILL ends a process at once, so nothing can be saved")
        os.makedirs(directory, exist_ok=True)
        self.save_ckpt, self.sig = save_ckpt, sig
        self.train_name = os.path.join(directory, f"{file_name}_train.ckpt")
        self.exit = False
        self._before: Any = None

    def on_train_begin(self, run_context: RunContext) -> None:
        self.exit = False
        self._before = signal.signal(self.sig, self._asked)
        if self.save_ckpt and os.path.isfile(self.train_name):
            load_checkpoint(self.train_name, net=run_context.original_args().train_network)

    def on_train_step_end(self, run_context: RunContext) -> None:
        if self.exit:
            run_context.request_stop()

    def on_train_end(self, run_context: RunContext) -> None:
        if self._before is not None:
            signal.signal(self.sig, self._before)
        if self.exit and self.save_ckpt:
            save_checkpoint(run_context.original_args().train_network, self.train_name)

    def _asked(self, number: int, frame: object) -> None:
        self.exit = True
