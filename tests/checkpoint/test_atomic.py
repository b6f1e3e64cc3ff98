"""Nothing is lost: whatever happens during a write, the target is the old or the new file."""

import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from declspore.checkpoint.format import Computed, Copied
from declspore.checkpoint.values import value_header
from declspore.checkpoint.writer import write_checkpoint
from declspore.report import DiagnosticError
from tests import warm
from tests.checkpoint.support import opened, piece


def test_failed_writes_change_nothing(tmp_path):
    path = tmp_path / "kept.ckpt"
    write_checkpoint(path, [piece("a", np.ones(3))])
    before = path.read_bytes()

    def broken():
        raise ValueError("no value")

    with pytest.raises(ValueError, match="no value"):
        write_checkpoint(
            path, [piece("b", np.ones(3)), Computed(value_header("", "c", np.ones(3)), broken)]
        )

    def refuse(_):
        raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        write_checkpoint(path, [piece("b", np.ones(3))], verify=refuse)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["kept.ckpt"]


def test_unwritable_places(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(DiagnosticError) as caught:
        write_checkpoint(file / "x.ckpt", [piece("a", np.ones(3))])
    assert caught.value.diagnostics[0].code == "E520"
    with pytest.raises(DiagnosticError) as caught:
        write_checkpoint(tmp_path / "x.ckpt", [piece("a", np.array(["text"]))])
    assert caught.value.diagnostics[0].code == "E522"
    assert os.listdir(tmp_path) == ["file"]


def test_permissions_and_links_are_kept(tmp_path):
    real = tmp_path / "real.ckpt"
    link = tmp_path / "link.ckpt"
    write_checkpoint(real, [piece("a", np.ones(3))])
    real.chmod(0o640)
    link.symlink_to(real)
    write_checkpoint(link, [piece("b", np.ones(3))])
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert opened(real).entries[0].name == "b"


def test_a_value_outlives_its_file(tmp_path):
    path = tmp_path / "x.ckpt"
    write_checkpoint(path, [piece("a", np.arange(5))])
    found = opened(path).array("a")
    write_checkpoint(path, [piece("a", np.zeros(2))])
    path.unlink()
    assert found.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("mode", [0o400, 0o640, 0o777])
def test_read_only_targets_are_replaced(tmp_path, mode):
    """MindSpore leaves every file 0400; an output that is named is meant. Its mode stays."""
    path = tmp_path / "x.ckpt"
    write_checkpoint(path, [piece("a", np.ones(3))])
    path.chmod(mode)
    write_checkpoint(path, [piece("b", np.ones(3))])
    assert stat.S_IMODE(path.stat().st_mode) == mode
    path.chmod(0o600)
    assert opened(path).entries[0].name == "b"


def test_new_files_have_the_users_mask(tmp_path):
    old = os.umask(0o027)
    try:
        write_checkpoint(tmp_path / "x.ckpt", [piece("a", np.ones(3))])
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "x.ckpt").stat().st_mode) == 0o640


def test_targets_that_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for target in (tmp_path / "pipe", tmp_path / "folder", "/dev/null"):
        with pytest.raises(DiagnosticError) as caught:
            write_checkpoint(target, [piece("a", np.ones(3))])
        assert caught.value.diagnostics[0].code == "E520"
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)


def test_a_link_to_nowhere_leads_to_the_new_file(tmp_path):
    (tmp_path / "link.ckpt").symlink_to(tmp_path / "real.ckpt")
    write_checkpoint(tmp_path / "link.ckpt", [piece("a", np.ones(3))])
    assert opened(tmp_path / "real.ckpt").array("a").tolist() == [1, 1, 1]


@pytest.mark.parametrize("nameless", [True, False])
def test_names_as_long_as_the_system_allows(tmp_path, monkeypatch, nameless):
    """Which counts bytes."""
    if not nameless:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    for name in ("重" * 83 + ".ckpt", "a" * 250 + ".ckpt"):
        write_checkpoint(tmp_path / name, [piece("a", np.ones(3))])
        assert os.listdir(tmp_path) == [name]
        (tmp_path / name).unlink()


def test_a_file_may_be_written_over_itself(tmp_path):
    path = tmp_path / "x.ckpt"
    write_checkpoint(path, [piece("a", np.arange(9)), piece("b", np.arange(4))])
    with opened(path) as file:
        write_checkpoint(path, [Copied(file, file.by_name["b"], "c")])
    assert [entry.name for entry in opened(path)] == ["c"]


# ---- processes that die


