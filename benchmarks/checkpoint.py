"""Checkpoint files against MindSpore, safetensors and plain ``cp``, as ratios of one run.

    DECLSPORE_MINDSPORE=.venv-mindspore/bin/python python -m benchmarks.checkpoint [--size SIZE]...
        [--only TEXT] [--rounds N] [--page docs/performance.md]

``SIZE`` is 100MB, 1GB or 4GB (all by default). Files lie in the page cache; nothing is flushed to
disk, except where a row says so. benchmarks/contest.py tells how times are taken.
"""

from __future__ import annotations

import argparse
import mmap
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contest import (
    Step,
    Table,
    Worker,
    first,
    fresh,
    loading,
    markdown,
    process,
    put_into,
    worker,
)
from declspore.checkpoint.cipher import Key
from declspore.checkpoint.format import Computed
from declspore.checkpoint.reader import Access
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.values import value_header
from declspore.checkpoint.writer import write_checkpoint

SIZES = {"100MB": (267, 102), "1GB": (300, 1040), "4GB": (248, 4020)}
"""Entries, and megabytes (10**6)."""


class Files:
    """The same values in one file each way, written when first asked for: where memory is short, a
    file that nobody reads would push others out of the page cache."""

    def __init__(self, folder: Path, size: str) -> None:
        self._folder, self._size = folder, size
        self.protected = size != "4GB"
        """Whether they are encrypted and summed, too."""

    @cached_property
    def plain(self) -> str:
        return self._written("plain.ckpt")

    @cached_property
    def safetensors(self) -> str:
        return self._written("plain.safetensors", format=SAFETENSORS)

    @cached_property
    def encrypted(self) -> str:
        key = Key(b"0123456789abcdef", "the benchmark")
        return self._written("secret.ckpt", access=Access(key, "AES-GCM"))

    @cached_property
    def summed(self) -> str:
        return self._written("summed.ckpt", access=Access(crc=True))

    def _written(self, name: str, **options: Any) -> str:
        path = str(self._folder / name)
        write_checkpoint(path, _values(self._size), **options)  # flushed: no turn waits for that
        return path


def _values(size: str) -> list[Computed]:
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
    return pieces


@dataclass
class Contest:
    """The contenders, the files they work on, and the table their times go into."""

    table: Table
    files: Files
    folder: Path
    us: Worker
    st: Worker
    ms: Worker | None
    python: str | None
    memory: Worker

    def warm(self, *files: str) -> None:
        """Touch as much memory as any contender takes (MindSpore's edit four times the file), and
        what the page cache has of the files, or of the plain one."""
        plain = self.files.plain
        self.memory("touch", nbytes=4 * os.path.getsize(plain), files=files or [plain])

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def theirs(self, do: str, **arguments: Any) -> Step | None:
        """A step of MindSpore, where it is installed."""
        ms = self.ms
        return None if ms is None else lambda: ms(do, **arguments)

    def hold(self, file: str, *workers: Worker | None) -> None:
        """Load what is saved next; without workers, let everything go."""
        for one in filter(None, (self.us, self.st, self.ms)):
            one("forget")
        for one in filter(None, workers):
            one("load", file=file)

    @contextmanager
    def anew(self) -> Iterator[Contest]:
        """The contest of processes that have done nothing yet, as a script that changes a file."""
        with _contenders(self.python) as (us, ms):
            yield replace(self, us=us, ms=ms)

    def freed(self) -> Contest:
        """That of processes that freed as much memory as a file takes: their allocator (glibc's)
        keeps it instead of asking the system for each buffer anew, as where much was computed."""
        self.hold(self.files.plain, self.us, self.ms)
        self.hold("")
        return self


@contextmanager
def _contenders(python: str | None) -> Iterator[tuple[Worker, Worker | None]]:
    with ExitStack() as stack:
        us = stack.enter_context(worker(sys.executable, "declspore"))
        yield us, stack.enter_context(worker(python, "mindspore")) if python else None


def measure(size: str, rounds: int, only: str, python: str | None) -> Table:
    table = Table(size, rounds, only)
    folder = Path(tempfile.mkdtemp(prefix="declspore-benchmark-"))
    try:
        with ExitStack() as stack:
            files = Files(folder, size)
            us, ms = stack.enter_context(_contenders(python))
            st = stack.enter_context(worker(sys.executable, "safetensors"))
            memory = stack.enter_context(worker(sys.executable, "memory"))
            contest = Contest(table, files, folder, us, st, ms, python, memory)
            for part in (
                _viewing,
                _reading,
                _saving,
                _saving_safetensors,
                _protected,
                _editing,
                _processes,
            ):
                part(contest)
        table.figures(lambda: _memory(files.plain, folder))
    finally:
        shutil.rmtree(folder)
    return table


