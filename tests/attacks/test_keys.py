"""Key files: a path that does not lead to a key."""

import os
import threading

import pytest

from declspore.checkpoint.keys import read_key
from declspore.report import DiagnosticError


@pytest.mark.parametrize("path", ["/dev/zero", ".", "large", "nowhere", "a\0b", "\udcff\ud800"])
def test_no_key(here, path):
    (here / "large").write_bytes(bytes(5000))
    with pytest.raises(DiagnosticError) as caught:
        read_key(file=path)
    assert caught.value.diagnostics[0].code == "E513"


def test_a_pipe_nobody_writes_to_holds_an_empty_key(here):
    os.mkfifo("pipe")
    assert read_key(file="pipe").secret == b""


def test_a_key_may_come_through_a_pipe(here):
    """As a shell hands over what a program prints."""
    os.mkfifo("pipe")
    fd = os.open("pipe", os.O_RDWR)
    threading.Timer(0.5, lambda: (os.write(fd, b"0123456789abcdef\n"), os.close(fd))).start()
    assert read_key(file="pipe").secret == b"0123456789abcdef"


def test_a_pipe_that_stays_silent_is_given_up(here, monkeypatch):
    monkeypatch.setattr("declspore.regular._PATIENCE", 0.2)
    os.mkfifo("pipe")
    fd = os.open("pipe", os.O_RDWR)
    try:
        with pytest.raises(DiagnosticError, match="silent"):
            read_key(file="pipe")
    finally:
        os.close(fd)
