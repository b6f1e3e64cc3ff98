"""Every shipped network and port in every format, proved; as the table of docs/exports.md.

``python -m tests.exports.matrix FILE`` measures what FILE does not have yet, a line of JSON for
each network (an hour on two cores), and writes the table; ``tests/exports/test_matrix.py`` holds
the table to the networks there are.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from declspore.check.check import check_file
from declspore.exports.format import export_formats
from declspore.ir.network import Network
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "exports.md"
FORMATS = (".onnx", ".tflite", "/", ".keras")
_HEAD = """# Which network can be exported where

Made by `python -m tests.exports.matrix FILE` with random values for the parameters; of each spec
the first network, and those with words that none before them has. A number is the largest
difference between the network's outputs and those of the file in its own runtime, relative to the
largest output where that is above 1, over inputs of three batch sizes and, where they are free, of
two sizes of everything else; `declspore export` puts no file in place that differs by more than
1e-5. What is refused is reported by `declspore plan`.

| network | ONNX | LiteRT | SavedModel | Keras |
|---|---|---|---|---|
"""


def specs() -> list[Path]:
    ports = sorted((ROOT / "examples" / "ports").glob("*.spec"))
    return [*sorted((ROOT / "specs").glob("*.spec")), *ports]


def networks() -> Iterator[tuple[str, Network]]:
    """Of every file the networks that can be had without arguments: the first, and those with
    words that none before them has."""
    for path in specs():
        seen: set[str] = set()
        for name, network in check_file(str(path), {}).networks.items():
            words = {node.word for node in network.nodes}
            if not seen or words - seen:
                yield f"{path.stem}: {name}", network
            seen |= words


def refused(network: Network, suffix: str) -> str | None:
    """The reason that the plan gives, if it does."""
    reasons = [each.reason for each in export_formats()[suffix].refusals(network)]
    return reasons[0] if reasons else None


def measured(network: Network) -> dict[str, str]:
    """What came of each format."""
    from declspore.exports.export import export
    from declspore.report import DiagnosticError
    from tests.exports.support import exportable

    made = exportable(network)
    found = {}
    for suffix in FORMATS:
        reason = refused(network, suffix)
        if reason is not None:
            found[suffix] = f"refused: {reason}"
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                done = export(export_formats()[suffix], made, f"{folder}/made{suffix}")
                found[suffix] = f"{done.proof.difference:.0e}"
            except DiagnosticError as error:
                (wrong, *_) = error.diagnostics
                found[suffix] = f"FAILED {wrong.title} {wrong.notes}"
    return found


def page(results: dict[str, dict[str, str]]) -> str:
    names = [name for name, _ in networks()]
    rows = [(name, results[name]) for name in names if name in results]
    lines = [f"| {name} | {' | '.join(row[suffix] for suffix in FORMATS)} |" for name, row in rows]
    text = _HEAD + "\n".join(lines) + "\n"
    if missing := [name for name in names if name not in results]:
        text += f"\nNot measured yet: {', '.join(missing)}.\n"
    return text


def main() -> None:
    kept = Path(sys.argv[1])
    results = {}
    if kept.exists():
        rows = map(json.loads, kept.read_text().splitlines())
        results = {row.pop("name"): row for row in rows}
    for name, network in networks():
        if name not in results and "--only-write" not in sys.argv:
            results[name] = measured(network)
            with kept.open("a") as file:
                file.write(f"{json.dumps({'name': name, **results[name]})}\n")
    PAGE.write_text(page(results))


if __name__ == "__main__":
    main()
