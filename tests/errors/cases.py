"""Specs with mistakes and the text they must be answered with.

``python -m tests.errors.cases`` writes the answers anew; read what changed before committing it.
"""

from pathlib import Path

from declspore.check.check import check
from declspore.render import render_all
from declspore.report import DiagnosticError
from declspore.source import Source

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
CASES = sorted(FOLDER.glob("*.spec"))


def answer(path: Path) -> str:
    """The diagnostics of a spec, as the command line would print them."""
    try:
        found = check(Source(path.name, path.read_text(), path)).warnings
    except DiagnosticError as error:
        found = error.diagnostics
    return render_all(found).replace(str(ROOT), "$ROOT") + "\n"


def main() -> None:
    for path in CASES:
        path.with_suffix(".err").write_text(answer(path))


if __name__ == "__main__":
    main()
