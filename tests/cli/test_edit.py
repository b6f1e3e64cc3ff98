"""``declspore edit``: flags become a spec that does the same, for one file or several at once."""

import json
import os
import re
import shlex
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from declspore.api import open_checkpoint
from declspore.check.check import check
from declspore.cli import main
from declspore.cli.recipe import Flag, Recipe, statement
from declspore.plan.files import formats
from declspore.registry.table import verbs
from declspore.source import Source
from declspore.syntax.format import format_text
from tests.checkpoint.support import written
from tests.conftest import GOLDEN, ROOT

LENET = GOLDEN / "lenet-1_5.ckpt"


@pytest.fixture
def lenet(here):
    (here / "a.ckpt").write_bytes(LENET.read_bytes())
    return here


def edit(*arguments):
    done = CliRunner().invoke(main, ["edit", *map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def names(path):
    with open_checkpoint(path) as file:
        return [entry.name for entry in file]


def test_there_is_a_flag_for_every_verb():
    command = main.commands["edit"]
    parameters = command.get_params(click.Context(command))
    options = {option for parameter in parameters for option in parameter.opts}
    assert {f"--{verb}" for verb in verbs().words()} <= options


@pytest.mark.parametrize("command", ["edit", "convert", "inspect"])
def test_help_names_every_format(command):
    text = CliRunner().invoke(main, [command, "--help"]).output
    assert all(format.suffix in text for format in formats())
    assert "-options" not in text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("fc3.* exactly 2", "`fc3.*` exactly 2"),
        ("`fc3.*` exactly 2", "`fc3.*` exactly 2"),
        ("a, b.**,`c d` optional", "`a`, `b.**`,`c d` optional"),
        ("a->b", "`a`->`b`"),
        ("net.{p**} except net.fc.*, x -> {p} exactly 6", None),
        (
            "layer{i : int}.{p**} -> layer{i - 1}.{p}",
            "`layer{i : int}.{p**}` -> `layer{i - 1}.{p}`",
        ),
        ('src.`a`, re"b.*" -> c', 'src.`a`, re"b.*" -> `c`'),
        ("x = zeros([3])", "`x` = zeros([3])"),
        (
            "qkv -> q, k, v = chunk(it, 3, axis = 0)",
            "`qkv` -> `q`, `k`, `v` = chunk(it, 3, axis = 0)",
        ),
        ("a where shape(it)[0] == 3 -> b", "`a` where shape(it)[0] == 3 -> `b`"),
        ("a = src.`b -> c` + [for i in x, carry y = 1 -> y { y }]", None),
        ("exception.weight", "`exception.weight`"),
    ],
)
def test_patterns_need_no_backticks(text, rule):
    given = {
        "net": "`net.{p**}` except `net.fc.*`, `x` -> `{p}` exactly 6",
        "a =": "`a` = src.`b -> c` + [for i in x, carry y = 1 -> y { y }]",
    }
    flag = Flag("--verb", text)
    recipe = Recipe("recipe", [("e", "x.ckpt", [statement("verb", flag)])])
    assert recipe.source.text.splitlines()[3] == f"  verb {rule or given[text[:3]]}"


def test_an_edit_prints_the_spec_that_does_the_same(lenet):
    done = edit(
        *("a.ckpt", "-o", "out.ckpt", "--recipe", "made.spec"),
        *("--add", "head.bias = zeros([5])", "--delete", "fc3.* exactly 2"),
        *("--rename", "fc1.{p} -> neck.{p}", "--set", "fc2.bias = cast(it, f16)"),
        *("--copy", "conv1.weight -> twin", "--keep", "moments.conv1.weight"),
        *("--ensure", "absent(dst.`moments.fc3.*`)", "--rest", "keep"),
    )
    assert done.exit_code == 0, done.output
    with open_checkpoint("out.ckpt") as file:
        assert file.array("head.bias").shape == (5,)
        assert file.array("fc2.bias").dtype == np.float16
        assert "moments.neck.weight" in file.by_name
    recipe = Path("made.spec").read_text()
    assert done.stdout.startswith(recipe)
    *_, result, losses = done.stdout.splitlines()
    assert result.startswith("# a: 1 added, 1 copied, 4 deleted, 4 renamed")
    assert losses.startswith("#   rounded to f16: 84 values")
    # all that is printed is a spec in its canonical form, and doing it again gives the same bytes
    check(Source("printed", done.stdout))
    assert format_text(recipe) == recipe
    first = Path("out.ckpt").read_bytes()
    Path("out.ckpt").unlink()
    again = CliRunner().invoke(main, ["run", "made.spec"])
    assert again.exit_code == 0, again.output
    assert Path("out.ckpt").read_bytes() == first


