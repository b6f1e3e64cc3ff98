"""Bytes into checkpoints like fuzz/checkpoint.py, by libFuzzer, which follows the code they reach.

    python -m fuzz.guided [CORPUS FOLDER] [OPTIONS OF LIBFUZZER, such as -runs=1000000]

Needs the package atheris (the extra ``fuzz``). What must not happen is the same: any exception but
DiagnosticError, more than ten seconds for a file, much more memory than the file has bytes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-not-found, unused-ignore]

with atheris.instrument_imports(include=["declspore.checkpoint", "declspore.plan.files"]):
    from fuzz import checkpoint

_OPTIONS = ("-timeout=10", "-rss_limit_mb=768", "-max_len=8192")


def main() -> None:
    examiner = checkpoint.Examiner()
    with tempfile.TemporaryDirectory() as folder:
        for index, seed in enumerate(checkpoint.seeds()):
            (Path(folder) / str(index)).write_bytes(seed)
        own = [argument for argument in sys.argv[1:] if argument.startswith("-")]
        corpora = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
        # libFuzzer writes what it finds into the first folder
        atheris.Setup([sys.argv[0], *_OPTIONS, *own, *corpora, folder], examiner.examine)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
