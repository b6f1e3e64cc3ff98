"""`check` and `plan` over several specs."""

import json
import os

import numpy as np
import pytest

from declspore.check.check import check_file
from declspore.checkpoint.columns import Columns
from declspore.plan.opened import OpenedHeaders
from declspore.plan.planner import make_plan
from tests.checkpoint.support import written
from tests.cli.support import codes, failing, parsed, said

EDIT = """spec 1
edit e {{
  in src = ckpt("a.ckpt")
  out dst = ckpt("{name}.ckpt")
  rename src.`x` -> `{name}`
}}
"""


@pytest.fixture
def recipes(here):
    written("a.ckpt", {"x": np.zeros(2, np.float32)})
    os.makedirs("recipes/deep")
    for path in ("recipes/r2", "recipes/r10", "recipes/deep/r1", "recipes/.hidden"):
        with open(f"{path}.spec", "w") as file:
            file.write(EDIT.format(name=os.path.basename(path).strip(".")))
    with open("recipes/notes.txt", "w") as file:
        file.write("no spec")


def _bad(path="recipes/r3.spec"):
    with open(path, "w") as file:
        file.write("spec 1\nedit e { }\nlet a = b\n")


def _line(path):
    return f"{path}: ok (0 networks, 0 datasets, 1 task)"


def test_a_folder(recipes):
    lines = said("check", "recipes").splitlines()
    paths = ["recipes/deep/r1.spec", "recipes/r2.spec", "recipes/r10.spec"]
    assert lines == [*map(_line, paths), "3 specs: 3 ok"]
    assert said("check", "recipes/").splitlines() == lines


def test_a_pattern_and_files_each_once(recipes):
    lines = said("check", "recipes/*.spec", "recipes/r2.spec", "recipes/deep/r1.spec").splitlines()
    paths = ["recipes/r2.spec", "recipes/r10.spec", "recipes/deep/r1.spec"]
    assert lines == [*map(_line, paths), "3 specs: 3 ok"]


def test_one_file_is_shown_whole(here):
    assert "network LeNet5" in said("check", "lenet.spec")
    assert "network LeNet5" not in said("check", "lenet.spec", "resnet.spec")


def test_everything_wrong_is_reported(recipes):
    _bad()
    done = failing("check", "recipes", "gone.spec")
    assert done.exit_code == 1
    assert codes(done) == ["E312", "E201", "E511"]
    assert done.stdout.splitlines()[-1] == "5 specs: 3 ok, 2 with errors"
    assert "recipes/r3.spec: 2 errors" in done.stdout
    assert failing("check", "recipes/r2.spec", "gone.spec").exit_code == 2


def test_json(recipes):
    _bad()
    found = parsed(failing("check", "recipes", "--json"))
    assert not found["ok"]
    by_name = {one["spec"]: one for one in found["specs"]}
    assert [one["ok"] for one in found["specs"]] == [True, True, False, True]
    assert [d["code"] for d in by_name["recipes/r3.spec"]["diagnostics"]] == ["E312", "E201"]
    assert by_name["recipes/r2.spec"]["tasks"] == ["e"]
    (os.unlink("recipes/r3.spec"), os.unlink("recipes/r10.spec"))
    assert json.loads(said("check", "recipes", "--json"))["ok"]


@pytest.mark.parametrize("what", ["none", "none/", "*.spec"])
def test_nothing_there(here, what):
    os.mkdir("none")
    done = failing("check", what)
    assert (done.exit_code, codes(done)) == (2, ["E511"])
    assert "no file that ends in .spec" in done.stderr


def test_a_file_whose_name_is_a_pattern(here):
    with open("a[1].spec", "w") as file:
        file.write("spec 1\n")
    assert said("check", "a[1].spec") == "a[1].spec: ok (0 networks, 0 datasets, 0 tasks)\n"


def test_plans_read_a_header_once(recipes, monkeypatch):
    indexed = []
    of = Columns.of
    monkeypatch.setattr(
        Columns, "of", lambda source, end: indexed.append(source.path) or of(source, end)
    )
    text = said("plan", "recipes")
    assert indexed == ["a.ckpt"]
    for path in ("recipes/deep/r1.spec:", "recipes/r2.spec:", "recipes/r10.spec:"):
        assert path in text.splitlines()
    assert "x -> r10" in text
    assert text.splitlines()[-1] == "3 specs: 3 ok"


def test_plans_with_tasks(recipes):
    text = said("plan", "recipes/r2.spec", "recipes/r10.spec", "e")
    assert text.count("edit e: a.ckpt") == 2
    done = failing("plan", "recipes/r2.spec", "recipes/r10.spec", "f")
    assert (done.exit_code, codes(done)) == (1, ["E210", "E210"])
    found = parsed(failing("plan", "recipes/*.spec", "--json"))
    assert [one["spec"] for one in found["specs"]] == ["recipes/r2.spec", "recipes/r10.spec"]
    assert [one["tasks"][0]["outputs"] for one in found["specs"]] == [
        {"dst": ["r2.ckpt"]},
        {"dst": ["r10.ckpt"]},
    ]


def test_a_file_that_changes_between_plans_is_read_again(recipes):
    opened = OpenedHeaders()
    (task,) = make_plan(check_file("recipes/r2.spec"), opened=opened).tasks
    assert next(iter(task.outputs())).header.names == ["r2"]
    written("a.ckpt", {"x": np.zeros(2, np.float32), "z": np.zeros(3, np.float32)})
    (task,) = make_plan(check_file("recipes/r2.spec"), opened=opened).tasks
    assert next(iter(task.outputs())).header.names == ["r2", "z"]
