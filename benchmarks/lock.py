"""What an edit costs with and without its lock: wall and processor time, as ratios to ``cp`` and
``sync`` of the file.

    python benchmarks/lock.py [--megabytes N] [--rounds N]

Each way of running is a process of its own, which first removes what it wrote in the round before:
memory that a host of virtual machines has not taken back yet is then as near for each. In every
round all take their turn, so that a busy moment hits all; the first round is not counted. The
figures are medians of seconds, and of the ratios within a round. The file is random numbers in
4 MiB tensors; all but one are renamed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from declspore.checkpoint.format import Computed
from declspore.checkpoint.values import value_header
from declspore.checkpoint.writer import write_checkpoint

SPEC = """spec 1
edit e {
  in src  = ckpt("in.ckpt")
  out dst = ckpt("out.ckpt")
  delete src.`layer0.weight`
  rename src.`layer{i:int}.weight` except src.`layer0.weight` -> `block{i}.weight`
}
"""
RUN = ["sh", "-c", 'rm -f out.ckpt && exec "$@"', "sh"]
RUN += [sys.executable, "-m", "declspore", "run", "-q", "e.spec"]
WAYS = {
    "cp and sync": ["sh", "-c", "rm -f copy.ckpt && cp in.ckpt copy.ckpt && sync copy.ckpt"],
    "without": [*RUN, "--no-lock"],
    "recording": RUN,
    "locked": [*RUN, "--locked"],
}


def measured(folder: Path, command: list[str]) -> tuple[float, float]:
    """Wall and processor seconds of a process."""
    begin, before = time.perf_counter(), os.times()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    used = after.children_user - before.children_user
    used += after.children_system - before.children_system
    return time.perf_counter() - begin, used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        values = np.random.default_rng(0).standard_normal(1 << 20).astype(np.float32)
        pieces = [
            Computed(value_header("", f"layer{i}.weight", values), lambda: values)
            for i in range(max(options.megabytes // 4, 2))
        ]
        write_checkpoint(folder / "in.ckpt", pieces)
        (folder / "e.spec").write_text(SPEC)
        found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
        for _ in range(options.rounds + 1):
            for way, arguments in WAYS.items():
                found[way].append(measured(folder, arguments))
    print(f"{options.megabytes} MiB read, as much written; {os.cpu_count()} processors")
    base = found["cp and sync"][1:]
    for way, rows in found.items():
        wall, used = (statistics.median(column) for column in zip(*rows[1:], strict=True))
        pairs = list(zip(rows[1:], base, strict=True))
        times = [
            statistics.median(row[kind] / first[kind] for row, first in pairs) for kind in (0, 1)
        ]
        ratios = f"{times[0]:.2f}x wall, {times[1]:.2f}x processor"
        print(f"{way:12} {wall:6.2f} s wall, {used:6.2f} s processor; {ratios}")


if __name__ == "__main__":
    main()