def _viewing(c: Contest) -> None:
    plain, python, warm = c.files.plain, c.python, c.warm
    name = f"layer{SIZES[c.table.size][0] // 2}.weight"
    c.table.measure(
        "one tensor of all",
        {
            "declspore": lambda: c.us("one", file=plain, name=name),
            "mindspore": c.theirs("one", file=plain, name=name),
        },
    )
    for threads, by in ((1, "one thread"), (2, "two threads")):
        c.table.measure(
            f"views, every byte touched by {by}; MindSpore loads",
            {
                "declspore": lambda n=threads: c.us("views", file=plain, threads=n),
                "mindspore": loading(c.ms, file=plain),
            },
            warm,
        )
    c.table.measure(
        "views, every page touched by one thread; MindSpore loads",
        {
            "declspore": lambda: c.us("views", file=plain, step=mmap.PAGESIZE),
            "mindspore": loading(c.ms, file=plain),
        },
        warm,
    )
    c.table.measure(
        "views, the first in a process, one thread; MindSpore loads",
        {
            "declspore": lambda: first(warm, sys.executable, "declspore", "views", file=plain),
            "mindspore": python and (lambda: first(warm, python, "mindspore", "load", file=plain)),
        },
    )


def _reading(c: Contest) -> None:
    plain, tensors, python = c.files.plain, c.files.safetensors, c.python
    warm = partial(c.warm, plain, tensors)
    c.table.measure(
        "index: names, shapes, types",
        {
            "declspore": lambda: c.us("index", file=plain),
            "safetensors": lambda: c.st("index", file=tensors),
        },
    )
    c.table.measure(
        "load into own arrays",
        {
            "declspore": loading(c.us, file=plain),
            "mindspore": loading(c.ms, file=plain),
            "safetensors": loading(c.st, file=tensors),
        },
        warm,
    )
    c.table.measure(
        "load into own arrays, the first in a process",
        {
            "declspore": lambda: first(warm, sys.executable, "declspore", "load", file=plain),
            "mindspore": python and (lambda: first(warm, python, "mindspore", "load", file=plain)),
        },
    )


def _saving(c: Contest) -> None:
    ways: dict[str, dict[str, bool]] = {"save": {}}
    if c.ms is not None and c.files.protected:
        ways |= {"save with CRC": {"crc": True}, "save encrypted, AES-GCM": {"key": True}}
    for what, protection in ways.items():
        if c.table.wants(what):
            with c.anew() as new:
                _save(new, what, protection)
    before = "save, where as much was freed before"
    if c.table.wants(before):
        _save(c.freed(), before, {})
    c.hold("")


def _save(c: Contest, what: str, protection: dict[str, bool]) -> None:
    new, their = c.path("new.ckpt"), c.path("their.ckpt")
    c.hold(c.files.plain, c.us, c.ms)
    c.table.measure(
        what,
        {
            "declspore": fresh(lambda: c.us("save", file=new, **protection), new),
            "mindspore": fresh(c.theirs("save", file=their, **protection), their),
        },
        c.warm,
    )
    Path(their).unlink(missing_ok=True)


def _saving_safetensors(c: Contest) -> None:
    new, out = c.path("new.ckpt"), c.path("new.safetensors")
    c.hold(c.files.safetensors, c.us, c.st)
    c.table.measure(
        "save as safetensors",
        {
            "declspore": fresh(lambda: c.us("save_safetensors", file=out), out),
            "safetensors": fresh(lambda: c.st("save", file=out), out),
        },
        c.warm,
    )
    c.table.measure(
        "save .ckpt; safetensors saves its own",
        {
            "declspore": fresh(lambda: c.us("save", file=new), new),
            "safetensors": fresh(lambda: c.st("save", file=out), out),
        },
        c.warm,
    )
    Path(out).unlink(missing_ok=True)
    c.hold("")


def _protected(c: Contest) -> None:
    if not c.files.protected:
        return
    secret, summed = c.files.encrypted, c.files.summed
    c.table.measure(
        "load encrypted, AES-GCM",
        {
            "declspore": loading(c.us, file=secret, key=True),
            "mindspore": loading(c.ms, file=secret, key=True),
        },
        partial(c.warm, secret),
    )
    c.table.measure(
        "check the CRC; views touch every byte",
        {
            "declspore": lambda: c.us("crc", file=summed),
            "views": lambda: c.us("views", file=summed),
        },
        partial(c.warm, summed),
    )


def _editing(c: Contest) -> None:
    plain, new, their = c.files.plain, c.path("new.ckpt"), c.path("their.ckpt")
    cp = shutil.which("cp") or "cp"
    what = "edit: 1 deleted, 1 added, 1 renamed"
    if c.table.wants(what):
        with c.anew() as anew:
            _edit(anew, what, {"cp": lambda: process(cp, plain, their)})
    before = "edit, where as much was freed before"
    if c.table.wants(before):
        _edit(c.freed(), before, {})
    c.table.measure(
        "edit, flushed to disk; cp and sync",
        {
            "declspore": fresh(lambda: c.us("edit", file=plain, to=new, durable=True), new),
            "cp": fresh(lambda: process("sh", "-c", f"cp {plain} {their} && sync {their}"), their),
        },
        c.warm,
    )
    for left in (new, their):
        Path(left).unlink(missing_ok=True)


def _edit(c: Contest, what: str, others: dict[str, Step]) -> None:
    plain, new, their = c.files.plain, c.path("new.ckpt"), c.path("their.ckpt")
    c.table.measure(
        what,
        {
            "declspore": fresh(lambda: c.us("edit", file=plain, to=new), new),
            **{name: fresh(other, their) for name, other in others.items()},
            "mindspore": fresh(c.theirs("edit", file=plain, to=their), their),
        },
        c.warm,
    )


def _processes(c: Contest) -> None:
    command = (sys.executable, "-m", "declspore", "inspect", c.files.plain)
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
