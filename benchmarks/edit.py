"""Quick edits as whole processes against ``cp``, several files at once, and suggestions.

    chrt -r 1 python -m benchmarks.edit [--rounds N] [--page docs/performance.md]

In each round all contenders take their turn; the first round is not counted. Times are medians,
ratios the median over the rounds of the ratios of one round: of the time on the clock, and of the
processor's, which other work on the machine disturbs less. Files lie in the page cache. declspore
flushes what it writes to disk before it takes its place; so ``cp`` is also measured with ``sync``.
"""

from __future__ import annotations

import argparse
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.checkpoint import write_files
from benchmarks.contest import ENVIRONMENT
from declspore.checkpoint.format import Computed
from declspore.checkpoint.values import value_header
from declspore.checkpoint.writer import write_checkpoint
from declspore.ir.dtype import FLOAT32
from declspore.ir.header import Header, HeaderEntry
from declspore.suggest.advice import Asked, advise

EDIT = [sys.executable, "-m", "declspore", "edit"]
_BEGIN, _END = "<!-- edits -->", "<!-- end of edits -->"

Seconds = tuple[float, float]
"""On the clock, and of the processor: the process with its children."""
Found = dict[str, list[Seconds]]


def process(*command: str) -> Seconds:
    start, before = time.perf_counter(), os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    after = os.times()
    spent = after.children_user + after.children_system
    return (
        time.perf_counter() - start,
        spent - before.children_user - before.children_system,
    )


def measure(
    rounds: int, steps: dict[str, Callable[[], Seconds]], clean: Callable[[], None]
) -> Found:
    found: Found = {name: [] for name in steps}
    for turn in range(rounds + 1):
        for name, step in steps.items():
            seconds = step()
            clean()
            if turn:
                found[name].append(seconds)
    return found


def row(what: str, found: Found) -> str:
    ours, *others = found
    clock, processor = (statistics.median(column) for column in zip(*found[ours], strict=True))
    ratios = []
    for name in others:
        pairs = list(zip(found[ours], found[name], strict=True))
        on_clock = statistics.median(b[0] / a[0] for a, b in pairs)
        of_processor = statistics.median(b[1] / a[1] for a, b in pairs)
        ratios.append(f"{name} {on_clock:.2f}x, {of_processor:.2f}x")
    return f"| {what} | {clock:.2f} s, {processor:.2f} s | {'; '.join(ratios)} |"


def files(folder: Path, rounds: int) -> list[str]:
    source = write_files(folder, "1GB")["ckpt"]
    target = folder / "new.ckpt"
    copy = f"cp {shlex.quote(source)} {shlex.quote(str(target))}"
    steps = {
        "declspore edit": lambda: process(
            *EDIT, source, "-o", str(target), "--delete", "layer0.weight", "-q"
        ),
        "cp": lambda: process("sh", "-c", copy),
        "cp and sync": lambda: process("sh", "-c", f"{copy} && sync {shlex.quote(str(target))}"),
    }
    found = measure(rounds, steps, target.unlink)
    return [row("edit --delete of 1 GB, whole process", found)]


def several(folder: Path, rounds: int) -> list[str]:
    value = np.random.default_rng(0).integers(0, 99, 1 << 22, np.int32).view(np.float32)
    names = [str(folder / f"{index}.ckpt") for index in range(4)]
    for name in names:
        pieces = [
            Computed(value_header("", f"layer{i}.weight", value), lambda: value) for i in range(4)
        ]
        write_checkpoint(name, pieces, durable=False)
    out = folder / "out"
    flags = ("--set", "** = cast(it, f16)", "-q")

    def clean() -> None:
        for path in out.iterdir():
            path.unlink()

    steps = {
        f"--jobs {jobs}": lambda jobs=jobs: process(
            *EDIT, *names, "-o", str(out), "--jobs", str(jobs), *flags
        )
        for jobs in (2, 1)
    }
    return [row("cast of 4 files of 64 MiB, --jobs 2", measure(rounds, steps, clean))]


def start(folder: Path, rounds: int) -> list[str]:
    source, target = folder / "small.ckpt", folder / "new.ckpt"
    small = np.zeros(3, np.float32)
    headers = [value_header("", name, small) for name in ("a", "b")]
    write_checkpoint(source, [Computed(header, lambda: small) for header in headers])
    steps = {
        "declspore edit": lambda: process(
            *EDIT, str(source), "-o", str(target), "--delete", "b", "-q"
        ),
        "python -c 'import numpy'": lambda: process(sys.executable, "-c", "import numpy"),
    }
    found = measure(rounds, steps, lambda: target.unlink(missing_ok=True))
    return [row("edit --delete of a small file, whole process", found)]


def layers(number: int) -> list[HeaderEntry]:
    """The table of a transformer of that many layers, 16 entries each."""
    shapes = {"norm1.gamma": (64,), "norm1.beta": (64,), "norm2.gamma": (64,), "norm2.beta": (64,)}
    for name in ("q", "k", "v", "o"):
        shapes |= {f"attn.{name}.weight": (64, 64), f"attn.{name}.bias": (64,)}
    shapes |= {"mlp.fc1.weight": (256, 64), "mlp.fc1.bias": (256,)}
    shapes |= {"mlp.fc2.weight": (64, 256), "mlp.fc2.bias": (64,)}
    return [
        HeaderEntry.of(f"encoder.layers.{index}.{name}", FLOAT32, shape)
        for index in range(number)
        for name, shape in shapes.items()
    ]


def suggestions(rounds: int) -> list[str]:
    wanted = layers(625)
    torch = {"gamma": "weight", "beta": "bias"}

    def named(entry: HeaderEntry) -> HeaderEntry:
        head, _, leaf = entry.name.rpartition(".")
        return entry.renamed(f"module.{head}.{torch.get(leaf, leaf)}")

    header = Header.of("x.ckpt", [named(entry) for entry in wanted])
    times = []
    for _ in range(rounds):
        begin = time.process_time()
        (help,) = advise(Asked(wanted, header, source='ckpt("x.ckpt")', task=True))
        times.append(time.process_time() - begin)
    assert "exactly 7500" in help
    seconds = statistics.median(times)
    return [f"| suggestion for 10,000 entries, proved | processor {seconds:.2f} s | |"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--page", type=Path, help="the page whose table of edits is replaced")
    options = parser.parse_args()
    lines = ["| | declspore: clock, processor | others took: clock, processor |", "|---|---|---|"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in (files, several, start):
            lines += part(folder, options.rounds)
            print(lines[-1], flush=True)
    lines += suggestions(options.rounds)
    table = "\n".join(lines) + "\n"
    print(table)
    if options.page:
        head, _, rest = options.page.read_text().partition(_BEGIN)
        options.page.write_text(f"{head}{_BEGIN}\n{table}{_END}{rest.partition(_END)[2]}")


if __name__ == "__main__":
    main()
