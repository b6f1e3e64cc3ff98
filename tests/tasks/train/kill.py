"""A training that is killed and run again by the same command, until it ends.

    python -m tests.tasks.train.kill --tries 200

Each try runs a training with everything that has a state in a folder of its own, kills it by
SIGKILL (two thirds after a random share of what it computes, a third within the calls that put
files in their places), runs it again, and compares every file with those of a training that was not
interrupted: the same bytes and no other file. Every second try trains with a rate that warms up and
falls along a cosine, the others with one that falls when a figure stays where it is. Processes are
forked from one that has imported everything, so that a try takes seconds; nothing of TensorFlow has
run before the fork.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.tasks.train.support import carry_out

CALLS = ("fsync", "link", "replace")
"""What puts a file in its place."""
RATES = {
    "cosine": (
        "SequentialLR([WarmUpLR(0.1, 1 epochs), CosineDecayLR(0.0, 0.1, 5 epochs)], [1 epochs])",
        "",
    ),
    "plateau": ("0.05", 'ReduceLROnPlateau("eval_loss", patience = 1, factor = 0.5),'),
}
"""Learning rates, each with the policy that it needs."""
SPEC = """spec 1
network Net() {
  conv = Conv2d(1, 6, 3)
  norm = BatchNorm2d(6)
  drop = Dropout(p = 0.3)
  head = Dense(6, 10)
  construct(x: f32[B, 1, 8, 8]) = x |> conv |> norm |> relu |> mean(axis = [2, 3]) |> drop |> head
}
dataset digits = Digits(usage = "train") |> RandomCrop([8, 8], padding = 1)
  |> Rescale(1 / 16, 0.0) |> HWC2CHW() |> shuffle(1438) |> batch(64, drop_remainder = true)
dataset test = Digits(usage = "test") |> Rescale(1 / 16, 0.0) |> HWC2CHW() |> batch(64)
train t {
  network   = Net()
  dataset   = digits
  loss      = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = Momentum(learning_rate = RATE, momentum = 0.9)
  freeze    = [`conv.*`]
  length    = 6 epochs
  policies  = [
    # the scale is infinite to begin with, so that the first steps overflow
    DynamicLossScale(3e38, scale_factor = 1e8, scale_window = 30),
    Accumulate(4), ClipByGlobalNorm(1.0), EMA(0.99),
    Unfreeze(`conv.*`, after = 1 epochs),
    Validate(test, metrics = [Accuracy(), Loss()], every = 15 steps),
    PLATEAU
    EarlyStopping("accuracy", patience = 5, restore_best_weights = true),
    Backup(7 steps),
  ]
  save "out/{epoch}_{step}.ckpt" every 10 steps keep 3
  save "out/best.ckpt" best accuracy
  save "out/top-{epoch}_{step}.ckpt" best eval_loss keep 2
  log "out/log.csv", "out/log.jsonl", "out/events/"
}
"""


def run(folder: Path, doomed: tuple[str, float] | None = None) -> int:
    """Run the spec in a folder, in a process of its own that dies as it is told; its wait
    status."""
    child = os.fork()
    if not child:
        os.chdir(folder)  # calls are counted next to it
        time.time = lambda: 0.0  # events hold times, which are not compared
        if doomed is not None:
            _doom(*doomed)
        sink = folder.parent / f"{folder.name}.out"
        carry_out(folder, sink, "run", "t.spec", "--no-lock", append=True)
    if doomed is not None and doomed[0] == "time":
        _kill_after(child, doomed[1])
    return os.waitpid(child, 0)[1]


def _doom(how: str, when: float) -> None:
    """Kill this process after a time, or at the n-th call that puts a file in its place."""
    if how == "count":
        _count()
        return
    if how == "time":
        return
    calls = [0]
    for name in CALLS:
        called = getattr(os, name)

        def counted(*given, called=called, **more):
            calls[0] += 1
            if calls[0] == int(when):
                os.kill(os.getpid(), signal.SIGKILL)
            return called(*given, **more)

        setattr(os, name, counted)


def _kill_after(child: int, seconds: float) -> None:
    """Kill a process once it has computed so long: what the machine does besides then does not
    matter."""
    while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if _computed(child) >= seconds:
            os.kill(child, signal.SIGKILL)
            return
        time.sleep(0.002)


def _computed(process: int) -> float:
    """The seconds that a process has computed, in all of its threads."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _count() -> None:
    """Write down how many such calls there are."""
    calls = Path("../calls")
    calls.write_bytes(b"")
    for name in CALLS:
        called = getattr(os, name)

        def counted(*given, called=called, **more):
            with calls.open("ab") as file:
                file.write(b".")
            return called(*given, **more)

        setattr(os, name, counted)


def contents(folder: Path) -> dict[str, str]:
    """The digest of every file of a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def fresh(folder: Path, rates: str) -> Path:
    """A folder that has nothing but the spec, with these rates."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rate, plateau = RATES[rates]
    (folder / "t.spec").write_text(SPEC.replace("RATE", rate).replace("PLATEAU", plateau))
    return folder


def imported() -> None:
    """Import what a training needs, without running anything of it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import declspore.cli.run
    import declspore.tasks.train.run
    import declspore.training.backends.on_tensorflow  # noqa: F401


@dataclass(frozen=True)
class Whole:
    """A training that was not interrupted: its files, its calls that put files in their places,
    and the seconds that it computes."""

    files: dict[str, str]
    calls: int
    seconds: float


def uninterrupted(root: Path, rates: str) -> Whole:
    """Train without an interruption, twice: the second time by the clock of the processor."""
    folder = root / f"whole-{rates}"
    if run(fresh(folder, rates), ("count", 0)):
        raise RuntimeError((root / f"{folder.name}.out").read_text()[-2000:])
    files, calls = contents(folder), (root / "calls").stat().st_size
    begun = os.times()
    run(fresh(folder, rates))
    ended = os.times()
    system = ended.children_system - begun.children_system
    return Whole(files, calls, ended.children_user - begun.children_user + system)


def tried(root: Path, tries: int, seed: int = 0, kills: int = 2) -> list[str]:
    """What went wrong in so many tries, each killed up to ``kills`` times."""
    imported()
    source = random.Random(seed)
    wholes = {rates: uninterrupted(root, rates) for rates in RATES}
    wrong, killed, inside, amid = [], 0, 0, 0
    for number in range(tries):
        rates = list(RATES)[number % len(RATES)]
        whole, folder = wholes[rates], fresh(root / f"try{number}", rates)
        for _ in range(source.randint(1, kills)):
            is_inside = source.random() < 1 / 3
            moment = source.uniform(0.1, 1.0) * whole.seconds
            doomed = ("call", source.randint(1, whole.calls)) if is_inside else ("time", moment)
            status = run(folder, doomed)
            if not os.WIFSIGNALED(status):
                break
            killed += 1
            inside += is_inside
            amid += any((folder / "out").glob("*"))
        else:
            status = run(folder)
        found = contents(folder)
        if status or found != whole.files:
            names = set(found.items()) ^ set(whole.files.items())
            differing = sorted({name for name, _ in names})
            output = (root / f"try{number}.out").read_text()[-1500:]
            wrong.append(f"try {number}: status {status}, differs in {differing}\n{output}")
            print(wrong[-1], flush=True)
        shutil.rmtree(folder)
        counts = f"{number + 1} tries, {killed} kills, {amid} of them after the first steps"
        counts += f", {inside} inside a save"
        print(f"{counts}: {len(wrong)} wrong", flush=True)
    return wrong


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--tries", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as root:
        wrong = tried(Path(root), given.tries, given.seed)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