def test_join_split_and_another_file(here):
    rows = np.arange(12, dtype=np.float32).reshape(6, 2)
    written("a.ckpt", {"q": rows[:2], "k": rows[2:], "gu": rows})
    written("b.safetensors.ckpt", {"delta": np.ones((6, 2), np.float32)})
    done = edit(
        *("a.ckpt", "-o", "out.npz", "--use", "other = b.safetensors.ckpt"),
        *("--join", "q, k -> qk = concat(them, axis = 0)"),
        *("--split", "gu -> g, u = chunk(it + other.`delta`, 2, axis = 0)"),
    )
    assert done.exit_code == 0, done.output
    with np.load("out.npz") as found:
        assert sorted(found) == ["g", "qk", "u"]
        np.testing.assert_array_equal(found["qk"], rows)
        np.testing.assert_array_equal(found["u"], rows[3:] + 1)


def test_a_dry_run_shows_the_plan_and_writes_nothing(lenet):
    arguments = ("a.ckpt", "-o", "out.ckpt", "--delete", "moments.**", "--recipe", "made.spec")
    done = edit(*arguments, "--dry-run")
    assert done.exit_code == 0
    assert "8 to delete, 11 to keep; 11 entries of 19" in done.stdout
    assert done.stdout.startswith("spec 1\n")
    as_json = json.loads(edit(*arguments, "--dry-run", "--json").stdout)
    assert as_json["recipe"].startswith("spec 1\n")
    assert sum(e["action"] == "delete" for e in as_json["tasks"][0]["entries"]) == 8
    assert os.listdir() == ["a.ckpt"]


def test_json_of_a_run(lenet):
    flags = ("--rest", "delete", "--keep", "fc3.*", "--json")
    done = json.loads(edit("a.ckpt", "-o", "out.ckpt", *flags).stdout)
    assert done["ok"]
    assert done["results"][0]["counts"] == {"keep": 2, "delete": 17}
    assert names("out.ckpt") == ["fc3.weight", "fc3.bias"]


def test_in_place(lenet):
    done = edit("a.ckpt", "--in-place", "--delete", "moments.**")
    assert done.exit_code == 0, done.output
    assert len(names("a.ckpt")) == 11


@pytest.mark.parametrize(
    ("flags", "code", "place"),
    [
        (["--delete", "fc4.*"], "E542", "--delete:1:1\n   |\n 1 | fc4.*\n   | ^^^^^"),
        (
            ["--rename", "fc1.{p} -> neck.{q}"],
            "E317",
            "--rename:1:12\n   |\n 1 | fc1.{p} -> neck.{q}\n   |            ^^^^^^^^",
        ),
        (["--set", "fc2.bias = zero([5])"], "E201", "--set:1:12"),
        (["--add", "x = zeros(["], "E101", "--add:1:11"),
        (["--ensure", "count(dst.`**`) == 3"], "E601", "--ensure:1:1"),
        (["--rest", "drop"], "E318", "--rest:1:1"),
        (["--delete", " "], "E564", "--delete: it is empty"),
        (["--use", "other = none.ckpt"], "E501", "--use:1:9"),
        (["--delete", "fc3.*", "--rename", "fc3.{p} -> h.{p}"], "E543", "--rename:1:1"),
    ],
)
def test_mistakes_are_shown_in_the_flag(lenet, flags, code, place):
    done = edit("a.ckpt", "-o", "out.ckpt", *flags)
    assert done.exit_code != 0
    assert f"error[{code}]" in done.stderr
    assert place in done.stderr
    assert not Path("out.ckpt").exists()
    as_json = json.loads(edit("a.ckpt", "-o", "out.ckpt", *flags, "--json").stdout)
    assert as_json["diagnostics"][0]["code"] == code


def test_a_file_that_is_not_there(here):
    done = edit("no.ckpt", "-o", "out.ckpt", "--delete", "x")
    assert (done.exit_code, "no.ckpt" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["a.ckpt", "--delete", "x"], "say where to write"),
        (["a.ckpt", "-o", "b.ckpt", "--in-place"], "say where to write"),
        (["a.ckpt", "d/a.ckpt", "-o", "out"], "two inputs are called a.ckpt"),
        (["a.ckpt", "b.ckpt", "-o", "a.ckpt"], "a.ckpt is a file"),
        (["a.ckpt", "-o", "b.ckpt", "--use", "x"], "write NAME=FILE"),
        (["a.ckpt", "-o", "b.ckpt", "--mode", "AES-CBC"], "--new-key-env"),
        (["a.ckpt", "-o", "b.ckpt", "--key-env", "A", "--key-file", "b"], "one place"),
        (["a.ckpt", "--in-place", "--key-env", "A"], "leave the file decrypted"),
    ],
)
def test_wrong_usage(lenet, arguments, says):
    done = edit(*arguments)
    assert done.exit_code == 2
    assert says in done.stderr


def test_nothing_is_overwritten_silently(lenet):
    Path("made.spec").write_text("mine")
    done = edit("a.ckpt", "-o", "out.ckpt", "--delete", "moments.**", "--recipe", "made.spec")
    assert done.exit_code == 2
    assert "E555" in done.stderr
    assert Path("made.spec").read_text() == "mine"
    assert not Path("out.ckpt").exists()
    over = edit("a.ckpt", "-o", "a.ckpt", "--delete", "moments.**")
    assert "E546" in over.stderr


