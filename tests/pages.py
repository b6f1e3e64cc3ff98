"""Pages whose blocks are carried out in their order, as a reader would do it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests import warm

_BLOCK = re.compile(r"^```(sh|python|spec|console)(?: (\S+))?\n(.*?)^```$", re.M | re.S)


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """The language, the file and the text of every block that is carried out."""
    return _BLOCK.findall(page.read_text())


def walk(page: Path, folder: Path) -> None:
    """Carry out the blocks of a page in a folder: commands, Python, specs that are written to the
    file they name, and sessions whose shown lines must be printed in that order; ``...`` stands for
    any lines."""
    for language, file, body in blocks(page):
        if language == "spec":
            (folder / file).write_text(body)
        elif language == "python":
            _done(["-c", body], folder)
        elif language == "sh":
            for line in body.replace("\\\n", " ").splitlines():
                _done(_command(line), folder)
        else:
            _session(body, folder)


def _command(line: str) -> list[str]:
    program, *arguments = shlex.split(line, comments=True)
    assert program == "declspore", line
    return ["-m", "declspore", *arguments]


def _done(command: list[str], folder: Path) -> str:
    done = warm.ours().run(*command, cwd=folder, timeout=600)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}{done.stderr[-3000:]}"
    return done.stdout + done.stderr


def _session(body: str, folder: Path) -> None:
    command, *shown = body.splitlines()
    printed = iter(line.rstrip() for line in _done(_command(command[2:]), folder).splitlines())
    for line in shown:
        if line.strip() != "...":
            assert line in printed, f"{command} does not print, in this place:\n{line}"
