"""A training that is interrupted and run again by the same command."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from declspore.policies.row_log import CsvLog
from declspore.registry.policy import Failure
from declspore.tasks.train.statefile import (
    read_arrays,
    read_facts,
    remove_unfinished,
    state_path,
    write_state,
)
from tests.cli.support import failing, parsed, said
from tests.tasks.train.support import interrupted, with_policies, written

pytestmark = pytest.mark.slow

MORE = 'save "out/{epoch}_{step}.ckpt" every 2 steps keep 2\n  log "out/log.csv"'


@pytest.fixture
def spec(here):
    return written(here, length="3 epochs", more=MORE)


def write(path, policies="", length="3 epochs", **options):
    path.write_text(f"spec 1\n{with_policies(policies, length=length, more=MORE, **options)}")
    return path


def files(folder="out"):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_it_ends_as_if_it_had_not_been_interrupted(spec, number, code):
    said("run", spec, "--no-lock")
    whole = files()
    for path in Path("out").iterdir():
        path.unlink()
    assert interrupted(spec, 7, number) == code
    left = files()
    assert "t.state" in left
    assert set(left) < {*whole, "t.state", "2_2.ckpt", "2_1.ckpt", "1_4.ckpt", "2_3.ckpt"}
    assert "continues  out/t.state: " in said("plan", spec)
    said("run", spec, "--no-lock")
    assert files() == whole


def test_fresh_begins_anew(spec):
    said("run", spec, "--no-lock")
    whole = files()
    interrupted(spec, 5)
    assert parsed(failing("plan", spec, "--json"))["tasks"][0]["continues"] >= 5
    anew = parsed(failing("plan", spec, "--fresh", "--json"))["tasks"][0]
    assert anew["continues"] is None
    said("run", spec, "--no-lock", "--fresh")
    assert files() == whole


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rate": "0.2"}, "`optimizer` changed since then"),
        ({"policies": "ClipByNorm(1.0)"}, "`policies` changed since then"),
        ({"length": "4 steps"}, "steps, and `length` is 4"),
    ],
)
def test_another_training_is_not_continued(spec, change, reason):
    interrupted(spec, 5)
    state = Path("out/t.state").read_bytes()
    done = failing("run", write(spec, **change))
    assert "error[E566]: the interrupted training `t` cannot be continued" in done.stderr
    assert reason in done.stderr
    assert "`--fresh` starts over" in done.stderr
    assert Path("out/t.state").read_bytes() == state


def test_after_an_error_it_goes_on(spec, monkeypatch):
    """What was told to no policy before the error is told to them all afterwards."""
    said("run", spec, "--no-lock")
    whole = files()
    for path in Path("out").iterdir():
        path.unlink()
    append = CsvLog._append

    def full(self, lines):
        if any(line.startswith("8,") for line in lines):
            raise Failure("E520", "out/log.csv cannot be written: No space left on device")
        return append(self, lines)

    with monkeypatch.context() as patch:
        patch.setattr(CsvLog, "_append", full)
        done = failing("run", spec, "--no-lock")
    assert "error[E520]" in done.stderr
    assert "stopped after step 10; the same command continues there" in done.stderr
    said("run", spec, "--no-lock")
    assert files() == whole


def test_what_an_interrupted_training_wrote_is_not_taken_as_its_result(spec):
    """Not by a task that needs it and is named alone, either."""
    one = 'save "out/one.ckpt" every 2 steps'
    more = """eval e {
  network = Net()
  load    = t.last
  ignore  = [`moments.**`, `global_step`, `learning_rate`, `momentum`]
  dataset = d
  metrics = [Accuracy()]
}"""
    text = f"spec 1\n{with_policies('', length='3 epochs', more=one)}{more}\n"
    spec.write_text(text)
    interrupted(spec, 5)
    assert Path("out/one.ckpt").exists()
    assert "t: not run again" not in failing("plan", spec, "e").stderr
    planned = parsed(failing("plan", spec, "e", "--json"))["tasks"]
    assert [task["task"] for task in planned] == ["t", "e"]
    assert planned[0]["continues"] >= 5
    said("run", spec, "t", "--no-lock")
    planned = parsed(failing("plan", spec, "e", "--json"))["tasks"]
    assert [task["task"] for task in planned] == ["e"]


def test_times_go_on_where_they_were(spec):
    """Minutes between checkpoints and of `per` are those of the training, not of the process."""
    interrupted(spec, 5)
    assert read_facts("out/t.state")["seconds"] > 0


def test_other_data_are_noticed(spec):
    interrupted(spec, 5)
    os.utime("d.npz", (1, 1))
    assert "`the files of the dataset` changed" in failing("run", spec).stderr


def test_a_longer_training_goes_on_from_there(spec):
    write(spec, length="5 epochs")
    said("run", spec, "--no-lock")
    last = files()["5_5.ckpt"]
    for path in Path("out").iterdir():
        path.unlink()
    interrupted(write(spec), 7)
    said("run", write(spec, length="5 epochs"), "--no-lock")
    assert files()["5_5.ckpt"] == last


def test_a_damaged_state_is_told(spec):
    interrupted(spec, 5)
    for damage in (b"", b"nothing", Path("out/t.state").read_bytes()[:-7]):
        Path("out/t.state").write_bytes(damage)
        assert "error[E566]" in failing("run", spec).stderr


FACTS = {
    "recipe": {},
    "backend": "tensorflow",
    "step": 3,
    # a loss scale may overflow
    "policies": {"History": {"curves": {"scale_sense": [1.0, float("inf"), float("-inf")]}}},
    "saved": 0,
    "files": [],
    "removing": [],
    "stop_reason": None,
    "loss": "nan",
    "seconds": 1.0,
    "unasked": {"scale_sense": [float("nan")]},
}


def test_a_state_is_a_file_of_data(here):
    """Numbers that are not finite are among it."""
    write_state("t.state", FACTS, {"variables/a": np.arange(3.0, dtype=np.float32)})
    found = read_facts("t.state")
    assert np.isnan(found.pop("unasked")["scale_sense"]).all()
    assert found == {"format": 2, **{name: FACTS[name] for name in FACTS if name != "unasked"}}
    assert read_arrays("t.state")["variables/a"].tolist() == [0.0, 1.0, 2.0]


def test_the_state_lies_in_the_folder_of_the_checkpoints():
    assert state_path("out/{epoch}.ckpt", "t") == "out/t.state"
    assert state_path("out/{epoch}/x.ckpt", "t") == "out/t.state"
    assert state_path("x.ckpt", "t") == "t.state"


def test_what_a_killed_process_left_is_removed(here):
    left, other = Path(".a.ckpt.0123456789ab"), Path(".b.ckpt.0123456789ab")
    left.touch()
    other.touch()
    remove_unfinished(["a.ckpt"])
    assert not left.exists()
    assert other.exists()
    (here / "3").mkdir()
    best = here / "3" / ".top-2_8-0.125.ckpt.4552dc6cd652"
    whole, near = here / "3" / "top-2_8-0.125.ckpt", here / "3" / ".top-2_8.ckpt"
    for path in (best, whole, near):
        path.touch()
    remove_unfinished(["{epoch}/top-{epoch}_{step}-{figure:.3f}.ckpt"])
    assert [path.exists() for path in (best, whole, near)] == [False, True, True]


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="forks")
def test_killed_at_random_it_ends_with_the_same_bytes(tmp_path):
    """A few tries here; `python -m tests.tasks.train.kill` makes more."""
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "tests.tasks.train.kill", "--tries", "2"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stdout
