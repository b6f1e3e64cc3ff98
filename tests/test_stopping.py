"""What Python could not compile whole, on a full disk, is named with the line that mends it."""

import importlib
import py_compile

import pytest

from declspore.cli.group import _told
from declspore.stopping import cut_module


@pytest.fixture
def cut(here, monkeypatch):
    """The error of a module that is cut off, and the file."""
    (here / "cut_off.py").write_text("TEXT = 'long enough to be cut'\n")
    path = py_compile.compile(str(here / "cut_off.py"), doraise=True)
    with open(path, "r+b") as file:
        file.truncate(30)
    monkeypatch.syspath_prepend(str(here))
    with pytest.raises((EOFError, ValueError)) as caught:
        importlib.import_module("cut_off")
    return caught.value, path


def test_the_file_is_named(cut, capsys):
    error, path = cut
    assert cut_module(error) == path
    with pytest.raises(SystemExit) as caught, _told(()):
        raise error
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert f"{path} is cut off" in said
    assert "help: rm -r" in said


def test_what_else_ends_early_stays_an_error():
    assert cut_module(EOFError("no input")) is None
    with pytest.raises(EOFError, match="no input"), _told(()):
        raise EOFError("no input")
