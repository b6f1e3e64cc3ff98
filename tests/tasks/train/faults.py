"""A training of several processes of which a random one is killed, again and again.

    python -m tests.tasks.train.faults --tries 50

Each try starts the command with two to four workers, kills a random one of them (SIGKILL), or in
one of five tries stops it (SIGSTOP), at a random time, and waits for the end: within 20 s, with one
diagnostic that names the rank, no process and no port left. The same command, with another number
of workers, then ends with the losses of a training that was not interrupted.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.tasks.train.devices import imported
from tests.tasks.train.support import carry_out

SPEC = """spec 1
network Net() {
  conv = Conv2d(1, 6, 3)
  drop = Dropout(p = 0.3)
  flat = Flatten()
  head = Dense(384, 10)
  construct(x: f32[B, 1, 8, 8]) = x |> conv |> relu |> flat |> drop |> head
}
dataset digits = Digits(usage = "train") |> RandomCrop([8, 8], padding = 1)
  |> Rescale(1 / 16, 0.0) |> HWC2CHW() |> shuffle(1438) |> batch(64)
dataset test = Digits(usage = "test") |> Rescale(1 / 16, 0.0) |> HWC2CHW() |> batch(64)
train t {
  network   = Net()
  dataset   = digits
  loss      = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = Momentum(learning_rate = 0.01, momentum = 0.9)
  length    = LENGTH epochs
  policies  = [
    Accumulate(2), ClipByGlobalNorm(5.0), EMA(0.99), Backup(9 steps),
    Validate(test, metrics = [Accuracy(), Loss()], every = 10 steps),
  ]
  save "out/{epoch}_{step}.ckpt" every 12 steps keep 2
  log "out/log.csv"
}
"""
WITHIN = 20.0
SILENCE = 5.0
"""Seconds after which a stopped process is lost, in place of the 15 that are usual."""
STOPPED = 0.2
"""Of the faults, those that stop a process."""
TOLERANCE = 1e-5
"""Relative: Dropout and clipping let the rounding of sums grow."""


class Command:
    """``declspore run`` in a process that is forked from this one, which has imported everything:
    what is tried is not the loading of packages."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.pid = os.fork()
        if self.pid == 0:
            arguments = ["run", "t.spec", "--no-lock", "--workers", str(workers)]
            arguments += ["--heartbeat-timeout", f"{SILENCE:g}"]
            carry_out(folder, Path("out.txt"), *arguments)

    def wait(self, seconds: float = float("inf")) -> int | None:
        """The exit code; None where the process has not ended in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found, status = os.waitpid(self.pid, os.WNOHANG)
            if found:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        return None


def children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def ports(pids: list[int]) -> set[int]:
    """The ports on which processes listen or are connected."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                found = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(link))
            except OSError:
                continue
            if found:
                inodes.add(found[1])
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].partition(":")[2], 16) for row in rows if row[9] in inodes}


def open_ports() -> set[int]:
    """Ports with a process behind them; those of closed connections linger in the kernel."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].partition(":")[2], 16) for row in rows if row[3] in {"01", "0A"}}


def losses(folder: Path) -> list[float]:
    with (folder / "out/log.csv").open() as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


def fresh(folder: Path, length: int) -> Path:
    folder.mkdir(parents=True)
    (folder / "t.spec").write_text(SPEC.replace("LENGTH", str(length)))
    return folder


def tried(folder: Path, source: random.Random, seconds: float) -> tuple[str | None, float | None]:
    """What went wrong when one rank was killed or stopped; how long the others took to end, or None
    where the training had ended before."""
    workers = source.randint(2, 4)
    process = Command(folder, workers)
    time.sleep(source.uniform(0.1, 1.0) * seconds)
    ranks = children(process.pid)
    if len(ranks) != workers:
        process.wait()
        return None, None
    used = ports(ranks)
    rank, is_stop = source.randrange(workers), source.random() < STOPPED
    try:
        os.kill(ranks[rank], signal.SIGSTOP if is_stop else signal.SIGKILL)
    except ProcessLookupError:
        process.wait()
        return None, None
    begun = time.monotonic()
    code = process.wait(WITHIN)
    if code is None:
        for pid in [process.pid, *ranks]:
            os.kill(pid, signal.SIGKILL)
        return f"{workers} workers did not end in {WITHIN:.0f} s", None
    took = time.monotonic() - begun
    said = (folder / "out.txt").read_text()
    if code == 0 and "after" in said:
        return None, None
    if left := [pid for pid in ranks if Path(f"/proc/{pid}").exists()]:
        return f"processes {left} are left", took
    if left := used & open_ports():
        return f"ports {left} are left", took
    found = re.findall(r"^error\[(E\d+)\]: (.*)$", said, re.M)
    reason = "was stopped by SIGSTOP" if is_stop else "was killed by SIGKILL"
    expected = rf"rank {rank} of {workers} {reason} (after step [\d,]+|before .*)"
    if len(found) != 1 or found[0][0] != "E708" or not re.fullmatch(expected, found[0][1]):
        return f"rank {rank} of {workers} {reason}: {said[-1500:]}", took
    return None, took


def run(root: Path, tries: int, seed: int, length: int) -> list[str]:
    source, wrong, times = random.Random(seed), [], []
    whole = fresh(root / "whole", length)
    begun = time.monotonic()
    if Command(whole, 1).wait():
        print((whole / "out.txt").read_text())
        return ["the training that is not interrupted failed"]
    seconds, expected = time.monotonic() - begun, losses(whole)
    for number in range(tries):
        folder = fresh(root / str(number), length)
        problem, took = tried(folder, source, 1.3 * seconds)
        if took is not None:
            times.append(took)
        if problem is None:
            workers = source.randint(1, 4)
            if Command(folder, workers).wait():
                problem = f"{workers} workers did not go on: {(folder / 'out.txt').read_text()}"
            else:
                pairs = zip(expected, losses(folder), strict=True)
                worst = max(abs(a - b) / abs(a) for a, b in pairs)
                if worst > TOLERANCE:
                    problem = f"continued by {workers}, losses differ by {worst:.1e}"
        if problem is not None:
            wrong.append(f"try {number}: {problem}")
            print(wrong[-1], flush=True)
        shutil.rmtree(folder)
        longest = max(times, default=0)
        print(
            f"{number + 1} tries, {len(times)} faults, longest end {longest:.1f} s, "
            f"{len(wrong)} wrong",
            flush=True,
        )
    return wrong


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--tries", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--length", type=int, default=4)
    given = arguments.parse_args()
    imported()
    with tempfile.TemporaryDirectory() as root:
        wrong = run(Path(root), given.tries, given.seed, given.length)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