WRITE = textwrap.dedent(
    """
    import os, sys
    import numpy as np
    from declspore.checkpoint.format import Computed
    from declspore.checkpoint.values import value_header
    from declspore.checkpoint.writer import write_checkpoint

    path, nameless, when = sys.argv[1], sys.argv[2] == "nameless", int(sys.argv[3])
    if not nameless:
        del os.O_TMPFILE
    seen = 0
    LONGEST = 1000

    def faulty(name):
        call = getattr(os, name)

        def counted(*arguments, **options):
            global seen
            seen += 1
            if seen == when:
                os.kill(os.getpid(), 9)
            return call(*arguments, **options)

        setattr(os, name, counted)

    for name in ("open", "link", "replace", "fsync", "fchmod", "fchown"):
        faulty(name)

    def half(fd, parts):
        # each write to the file can be the last, and end in its middle
        global seen
        seen += 1
        data = b"".join(parts)
        if seen == when:
            os.write(fd, data[: len(data) // 2])
            os.kill(os.getpid(), 9)
        return os.write(fd, data[:LONGEST])

    os.writev = half

    value = np.arange(1000)
    write_checkpoint(path, [Computed(value_header("", "new", value), lambda: value)])
    print(seen)
    """
)


def _write(path, nameless: bool, when: int):
    way = "nameless" if nameless else "named"
    return warm.ours().run("-c", WRITE, path, way, when)


@pytest.mark.parametrize("nameless", [True, False])
def test_killed_at_every_step(tmp_path, nameless):
    """Killed at each call that writes, in turn: the old file or the new one, whole."""
    path = tmp_path / "x.ckpt"
    write_checkpoint(path, [piece("old", np.arange(500))])
    steps = int(_write(path, nameless, 0).stdout)
    assert steps > 6
    found = []
    for when in range(1, steps + 1):
        for name in os.listdir(tmp_path):
            (tmp_path / name).unlink()
        write_checkpoint(path, [piece("old", np.arange(500))])
        assert _write(path, nameless, when).returncode == -signal.SIGKILL
        (entry,) = opened(path)
        found.append(entry.name)
        assert opened(path).array(entry.name).tolist() == list(
            range({"old": 500, "new": 1000}[entry.name])
        )
    assert found == sorted(found, reverse=True)  # old until the rename, new from then on
    assert found[-1] == "new"


def test_a_full_disk(tmp_path):
    """The system refuses to let the file grow: an error, and the old file."""
    path = tmp_path / "x.ckpt"
    write_checkpoint(path, [piece("old", np.arange(5))])
    before = path.read_bytes()
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        for limit in (0, 10, 100_000):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, old[1]))
            with pytest.raises(DiagnosticError) as caught:
                write_checkpoint(path, [piece("new", np.arange(100_000))])
            assert caught.value.diagnostics[0].code == "E520"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["x.ckpt"]


SMALL_DISK = """
set -e
mount -t tmpfs -o size=1m disk "$1/disk"
cp "$1/old.ckpt" "$1/disk/x.ckpt"
for new in half large; do
  "$2" -m declspore convert "$1/$new.ckpt" "$1/disk/x.ckpt" 2>> "$1/said" && exit 9
  cmp "$1/old.ckpt" "$1/disk/x.ckpt"
  ls -A "$1/disk" >> "$1/left"
done
"""


def test_a_small_disk(tmp_path):
    """One that fills while a file is written, and one on which there is no room from the start."""
    probe = ["unshare", "-rm", "mount", "-t", "tmpfs", "disk", str(tmp_path)]
    if not shutil.which("unshare") or subprocess.run(probe, capture_output=True).returncode:
        pytest.skip("file systems may not be mounted here")
    (tmp_path / "disk").mkdir()
    for name, count in (("old", 50_000), ("half", 90_000), ("large", 500_000)):
        write_checkpoint(tmp_path / f"{name}.ckpt", [piece(name, np.arange(count))])
    command = ["unshare", "-rm", "sh", "-c", SMALL_DISK, "sh", str(tmp_path), sys.executable]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = (tmp_path / "said").read_text()
    assert said.count("E520]: the file cannot be written: No space left on device") == 2
    assert (tmp_path / "left").read_text() == "x.ckpt\n" * 2


def test_two_writers(tmp_path):
    """Many at once: the file is always that of one of them, whole."""
    path = tmp_path / "x.ckpt"
    program = (
        "import numpy as np, sys\n"
        "from declspore.checkpoint.format import Computed\n"
        "from declspore.checkpoint.values import value_header\n"
        "from declspore.checkpoint.writer import write_checkpoint\n"
        "value = np.full(50_000, int(sys.argv[2]))\n"
        "for _ in range(20):\n"
        "    write_checkpoint(sys.argv[1],\n"
        "                     [Computed(value_header('', 'x', value), lambda: value)])\n"
    )
    write_checkpoint(path, [piece("x", np.full(50_000, 9))])
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(path), str(i)]) for i in range(3)
    ]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        with opened(path) as file:
            seen |= set(np.unique(file.array("x")).tolist())
            assert len(np.unique(file.array("x"))) == 1
    assert all(writer.returncode == 0 for writer in writers)
    assert seen <= {0, 1, 2, 9}
    assert os.listdir(tmp_path) == ["x.ckpt"]
