"""Commands in processes of their own that begin at once.

A process that imports TensorFlow takes three seconds for it, and tests start hundreds. These are
forked from one that has imported it already (``warm_server.py``): each has its own folder,
environment, streams, signals and exit code. What is about the start of a process (what it imports,
variables that are heeded while importing, pipes) starts one by ``subprocess`` instead.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

_SERVER = Path(__file__).with_name("warm_server.py")
_OURS = (
    "declspore.cli.run",
    "declspore.compat",
    "declspore.dataset",
    "declspore.nn",
    "declspore.tasks.eval.run",
    "declspore.tasks.predict.run",
    "declspore.tasks.train.run",
    "tensorflow",
)
Done = subprocess.CompletedProcess[str]


class Running:
    """A command that has begun."""

    def __init__(self, server: Warm, arguments: Sequence[object], cwd: Path, env: Mapping) -> None:
        self._server = server
        self._arguments = [str(one) for one in arguments]
        self._folder = tempfile.TemporaryDirectory()
        self.out, self.err = Path(self._folder.name, "out"), Path(self._folder.name, "err")
        self.out.touch()
        self.err.touch()
        asked = {"arguments": self._arguments, "folder": str(cwd), "environment": dict(env)}
        self.pid = server.ask(asked | {"out": str(self.out), "err": str(self.err)})

    def send_signal(self, number: int) -> None:
        """To the process, which is there until its end was waited for."""
        os.kill(self.pid, number)

    def runs(self, seconds: float = 0) -> bool:
        """Whether it still runs after so many seconds."""
        look = os.pidfd_open(self.pid)
        ended, _, _ = select.select([look], [], [], seconds)
        os.close(look)
        return not ended

    def wait(self, timeout: float = 300) -> Done:
        """What it printed, and its exit code, as ``subprocess`` gives them.

        Raises:
            subprocess.TimeoutExpired: it did not end, and was killed.
        """
        if late := self.runs(timeout):
            self.send_signal(signal.SIGKILL)
        code = self._server.ask(self.pid)
        told = self.out.read_text(), self.err.read_text()
        self._folder.cleanup()
        if late:
            raise subprocess.TimeoutExpired(self._arguments, timeout, *told)
        return Done(self._arguments, code, *told)


class Warm:
    """A Python whose commands begin with these modules imported."""

    def __init__(self, python: str, modules: Sequence[str]) -> None:
        self._server = subprocess.Popen(
            [python, str(_SERVER), *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.close)

    def close(self) -> None:
        """Its end; nothing that it began runs any more."""
        self._server.communicate()

    def start(
        self, *arguments: object, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> Running:
        """As ``subprocess.Popen([python, *arguments], ...)`` with streams that are files."""
        return Running(self, arguments, cwd or Path.cwd(), os.environ if env is None else env)

    def run(
        self,
        *arguments: object,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = 300,
    ) -> Done:
        """As ``subprocess.run([python, *arguments], capture_output=True, text=True, ...)``."""
        return self.start(*arguments, cwd=cwd, env=env).wait(timeout)

    def ask(self, question: object) -> int:
        """The answer of the server, which is a number."""
        stdin, stdout = self._server.stdin, self._server.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(question) + "\n")
        stdin.flush()
        return int(stdout.readline())


@cache
def ours() -> Warm:
    """This Python, with what commands of declspore import."""
    return Warm(sys.executable, _OURS)
