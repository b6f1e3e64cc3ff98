"""Two paths mean one file by links, by names and by where they would be put."""

import os

import pytest

from declspore.same_file import file_id, same_path


@pytest.fixture
def files(here):
    (here / "a").write_text("a")
    (here / "b").write_text("a")
    (here / "folder").mkdir()
    os.symlink("a", "to_a")
    os.symlink("folder", "to_folder")
    os.symlink("not_yet", "to_not_yet")
    os.symlink("loop", "loop")
    os.link("a", "hard")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a", "./folder/../a"),
        ("a", "to_a"),
        ("a", "hard"),
        ("to_a", "hard"),
        ("not_yet", "to_not_yet"),
        ("folder/new", "to_folder/new"),
        ("missing/new", "missing/../missing/new"),
        ("loop", "loop"),
        ("nul\0", "nul\0"),
    ],
)
def test_one_file(files, one, other):
    assert same_path(one, other)
    assert same_path(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("a", "b"), ("a", "not_yet"), ("folder/new", "new"), ("nul\0", "a"), ("to_a", "to_folder")],
)
def test_two_files(files, one, other):
    assert not same_path(one, other)
    assert len({file_id(one), file_id(other)}) == 2
