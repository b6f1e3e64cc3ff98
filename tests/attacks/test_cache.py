"""The parser's kept tables: data, of this user, and never in the way."""

import json
import os
import pickle
import time

import pytest

from declspore.syntax import tables
from declspore.usercache import _read, place
from tests.attacks.support import attacked
from tests.conftest import SPECS

LENET = (SPECS / "lenet.spec").read_text()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "declspore"


def kept(cache):
    (path,) = cache.glob("spec-*")
    return path


def test_kept_tables_parse_alike(cache):
    made, again = tables.grammar_parser(), tables.grammar_parser()
    assert made is not again
    for spec in SPECS.glob("*.spec"):
        assert made.parse(spec.read_text()) == again.parse(spec.read_text())
    json.loads(kept(cache).read_text())
    assert kept(cache).stat().st_mode & 0o777 == 0o600


class Evil:
    def __reduce__(self):
        return os.mkdir, ("pickled",)


ATTACKS = {
    "empty": b"",
    "pickle": pickle.dumps(Evil()),
    "not JSON": b"[{",
    "nested": b"[" * 100_000,
    "other JSON": b"[1, 2]",
    "no tables": b'[{"parser": {}, "rules": [], "options": {}}, {"0": {}}]',
    "large": b" " * (20 << 20),
    "not UTF-8": b"\xff",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_whatever_is_kept(cache, here, name):
    tables.grammar_parser()
    kept(cache).write_bytes(ATTACKS[name])
    assert tables.grammar_parser().parse(LENET)
    assert not (here / "pickled").exists()


def test_a_file_that_others_may_write_is_not_used(cache, monkeypatch):
    tables.grammar_parser()
    kept(cache).chmod(0o666)
    with pytest.raises(PermissionError):
        _read(kept(cache))
    assert tables.grammar_parser().parse(LENET)
    assert kept(cache).stat().st_mode & 0o777 == 0o600


def test_another_grammar_has_other_tables(cache, monkeypatch, tmp_path):
    """Also where only a file differs that the grammar imports."""
    before = tables._dependencies()
    folder = tmp_path / "grammar"
    folder.mkdir()
    for path in tables.grammar_folder().glob("*.lark"):
        (folder / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(tables, "grammar_folder", lambda: folder)
    assert tables._dependencies() == before
    with (folder / "tokens.lark").open("a") as file:
        file.write("// changed\n")
    assert tables._dependencies() != before


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "file for a folder"])
def test_what_is_in_its_place(tmp_path, kind, monkeypatch):
    home = tmp_path / "home"
    (home / "declspore").mkdir(parents=True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    path = place("spec", tables._dependencies())
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "device":
            path.symlink_to("/dev/zero")
        case "file for a folder":
            path.parent.rmdir()
            path.parent.write_text("")
    (tmp_path / "own.spec").write_text("spec 1\nlet a = 1\n")
    begin = time.monotonic()
    done = attacked(tmp_path, "check", "own.spec", env={"XDG_CACHE_HOME": str(home)})
    assert done.returncode == 0
    assert time.monotonic() - begin < 30
