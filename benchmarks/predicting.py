"""``predict`` against ``model.predict`` and ``np.save`` by hand: processor time, turn by turn.

    python benchmarks/predicting.py [ROUNDS]

40,000 pictures through LeNet5 in batches of 256. Each round begins with nothing made: the spec is
planned, the network compiled, the checkpoint and the pictures are read. Prints medians.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

import declspore
from declspore.check.check import check_file
from declspore.plan.planner import make_plan
from declspore.run.run import run_plan

ROOT = Path(__file__).resolve().parent.parent
PICTURES = 40_000
SPEC = """spec 1
import "lenet.spec" as zoo
dataset d = NumpySlices("x.npz", data = [Column("image", [1, 32, 32])]) |> batch(256)
predict p {
  network = zoo.LeNet5()
  load    = ckpt("lenet.ckpt")
  ignore  = "optimizer"
  dataset = d
  save "a.npy"
}
"""


def task() -> None:
    run_plan(make_plan(check_file("p.spec", {})))


def by_hand() -> None:
    network = declspore.load("lenet.spec").LeNet5()
    declspore.load_checkpoint("lenet.ckpt", net=network)
    with np.load("x.npz") as file:
        np.save("b.npy", network.predict(file["image"], batch_size=256, verbose=0))


def seconds(work: Callable[[], None]) -> float:
    before = _processor()
    work()
    return _processor() - before


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        shutil.copy(ROOT / "tests" / "golden" / "lenet-1_5.ckpt", "lenet.ckpt")
        images = np.random.default_rng(0).normal(size=(PICTURES, 1, 32, 32)).astype(np.float32)
        np.savez("x.npz", image=images)
        Path("p.spec").write_text(SPEC)
        works = {"predict": task, "by hand": by_hand}
        for work in works.values():  # what is loaded and compiled once is no part of a round
            work()
        np.testing.assert_allclose(np.load("a.npy"), np.load("b.npy"), rtol=1e-5, atol=1e-6)
        found: dict[str, list[float]] = {name: [] for name in works}
        for number in range(rounds):
            names = list(works)
            for name in names if number % 2 else names[::-1]:
                found[name].append(seconds(works[name]))
        for name, each in found.items():
            shown = " ".join(f"{one:.2f}" for one in each)
            print(f"{name:8} {statistics.median(each):.3f} s of a processor; {shown}")
        os.chdir(ROOT)


if __name__ == "__main__":
    main()
