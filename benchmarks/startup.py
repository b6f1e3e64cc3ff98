"""How long the commands take as whole processes, beside a Python that does nothing.

    python benchmarks/startup.py

Medians of ten runs each, in seconds. The checkpoint has 300 entries and 1.07 GB.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from declspore.checkpoint.format import Computed
from declspore.checkpoint.reader import Access
from declspore.checkpoint.values import value_header
from declspore.checkpoint.writer import write_checkpoint
from declspore.plan.files import open_any

ROOT = Path(__file__).parents[1]
RUNS = 10


def seconds(*command: str) -> float:
    """The median time of a process."""
    taken = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def main() -> None:
    value = np.random.default_rng(0).normal(size=(1024, 870)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "large.ckpt")
        headers = [value_header(file, f"layer{i}.weight", value) for i in range(300)]
        pieces = [Computed(header, lambda i=i: value + i) for i, header in enumerate(headers)]
        write_checkpoint(file, pieces)
        declspore = (sys.executable, "-m", "declspore")
        rows = {
            "python -c pass": (sys.executable, "-c", "pass"),
            "inspect, 1.07 GB": (*declspore, "inspect", file),
            "check specs/lenet.spec": (*declspore, "check", str(ROOT / "specs" / "lenet.spec")),
            "check specs/resnet50.spec": (
                *declspore,
                "check",
                str(ROOT / "specs" / "resnet50.spec"),
            ),
            "plan specs/quickstart.spec": (*declspore, "plan", str(ROOT / "specs/quickstart.spec")),
        }
        for name, command in rows.items():
            print(f"{name:30} {seconds(*command):.3f}")
        start = time.perf_counter()
        open_any(file, Access())
        print(f"{'index in process':30} {time.perf_counter() - start:.4f}")


if __name__ == "__main__":
    main()
