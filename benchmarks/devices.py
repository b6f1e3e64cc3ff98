"""What processes and devices that share batches cost: steps, processor time, and sums of gradients.

    python -m benchmarks.devices [--rounds 2] [--networks LeNet5 ResNet18]

Each way trains in a process of its own that has imported everything; the first steps, which
compile, are not measured. Ways take turns, and the medians are printed after each round (about
three minutes on two processors). Processor time is that of all processes of a way: it is the fairer
figure where the machine does other work. Efficiency is what of two processors is used, against one
process with one thread: 1.0 where the same batch takes half the time.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SPEC = """spec 1
import "{file}" as zoo
dataset d = NumpySlices("d.npz", data = [Column("x", {shape})], labels = [Column("y", dtype = i32)])
  |> batch({batch}, drop_remainder = true)
train t {{
  network   = zoo.{network}
  dataset   = d
  loss      = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = Momentum(learning_rate = 0.001, momentum = 0.9)
  length    = {steps} steps
  devices   = {devices}
  statistics = "{statistics}"
  log "out/log.jsonl"
}}
"""
NETWORKS = {
    "LeNet5": ("lenet.spec", "LeNet5()", [1, 32, 32], 32, 600),
    "ResNet18": ("resnet.spec", "ResNet18(num_classes = 10)", [3, 64, 64], 32, 24),
}


@dataclass(frozen=True)
class Way:
    """How many processes with how many devices and threads each, and what normalization does."""

    processes: int
    devices: int
    threads: int
    statistics: str = "batch"


BASE = "1 process, 1 thread"
WAYS = {
    BASE: Way(1, 1, 1),
    "1 process, 2 threads": Way(1, 1, 2),
    "2 processes, 1 thread each": Way(2, 1, 1),
    "2 devices of 1 process": Way(1, 2, 2),
}
OF_NORMALIZATION = {"2 processes, statistics of each": Way(2, 1, 1, "mean")}
"""A further way of networks that normalize batches."""


def ways_of(name: str) -> dict[str, Way]:
    return WAYS | OF_NORMALIZATION if name == "ResNet18" else WAYS


def trained(folder: Path, name: str, way: Way) -> tuple[float, float]:
    """Seconds a step, and processor seconds a step, of all steps but the first sixth."""
    file, network, shape, batch, steps = NETWORKS[name]
    source = np.random.default_rng(0)
    x = source.normal(size=(batch * 4, *shape)).astype(np.float32)
    np.savez(folder / "d.npz", x=x, y=source.integers(0, 10, batch * 4).astype(np.int32))
    times = {}
    for length in (steps // 6, steps):
        given = {"file": file, "network": network, "shape": shape, "batch": batch}
        given |= {"steps": length, "devices": way.devices, "statistics": way.statistics}
        (folder / "t.spec").write_text(SPEC.format(**given))
        times[length] = _run(folder, way.processes, way.threads)
    (few, first), (many, last) = times.items()
    wall, cpu = ((b - a) / (many - few) for a, b in zip(first, last, strict=True))
    return wall, cpu


def _run(folder: Path, workers: int, threads: int) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    child = os.fork()
    if not child:
        os.chdir(folder)
        sink = os.open("out.txt", os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        from declspore.cli import main

        code = 1
        try:
            arguments = ["run", "t.spec", "--no-lock", "--workers", str(workers)]
            main(arguments, standalone_mode=False)
            code = 0
        finally:
            os._exit(code)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError((folder / "out.txt").read_text())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = sum(getattr(after, k) - getattr(before, k) for k in ("ru_utime", "ru_stime"))
    return time.monotonic() - begun, used


def imported() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import declspore.cli.run
    import declspore.tasks.train.run
    import declspore.training.backends.on_tensorflow
    import declspore.training.backends.processes  # noqa: F401


def summed(size: int, mebibytes: int) -> tuple[float, float]:
    """Seconds, and processor seconds of one process, that the sum of an array takes in a group."""
    from declspore.devices.launch import Launch
    from declspore.devices.meeting import meet
    from declspore.devices.ranks import Ranks

    found: list[tuple[float, float]] = []

    def work(seat, listener, connection):
        group = Ranks(meet(seat, listener, 60))
        array = np.ones(mebibytes << 18, np.float32)
        group.sum(array)
        begun, used = time.monotonic(), time.process_time()
        for _ in range(5):
            group.sum(array)
        took = time.monotonic() - begun, time.process_time() - used
        connection.send(("seconds", (took[0] / 5, took[1] / 5)))
        os._exit(0)

    Launch(size, work, lambda rank, m: found.append(m[1]), lambda *line: None).run()
    return max(found)


def print_sums(rounds: int) -> None:
    for size in (2, 4):
        for many in (1, 16, 100):
            took = [summed(size, many) for _ in range(rounds)]
            wall, cpu = (statistics.median(each) * 1e3 for each in zip(*took, strict=True))
            row = f"{wall:.1f} ms, {cpu:.1f} ms of a processor each"
            print(f"sum of {many} MiB in {size} processes: {row}", flush=True)


def print_steps(found: dict[tuple[str, str], list[tuple[float, float]]]) -> None:
    medians = {
        key: [statistics.median(each) * 1e3 for each in zip(*took, strict=True)]
        for key, took in found.items()
    }
    for (name, way), (wall, cpu) in medians.items():
        efficiency = medians[name, BASE][0] / wall / 2
        row = f"{wall:.1f} ms a step, {cpu:.1f} ms of processors"
        print(f"{name}, {way}: {row}, efficiency {efficiency:.2f}", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=2)
    arguments.add_argument("--networks", nargs="+", default=list(NETWORKS))
    given = arguments.parse_args()
    begun = time.monotonic()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
    print_sums(given.rounds)
    imported()
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for number in range(given.rounds):
        for name in given.networks:
            for label, way in ways_of(name).items():
                with tempfile.TemporaryDirectory() as folder:
                    found.setdefault((name, label), []).append(trained(Path(folder), name, way))
        took = time.monotonic() - begun
        print(f"round {number + 1}, {took:.0f} s, load {os.getloadavg()[0]:.1f}", flush=True)
        print_steps(found)


if __name__ == "__main__":
    main()
