"""What reaches a terminal, and programs that read ``--json``: under a pty, and through pipes.

Names of entries, paths, files, tasks and lines of specs come from strangers. Nothing of them may
act on the terminal they are shown on: no escape sequence, no line that overwrites another, no
turned direction, and no line break that makes a name look like a message.
"""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time

import numpy as np
import pytest

from declspore.checkpoint.errors import damaged_file
from declspore.checkpoint.format import Computed
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.values import value_header
from declspore.checkpoint.writer import write_checkpoint
from declspore.render import render, to_json
from declspore.spelling import HIDDEN, harmless, json_escaped, printable

ATTACKS = {
    "OSC": "\x1b]0;owned\x07",
    "hyperlink": "\x1b]8;;http://evil\x1b\\here\x1b]8;;\x1b\\",
    "CSI": "\x1b[2J\x1b[31m",
    "DCS": "\x1bP+q544e\x1b\\",
    "CR": "whole\rDAMAGED",
    "line break": "a\nnet.ckpt: all is well",
    "backspace": "bad\b\b\bgood",
    "C1": "\x9b2J\x9d0;owned\x9c",
    "NEL": "a\x85b",
    "bidi": "net\u202egnp.exe",
    "isolates": "\u2067a\u2066b\u2069",
    "separator": "a\u2028b",
    "bell": "\x07",
    "DEL": "a\x7f",
    "zero width": "a\u200bb",
    "not UTF-8": "caf\udce9",
    "tag": "a\U000e0041",
}
_OURS = re.compile(r"\x1b\[[0-9;]*m|\r\n")
_BARS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


def on_terminal(folder, *arguments, bars=False, seconds=60):
    """All that a command prints on a terminal of its own, our own colors and line ends taken out.

    Where a bar is drawn, so are the sequences that draw it.
    """
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("4H", 50, 200, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "declspore", *map(str, arguments)],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        cwd=folder,
        start_new_session=True,
    )
    os.close(follower)
    parts, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            part = os.read(leader, 1 << 16)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(leader)
    if process.poll() is None:
        process.wait(10)
    text = b"".join(parts).decode("utf-8", "surrogateescape")
    assert "Traceback" not in text, text
    return (_BARS if bars else _OURS).sub(lambda f: "\n" if f[0] == "\r\n" else "", text)


def is_safe(text):
    return all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("name", ATTACKS)
def test_escapes(name):
    text = ATTACKS[name]
    assert is_safe(printable(text).replace("\n", "?"))
    assert "\n" not in printable(text)
    escaped = json_escaped(json.dumps(text, ensure_ascii=False))
    assert is_safe(escaped)
    assert json.loads(escaped) == text


def test_documents_that_are_specs_stay_as_they_are():
    text = "spec 1\r\n\t# grüße, 名前\u3000\xa0\n"
    assert harmless(text) == text
    assert HIDDEN.search(text) is None
    assert harmless("a\rb\x1b") == "a\\rb\\x1b"


@pytest.mark.parametrize("name", ATTACKS)
def test_diagnostics_in_python(name):
    """The exception that a program sees prints the same."""
    text = ATTACKS[name]
    error = damaged_file(text, 3, text)
    assert is_safe(str(error))
    assert is_safe(render(error.diagnostics[0]))
    assert to_json(error.diagnostics[0])["labels"][0]["file"] == text


def net(path, name):
    """A checkpoint with an entry of that name; names must be UTF-8."""
    values = {name.encode("utf-8", "replace").decode(): np.ones(3, np.float32), "b": np.ones(2)}
    pieces = [
        Computed(value_header(path, each, value), lambda value=value: value)
        for each, value in values.items()
    ]
    write_checkpoint(path, pieces, format=MINDSPORE)
    return next(iter(values))


