"""Running a command against a hostile file, with bounds that the harness holds."""

import contextlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import pytest

SECRET = "s3cret-of-this-machine"
_ADDRESSES = 16 << 30
_TRACEBACK = re.compile(r"Traceback \(most recent call last\)|RecursionError|MemoryError")


class Outcome(NamedTuple):
    """What a command did; ``megabytes`` is the most memory that it had at once."""

    returncode: int
    stdout: str
    stderr: str
    megabytes: float

    @property
    def text(self) -> str:
        return self.stdout + self.stderr

    @property
    def codes(self) -> list[str]:
        return re.findall(r"error\[(E\d{3})\]", self.stderr)


def attacked(
    folder: Path, *arguments: object, seconds: float = 60, env: dict[str, str] | None = None
) -> Outcome:
    """Run the command line in a folder.

    Fails where it takes longer, dies by a signal, shows a traceback, or shows the secret that
    tests plant where no command has a reason to look.
    """
    command = [sys.executable, "-m", "declspore", *map(str, arguments)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            cwd=folder,
            env={**os.environ, "A_SECRET": SECRET, **(env or {})},
        )
        resource.prlimit(process.pid, resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
        megabytes = _waited(process, seconds)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode(errors="surrogateescape"))
    outcome = Outcome(process.returncode, *texts, megabytes)
    assert outcome.returncode >= 0, f"died by signal {-outcome.returncode}: {outcome.text[-2000:]}"
    assert not _TRACEBACK.search(outcome.text), outcome.text[-4000:]
    assert SECRET not in outcome.text
    return outcome


def diagnosed(outcome: Outcome, code: str) -> Outcome:
    """The outcome, whose first error is of a code."""
    assert outcome.codes[:1] == [code], outcome.text[-2000:]
    assert outcome.returncode in (1, 2, 3, 4)
    return outcome


def answered(outcome: Outcome) -> dict:
    """What a command answered with ``--json``."""
    return json.loads(outcome.stdout)


def _waited(process: subprocess.Popen, seconds: float) -> float:
    """Waits for a process, which is killed when its time is over; the most memory that it had.

    The system's own account of that (``ru_maxrss``) begins with what the process that started it
    had, so it is looked at while it runs.
    """
    most, until = 0, time.monotonic() + seconds
    while process.poll() is None:
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{process.pid}/status").read_text()
            found = re.search(r"VmHWM:\s+(\d+) kB", status)
            most = max(most, int(found[1]) if found else 0)
        if time.monotonic() > until:
            process.kill()
            process.wait()
            pytest.fail(f"more than {seconds} seconds")
        time.sleep(0.005)
    return most / 1024
