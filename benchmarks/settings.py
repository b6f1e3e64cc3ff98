"""Execution settings of TensorFlow against each other, each in a process of its own.

    python -m benchmarks.settings [--rounds N] [--only lenet resnet50 bert]

Figures are medians, over rounds in which all take their turn, of what a setting takes divided by
what declspore's choice takes in the same round: above 1, the choice is faster.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CHOSEN: dict[str, Any] = {"steps": None, "prefetch": -1}
"""What the task ``train`` uses: as many steps as it makes at once, tf.data's own choice."""
CHOSEN_ENVIRONMENT = {"TF_ENABLE_ONEDNN_OPTS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
SETTINGS: dict[str, dict[str, Any]] = {
    "chosen": {},
    "without oneDNN": {"env": {"TF_ENABLE_ONEDNN_OPTS": "0"}},
    "XLA": {"jit": True},
    "one op at a time": {"inter": 1},
    "1 step an execution": {"steps": 1},
    "8 steps an execution": {"steps": 8},
    "no prefetch": {"prefetch": 0},
    "prefetch of 4": {"prefetch": 4},
}
WORK = {"lenet": {"infer": 40, "train": 40, "epoch": 1}, "bert": {"infer": 10, "train": 6}}
WORK["resnet50"] = {"infer": 3, "train": 1}
ONLY_EPOCHS = ("steps", "prefetch")


def concerns(name: str, what: str, setting: dict[str, Any]) -> bool:
    """Whether a setting can matter there (XLA compiles ResNet50 for half a minute: left out)."""
    if "jit" in setting:
        return name != "resnet50" and what != "epoch"
    return what == "epoch" or not any(key in setting for key in ONLY_EPOCHS)


class Contender:
    """A process with one setting, asked line by line."""

    def __init__(self, name: str, setting: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.settings", "--worker", name, json.dumps(setting)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **CHOSEN_ENVIRONMENT, **setting.get("env", {})},
            cwd=ROOT,
        )

    def seconds(self, what: str, count: int) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(what, count, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def compare(name: str, rounds: int) -> None:
    for what, count in WORK[name].items():
        found = {
            key: Contender(name, setting)
            for key, setting in SETTINGS.items()
            if concerns(name, what, setting)
        }
        times: dict[str, list[float]] = {key: [] for key in found}
        for turn in range(rounds + 1):
            for key, contender in found.items():
                taken = contender.seconds(what, count)
                if turn:
                    times[key].append(taken / count)
        for contender in found.values():
            contender.close()
        own = times.pop("chosen")
        ratios = [
            f"{key} {statistics.median(b / a for a, b in zip(own, other, strict=True)):.2f}x"
            for key, other in times.items()
        ]
        print(f"| {name}, {what} | {statistics.median(own) * 1e3:.3g} ms | {', '.join(ratios)} |")


def work(name: str, setting: dict[str, Any]) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import tensorflow as tf

    from benchmarks import training as bench

    if "inter" in setting:
        tf.config.threading.set_inter_op_parallelism_threads(setting["inter"])
    model = bench.compiled(name)
    optimizer = bench.Momentum(model.trainable_params(), 0.001, 0.9)
    subject = bench.InKeras(name, model, optimizer, bench.loss_of(name))
    if "jit" in setting:
        model.compile(optimizer=optimizer, loss=bench.loss_of(name), jit_compile=True)
    epoch = _epoch(bench, setting) if name == "lenet" else None
    for line in sys.stdin:
        what, count = line.split()
        if what == "epoch":
            assert epoch is not None
            seconds = epoch()
        else:
            start = time.perf_counter()
            getattr(subject, what)(int(count))
            seconds = time.perf_counter() - start
        answers.write(f"{seconds}\n")
        answers.flush()


def _epoch(bench: Any, setting: dict[str, Any]) -> Callable[[], float]:
    """128 steps of LeNet5 as the task ``train`` runs them, and how many seconds they took."""
    import numpy as np
    import tensorflow as tf

    use = {**CHOSEN, **setting}
    x, y = bench.given("lenet")
    images = np.tile(x.transpose(0, 2, 3, 1), (128, 1, 1, 1))
    data = tf.data.Dataset.from_tensor_slices((images, np.tile(y, 128))).batch(32)
    data = data.prefetch(use["prefetch"]) if use["prefetch"] else data
    model = bench.compiled("lenet")
    optimizer, loss = bench.Momentum(model.trainable_params(), 0.001, 0.9), bench.loss_of("lenet")

    def run() -> float:
        clock = bench.Clock(use["steps"])
        trainee = bench.Trainee(model, loss, optimizer)
        bench.run_epochs(trainee, data, 4, clock)
        return float(clock.wall)

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", choices=WORK, nargs="+", default=list(WORK))
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        work(given.worker[0], json.loads(given.worker[1]))
        return
    print("| | chosen: a step | others take |\n|---|---|---|")
    for name in given.only:
        compare(name, given.rounds)


if __name__ == "__main__":
    main()