EVERY = "".join(text for name, text in ATTACKS.items() if name != "not UTF-8")
PATH = EVERY.replace("/", "").replace("\n", "") + "\udce9"
COMMANDS = {
    "inspect": ["inspect", "net.ckpt"],
    "tree": ["inspect", "--tree", "net.ckpt"],
    "pattern": ["inspect", "net.ckpt", f"no{EVERY}"],
    "stats": ["inspect", "--stats", "net.ckpt"],
    "verify": ["verify", "net.ckpt", PATH],
    "diff": ["diff", "net.ckpt", "other.ckpt"],
    "convert": ["convert", "net.ckpt", f"{PATH}.ckpt"],
    "not held": ["convert", "net.ckpt", "x.npz"],
    "missing": ["verify", f"{PATH}gone"],
    "plan": ["plan", "e.spec"],
    "run": ["run", "e.spec", "--no-lock"],
    "edit": ["edit", "net.ckpt", "--delete", "b", "-o", "o.ckpt", "--recipe", "r.spec"],
    "edit plan": ["edit", "net.ckpt", "--delete", f"no{EVERY}", "-o", "o.ckpt", "--plan"],
    "invert": ["invert", "e.spec"],
    "fmt": ["fmt", "--diff", "bad.spec"],
    "check": ["check", "bad.spec"],
    "ast": ["ast", "bad.spec"],
    "setting": ["check", "e.spec", "--set", f"{PATH}=1"],
    "option": [f"--{PATH}"],
    "command": [PATH],
    "explain": ["explain", PATH],
    "docs": ["docs", PATH],
    "lock": ["verify", "e.spec"],
    "locked": ["run", "--locked", "e.spec"],
    "spec path": ["check", f"{PATH}.spec"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("terminal")
    name = net(str(folder / "net.ckpt"), EVERY)
    net(str(folder / "other.ckpt"), "other" + EVERY)
    net(str(folder / PATH), EVERY)
    assert name == EVERY
    (folder / "e.spec").write_text(
        'spec 1\nedit e {\n  in src = ckpt("net.ckpt")\n  out dst = ckpt("out.ckpt")\n'
        "  rename src.`b` -> `c`\n}\n"
    )
    (folder / "bad.spec").write_bytes(f'spec 1\n# {EVERY}\nlet a   = "{EVERY}'.encode())
    (folder / f"{PATH}.spec").write_text(f"spec 1\nlet a = {EVERY}\n")
    digest = "0" * 64
    file = {"name": f"src{EVERY}", "path": f"{PATH}x", "size": 1, "sha256": digest}
    task = {"kind": EVERY, "versions": {EVERY: EVERY}, "inputs": [file], "outputs": [file]}
    lock = {"lock": 1, "spec": {"path": PATH, "sha256": digest}, "params": {EVERY: EVERY}}
    lock |= {"imports": [{"path": PATH, "sha256": digest}], "tasks": {f"e{EVERY}": task}}
    (folder / "e.spec.lock").write_text(json.dumps(lock))
    return folder


@pytest.mark.parametrize("name", COMMANDS)
def test_on_a_terminal(folder, name):
    arguments = COMMANDS[name]
    shown = on_terminal(folder, *arguments, bars=name in ("run", "edit"))
    assert is_safe(shown), [char for char in shown if not char.isprintable() and char != "\n"]
    for line in shown.split("\n"):
        assert line != "net.ckpt: all is well"


@pytest.mark.parametrize(
    "name", ["inspect", "verify", "diff", "plan", "edit plan", "check", "lock"]
)
def test_json(folder, name):
    """Every character that is not seen is an escape, and means what it meant."""
    arguments = COMMANDS[name]
    command = [sys.executable, "-m", "declspore", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, cwd=folder, timeout=60)
    text = done.stdout.decode()
    assert is_safe(text)
    assert text.isascii() or "\u202e" not in text
    value = json.loads(text)
    if name == "inspect":
        assert value["entries"][0]["name"] == EVERY


def test_a_redirected_recipe_is_the_spec_that_ran(folder):
    """Documents are not changed on their way into a file."""
    net(str(folder / "plain.ckpt"), "名前\u3000a")
    spec = (folder / "e.spec").read_text().replace("net.ckpt", "plain.ckpt")
    (folder / "plain.spec").write_text(spec.replace("`c`", "`c\u3000d`"))
    command = [sys.executable, "-m", "declspore", "invert", "plain.spec"]
    done = subprocess.run(command, capture_output=True, cwd=folder, timeout=60)
    assert "rename src.`c\u3000d` -> `b`" in done.stdout.decode()
