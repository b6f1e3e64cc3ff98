"""Running a command against a hostile file, with bounds that the harness holds."""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

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
            preexec_fn=_bounded,
        )
        usage = _waited(process, seconds)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode(errors="surrogateescape"))
    outcome = Outcome(process.returncode, *texts, usage.ru_maxrss / 1024)
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


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _waited(process: subprocess.Popen, seconds: float) -> resource.struct_rusage:
    """The usage of a process once it ended; kills it when its time is over."""
    import threading

    late = threading.Event()

    def kill() -> None:
        late.set()
        process.kill()

    watchdog = threading.Timer(seconds, kill)
    watchdog.start()
    _, status, usage = os.wait4(process.pid, 0)
    watchdog.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    assert not late.is_set(), f"more than {seconds} seconds"
    return usage
