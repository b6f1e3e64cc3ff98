"""How long specs take to be parsed and checked, and how that grows with their length.

    python benchmarks/language.py [--rounds N]

Times are the best of several rounds. A spec of many lines is made of blocks, networks that use
them, and tasks; the second kind has a mistake in every declaration.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from declspore.check.check import check, check_file
from declspore.report import DiagnosticError
from declspore.source import Source
from declspore.syntax.parse import parse

ROOT = Path(__file__).parents[1]

_BLOCK = """
cell Block{i}(cin: int, cout: int, stride: int = 1) {{
  conv = Conv2d(cin, cout, 3, stride = stride)
  norm = BatchNorm2d(cout)

  construct(x) {{
    y = x |> conv |> norm
    return relu(y)
  }}
}}

network Net{i}(classes: int = 10) {{
  body = SequentialCell(Block{i}(3, 8), for k in 0 ..< 2 {{ Block{i}(8, 8) }})
  head = Dense(8, classes)

  construct(image: f32[B, 3, H, W]) -> f32[B, classes] {{
    x = body(image)
    return x |> mean(axis = [2, 3]) |> head
  }}
}}
"""


def long_spec(lines: int, *, wrong: bool = False) -> str:
    text = "spec 1\n" + "".join(
        _BLOCK.format(i=i) for i in range(max(lines // _BLOCK.count("\n"), 1))
    )
    return text.replace("relu(y)", "relu(y") if wrong else text


def best(rounds: int, work: Callable[[], object]) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        try:
            work()
        except DiagnosticError as error:
            str(error)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds

    spec = ROOT / "specs" / "resnet50.spec"
    source = Source("resnet50.spec", spec.read_text())
    parse(source)
    print(f"resnet50.spec  parse {best(rounds, lambda: parse(source)) * 1e3:.1f} ms")
    print(f"resnet50.spec  parse and check {best(rounds, lambda: check_file(spec)) * 1e3:.1f} ms")
    command = [sys.executable, "-m", "declspore", "check", str(spec)]
    process = best(rounds, lambda: subprocess.run(command, check=True, capture_output=True))
    print(f"resnet50.spec  declspore check, whole process {process:.3f} s")
    for wrong in (False, True):
        for lines in (1_000, 2_000, 5_000, 10_000):
            text = long_spec(lines, wrong=wrong)
            seconds = best(max(rounds // 2, 1), lambda text=text: check(Source("long", text)))
            kind = "wrong everywhere" if wrong else "right"
            print(
                f"{lines:6,} lines, {kind}: {seconds:.2f} s, {seconds / lines * 1e6:.0f} us a line"
            )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.spec"
        path.write_text(long_spec(10_000))
        command[-1] = str(path)
        process = best(2, lambda: subprocess.run(command, check=True, capture_output=True))
        print(f"10,000 lines, declspore check, whole process {process:.2f} s")


if __name__ == "__main__":
    main()
