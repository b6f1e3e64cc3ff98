"""How costs grow with what they are about: entries of a file, entries a rule names, files of a set.

    python -m benchmarks.growth [--rounds N] [--most N] [--write]

Every figure is the median over rounds of a process of its own, started for it: seconds of the
processor, which other programs change little, and the peak of its memory, less those of a process
that only starts. The exponent is the slope between the
last two sizes on logarithmic axes: 1 where the cost grows as the size does. ``--write`` puts the
table into docs/performance.md.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from declspore.checkpoint.format import Computed, Format
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.sharding.layout import layout
from declspore.checkpoint.sharding.strategy import Strategy, protobuf
from declspore.checkpoint.values import value_header
from declspore.checkpoint.writer import write_checkpoint

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
_ENTRIES_OF_A_RANK = 32
MEASURING = """import atexit, os, runpy, sys
def peak():
    with open("/proc/self/status") as status:
        (line,) = [line for line in status if line.startswith("VmHWM")]
    with open(os.environ["GROWTH_PEAK"], "w") as file:
        file.write(line.split()[1])
atexit.register(peak)
kind, what, *sys.argv[1:] = sys.argv[1:]
if kind == "-m":
    runpy.run_module(what, run_name="__main__", alter_sys=True)
else:
    exec(what)
