"""Checkpoint files against MindSpore, safetensors and plain ``cp``, as ratios of one run.

    DECLSPORE_MINDSPORE=.venv-mindspore/bin/python python benchmarks/checkpoint.py [--size SIZE]...
        [--rounds N] [--markdown docs/performance.md]

``SIZE`` is 100MB, 1GB or 4GB (all by default). Every contender works in a process of its own
(benchmarks/worker.py); in each round all take their turn, so that a busy moment hits all; the first
round is not counted. A ratio is the median over the rounds of the ratios of one round. Files lie in
the page cache; nothing is flushed to disk, except where a row says so.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from declspore.checkpoint.cipher import Key
from declspore.checkpoint.format import Computed
from declspore.checkpoint.reader import Access
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.values import value_header
from declspore.checkpoint.writer import write_checkpoint

HERE = Path(__file__).parent
SIZES = {"100MB": (267, 102), "1GB": (300, 1040), "4GB": (248, 4020)}
"""Entries, and megabytes (10**6)."""


class Worker:
    """A process with one library."""

    def __init__(self, python: str, library: str) -> None:
        environment = {**os.environ, "GLOG_v": "3", "PYTHONPATH": str(HERE.parent)}
        self._process = subprocess.Popen(
            [python, str(HERE / "worker.py"), library],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def __call__(self, do: str, **arguments: Any) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"a worker ended while it was asked to {do}")
        return float(json.loads(answer))

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@contextmanager
def worker(python: str, library: str) -> Iterator[Worker]:
    made = Worker(python, library)
    try:
        yield made
    finally:
        made.close()


def process(*command: str) -> float:
    """Seconds of a whole process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def write_files(folder: Path, size: str) -> dict[str, str]:
    """The same values as a checkpoint, encrypted, with a CRC, and as safetensors."""
    count, megabytes = SIZES[size]
    kind = np.float16 if size == "4GB" else np.float32
    source = np.random.default_rng(0)
    large = 623_000_000 if size == "4GB" else 0
    left = megabytes * 10**6 - 2 * large
    noise = source.integers(0, 30_000, max(large, 4 * left // count) // 4 * 2, np.uint16)
    pieces = []
    for index in range(count):
        nbytes = (
            large if large and index in (0, count - 1) else left // (count - (2 if large else 0))
        )
        rows = nbytes // np.dtype(kind).itemsize // 64
        value = noise.view(kind)[: rows * 64].reshape(rows, 64)
        header = value_header("", f"layer{index}.weight", value)
        pieces.append(Computed(header, lambda value=value: value))
    key = Key(b"0123456789abcdef", "the benchmark")
    ways: dict[str, tuple[str, dict[str, Any]]] = {
        "ckpt": ("plain.ckpt", {}),
        "safetensors": ("plain.safetensors", {"format": SAFETENSORS}),
    }
    if size != "4GB":
        ways["encrypted"] = ("secret.ckpt", {"access": Access(key, "AES-GCM")})
        ways["crc"] = ("summed.ckpt", {"access": Access(crc=True)})
    files = {}
    for name, (file, options) in ways.items():
        files[name] = str(folder / file)
        write_checkpoint(files[name], pieces, durable=False, **options)
        Path(files[name]).read_bytes()  # into the page cache
    return files


Step = Callable[[], float]


class Table:
    """Rows of seconds: each contender in each round."""

    def __init__(self, size: str, rounds: int) -> None:
        self.size, self._rounds = size, rounds
        self.rows: list[tuple[str, dict[str, list[float]]]] = []

    def measure(self, what: str, steps: dict[str, Step | None]) -> dict[str, list[float]]:
        """Run the steps in turn; show medians, and the first against each other one."""
        found: dict[str, list[float]] = {name: [] for name, step in steps.items() if step}
        for turn in range(self._rounds + 1):
            for name, step in steps.items():
                if step is not None:
                    seconds = step()
                    if turn:
                        found[name].append(seconds)
        self.rows.append((what, found))
        ours, *others = found
        text = ", ".join(
            f"{name} {statistics.median(times):.4f} s" for name, times in found.items()
        )
        ratios = ", ".join(f"{ratio(found, ours, other):.2f}x {other}" for other in others)
        print(f"{self.size:6} {what:44} {text}; {ratios}", flush=True)
        return found


def ratio(found: dict[str, list[float]], ours: str, other: str) -> float:
    """How many times longer the other took, in the median round."""
    return statistics.median(b / a for a, b in zip(found[ours], found[other], strict=True))


def measure(size: str, rounds: int, python: str | None) -> Table:
    table = Table(size, rounds)
    folder = Path(tempfile.mkdtemp(prefix="declspore-benchmark-"))
    try:
        with ExitStack() as stack:
            files = write_files(folder, size)
            us = stack.enter_context(worker(sys.executable, "declspore"))
            st = stack.enter_context(worker(sys.executable, "safetensors"))
            ms = stack.enter_context(worker(python, "mindspore")) if python else None
            _measure(table, files, folder, us, st, ms)
            for what, figure in _memory(files["ckpt"], folder).items():
                table.rows.append((what, {"": [figure]}))
                print(f"{size:6} {what:44} {figure:.3f}", flush=True)
    finally:
        shutil.rmtree(folder)
    return table


def _measure(
    table: Table,
    files: dict[str, str],
    folder: Path,
    us: Worker,
    st: Worker,
    ms: Worker | None,
) -> None:
    plain, tensors = files["ckpt"], files["safetensors"]
    new, their = str(folder / "new.ckpt"), str(folder / "their.ckpt")
    cp = shutil.which("cp") or "cp"

    def theirs(do: str, **arguments: Any) -> Step | None:
        return None if ms is None else lambda: ms(do, **arguments)

    def fresh(step: Step | None, target: str) -> Step | None:
        """A step that writes a file that is not there yet."""
        if step is None:
            return None

        def run() -> float:
            Path(target).unlink(missing_ok=True)
            return step()

        return run

    def loading(do: Worker | None, **arguments: Any) -> Step | None:
        """What was loaded is dropped, so that no other library lacks the memory."""
        if do is None:
            return None

        def run() -> float:
            taken = do("load", **arguments)
            do("forget")
            return taken

        return run

    table.measure(
        "index: names, shapes, types",
        {
            "declspore": lambda: us("index", file=plain),
            "safetensors": lambda: st("index", file=tensors),
        },
    )
    name = f"layer{SIZES[table.size][0] // 2}.weight"
    table.measure(
        "one tensor of all",
        {
            "declspore": lambda: us("one", file=plain, name=name),
            "mindspore": theirs("one", file=plain, name=name),
        },
    )
    table.measure(
        "views, every byte touched; MindSpore loads",
        {"declspore": lambda: us("views", file=plain), "mindspore": loading(ms, file=plain)},
    )
    table.measure(
        "load into own arrays",
        {
            "declspore": loading(us, file=plain),
            "mindspore": loading(ms, file=plain),
            "safetensors": loading(st, file=tensors),
        },
    )
    us("load", file=plain)
    if ms is not None:
        ms("load", file=plain)
    table.measure(
        "save",
        {
            "declspore": fresh(lambda: us("save", file=new), new),
            "mindspore": fresh(theirs("save", file=their), their),
        },
    )
    if ms is not None and "crc" in files:
        table.measure(
            "save with CRC",
            {
                "declspore": fresh(lambda: us("save", file=new, crc=True), new),
                "mindspore": fresh(theirs("save", file=their, crc=True), their),
            },
        )
        table.measure(
            "save encrypted, AES-GCM",
            {
                "declspore": fresh(lambda: us("save", file=new, key=True), new),
                "mindspore": fresh(theirs("save", file=their, key=True), their),
            },
        )
    if ms is not None:
        ms("forget")
    Path(their).unlink(missing_ok=True)
    st("load", file=tensors)
    out = str(folder / "new.safetensors")
    table.measure(
        "save as safetensors",
        {
            "declspore": fresh(lambda: us("save_safetensors", file=out), out),
            "safetensors": fresh(lambda: st("save", file=out), out),
        },
    )
    table.measure(
        "save .ckpt; safetensors saves its own",
        {
            "declspore": fresh(lambda: us("save", file=new), new),
            "safetensors": fresh(lambda: st("save", file=out), out),
        },
    )
    Path(out).unlink()
    for one in (us, st):
        one("forget")
    if ms is not None and "encrypted" in files:
        table.measure(
            "load encrypted, AES-GCM",
            {
                "declspore": loading(us, file=files["encrypted"], key=True),
                "mindspore": loading(ms, file=files["encrypted"], key=True),
            },
        )
    if "crc" in files:
        table.measure(
            "check the CRC; views touch every byte",
            {
                "declspore": lambda: us("crc", file=files["crc"]),
                "views": lambda: us("views", file=files["crc"]),
            },
        )
    table.measure(
        "edit: 1 deleted, 1 added, 1 renamed",
        {
            "declspore": fresh(lambda: us("edit", file=plain, to=new), new),
            "cp": fresh(lambda: process(cp, plain, their), their),
            "mindspore": fresh(theirs("edit", file=plain, to=their), their),
        },
    )
    table.measure(
        "edit, flushed to disk; cp and sync",
        {
            "declspore": fresh(lambda: us("edit", file=plain, to=new, durable=True), new),
            "cp": fresh(lambda: process("sh", "-c", f"cp {plain} {their} && sync {their}"), their),
        },
    )
    table.measure(
        "declspore inspect, whole process",
        {
            "declspore": lambda: process(sys.executable, "-m", "declspore", "inspect", plain),
            "python -c pass": lambda: process(sys.executable, "-c", "pass"),
        },
    )


EDIT = """spec 1
edit one {{
  in src  = ckpt("{file}")
  out dst = ckpt("{new}")
  delete src.`layer0.weight`
  rename src.`layer1.weight` -> `renamed.layer1.weight`
  add    `added.weight` = zeros([10, 100])
}}
"""


def _memory(file: str, folder: Path) -> dict[str, float]:
    """Resident memory: what loading adds to a process that has loaded before, as a multiple of the
    file, and that of the whole process of an edit."""
    with worker(sys.executable, "declspore") as one:
        one("load", file=_small(folder))
        one("forget")
        before = one("peak")
        one("load", file=file)
        loading = (one("peak") - before) / os.path.getsize(file)
    spec, new = folder / "edit.spec", folder / "edited.ckpt"
    spec.write_text(EDIT.format(file=file, new=new))
    command = [sys.executable, "-m", "declspore", "run", str(spec)]
    said = subprocess.run(
        [sys.executable, "-c", WATCHED, *command], check=True, capture_output=True, text=True
    ).stdout
    new.unlink()
    return {
        "peak of loading / file": loading,
        "declspore run of an edit, whole process, MB": int(said) * 1024 / 1e6,
    }


WATCHED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _small(folder: Path) -> str:
    """A file large enough to be loaded as large ones are."""
    value = np.zeros((8, 1 << 18), np.float32)
    pieces = [Computed(value_header("", f"x{i}", value[i]), lambda i=i: value[i]) for i in range(8)]
    write_checkpoint(folder / "small.ckpt", pieces, durable=False)
    return str(folder / "small.ckpt")


def markdown(tables: list[Table]) -> str:
    """The rows of all sizes: seconds of ours, and how many times longer others took."""
    lines = ["| | size | declspore | others took |", "|---|---|---|---|"]
    for what in dict.fromkeys(what for table in tables for what, _ in table.rows):
        for table in tables:
            for row, found in table.rows:
                if row == what:
                    ours, *others = found
                    middle = statistics.median(found[ours])
                    if not ours:
                        lines.append(f"| {what} | {table.size} | {middle:.3f} | |")
                        continue
                    ratios = ", ".join(f"{o} {ratio(found, ours, o):.3g}x" for o in others)
                    lines.append(f"| {what} | {table.size} | {middle * 1000:.4g} ms | {ratios} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", action="append", choices=SIZES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    python = os.environ.get("DECLSPORE_MINDSPORE")
    if python is None:
        print("without MindSpore: DECLSPORE_MINDSPORE names no Python")
    tables = [measure(size, options.rounds, python) for size in options.size or SIZES]
    if options.markdown is not None:
        options.markdown.write_text(markdown(tables))


if __name__ == "__main__":
    main()
