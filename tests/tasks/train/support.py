"""Specs of a small training."""

import os
import signal
import traceback
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from tests.cli.support import failing

SPEC = """network Net() {{
  one = Dense(2, 8)
  two = Dense(8, 3)
  construct(x: f32[B, 2]) = x |> one |> relu |> two
}}
dataset d = NumpySlices("d.npz", data = [Column("x", [2])], labels = [Column("y", dtype = i32)])
  |> batch(4)
train t {{
  network   = Net()
  dataset   = d
  loss      = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = Momentum(learning_rate = {rate}, momentum = 0.9)
  length    = {length}
  {freeze}
  policies  = [{policies}]
  {more}
}}
"""


def with_policies(policies, freeze="[]", *, rate="0.1", length="2 epochs", more=""):
    """A spec, without its first line, whose training has these policies, in line 16."""
    given = "" if freeze == "[]" else f"freeze = {freeze}"
    return SPEC.format(policies=policies, freeze=given, rate=rate, length=length, more=more)


def written(folder, policies="", **options):
    """The spec in a folder, with its data; its path."""
    source = np.random.default_rng(0)
    x = source.normal(size=(20, 2)).astype(np.float32)
    np.savez(folder / "d.npz", x=x, y=(x[:, 0] > 0).astype(np.int32))
    path = folder / "t.spec"
    path.write_text(f"spec 1\n{with_policies(policies, **options)}")
    return path


def carry_out(folder: Path, sink: Path, *arguments: str, append: bool = False) -> NoReturn:
    """Be the command line in a folder, in a process that was forked from one that has imported
    everything; what it prints goes into a file."""
    from declspore.cli import main

    os.chdir(folder)
    how = os.O_APPEND if append else os.O_TRUNC
    printed = os.open(sink, os.O_CREAT | os.O_WRONLY | how)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    code = 1
    try:
        main(list(arguments), standalone_mode=False)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    os._exit(code)


def interrupted(spec, at, number=signal.SIGINT):
    """Run it, with a signal once so many steps were made; the exit code."""
    from declspore.training.moment import Moment

    advance = Moment.advance

    def advanced(self, series):
        advance(self, series)
        if self.step >= at and not advanced.sent:
            advanced.sent = True
            os.kill(os.getpid(), number)

    advanced.sent = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Moment, "advance", advanced)
        return failing("run", spec, "--no-lock").exit_code
