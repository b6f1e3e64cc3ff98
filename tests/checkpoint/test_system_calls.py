"""An edit in place, of which each call that writes is the last, or fails: strace sees to it.

Whatever the call: the file is the old one or the new one, whole, and the next edit works.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from declspore.checkpoint.format import Copied
from declspore.checkpoint.writer import write_checkpoint
from tests.checkpoint.support import opened, written

STRACE = shutil.which("strace")
CALLS = (
    *("write", "writev", "pwrite64", "pwritev", "copy_file_range", "sendfile", "fallocate"),
    *("ftruncate", "truncate", "fchmod", "chmod", "fchown", "chown", "fsync", "fdatasync"),
    *("link", "linkat", "rename", "renameat", "renameat2", "unlink", "unlinkat"),
)
EDIT = """
import os, sys
import numpy as np
from declspore.checkpoint.format import Copied
from declspore.checkpoint.writer import write_checkpoint
from declspore.report import DiagnosticError
from tests.checkpoint.support import opened, piece

path, nameless = sys.argv[1], sys.argv[2] == "nameless"
if not nameless:
    del os.O_TMPFILE
try:
    with opened(path) as file:
        pieces = [Copied(file, file.by_name["large"], "renamed"), piece("new", np.arange(600_000))]
        write_checkpoint(path, pieces)
except DiagnosticError as error:
    (problem,) = error.diagnostics
    print(problem.code, *problem.notes)
    sys.exit(2)
"""
OLD = {"gone": np.arange(7), "large": np.arange(1_600_000, dtype=np.float32)}
NEW = {"renamed": OLD["large"], "new": np.arange(600_000)}


def _edit(path, way, *options):
    log = str(path.parent.parent / "calls")
    traced = (STRACE, "-f", "-qq", "-o", log, "-e", f"trace={','.join(CALLS)}", *options)
    program = (sys.executable, "-c", EDIT, str(path), way)
    return subprocess.run([*traced, *program], capture_output=True, text=True)


def _is(path, values) -> bool:
    with opened(path) as file:
        names = [entry.name for entry in file] == list(values)
        return names and all(np.array_equal(file.array(n), v) for n, v in values.items())


def _others(path) -> list[str]:
    return [name for name in os.listdir(path.parent) if name != path.name]


@pytest.fixture
def path(tmp_path):
    if STRACE is None:
        pytest.skip("strace is not installed")
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder" / "x.ckpt"


def _calls(path, way) -> list[tuple[str, int]]:
    """Every call that writes, and the how-manieth of its name it is."""
    written(path, OLD)
    done = _edit(path, way)
    if "not permitted" in done.stderr:
        pytest.skip("processes may not be traced here")
    assert done.returncode == 0, done.stderr
    assert _is(path, NEW)
    log = (path.parent.parent / "calls").read_text()
    counts = Counter(re.findall(r"^\d+ +(\w+)\(", log, re.M))
    assert counts["writev"] > 3
    assert counts["fsync"] == 2
    return [(name, n + 1) for name, count in counts.items() for n in range(count)]


@pytest.mark.parametrize("way", ["nameless", "named"])
def test_killed_at_every_call(path, way):
    found = set()
    for name, when in _calls(path, way):
        for left in _others(path):
            os.unlink(path.parent / left)
        written(path, OLD)
        done = _edit(path, way, "-e", f"inject={name}:signal=KILL:when={when}")
        assert done.returncode == -signal.SIGKILL, (name, when)
        is_old = _is(path, OLD)
        assert is_old or _is(path, NEW), (name, when)
        found.add(is_old)
        assert all(left.startswith(".x.ckpt.") for left in _others(path))
        with opened(path) as file:  # what was left behind is in nobody's way
            write_checkpoint(path, [Copied(file, entry, entry.name) for entry in file])
    assert found == {True, False}


@pytest.mark.parametrize("way", ["nameless", "named"])
def test_failing_at_every_call(path, way):
    """A full disk, or a broken one: an error, the old file, and nothing left behind."""
    for name, when in _calls(path, way):
        written(path, OLD)
        fault = "EIO" if name == "fsync" else "ENOSPC"
        done = _edit(path, way, "-e", f"inject={name}:error={fault}:when={when}")
        if name == "fchown":  # who owns the file is kept where that is allowed
            assert (done.returncode, _is(path, NEW)) == (0, True)
        elif (name, when) == ("fsync", 2):
            assert done.stdout.startswith("E520 the new file is in place")
            assert _is(path, NEW)
        else:
            assert done.stdout == "E520 nothing was changed\n", (name, when, done.stderr)
            assert _is(path, OLD), (name, when)
        assert _others(path) == []
