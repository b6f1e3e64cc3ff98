"""A spec may name any file as data, a key or the environment too: no message repeats its text."""

import os
from pathlib import Path

import pytest

from declspore.numerics.shown import described, fields_of
from declspore.registry.data import Unavailable
from tests.attacks.support import SECRET, attacked, diagnosed
from tests.data.support import stream

SOURCES = [
    'Csv("f", [Column("a")])',
    'Csv("f", [Column("a")], column_names = ["a"])',
    'Csv("f", [Column("a", dtype = i32)], column_names = ["a"])',
    'Csv("f", [Column("a", dtype = bool)], column_names = ["a"])',
    'Csv("f", [Column("a", classes = ["x", "y"])], column_names = ["a"])',
    'Csv("f", [Column("a")], field_delim = "-")',
    'Csv(["g", "f"], [Column("a")])',
    'TextFile("f") |> ToNumber(i32)',
    'TextFile("f") |> ToNumber(f32)',
    'TextFile("f") |> WhitespaceTokenizer() |> Lookup("f")',
    'TextFile("f") |> WhitespaceTokenizer() |> Lookup("v")',
    'TextFile("f") |> WhitespaceTokenizer() |> Lookup("v", "[UNK]")',
    'TextFile("f") |> BertTokenizer("f")',
    'TextFile("f") |> WhitespaceTokenizer() |> WordpieceTokenizer("f")',
]


def _read(text: str) -> None:
    found = stream(text)
    with found.explained():
        list(found.epoch(1))


@pytest.mark.parametrize("text", SOURCES)
def test_data_that_is_a_secret(here, text):
    Path("f").write_text(f"{SECRET}\nroot {SECRET} 0\n{SECRET}\n")
    Path("g").write_text("a,b\n1,2\n")
    Path("v").write_text("one\n")
    with pytest.raises(Unavailable) as error:
        _read(text)
    said = f"{error.value} {error.value.helps}"
    assert not any(part in said for part in SECRET.split("-") if len(part) > 4)


@pytest.mark.skipif(not os.path.exists("/proc/self/environ"), reason="needs /proc")
def test_the_environment_as_a_table(here):
    Path("d.spec").write_text('spec 1\ndataset d = Csv("/proc/self/environ", [Column("a")])\n')
    diagnosed(attacked(here, "check", "d.spec", "--data"), "E551")


def test_what_is_said_of_values(here):
    assert [described(each) for each in ("x", "3000000000", " NA ", "", "hunter2")] == [
        "a text of 1 character",
        "'3000000000'",
        "'NA'",
        "''",
        "a text of 7 characters",
    ]
    assert fields_of(("width", "kind (cm)"), ",") == "width, kind (cm)"
    assert fields_of(("db.host", "user", "hunter2"), ":") == "3 fields"
    assert fields_of(("hunter2",), ",") == "1 field"


def test_the_class_that_was_meant(here):
    Path("a.csv").write_text("kind\ntulpi\n")
    with pytest.raises(Unavailable, match="found a text") as error:
        _read('Csv("a.csv", [Column("kind", classes = ["rose", "tulip"])])')
    assert "did you mean tulip?" in error.value.helps
