"""What happens around a command: Ctrl-C, pipes whose reader leaves, folders and disks that go."""

import os
import resource
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.attacks.support import attacked
from tests.checkpoint.support import opened, written

EDIT = 'spec 1\nedit e {\n  in s = ckpt("in.ckpt")\n  out d = ckpt("out.ckpt")\n  %s\n}\n'
COMMAND = [sys.executable, "-m", "declspore"]


@pytest.fixture
def folder(here):
    written(here / "in.ckpt", {"w": np.ones(3, np.float32)})
    (here / "e.spec").write_text(EDIT % "rename s.`w` -> `v`")
    return here


@pytest.mark.parametrize("after", [0.3, 0.6, 1.0, 1.5])
@pytest.mark.parametrize("arguments", [["check", "slow.spec"], ["inspect", "in.ckpt"]])
def test_interrupted_at_any_time(folder, arguments, after):
    """130 and one line, or done before; Python itself may not have started yet."""
    (folder / "slow.spec").write_text(
        "spec 1\nlet a = [for i in 0 .. 300, j in 0 .. 300 { i * j }]\n"
    )
    process = subprocess.Popen(
        [*COMMAND, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    if process.returncode in (-signal.SIGINT, 1) and b"declspore/cli" not in stderr:
        pytest.skip("interrupted before a line of ours ran")
    if process.returncode != 0:
        assert process.returncode == 130, stderr
        assert stderr.split() == [b"interrupted"]


def test_interrupted_in_this_process(monkeypatch, capsys):
    from declspore.cli import main

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("declspore.cli.settings.check_file", stop)
    with pytest.raises(SystemExit) as caught:
        main(["check", "any.spec"])
    assert caught.value.code == 130
    assert capsys.readouterr().err.split() == ["interrupted"]


@pytest.mark.parametrize("stream", ["stdout", "stderr", "both"])
def test_a_reader_that_leaves_stops_no_edit(folder, stream):
    read, write = os.pipe()
    os.close(read)
    streams = {name: write for name in ("stdout", "stderr") if stream in (name, "both")}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*COMMAND, "run", "e.spec"], cwd=folder, **quiet | streams)
    os.close(write)
    assert process.wait(60) == 0
    with opened(folder / "out.ckpt") as out:
        assert [entry.name for entry in out] == ["v"]


def test_a_reader_that_leaves_early(folder):
    written(folder / "many.ckpt", {f"entry.{n}": np.ones(1, np.float32) for n in range(20_000)})
    process = subprocess.Popen(
        [*COMMAND, "inspect", "many.ckpt"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_working_folder_that_is_gone(folder):
    """Every command says so."""
    gone = folder / "gone"
    for arguments in (["check", "e.spec"], ["run", "e.spec"], ["inspect", "in.ckpt"]):
        gone.mkdir()
        script = f"rmdir {gone} && exec {' '.join(COMMAND)} {' '.join(arguments)}"
        done = subprocess.run(["sh", "-c", script], cwd=gone, capture_output=True, text=True,
                              env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(
                                  os.path.dirname(__file__)))})  # fmt: skip
        assert done.returncode == 2, done.stderr
        assert "the working folder does not exist" in done.stderr
        assert "Traceback" not in done.stderr


SMALL = {
    "graph": (["graph", "net.spec:Net", "-o", "net.svg"], "net.svg"),
    "recipe": (["edit", "in.ckpt", "--rename", "w -> v", "-o", "o.ckpt", "--recipe", "r.spec"],
               "r.spec"),
    "invert": (["invert", "e.spec", "-o", "back.spec"], "back.spec"),
    "fmt": (["fmt", "net.spec"], "net.spec"),
}  # fmt: skip
NET = "spec 1\nnetwork Net() {\n  fc = Dense(2,  3)\n  construct(x: f32[B, 2]) = fc(x)\n}\n"


@pytest.mark.parametrize("name", SMALL)
def test_a_full_disk_leaves_nothing_half(folder, name):
    """A limit of the size of files stands for the disk."""
    (folder / "net.spec").write_text(NET)
    before = sorted(os.listdir(folder))
    arguments, path = SMALL[name]
    process = subprocess.Popen(
        ["sh", "-c", f"trap '' XFSZ; exec {' '.join([*COMMAND, *map(repr, arguments)])}"],
        cwd=folder,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        # Python leaves compiled modules behind that are cut off there
        env={**os.environ, "XDG_CACHE_HOME": "/dev/null", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (16, 16))
    _, stderr = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "Traceback" not in stderr, stderr
    assert sorted(os.listdir(folder)) == before
    if path == "net.spec":
        assert (folder / path).read_text() == NET


def test_a_recipe_replaces_no_file(folder):
    (folder / "r.spec").write_text("mine")
    arguments = ["edit", "in.ckpt", "--rename", "w -> v", "-o", "o.ckpt", "--recipe", "r.spec"]
    assert attacked(folder, *arguments).codes == ["E555"]
    assert (folder / "r.spec").read_text() == "mine"


_INTERRUPTED = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
from declspore.cli import main
"""


def _interrupted(folder, name, module):
    (folder / name).write_text(_INTERRUPTED.format(module=module))
    return subprocess.run([sys.executable, name], check=False, capture_output=True, text=True)


@pytest.mark.parametrize("module", ["declspore.porting.homes", "click", "declspore.cli.group"])
def test_an_interrupt_while_the_command_starts(here, module):
    """Before its first line runs, too."""
    done = _interrupted(here, "declspore", module)
    assert (done.returncode, done.stderr) == (130, "\ninterrupted\n")


def test_an_interrupt_of_a_program_that_uses_the_library(here):
    """It is told by Python, as ever."""
    done = _interrupted(here, "own.py", "declspore.porting.homes")
    assert (done.returncode, done.stderr[:9]) == (-signal.SIGINT, "Traceback")
