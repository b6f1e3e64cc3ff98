"""Many files, files that change under the reader, and what is left on the disk."""

import os
import resource
import stat
import subprocess
import sys
import time

import numpy as np
import pytest

from declspore.checkpoint import atomic
from declspore.checkpoint.atomic import replacing
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.parking import PARKING
from declspore.report import DiagnosticError
from tests.attacks.support import attacked
from tests.checkpoint.support import opened, written

JOIN = 'spec 1\nedit e {\n  in r = ckpts("in/*.ckpt")\n  out d = ckpt("out.ckpt")\n%s\n}\n'


def ranks(folder, count):
    folder.mkdir()
    for index in range(count):
        written(folder / f"rank_{index}.ckpt", {"w": np.full((2, 3), index, np.float32)})


# ---- descriptors


@pytest.mark.parametrize("options", [[], ["--no-lock"]])
def test_more_files_than_descriptors(here, options):
    """At 64 descriptors, of which Python has some itself."""
    ranks(here / "in", 150)
    (here / "e.spec").write_text(JOIN % "  set r.`**` = concat(it)\n  ensure finite(d.`**`)")
    command = [sys.executable, "-m", "declspore", "run", "e.spec", *options]
    process = subprocess.Popen(command, cwd=here, stderr=subprocess.PIPE, text=True)
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (64, 64))
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    with opened(here / "out.ckpt") as out:
        assert out.array("w").shape == (300, 3)
        assert out.array("w")[::2, 0].tolist() == list(range(150))


@pytest.mark.slow
def test_many_edits_in_place(here):
    ranks(here / "in", 120)
    names = [f"in/rank_{index}.ckpt" for index in range(120)]
    command = ["edit", *names, "--rename", "w -> v", "--in-place"]
    process = subprocess.Popen(
        [sys.executable, "-m", "declspore", *command], cwd=here, stderr=subprocess.PIPE, text=True
    )
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (64, 64))
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    with opened(here / "in" / "rank_7.ckpt") as out:
        assert [entry.name for entry in out] == ["v"]


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(PARKING, "most", 2)


def test_files_are_opened_again(here, few):
    for index in range(9):
        (here / str(index)).write_bytes(b"%d" % index * 10)
    files = [FileBytes(str(index)) for index in range(9)]
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(2):
        assert [file.read(3, 1) for file in files] == [b"%d" % index for index in range(9)]
    assert len(os.listdir("/proc/self/fd")) <= before
    os.chdir("/")
    assert files[0].read(0, 1) == b"0"
    for file in files:
        file.close()


@pytest.mark.parametrize("change", ["replaced", "written", "removed", "pipe"])
def test_a_file_that_changed_meanwhile_is_reported(here, few, change):
    (here / "a").write_bytes(b"a" * 10)
    first = FileBytes("a")
    others = []
    for name in "bcd":
        (here / name).write_bytes(b"b")
        others.append(FileBytes(name))
    match change:
        case "replaced":
            (here / "new").write_bytes(b"x" * 10)
            (here / "new").rename(here / "a")
        case "written":
            (here / "a").write_bytes(b"y" * 11)
        case "removed":
            (here / "a").unlink()
        case "pipe":
            (here / "a").unlink()
            os.mkfifo(here / "a")
    with pytest.raises(DiagnosticError):
        first.read(0, 1)


def test_a_closed_file_stays_closed(here, few):
    (here / "a").write_bytes(b"a")
    file = FileBytes("a")
    file.close()
    with pytest.raises(DiagnosticError):
        file.read(0, 1)


# ---- a file that is cut while it is read


def test_an_edit_whose_input_is_cut_is_no_bus_error(here):
    """Values are computed of what was read, not of a map, which would kill the process."""
    written(here / "in.ckpt", {"w": np.ones((512, 1024), np.float32)})
    code = """
import os, sys
from declspore.tasks.edit import run
kept = run._Writer._read
def cut(self, value):
    os.truncate("in.ckpt", 4096)
    return kept(self, value)
run._Writer._read = cut
from declspore.cli import main
main(["run", "e.spec"])
"""
    (here / "e.spec").write_text(
        'spec 1\nedit e {\n  in s = ckpt("in.ckpt")\n  out d = ckpt("out.ckpt")\n'
        "  set s.`**` = it * 2\n}\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=here)
    assert done.returncode in (2, 4), done.stderr
    assert "Traceback" not in done.stderr
    assert not (here / "out.ckpt").exists()


# ---- permissions


@pytest.mark.parametrize("arguments", [
    ["convert", "in.ckpt", "out.npz"],
    ["edit", "in.ckpt", "--rename", "w -> v", "-o", "out.npz"],
    ["edit", "in.ckpt", "--set", "w = it * 2", "-o", "out.npz"],
])  # fmt: skip
@pytest.mark.parametrize(("mode", "expected"), [(0o600, 0o600), (0o640, 0o640), (0o400, 0o600)])
def test_a_copy_is_no_more_open_than_its_source(here, arguments, mode, expected):
    written(here / "in.ckpt", {"w": np.ones(3, np.float32)})
    os.chmod("in.ckpt", mode)
    old = os.umask(0o022)
    try:
        done = attacked(here, *arguments)
    finally:
        os.umask(old)
    assert done.returncode == 0, done.text
    assert stat.S_IMODE(os.stat("out.npz").st_mode) == expected


def test_a_file_that_was_there_keeps_its_permissions(here):
    written(here / "in.ckpt", {"w": np.ones(3, np.float32)})
    os.chmod("in.ckpt", 0o600)
    (here / "out.npz").write_bytes(b"")
    os.chmod("out.npz", 0o640)
    assert attacked(here, "convert", "in.ckpt", "out.npz").returncode == 0
    assert stat.S_IMODE(os.stat("out.npz").st_mode) == 0o640


# ---- what killed processes leave


@pytest.fixture
def named(monkeypatch):
    """A file system without files that have no name."""
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    monkeypatch.setattr(atomic, "_cleaned", set())


def old(path):
    hours = time.time() - 7200
    os.utime(path, (hours, hours))


def test_unfinished_files_of_ours_are_removed(here, named):
    for name in (".net.ckpt.0123456789ab", ".other.npz.abcdefabcdef"):
        (here / name).write_bytes(b"x")
        old(here / name)
    with replacing("net.ckpt") as file:
        file.write(b"whole")
    assert sorted(os.listdir(here)) == ["net.ckpt"]


def test_all_else_stays(here, named):
    """Young files, other names, links, files in use."""
    import fcntl

    (here / ".young.0123456789ab").write_bytes(b"x")
    stay = [".hidden", ".a.0123456789AB", ".a.0123456789abc", "a.0123456789ab"]
    for name in [*stay, ".used.0123456789ab", "target"]:
        (here / name).write_bytes(b"x")
        old(here / name)
    (here / ".link.0123456789ab").symlink_to("target")
    os.mkfifo(here / ".pipe.0123456789ab")
    before = sorted(os.listdir(here))
    with open(here / ".used.0123456789ab") as used:
        fcntl.flock(used, fcntl.LOCK_EX)
        with replacing("net.ckpt") as file:
            file.write(b"whole")
    assert sorted(os.listdir(here)) == sorted([*before, "net.ckpt"])
