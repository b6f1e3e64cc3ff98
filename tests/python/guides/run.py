"""Runs the snippets of a file: ``python run.py LIBRARY FILE``, in an empty folder.

Each snippet is a module of its own that begins with the part before the first one; what it prints,
or what it raises, goes to standard output as JSON, by number. ``LIBRARY`` takes the place of
``mindspore`` in their text.
"""

import contextlib
import importlib
import io
import json
import re
import sys
import warnings
from pathlib import Path

HEAD = re.compile(r"^# %% (\w+) ", re.M)
_FLOAT = re.compile(r"\d+\.\d{5,}(e-?\d+)?")


def parts(text):
    """The common part, then (number, text) of each snippet."""
    marks = list(HEAD.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    snippets = [(m[1], text[m.start() : end]) for m, end in zip(marks, ends, strict=True)]
    return text[: marks[0].start()], snippets


def with_library(path, library):
    return re.sub(r"\bmindspore\b", library, Path(path).read_text())


def _write(name, text):
    Path(f"{name}.py").write_text(text)
    importlib.invalidate_caches()


def _rounded(line):
    """Figures of many digits to four: processors differ in the last ones."""
    return _FLOAT.sub(lambda found: f"{float(found[0]):.4g}", line)


def run(module):
    printed, error = io.StringIO(), None
    try:
        with contextlib.redirect_stdout(printed):
            importlib.import_module(module)
    except Exception as raised:
        error = f"{type(raised).__name__}: {str(raised).strip()}".splitlines()[0]
    lines = [line for line in printed.getvalue().splitlines() if "WARNING" not in line]
    return {"lines": list(map(_rounded, lines)), "error": error}


def main(library, path):
    warnings.simplefilter("ignore")
    sys.path.insert(0, ".")
    _write("networks", with_library(Path(path).parent / "networks.py", library))
    common, snippets = parts(with_library(path, library))
    _write("common", common)
    found = {}
    for number, text in snippets:
        _write(f"snippet_{number}", f"from common import *\n\n{text}")
        found[number] = run(f"snippet_{number}")
    print("RESULTS " + json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
