"""What benchmarks are made of: contenders in processes of their own, rounds, a table of ratios.

Every contender works in a process of its own (benchmarks/worker.py); in each round all take their
turn, so that a busy moment hits all; the first round is not counted. Before each turn that needs
new memory, as much is touched and given back: a virtual machine may have to ask its host for memory
that was not used for a while, which takes longer than what is measured. A ratio is the median over
the rounds of the ratios of one round.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
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


def first(warm: Callable[[], None], python: str, library: str, do: str, **arguments: Any) -> float:
    """What it takes in a process that has imported the library and done nothing else, so that all
    memory is new to it; warmed once that is done."""
    with worker(python, library) as one:
        one("forget")
        warm()
        return one(do, **arguments)


def process(*command: str) -> float:
    """Seconds of a whole process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    return time.perf_counter() - start


Step = Callable[[], float]


class Table:
    """Rows of seconds: each contender in each round."""

    def __init__(self, size: str, rounds: int, only: str) -> None:
        self.size, self._rounds, self._only = size, rounds, only
        self.rows: dict[str, dict[str, list[float]]] = {}

    def wants(self, what: str) -> bool:
        return self._only in what

    def measure(
        self, what: str, steps: dict[str, Step | None], warm: Callable[[], None] | None = None
    ) -> None:
        """Run the steps in turn, each after ``warm``; show medians, and the first against each
        other one."""
        if not self.wants(what):
            return
        found: dict[str, list[float]] = {name: [] for name, step in steps.items() if step}
        for turn in range(self._rounds + 1):
            for name, step in steps.items():
                if step is not None:
                    if warm is not None:
                        warm()
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
