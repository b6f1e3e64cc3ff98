"""A prediction that is interrupted and run again by the same command."""

import json
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from declspore.tasks.predict.statefile import Record, open_state, packed, read_recipe, records
from tests import warm
from tests.cli.support import codes, failing, said
from tests.conftest import GOLDEN

pytestmark = pytest.mark.slow

SPEC = """spec 1
import "lenet.spec" as zoo
dataset pictures = NumpySlices("pictures.npz", data = [Column("image", [1, 32, 32])],
  labels = [Column("label", dtype = i32)]) |> batch(%d)
predict answers {
  network = zoo.LeNet5()
  load    = ckpt("lenet.ckpt")
  ignore  = "optimizer"
  dataset = pictures
  outputs = [TopK(2), Raw(), Labels()]
  classes = ["n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "é\\n9"]
  metrics = [Accuracy(), ConfusionMatrix(10)]
  save "a.npz", "a.csv", "a.jsonl", "a.html", "a.parquet"
}
"""
NAMES = ("a.npz", "a.csv", "a.jsonl", "a.html", "a.parquet")
# declspore run, with a state after every batch and a breath between batches
SLOW = """
import sys, time
import declspore.tasks.predict.keeper as keeper
from declspore.tasks.predict import answering
keeper.SECONDS = 0.0
add = answering.Answers.add
def slow(self, *given):
    add(self, *given)
    time.sleep(0.05)
answering.Answers.add = slow
from declspore.cli import main
sys.exit(main())
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lenet.ckpt").write_bytes((GOLDEN / "lenet-1_5.ckpt").read_bytes())
    rng = np.random.default_rng(0)
    images = rng.normal(size=(203, 1, 32, 32)).astype(np.float32)
    np.savez(tmp_path / "pictures.npz", image=images, label=np.arange(203, dtype=np.int32) % 10)
    (tmp_path / "p.spec").write_text(SPEC % 4)
    return tmp_path


def files():
    return {name: Path(name).read_bytes() for name in NAMES}


def stopped(number, *command, at=2000):
    """Run it in another process until so many bytes of state are there, then send the signal."""
    process = warm.ours().start("-c", SLOW, *command)
    state, until = Path("a.npz.state"), time.monotonic() + 120
    while not (state.exists() and state.stat().st_size > at):
        assert process.runs(0.01), process.wait()
        assert time.monotonic() < until
    process.send_signal(number)
    return process.wait(60).returncode


@pytest.fixture
def interrupted(here, monkeypatch):
    """A state in place, made in this process by an interruption after 20 batches."""
    from declspore.tasks.predict import answering, keeper

    add = answering.Answers.add

    def breaking(self, *given):
        if self.samples >= 80:
            raise KeyboardInterrupt
        add(self, *given)

    with monkeypatch.context() as patch:
        patch.setattr(keeper, "SECONDS", 0.0)
        patch.setattr(answering.Answers, "add", breaking)
        assert failing("run", "p.spec", "--no-lock").exit_code == 130
    assert not any(Path(name).exists() for name in NAMES)
    return here / "a.npz.state"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["SIGKILL", "SIGINT"])
def test_a_killed_prediction_goes_on_to_the_same_bytes(here, number):
    whole_said = failing("run", "p.spec", "--no-lock").stdout
    whole = files()
    for name in NAMES:
        Path(name).unlink()
    assert stopped(number, "run", "p.spec", "--no-lock") in (-signal.SIGKILL, 130)
    assert sorted(os.listdir()) == ["a.npz.state", "lenet.ckpt", "p.spec", "pictures.npz"]
    # killed once more on the way
    size = os.stat("a.npz.state").st_size
    stopped(signal.SIGKILL, "run", "p.spec", "--no-lock", at=size + 2000)
    assert "continues  a.npz.state" in said("plan", "p.spec")
    done = failing("run", "p.spec", "--no-lock")
    assert "continues the interrupted prediction: " in done.stderr
    assert files() == whole
    assert done.stdout == whole_said, "the metrics are those of all samples"
    assert not Path("a.npz.state").exists()


def test_it_does_not_answer_again_what_is_answered(interrupted, monkeypatch):
    from declspore.tasks.predict import answering

    answered, add = [], answering.Answers.add

    def counting(self, *given):
        answered.append(self.samples)
        add(self, *given)

    monkeypatch.setattr(answering.Answers, "add", counting)
    said("run", "p.spec", "--no-lock")
    assert answered == list(range(80, 203, 4))


def test_fresh_begins_anew(interrupted):
    assert json.loads(said("plan", "p.spec", "--json"))["tasks"][0]["continues"] == "a.npz.state"
    anew = json.loads(said("plan", "p.spec", "--fresh", "--json"))["tasks"][0]
    assert anew["continues"] is None
    assert "continues" not in failing("run", "p.spec", "--no-lock", "--fresh").stderr
    assert not interrupted.exists()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda: Path("p.spec").write_text(SPEC % 8), "`dataset` changed since then"),
        (
            lambda: Path("p.spec").write_text((SPEC % 4).replace("TopK(2)", "TopK(3)")),
            "`outputs` changed since then",
        ),
        (
            lambda: Path("p.spec").write_text((SPEC % 4).replace('"n3"', '"x"')),
            "`classes` changed since then",
        ),
        (lambda: os.utime("pictures.npz", (1, 1)), "`the files of the dataset` changed"),
        (
            lambda: said("edit", "lenet.ckpt", "--set", "fc3.bias = it + 1", "--in-place"),
            "`load` changed since then",
        ),
    ],
)
def test_another_prediction_is_not_continued(interrupted, change, reason):
    change()
    before = interrupted.read_bytes()
    done = failing("run", "p.spec")
    assert "error[E566]: the interrupted prediction `answers` cannot be continued" in done.stderr
    assert reason in done.stderr
    assert interrupted.read_bytes() == before
    assert not Path("a.csv").exists()


def test_a_torn_or_damaged_end_is_answered_again(interrupted):
    whole = interrupted.read_bytes()
    said("run", "p.spec", "--no-lock", "--fresh")
    right = files()
    for damaged in (whole[:-7], whole[:-200] + b"x" * 200, whole + b"more", whole + b"\0" * 100):
        interrupted.write_bytes(damaged)
        said("run", "p.spec", "--no-lock")
        assert files() == right


@pytest.mark.parametrize(
    "content", [b"", b"nothing\n", b"{}\n", b'{"format": 1, "recipe": [1]}\n', b"[" * 90000]
)
def test_a_state_of_something_else_is_told(here, content):
    Path("a.npz.state").write_bytes(content)
    assert codes(failing("run", "p.spec")) == ["E566"]


def test_a_state_that_holds_other_things_is_told(interrupted):
    with open_state(str(interrupted)) as file:
        recipe = read_recipe(file)
    head = json.dumps({"format": 1, "recipe": recipe}).encode() + b"\n"
    for record in (
        Record(4, {"other": np.zeros(4, np.float32)}),
        Record(4, {}, {"column class": ["a"] * 4}),
    ):
        interrupted.write_bytes(head + packed(record))
        assert codes(failing("run", "p.spec")) == ["E566"]
        assert not Path("a.csv").exists()


def test_two_at_once(interrupted):
    with open_state(str(interrupted)):
        done = failing("run", "p.spec")
    assert codes(done) == ["E566"]
    assert "another process is at it" in done.stderr


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("p.spec", path)])
def test_what_is_no_file_is_told(here, make):
    make("a.npz.state")
    assert codes(failing("run", "p.spec")) == ["E566"]


def test_a_short_prediction_keeps_no_state(here, monkeypatch):
    from declspore.tasks.predict import keeper

    monkeypatch.setattr(keeper, "create", lambda *_: pytest.fail("a state was written"))
    said("run", "p.spec", "--no-lock")


def test_records_are_as_they_were(tmp_path):
    record = Record(
        2,
        {"a": np.arange(6, dtype=np.float16).reshape(2, 3), "b": np.array([1, 2])},
        {"t": [["x", "é\n"], ["", "y"]]},
    )
    path = tmp_path / "s"
    path.write_bytes(packed(record) * 2)
    with open(path, "r+b", buffering=0) as file:
        one, two = records(file)
    for found in (one, two):
        np.testing.assert_array_equal(found.arrays["a"], record.arrays["a"])
        np.testing.assert_array_equal(found.arrays["b"], record.arrays["b"])
        assert found.texts == record.texts


def test_a_network_that_draws_is_not_continued(here):
    """No two runs of it answer alike."""
    from declspore.tasks.predict.continuing import is_repeatable
    from tests.support import checked

    text = "network Net() {\n  c = RReLU()\n  construct(x: f32[B, 4]) = c(x)\n}"
    assert not is_repeatable(checked(text).networks["Net"])
