"""Where a spec from a stranger points: patterns that walk far, and outputs that replace it."""

import glob
import os

import numpy as np
import pytest

from declspore import matching
from declspore.report import DiagnosticError
from tests.attacks.support import attacked
from tests.checkpoint.support import written

EDIT = "spec 1\nedit e {\n  in s = %s\n  out d = %s\n  rename s.`w` -> `v`\n}\n"


@pytest.fixture
def folder(here):
    written(here / "in.ckpt", {"w": np.ones(3, np.float32)})
    for path in ("a/b/c/1.ckpt", "a/2.ckpt", "a/.hidden/3.ckpt", "b/[x]/4.ckpt", "a/b/no"):
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        (here / path).write_bytes(b"")
    return here


PATTERNS = ["*.ckpt", "a/*.ckpt", "a/**/*.ckpt", "**/*.ckpt", "*/b/**/?.ckpt", "a/[0-9].ckpt",
            "b/[[]x]/*", "no*", "a/2.ckpt", "./a/*", "a/../a/*.ckpt", "*/*"]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_matches_as_glob_does(folder, pattern):
    found = {os.path.normpath(path) for path in matching.matching(pattern)}
    assert found == {os.path.normpath(path) for path in glob.glob(pattern, recursive=True)}
    absolute = {os.path.normpath(p) for p in matching.matching(f"{folder}/{pattern}")}
    assert absolute == {str(folder / path) for path in found}


def test_links_are_not_followed_for_ever(folder):
    (folder / "a" / "again").symlink_to(folder)
    (folder / "a" / "b" / "self").symlink_to(".")
    assert len(matching.matching("**/*.ckpt")) == 4
    assert matching.matching("a/again/*.ckpt") == ["a/again/in.ckpt"]


@pytest.mark.parametrize("pattern", ["**/*.ckpt", "*/*/*/*.ckpt"])
def test_a_walk_is_bounded(folder, pattern, monkeypatch):
    monkeypatch.setattr(matching, "MOST_SEEN", 5)
    with pytest.raises(matching.TooMany):
        matching.matching(pattern)


@pytest.mark.parametrize(
    "source",
    ['Pictures("%s", decode = false)', 'Csv("%s", [Column("a")])', 'TextFile("%s")'],
)
def test_walks_for_samples_are_bounded(folder, source, monkeypatch):
    from declspore.numerics import files
    from tests.cli.support import codes, failing

    monkeypatch.setattr(files, "MOST_SAMPLES", 5)
    text = f"spec 1\ndataset d = {source % '**/*.csv'} |> batch(2)\n"
    (folder / "d.spec").write_text(text)
    done = failing("check", "d.spec", "--data")
    assert codes(done) == ["E551"], done.stderr
    assert "more than 5 files would be looked at" in done.stderr


def test_walks_for_strategies_are_bounded(folder, monkeypatch):
    from declspore.checkpoint.sharding.strategy import read_strategy

    monkeypatch.setattr(matching, "MOST_SEEN", 5)
    with pytest.raises(DiagnosticError) as caught:
        read_strategy("**/strategy_*.ckpt")
    assert [each.code for each in caught.value.diagnostics] == ["E502"]


def test_the_whole_system(here):
    (here / "e.spec").write_text(EDIT % ('ckpts("/**/*.nothing-has-this")', 'ckpt("out.ckpt")'))
    done = attacked(here, "plan", "e.spec", seconds=120)
    assert done.returncode in (1, 2)
    assert done.megabytes < 300


@pytest.mark.parametrize("name", ["own.spec", "./own.spec", "link.spec"])
@pytest.mark.parametrize("command", ["plan", "run"])
def test_an_output_that_is_the_spec(folder, name, command):
    text = EDIT % ('ckpt("in.ckpt")', f'ckpt("{name}")')
    (folder / "own.spec").write_text(text)
    (folder / "link.spec").symlink_to("own.spec")
    done = attacked(folder, command, "own.spec")
    assert done.returncode == 2, done.text
    assert "it is this spec" in done.stderr
    assert (folder / "own.spec").read_text() == text


@pytest.mark.parametrize("key", ['key_env = "NOT_SET_HERE"', 'key_file = "nowhere"'])
def test_a_key_of_an_output_that_is_not_there(folder, key):
    """The plan says so, before anything is computed."""
    (folder / "own.spec").write_text(EDIT % ('ckpt("in.ckpt")', f'ckpt("out.ckpt", {key})'))
    assert attacked(folder, "plan", "own.spec").codes == ["E513"]
