"""Checkpoint files against MindSpore, safetensors and plain ``cp``, as ratios of one run.

    DECLSPORE_MINDSPORE=.venv-mindspore/bin/python python -m benchmarks.checkpoint [--size SIZE]...
        [--only TEXT] [--rounds N] [--page docs/performance.md]

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
from dataclasses import dataclass
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


ENVIRONMENT = {n: value for n, value in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
"""As where declspore is installed: its modules are compiled once."""


class Worker:
    """A process with one library."""

    def __init__(self, python: str, library: str) -> None:
        environment = {**ENVIRONMENT, "GLOG_v": "3", "PYTHONPATH": str(HERE.parent)}
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


def first(python: str, library: str, do: str, **arguments: Any) -> float:
    """What it takes in a process that has imported the library and done nothing else, so that all
    memory is new to it."""
    with worker(python, library) as one:
        return one(do, **arguments)


def process(*command: str) -> float:
    """Seconds of a whole process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
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

    def __init__(self, size: str, rounds: int, only: str) -> None:
        self.size, self._rounds, self._only = size, rounds, only
        self.rows: dict[str, dict[str, list[float]]] = {}

    def measure(self, what: str, steps: dict[str, Step | None]) -> None:
        """Run the steps in turn; show medians, and the first against each other one."""
        if self._only not in what:
            return
        found: dict[str, list[float]] = {name: [] for name, step in steps.items() if step}
        for turn in range(self._rounds + 1):
            for name, step in steps.items():
                if step is not None:
                    seconds = step()
                    if turn:
                        found[name].append(seconds)
        self.rows[what] = found
        ours, *others = found
        text = ", ".join(
            f"{name} {statistics.median(times):.4f} s" for name, times in found.items()
        )
        ratios = ", ".join(f"{ratio(found, ours, other):.2f}x {other}" for other in others)
        print(f"{self.size:6} {what:44} {text}; {ratios}", flush=True)

    def figures(self, measured: Callable[[], dict[str, float]]) -> None:
        """Rows of one figure."""
        if self._only:
            return
        for what, figure in measured().items():
            self.rows[what] = {"": [figure]}
            print(f"{self.size:6} {what:44} {figure:.3f}", flush=True)


def ratio(found: dict[str, list[float]], ours: str, other: str) -> float:
    """How many times longer the other took, in the median round."""
    return statistics.median(b / a for a, b in zip(found[ours], found[other], strict=True))


@dataclass
class Contest:
    """The contenders, the files they work on, and the table their times go into."""

    table: Table
    files: dict[str, str]
    folder: Path
    us: Worker
    st: Worker
    ms: Worker | None
    python: str | None

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def theirs(self, do: str, **arguments: Any) -> Step | None:
        """A step of MindSpore, where it is installed."""
        ms = self.ms
        return None if ms is None else lambda: ms(do, **arguments)

    def hold(self, values: str, *workers: Worker | None) -> None:
        """Load what is saved next; without workers, let everything go."""
        for one in filter(None, (self.us, self.st, self.ms)):
            one("forget")
        for one in filter(None, workers):
            one("load", file=self.files[values])


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


def measure(size: str, rounds: int, only: str, python: str | None) -> Table:
    table = Table(size, rounds, only)
    folder = Path(tempfile.mkdtemp(prefix="declspore-benchmark-"))
    try:
        with ExitStack() as stack:
            files = write_files(folder, size)
            us = stack.enter_context(worker(sys.executable, "declspore"))
            st = stack.enter_context(worker(sys.executable, "safetensors"))
            ms = stack.enter_context(worker(python, "mindspore")) if python else None
            contest = Contest(table, files, folder, us, st, ms, python)
            for part in (_reading, _saving, _saving_safetensors, _protected, _editing, _processes):
                part(contest)
        table.figures(lambda: _memory(files["ckpt"], folder))
    finally:
        shutil.rmtree(folder)
    return table


def _reading(c: Contest) -> None:
    plain, tensors, python = c.files["ckpt"], c.files["safetensors"], c.python
    c.table.measure(
        "index: names, shapes, types",
        {
            "declspore": lambda: c.us("index", file=plain),
            "safetensors": lambda: c.st("index", file=tensors),
        },
    )
    name = f"layer{SIZES[c.table.size][0] // 2}.weight"
    c.table.measure(
        "one tensor of all",
        {
            "declspore": lambda: c.us("one", file=plain, name=name),
            "mindspore": c.theirs("one", file=plain, name=name),
        },
    )
    c.table.measure(
        "views, every byte touched; MindSpore loads",
        {"declspore": lambda: c.us("views", file=plain), "mindspore": loading(c.ms, file=plain)},
    )
    c.table.measure(
        "views, the first in a process; MindSpore loads",
        {
            "declspore": lambda: first(sys.executable, "declspore", "views", file=plain),
            "mindspore": python and (lambda: first(python, "mindspore", "load", file=plain)),
        },
    )
    c.table.measure(
        "load into own arrays",
        {
            "declspore": loading(c.us, file=plain),
            "mindspore": loading(c.ms, file=plain),
            "safetensors": loading(c.st, file=tensors),
        },
    )
    c.table.measure(
        "load into own arrays, the first in a process",
        {
            "declspore": lambda: first(sys.executable, "declspore", "load", file=plain),
            "mindspore": python and (lambda: first(python, "mindspore", "load", file=plain)),
        },
    )