def test_keys(lenet):
    Path("k").write_bytes(b"k" * 16)
    done = edit("a.ckpt", "-o", "s.ckpt", "--delete", "moments.**", "--new-key-file", "k", "--crc")
    assert done.exit_code == 0, done.output
    assert edit("s.ckpt", "-o", "o.ckpt", "--delete", "fc3.*").exit_code == 2
    assert edit("s.ckpt", "-o", "o.ckpt", "--delete", "fc3.*", "--key-file", "k").exit_code == 0
    assert len(names("o.ckpt")) == 9


def test_the_page_shows_what_is_printed(here):
    (here / "lenet.ckpt").write_bytes(LENET.read_bytes())
    page = (ROOT / "docs" / "editing.md").read_text()
    shown = re.findall(r"\$ declspore (edit [^\n]*)\n(.*?)```", page, re.S)
    assert len(shown) == 2
    for command, output in shown:
        done = edit(*shlex.split(command)[1:], "-q")
        assert (done.stdout + done.stderr).strip() == output.strip()


# ---- several files


def test_several_files_in_processes(declspore, lenet):
    for name in ("b", "c"):
        (lenet / f"{name}.ckpt").write_bytes(LENET.read_bytes())
    done = declspore(
        *("edit", "a.ckpt", "b.ckpt", "c.ckpt", "-o", "out", "--jobs", "2"),
        *("--rename", "fc1.{p} -> neck.{p}", "--recipe", "all.spec"),
    )
    assert done.returncode == 0, done.stderr
    files = sorted(os.listdir(lenet / "out"))
    assert files == ["a.ckpt", "b.ckpt", "c.ckpt"]
    contents = {(lenet / "out" / name).read_bytes() for name in files}
    assert len(contents) == 1
    # the spec that was printed runs them all, in processes too, to the same bytes
    again = declspore("run", "all.spec", "-j", "3", "-q")
    assert again.returncode == 0, again.stderr
    assert {(lenet / "out" / name).read_bytes() for name in files} == contents


def test_one_file_that_fails_does_not_stop_the_others(declspore, here):
    for name, value in (("a", 1.0), ("b", np.nan), ("c", 2.0)):
        written(here / f"{name}.ckpt", {"x": np.array([value], np.float32), "y": np.zeros(1)})
    flags = ("--delete", "y", "--ensure", "finite(dst.`**`)")
    done = declspore("edit", "a.ckpt", "b.ckpt", "c.ckpt", "-o", "out", "-j", "2", *flags)
    assert done.returncode == 3
    assert "error[E601]" in done.stderr
    assert "::: b.ckpt" in done.stderr
    assert "::: a.ckpt" not in done.stderr
    assert sorted(os.listdir(here / "out")) == ["a.ckpt", "c.ckpt"]
    as_json = json.loads(
        declspore("edit", "a.ckpt", "b.ckpt", "-o", "out2", "--json", *flags).stdout
    )
    assert [result["task"] for result in as_json["results"]] == ["a"]


def test_what_is_wrong_with_several_files_is_told_once_and_before_anything_is_written(lenet):
    (lenet / "b.ckpt").write_bytes(LENET.read_bytes())
    done = edit("a.ckpt", "b.ckpt", "-o", "out", "--delete", "fc4.*")
    assert done.stderr.count("error[E542]") == 1
    assert "::: a.ckpt\n  ::: b.ckpt" in done.stderr
    assert not Path("out").exists()


def test_edits_of_a_spec_wait_for_those_they_need(declspore, lenet):
    (lenet / "chain.spec").write_text("""spec 1
edit one {
  in src = ckpt("a.ckpt")
  out dst = ckpt("one.ckpt")
  delete `moments.**`
}
edit two {
  in src = one.dst
  out dst = ckpt("two.ckpt")
  rename `fc1.{p}` -> `neck.{p}`
}
edit three {
  in src = ckpt("a.ckpt")
  out dst = ckpt("three.ckpt")
  delete `fc1.*`
}
""")
    done = declspore("run", "chain.spec", "--jobs", "3", "--json")
    assert done.returncode == 0, done.stderr
    assert [result["task"] for result in json.loads(done.stdout)["results"]] == [
        "one",
        "two",
        "three",
    ]
    assert len(names(lenet / "two.ckpt")) == 11
    assert "neck.bias" in names(lenet / "two.ckpt")


def test_an_edit_that_needs_one_that_failed_does_not_run(declspore, here):
    written(here / "a.ckpt", {"x": np.array([np.nan], np.float32)})
    (here / "chain.spec").write_text("""spec 1
edit one {
  in src = ckpt("a.ckpt")
  out dst = ckpt("one.ckpt")
  ensure finite(dst.`x`)
}
edit two {
  in src = one.dst
  out dst = ckpt("two.ckpt")
}
edit three {
  in src = two.dst
  out dst = ckpt("three.ckpt")
}
""")
    done = declspore("run", "chain.spec", "--jobs", "2")
    assert done.returncode == 3
    assert sorted(os.listdir(here)) == ["a.ckpt", "chain.spec"]