"""
"""Runs what follows, and writes how much memory it had at most (what ``wait4`` knows of that is at
least the parent's)."""
ONE = "import declspore; declspore.open_checkpoint({path!r}{more}).array({name!r}).sum()"
RECORDED = """import pathlib, runpy, sys
pathlib.Path({lock!r}).unlink(missing_ok=True)
sys.argv[1:] = ["run", "-q", {spec!r}]
runpy.run_module("declspore", run_name="__main__", alter_sys=True)
"""
RULES = """spec 1
edit e {{
  in src  = ckpt("{path}")
  out dst = ckpt("out.ckpt")
  rename src.`layers.{{i:int}}.weight` -> `block.{{i}}.weight`
}}
"""


@dataclass(frozen=True)
class Case:
    """Something that is done with files of some size; ``make`` writes them and returns what Python
    is to be called with."""

    title: str
    unit: str
    sizes: tuple[int, ...]
    make: Callable[[Path, int], Sequence[str]]


CONDITION = RULES.replace("` -> `", "` where exists(src.`layers.{{i}}.*`) -> `")


def entry_name(number: int) -> str:
    return f"layers.{number}.weight"


def write_entries(path: Path, count: int, format: Format = MINDSPORE) -> None:
    """A checkpoint of so many entries of two numbers."""
    value = np.zeros(2, np.float32)
    pieces = [
        Computed(value_header("", entry_name(number), value), lambda: value)
        for number in range(count)
    ]
    write_checkpoint(path, pieces, format=format, durable=False)


def one_of(folder: Path, count: int) -> Sequence[str]:
    path = folder / f"entries{count}.ckpt"
    if not path.exists():
        write_entries(path, count)
    return ["-c", ONE.format(path=str(path), more="", name=entry_name(count // 2))]


def one_of_safetensors(folder: Path, count: int) -> Sequence[str]:
    path = folder / f"entries{count}.safetensors"
    write_entries(path, count, SAFETENSORS)
    return ["-c", ONE.format(path=str(path), more="", name=entry_name(count // 2))]


def inspected(folder: Path, count: int) -> Sequence[str]:
    one_of(folder, count)
    return ["-m", "declspore", "inspect", str(folder / f"entries{count}.ckpt")]


def planned(folder: Path, count: int) -> Sequence[str]:
    one_of(folder, count)
    spec = folder / f"rules{count}.spec"
    spec.write_text(RULES.format(path=folder / f"entries{count}.ckpt"))
    return ["-m", "declspore", "plan", str(spec)]


def conditioned(folder: Path, count: int) -> Sequence[str]:
    one_of(folder, count)
    spec = folder / f"condition{count}.spec"
    spec.write_text(CONDITION.format(path=folder / f"entries{count}.ckpt"))
    return ["-m", "declspore", "plan", str(spec)]


RULE = "  rename src.`{{p**}}.{i}.weight` -> `{{p}}.new{i}.weight`\n"


def edited(folder: Path, count: int) -> Sequence[str]:
    planned(folder, count)
    return ["-m", "declspore", "run", "--no-lock", "-q", str(folder / f"rules{count}.spec")]


def recorded(folder: Path, count: int) -> Sequence[str]:
    """The same with its lock, which was not there before."""
    planned(folder, count)
    spec = folder / f"rules{count}.spec"
    return ["-c", RECORDED.format(lock=f"{spec}.lock", spec=str(spec))]


def ruled(folder: Path, count: int) -> Sequence[str]:
    """As many rules as a tenth of the entries, each of which begins with any segments."""
    one_of(folder, count)
    rules = "".join(RULE.format(i=i) for i in range(count // 10))
    path = folder / f"entries{count}.ckpt"
    files = f'  in src = ckpt("{path}")\n  out dst = ckpt("out.ckpt")\n'
    spec = folder / f"ruled{count}.spec"
    spec.write_text(f"spec 1\nedit e {{\n{files}{rules}}}\n")
    return ["-m", "declspore", "plan", str(spec)]


def checked(folder: Path, count: int) -> Sequence[str]:
    """As many small edits in a folder."""
    recipes = folder / f"recipes{count}"
    recipes.mkdir()
    for number in range(count):
        (recipes / f"{number}.spec").write_text(RULES.format(path=f"a{number}.ckpt"))
    return ["-m", "declspore", "check", str(recipes)]


def write_set(folder: Path, files: int) -> tuple[Path, Path]:
    """A set of so many rank files, which share each of their entries; and its strategy."""
    source, strategy = folder / f"set{files}", folder / f"strategy{files}.ckpt"
    if not source.exists():
        value = np.zeros(4, np.float32)
        names = [entry_name(number) for number in range(_ENTRIES_OF_A_RANK)]
        pieces = [Computed(value_header("", name, value), lambda: value) for name in names]
        for rank in range(files):
            place = source / f"rank_{rank}"
            place.mkdir(parents=True)
            write_checkpoint(place / "net.ckpt", pieces, durable=False)
        layouts = {name: layout([files], [0]) for name in names}
        strategy.write_bytes(protobuf(Strategy((layouts,), files)))
    return source, strategy


def set_inspected(folder: Path, files: int) -> Sequence[str]:
    source, strategy = write_set(folder, files)
    return ["-m", "declspore", "inspect", str(source), "--strategy", str(strategy)]


def one_of_set(folder: Path, files: int) -> Sequence[str]:
    source, strategy = write_set(folder, files)
    more = f", strategy={str(strategy)!r}"
    return ["-c", ONE.format(path=str(source), more=more, name=entry_name(0))]


def set_joined(folder: Path, files: int) -> Sequence[str]:
    source, strategy = write_set(folder, files)
    output = str(folder / f"joined{files}.ckpt")
    return ["-m", "declspore", "convert", str(source), output, "--strategy", str(strategy)]


CASES = (
    Case("read one entry of a file", "entries", (10_000, 100_000, 1_000_000), one_of),
    Case("read one entry of a safetensors file", "entries", (10_000, 100_000), one_of_safetensors),
    Case("`inspect` a file", "entries", (10_000, 100_000, 1_000_000), inspected),
    Case("`plan` a rule that renames all", "entries", (1_000, 10_000, 100_000), planned),
    Case("the same where `exists` of each", "entries", (1_000, 10_000, 100_000), conditioned),
    Case("`run` that rule", "entries", (1_000, 10_000, 100_000), edited),
    Case("the same with a lock", "entries", (1_000, 10_000, 100_000), recorded),
    Case("a rule by its last segments for every tenth", "entries", (1_000, 10_000), ruled),
    Case("`check` a folder of edits", "specs", (50, 500), checked),
    Case("`inspect` a set", "files", (256, 1_024, 4_096), set_inspected),
    Case("read one entry of a set", "files", (256, 1_024, 4_096), one_of_set),
    Case("`convert` a set to one file", "files", (256, 1_024, 4_096), set_joined),
)


def measured(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Seconds of the processor and mebibytes of a process."""
    peak = folder / "peak"
    before = os.times()
    subprocess.run(
        [sys.executable, "-c", MEASURING, *command],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "GROWTH_PEAK": str(peak)},
    )
    after = os.times()
    used = after.children_user - before.children_user
    used += after.children_system - before.children_system
    return used, int(peak.read_text()) / 1024


def medians(command: Sequence[str], folder: Path, rounds: int) -> tuple[float, float]:
    found = [measured(command, folder) for _ in range(rounds)]
    return statistics.median(s for s, _ in found), statistics.median(m for _, m in found)


def exponent(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """The slope between the last two sizes; not a number where there is one."""
    if len(sizes) < 2:
        return math.nan
    (a, b), (x, y) = costs[-2:], sizes[-2:]
    return math.log(max(b, 1e-9) / max(a, 1e-9)) / math.log(y / x)


def rows(folder: Path, rounds: int, most: int) -> list[str]:
    """The table, a line for each case."""
    start = medians(["-c", "import declspore.cli"], folder, rounds)
    load = f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    found = [
        f"Medians of rounds: {rounds}. The load of the machine at their beginning: {load}.",
        "",
        "| | size | seconds of the processor | exponent | memory | exponent |",
        "|---|---|---|---|---|---|",
    ]
    for case in CASES:
        sizes = [size for size in case.sizes if size <= most]
        costs = []
        for size in sizes:
            seconds, memory = medians(case.make(folder, size), folder, rounds)
            costs.append((max(seconds - start[0], 0.0), max(memory - start[1], 0.0)))
            print(case.title, size, f"{seconds:.2f} s {memory:.0f} MiB", file=sys.stderr)
        listed = ", ".join(f"{size:,}" for size in sizes)
        times = ", ".join(f"{seconds:.2f}" for seconds, _ in costs)
        memories = ", ".join(f"{memory:.0f}" for _, memory in costs)
        slopes = [exponent(sizes, [cost[kind] for cost in costs]) for kind in range(2)]
        found.append(
            f"| {case.title} | {listed} {case.unit} | {times} | {slopes[0]:.2f} "
            f"| {memories} MiB | {slopes[1]:.2f} |"
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # few descriptors: a set has more files than a process may open
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
    with tempfile.TemporaryDirectory() as name:
        table = "\n".join(rows(Path(name), options.rounds, options.most))
    print(table)
    if options.write:
        text = PAGE.read_text()
        PAGE.write_text(
            re.sub(
                r"(<!-- growth -->\n).*?(\n<!-- end of growth -->)",
                lambda found: found[1] + table + found[2],
                text,
                flags=re.DOTALL,
            )
        )


if __name__ == "__main__":
    main()
