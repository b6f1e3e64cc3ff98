"""Files and folders whose permissions stand in the way, met without what root may do beside."""

import ctypes
import os
import shutil
import stat
import subprocess
import sys

import pytest

from tests.cli.support import codes
from tests.conftest import GOLDEN

_PR_CAPBSET_DROP = 24
_BEYOND_PERMISSIONS = (1, 2, 3)
"""CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER: lost by root, nobody else has them."""
NOBODY = 65534

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")


@pytest.fixture
def humbly(here):
    """Runs the command line as one who is held to permissions, in an empty folder."""
    prctl = ctypes.CDLL(None).prctl

    def drop():
        for capability in _BEYOND_PERMISSIONS:
            prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)

    def run(*arguments):
        command = [sys.executable, "-m", "declspore", *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=here, check=False, preexec_fn=drop
        )

    return run


@pytest.fixture
def lenet(here):
    shutil.copy(GOLDEN / "lenet_filled.ckpt", here / "a.ckpt")
    return here / "a.ckpt"


def _edit(run, *arguments):
    return run("edit", "a.ckpt", *arguments, "--delete", "fc1.*", "--quiet")


def test_a_read_only_file_may_be_replaced(humbly, lenet):
    """As MindSpore leaves its files; the folder says who may replace one."""
    lenet.chmod(0o400)
    before = lenet.stat().st_size
    assert _edit(humbly, "--in-place").returncode == 0
    assert lenet.stat().st_size < before
    assert stat.S_IMODE(lenet.stat().st_mode) == 0o400


def test_a_file_that_may_not_be_read(humbly, lenet):
    lenet.chmod(0)
    done = humbly("inspect", "a.ckpt")
    assert (done.returncode, codes(done)) == (2, ["E502"])


@pytest.mark.parametrize("mode", [0o555, 0o311, 0o600], ids=oct)
def test_a_folder_where_nothing_can_be_put(mode, humbly, lenet, here):
    """Told by the plan, before hours are spent: entered, listed (to flush it) and written."""
    folder = here / "folder"
    folder.mkdir(mode)
    done = _edit(humbly, "-o", "folder/b.ckpt", "--dry-run")
    assert (done.returncode, codes(done)) == (2, ["E554"])
    folder.chmod(0o755)
    assert os.listdir(folder) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_somebody_else_in_a_sticky_folder(humbly, lenet, here):
    os.chown(lenet, NOBODY, NOBODY)
    os.chown(here, NOBODY, NOBODY)
    here.chmod(0o1777)
    before = lenet.read_bytes()
    done = _edit(humbly, "--in-place")
    assert (done.returncode, codes(done)) == (2, ["E520"])
    assert lenet.read_bytes() == before
    assert os.listdir(here) == ["a.ckpt"]
