"""Every optimizer with every policy on one process and on several: the same numbers.

    python -m tests.tasks.train.devices [--workers 2 4] [--devices 2] [--both 2x2] [--only clip]
        [--optimizers Adam Lamb]

A spec has a training for each optimizer, and each is run by one process, by several, on several
devices of one, and on several devices of each of several. Losses of all steps must agree within
1e-6 (relative), and the processes compare the digests of their parameters at every save. Processes
are forked from one that has imported everything.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.tasks.train.support import carry_out

OPTIMIZERS = {
    "Adam": "Adam(1e-3{})",
    "LazyAdam": "LazyAdam(1e-3{})",
    "AdamOffload": "AdamOffload(1e-3{})",
    "AdamWeightDecay": "AdamWeightDecay(1e-3, weight_decay = 0.01{})",
    "AdaMax": "AdaMax(1e-3{})",
    "Lamb": "Lamb(1e-3, weight_decay = 0.01{})",
    "RMSProp": "RMSProp(0.01{})",
    "Adagrad": "Adagrad(0.01{})",
    "Adadelta": "Adadelta(0.1{})",
    "ProximalAdagrad": "ProximalAdagrad(learning_rate = 0.01{})",
    "FTRL": "FTRL(learning_rate = 0.01{})",
    "SGD": "SGD(0.05, momentum = 0.9{})",
    "AdaFactor": "AdaFactor({})",
    "LARS": "LARS(Momentum(0.1, 0.9, weight_decay = 1e-4{}))",
    "Momentum": "Momentum(0.05, 0.9{})",
    "ASGD": "ASGD(0.05{})",
    "Rprop": "Rprop(0.01{})",
}
CASES = {
    "plain": "",
    "clip": "ClipByGlobalNorm(0.5)",
    "accumulate": "Accumulate(3)",
    "scale": "DynamicLossScale(1e10, scale_factor = 10, scale_window = 5)",
    "ema": "EMA(0.9)",
    "groups": "",
    "sync": "",
}
UNGROUPED = ("AdaFactor",)
"""Optimizers whose words take no groups."""
HEAD = """spec 1
network Plain() {
  one = Dense(6, 16)
  two = Dense(16, 16)
  head = Dense(16, 3)
  construct(x: f32[B, 6]) = x |> one |> relu |> two |> tanh |> head
}
network Synchronized() {
  one = Dense(6, 16)
  norm = SyncBatchNorm(16)
  two = Dense(16, 16)
  head = Dense(16, 3)
  construct(x: f32[B, 6]) = x |> one |> norm |> relu |> two |> tanh |> head
}
dataset d = NumpySlices("d.npz", data = [Column("x", [6])], labels = [Column("y", dtype = i32)])
  |> shuffle(50, seed = 1) |> batch(14)
"""
TASK = """train by_{name} {{
  network   = {network}()
  dataset   = d
  loss      = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = {optimizer}
  length    = 4 epochs
  policies  = [{policies}]
  {freeze}
  seed      = 5
  devices   = {devices}
  save "{case}/{name}.ckpt" every 2 epochs
  log "{case}/{name}.csv"
}}
"""
GROUPS = ", groups = [Group([`**.bias`], lr = 0.02), Group(`**`)]"


def spec(case: str, optimizers: list[str], devices: int) -> str:
    parts = [HEAD]
    for name in optimizers:
        groups = GROUPS if case == "groups" and name not in UNGROUPED else ""
        written = OPTIMIZERS[name].format(groups).replace("(, ", "(")
        parts.append(
            TASK.format(
                name=name,
                case=case,
                network="Synchronized" if case == "sync" else "Plain",
                optimizer=written,
                policies=CASES[case],
                devices=devices,
                freeze="freeze = [`two.*`]" if case == "groups" else "",
            )
        )
    return "".join(parts)


def data(folder: Path, overflows: bool) -> None:
    """50 samples; one is so large that its gradient overflows, where it is scaled."""
    source = np.random.default_rng(3)
    x = source.normal(size=(50, 6)).astype(np.float32)
    y = (x[:, 0] + x[:, 1] > 0).astype(np.int32) + (x[:, 2] > 0.5)
    if overflows:
        x[11] = 1e29
    np.savez(folder / "d.npz", x=x, y=y.astype(np.int32))


def run(folder: Path, workers: int) -> None:
    """Run the spec of a folder in a process of its own."""
    child = os.fork()
    if child:
        status = os.waitpid(child, 0)[1]
        if status:
            raise RuntimeError(f"{folder}: {(folder / 'out').read_text()[-3000:]}")
        return
    carry_out(folder, Path("out"), "run", "t.spec", "--no-lock", "--workers", str(workers))


def losses(path: Path) -> list[float]:
    with path.open() as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


def furthest(expected: list[float], found: list[float]) -> float:
    """The greatest relative difference."""
    pairs = zip(expected, found, strict=True)
    return max(abs(a - b) / max(abs(a), 1e-30) for a, b in pairs)


def imported() -> None:
    """Import what a training needs, without running anything of it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["TF_NUM_INTRAOP_THREADS"] = "1"
    os.environ["OMP_NUM_THREADS"] = "1"
    import declspore.cli.run
    import declspore.tasks.train.run
    import declspore.training.backends.on_tensorflow
    import declspore.training.backends.processes  # noqa: F401


Way = tuple[int, int]
"""How many processes, and devices of each."""


def compared(case: str, optimizers: list[str], ways: list[Way]) -> list[str]:
    """What differs between one process and several, or several devices."""
    wrong = []
    with tempfile.TemporaryDirectory() as root:
        found: dict[Way, dict[str, list[float]]] = {}
        for workers, devices in ((1, 1), *ways):
            folder = Path(root) / f"{workers}_{devices}"
            folder.mkdir()
            (folder / "t.spec").write_text(spec(case, optimizers, devices))
            data(folder, case == "scale")
            run(folder, workers)
            own = {n: losses(folder / case / f"{n}.csv") for n in optimizers}
            found[workers, devices] = own
            furthers = {n: furthest(found[1, 1][n], own[n]) for n in optimizers}
            worst = max(furthers, key=lambda n: furthers[n])
            name = f"{case}, {workers} processes of {devices} devices"
            print(f"{name}: {furthers[worst]:.1e} ({worst})", flush=True)
            wrong += [f"{name}, {n}: {d:.1e}" for n, d in furthers.items() if d > 1e-6]
    return wrong


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--workers", type=int, nargs="*", default=[2, 4])
    arguments.add_argument("--devices", type=int, nargs="*", default=[2])
    arguments.add_argument("--both", nargs="*", default=["2x2"], help="WORKERSxDEVICES")
    arguments.add_argument("--only", nargs="+", default=list(CASES))
    arguments.add_argument("--optimizers", nargs="+", default=list(OPTIMIZERS))
    given = arguments.parse_args()
    imported()
    begun, wrong = time.monotonic(), []
    both = [(int(n), int(m)) for n, m in (each.split("x") for each in given.both)]
    ways = [*((n, 1) for n in given.workers), *((1, n) for n in given.devices), *both]
    for case in given.only:
        wrong += compared(case, given.optimizers, ways)
    print(f"{time.monotonic() - begun:.0f} s; {len(wrong)} wrong")
    print("\n".join(wrong))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