def _saving(c: Contest) -> None:
    new, their = c.path("new.ckpt"), c.path("their.ckpt")
    c.hold("ckpt", c.us, c.ms)
    ways: dict[str, dict[str, bool]] = {"save": {}}
    if c.ms is not None and "crc" in c.files:
        ways |= {"save with CRC": {"crc": True}, "save encrypted, AES-GCM": {"key": True}}
    for what, protection in ways.items():
        c.table.measure(
            what,
            {
                "declspore": fresh(lambda p=protection: c.us("save", file=new, **p), new),
                "mindspore": fresh(c.theirs("save", file=their, **protection), their),
            },
        )
    Path(their).unlink(missing_ok=True)


def _saving_safetensors(c: Contest) -> None:
    new, out = c.path("new.ckpt"), c.path("new.safetensors")
    c.hold("safetensors", c.us, c.st)
    c.table.measure(
        "save as safetensors",
        {
            "declspore": fresh(lambda: c.us("save_safetensors", file=out), out),
            "safetensors": fresh(lambda: c.st("save", file=out), out),
        },
    )
    c.table.measure(
        "save .ckpt; safetensors saves its own",
        {
            "declspore": fresh(lambda: c.us("save", file=new), new),
            "safetensors": fresh(lambda: c.st("save", file=out), out),
        },
    )
    Path(out).unlink(missing_ok=True)
    c.hold("")


def _protected(c: Contest) -> None:
    if "crc" not in c.files:
        return
    secret, summed = c.files["encrypted"], c.files["crc"]
    c.table.measure(
        "load encrypted, AES-GCM",
        {
            "declspore": loading(c.us, file=secret, key=True),
            "mindspore": loading(c.ms, file=secret, key=True),
        },
    )
    c.table.measure(
        "check the CRC; views touch every byte",
        {
            "declspore": lambda: c.us("crc", file=summed),
            "views": lambda: c.us("views", file=summed),
        },
    )


def _editing(c: Contest) -> None:
    plain, new, their = c.files["ckpt"], c.path("new.ckpt"), c.path("their.ckpt")
    cp = shutil.which("cp") or "cp"
    c.table.measure(
        "edit: 1 deleted, 1 added, 1 renamed",
        {
            "declspore": fresh(lambda: c.us("edit", file=plain, to=new), new),
            "cp": fresh(lambda: process(cp, plain, their), their),
            "mindspore": fresh(c.theirs("edit", file=plain, to=their), their),
        },
    )
    c.table.measure(
        "edit, flushed to disk; cp and sync",
        {
            "declspore": fresh(lambda: c.us("edit", file=plain, to=new, durable=True), new),
            "cp": fresh(lambda: process("sh", "-c", f"cp {plain} {their} && sync {their}"), their),
        },
    )
    for left in (new, their):
        Path(left).unlink(missing_ok=True)


def _processes(c: Contest) -> None:
    command = (sys.executable, "-m", "declspore", "inspect", c.files["ckpt"])
    c.table.measure(
        "declspore inspect, whole process",
        {
            "declspore": lambda: process(*command),
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
    """The rows of all sizes: what ours took, and how many times longer others took."""
    lines = ["| | size | declspore | others took |", "|---|---|---|---|"]
    for what in dict.fromkeys(what for table in tables for what in table.rows):
        for table in tables:
            found = table.rows.get(what)
            if found is None:
                continue
            ours, *others = found
            ratios = ", ".join(f"{o} {ratio(found, ours, o):.3g}x" for o in others)
            lines.append(f"| {what} | {table.size} | {ours_of(found)} | {ratios} |")
    return "\n".join(lines) + "\n"


def ours_of(found: dict[str, list[float]]) -> str:
    ours = next(iter(found))
    middle = statistics.median(found[ours])
    return f"{middle * 1000:.4g} ms" if ours else f"{middle:.3g}"


def put_into(page: Path, table: str) -> None:
    """Replace what stands between the page's marks."""
    head, _, rest = page.read_text().partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    page.write_text(f"{head}{_BEGIN}\n{table}{_END}{tail}")


_BEGIN, _END = "<!-- checkpoints -->", "<!-- end of checkpoints -->"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", action="append", choices=SIZES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="rows that contain this text")
    parser.add_argument("--page", type=Path, help="the page whose table is replaced")
    options = parser.parse_args()
    python = os.environ.get("DECLSPORE_MINDSPORE")
    if python is None:
        print("without MindSpore: DECLSPORE_MINDSPORE names no Python")
    sizes = options.size or SIZES
    tables = [measure(size, options.rounds, options.only, python) for size in sizes]
    if options.page is not None:
        put_into(options.page, markdown(tables))
    else:
        print(markdown(tables), end="")


if __name__ == "__main__":
    main()
