"""The command line as its users meet it: a process, its output, its exit code, its files."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress

import numpy as np
import pytest

from declspore import Tensor, load_checkpoint, save_checkpoint
from declspore.checkpoint.writer import write_checkpoint
from declspore.cli.interrupt import interruptible
from declspore.run.task import Silent
from tests import warm
from tests.checkpoint.support import opened, piece
from tests.conftest import GOLDEN, ROOT, SPECS
from tests.data.test_pipeline import write_mnist

pytestmark = pytest.mark.slow

LENET = GOLDEN / "lenet-1_5.ckpt"
QUICKSTART = SPECS / "quickstart.spec"
SMALL = """spec 1
import "lenet.spec" as zoo
param length: quantity = 4 steps
dataset digits = Digits(usage = "test") |> Resize([32, 32]) |> Rescale(1 / 16, 0.0) |> HWC2CHW()
  |> shuffle(400) |> batch(32, drop_remainder = true)
train t {
  network   = zoo.LeNet5()
  dataset   = digits
  loss      = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = Momentum(0.01, 0.9)
  length    = length
  seed      = 3
  save "t-{epoch}_{step}.ckpt" every 2 steps
}
eval e {
  network = zoo.LeNet5()
  load    = t.last
  ignore  = [`moments.**`, `momentum`, `learning_rate`, `global_step`]
  dataset = digits
  loss    = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  metrics = [Accuracy(), Loss()]
  ensure loss < 3
}
"""


def _codes(done) -> list[str]:
    return re.findall(r"error\[(E\d{3})\]", done.stderr)


def _clean(done) -> None:
    """No traceback, whatever happened."""
    assert "Traceback" not in done.stderr + done.stdout, done.stderr


# ---- the main job


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory):
    """The quickstart, run once in an empty folder."""
    folder = tmp_path_factory.mktemp("quickstart")
    done = warm.ours().run("-m", "declspore", "run", QUICKSTART, cwd=folder, timeout=600)
    return folder, done


def test_quickstart(quickstart):
    """Trains, saves, evaluates, edits, reloads: both accuracies are printed, and good."""
    folder, done = quickstart
    assert done.returncode == 0, done.stderr
    figures = dict(re.findall(r"(\w+): accuracy ([0-9.]+) on 359 samples", done.stdout))
    assert set(figures) == {"trained", "edited"}
    assert float(figures["trained"]) >= 0.97
    assert figures["trained"] == figures["edited"]
    saved = sorted(name for name in os.listdir(folder / "out") if name.startswith("lenet-"))
    assert saved == [
        *("lenet-58_20.ckpt", "lenet-59_40.ckpt", "lenet-59_8.ckpt"),
        *("lenet-60_28.ckpt", "lenet-60_44.ckpt", "lenet-edited.ckpt"),
    ]
    assert "100" not in done.stdout  # progress is not among the results
    assert "train lenet: LeNet5, 1,438 samples, 2,640 steps in 60 epochs" in done.stderr


def test_quickstart_edit(quickstart):
    folder, _ = quickstart
    with (
        opened(folder / "out" / "lenet-60_44.ckpt") as before,
        opened(folder / "out" / "lenet-edited.ckpt") as after,
    ):
        assert [entry.name for entry in after] == [
            *("conv1.weight", "conv2.weight", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"),
            *("head.weight", "head.bias", "edited"),
        ]
        np.testing.assert_array_equal(after.array("head.weight"), before.array("fc3.weight"))
        assert after.array("edited").tolist() == [1]


def test_a_task_by_name_reuses_what_is_there(quickstart):
    folder, first = quickstart
    done = warm.ours().run("-m", "declspore", "run", QUICKSTART, "trained", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "lenet: not run again, out/lenet-60_44.ckpt already exists" in done.stderr
    assert done.stdout.strip() in first.stdout


def test_the_same_seed_gives_the_same_bytes(declspore, here):
    (here / "small.spec").write_text(SMALL)
    files, told = [], []
    for _ in range(2):
        done = declspore("run", "small.spec", "--json")
        assert done.returncode == 0, done.stderr
        results = json.loads(done.stdout)["results"]
        assert [result["kind"] for result in results] == ["trained", "evaluated"]
        assert results[0]["files"] == ["t-1_2.ckpt", "t-1_4.ckpt"]
        told.append([result.pop("notes") for result in results])
        results[0].pop("history")  # has times
        files.append(((here / "t-1_4.ckpt").read_bytes(), results))
    assert files[0] == files[1]
    assert told[0] == [[], ["loaded 8 entries from t-1_4.ckpt"]]
    assert told[1][0] == ["writes over 2 files of an earlier run: t-1_2.ckpt ... t-1_4.ckpt"]


def test_a_plan_tells_what_a_second_training_writes_over(declspore, here):
    (here / "small.spec").write_text(SMALL)
    over = "writes over 1 file of an earlier run: t-1_4.ckpt"
    assert over not in declspore("plan", "small.spec").stdout
    (here / "t-1_4.ckpt").write_bytes(b"")
    assert over in declspore("plan", "small.spec").stdout


RESUME = """spec 1
network One() {
  d = Dense(2, 1, has_bias = false)
  construct(x: f32[B, 2]) -> f32[B, 1] = d(x)
}
train on {
  network   = One()
  resume    = ckpt("before.ckpt")
  dataset   = NumpySlices("d.npz", data = [Column("x", [2])], labels = [Column("y", [1])])
    |> batch(2)
  loss      = MSELoss()
  optimizer = Momentum(learning_rate = 0.1, momentum = 0.9)
  length    = 1 steps
  save "after.ckpt" every 1 steps
}
"""


def test_a_resumed_training_tells_that_it_keeps_the_rate(declspore, here):
    """The checkpoint's 0.5, not the spec's 0.1: in a log, and to programs; the weight is what 0.5
    makes of [1, 1] with the gradient [4, 8]."""
    entries = {
        "d.weight": np.ones((1, 2), np.float32),
        "global_step": np.array([7], np.int32),
        "learning_rate": np.float32(0.5),
        "momentum": np.float32(0.9),
        "moments.d.weight": np.zeros((1, 2), np.float32),
    }
    save_checkpoint({name: Tensor(value) for name, value in entries.items()}, "before.ckpt")
    np.savez("d.npz", x=np.float32([[1, 2], [1, 2]]), y=np.ones((2, 1), np.float32))
    (here / "on.spec").write_text(RESUME)
    kept = (
        "`learning_rate` is the checkpoint's, 0.5, not the spec's; "
        "fresh = [`learning_rate`] takes the spec's"
    )
    assert f"  {kept}\n" in declspore("run", "on.spec").stderr
    (result,) = json.loads(declspore("run", "on.spec", "--json").stdout)["results"]
    assert kept in result["notes"]
    assert load_checkpoint("after.ckpt")["d.weight"].asnumpy().tolist() == [[-1.0, -3.0]]


def test_resuming_equals_going_on(declspore, here):
    """Eight steps at once, or four and four more from the saved file: without shuffling, the same
    weights."""
    plain = SMALL.replace("  |> shuffle(400) |> batch", "  |> take(64) |> batch")
    (here / "long.spec").write_text(plain.replace('"t-', '"long-'))
    (here / "first.spec").write_text(plain.replace('"t-', '"first-'))
    resumed = plain.replace('"t-', '"second-').replace(
        "  seed ", '  resume    = ckpt("first-2_2.ckpt")\n  seed '
    )
    (here / "second.spec").write_text(resumed)
    for arguments in (
        ["run", "long.spec", "t", "--set", "length=8 steps"],
        ["run", "first.spec", "t"],
        ["run", "second.spec", "t"],
    ):
        done = declspore(*arguments)
        assert done.returncode == 0, done.stderr
    with (
        opened(here / "long-4_2.ckpt") as one,
        opened(here / "second-2_2.ckpt") as other,
    ):
        assert one.header.entries == other.header.entries
        for entry in one:
            np.testing.assert_allclose(
                one.array(entry.name), other.array(entry.name), rtol=1e-5, atol=1e-7
            )


# ---- commands


def test_help_and_version(declspore):
    for arguments in (["--help"], ["run", "--help"], ["inspect", "-h"], ["--version"]):
        done = declspore(*arguments)
        assert done.returncode == 0
    assert "Exit codes" in declspore("--help").stdout


def test_check(declspore):
    done = declspore("check", SPECS / "resnet50.spec")
    assert done.returncode == 0
    assert "network ResNet50: f32[B, 3, H, W] -> f32[B, 1001], 267 parameters" in done.stdout
    found = json.loads(declspore("check", SPECS / "lenet.spec", "--json").stdout)
    assert found["ok"] is True
    assert found["networks"]["LeNet5"]["parameters"][0] == {
        "name": "conv1.weight",
        "shape": [6, 1, 5, 5],
        "dtype": "Float32",
        "trainable": True,
    }


def test_plan_of_an_edit_names_every_entry(declspore, here):
    (here / "edit.spec").write_text(
        f'spec 1\nedit cut {{\n  in src = ckpt("{LENET}")\n  out dst = ckpt("cut.ckpt")\n'
        "  delete src.`fc3.*` exactly 2\n  rename src.`fc1.{p}` -> `first.{p}`\n"
        "  add `note` = [1]\n  ensure finite(dst.`**`)\n}\n"
    )
    done = declspore("plan", "edit.spec")
    assert done.returncode == 0, done.stderr
    lines = [re.sub(r" +", " ", line).strip() for line in done.stdout.splitlines()]
    assert "- delete fc3.bias f32[10] edit.spec:5" in lines
    assert "- delete moments.fc3.bias f32[10] edit.spec:5 (follows fc3.bias)" in lines
    assert "> rename fc1.bias -> first.bias f32[120] edit.spec:6" in lines
    assert "+ add note i64[1] edit.spec:7" in lines
    assert lines[-2].startswith("1 to add, 4 to delete, 4 to rename, 11 to keep; 16 entries of 19")
    assert not (here / "cut.ckpt").exists()
    found = json.loads(declspore("plan", "edit.spec", "--json").stdout)
    actions = [entry["action"] for entry in found["tasks"][0]["entries"]]
    assert (actions.count("delete"), actions.count("rename"), actions.count("add")) == (4, 4, 1)
    assert found["tasks"][0]["ensures"] == [{"condition": "finite(dst.`**`)", "holds": None}]
    done = declspore("run", "edit.spec")
    assert done.stdout.startswith("cut: 1 added, 4 deleted, 4 renamed, 11 kept; wrote cut.ckpt")


def test_plan_of_training(declspore):
    done = declspore("plan", QUICKSTART)
    assert done.returncode == 0, done.stderr
    assert "83 files: out/lenet-1_32.ckpt ... out/lenet-60_44.ckpt, the last 5 kept" in done.stdout
    found = json.loads(declspore("plan", QUICKSTART, "--json").stdout)
    assert [task["kind"] for task in found["tasks"]] == ["train", "eval", "edit", "eval"]
    assert found["tasks"][0]["saves"][0] == "out/lenet-1_32.ckpt"


def test_plan_of_training_is_brief(declspore, here):
    """Arguments at their defaults are left out, lists of rates shortened, a file that is written
    over is one file."""
    rates = "cosine_decay_lr(0.0, 0.01, 40, 10, 2)"
    text = SMALL.replace("Momentum(0.01, 0.9)", f"Momentum({rates}, 0.9, groups = [Group(`**`)])")
    (here / "m.spec").write_text(re.sub(r'save "[^"]*"', 'save "t.ckpt"', text))
    told = declspore("plan", "m.spec", "t").stdout
    rates = "[0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, ... 32 more]"
    groups = "[Group(params = [`**`])]"
    assert f"Momentum(learning_rate = {rates}, momentum = 0.9, groups = {groups})\n" in told
    assert "saves      1 file: t.ckpt\n" in told


def test_settings(declspore, here):
    (here / "p.spec").write_text("spec 1\nparam n: int = 3 in 1 .. 9\nlet m = 10 / (n - 5)\n")
    assert declspore("check", "p.spec", "--set", "n=4").returncode == 0
    for setting, code in (("n=5", "E310"), ("n=12", "E313"), ("n=x", "E315"), ("m=1", "E209")):
        done = declspore("check", "p.spec", "--set", setting)
        assert (done.returncode, _codes(done)) == (1, [code])
    assert declspore("check", "p.spec", "--set", "n").returncode == 2


# ---- bad input


@pytest.mark.parametrize("value", ["", "1"])
def test_no_color(here, value):
    (here / "bad.spec").write_text("spec 1\nlet a = b\n")
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "declspore", "check", "bad.spec"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": value, "TERM": "xterm"}
    subprocess.run(command, stderr=theirs, env=environment, check=False)
    os.close(theirs)
    told = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert "E201" in told
    assert "declspore explain E201 explains it" in told
    assert ("\x1b[" in told) == (value == "")


@pytest.mark.parametrize(
    ("arguments", "status", "codes"),
    [
        (["run", "nothing.spec"], 2, ["E511"]),
        (["check", "."], 2, ["E511"]),
        (["ast", "."], 2, ["E512"]),
        (["check", str(LENET)], 1, ["E106"]),
        (["inspect", "nothing.ckpt"], 2, ["E501"]),
        (["inspect", str(QUICKSTART)], 2, ["E503"]),
        (["run", str(QUICKSTART), "tain"], 1, ["E210"]),
        (["plan", str(QUICKSTART), "--set", "length=3"], 1, ["E315"]),
        (["chek"], 2, ["E564"]),
        (["--josn"], 2, ["E564"]),
        (["check"], 2, ["E564"]),
        (["run", str(QUICKSTART), "--jobs", "0"], 2, ["E564"]),
    ],
)
def test_exit_codes(declspore, arguments, status, codes):
    done = declspore(*arguments)
    assert (done.returncode, _codes(done)) == (status, codes)
    _clean(done)


def test_a_wrong_call_is_json_where_that_is_asked(declspore):
    done = declspore("diff", "a.ckpt", "--json")
    assert done.returncode == 2
    (found,) = json.loads(done.stdout)["diagnostics"]
    assert found["code"] == "E564"
    assert "OTHER" in found["title"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no full device")
@pytest.mark.parametrize("arguments", [["--help"], ["docs"], ["inspect", str(LENET), "--json"]])
def test_output_that_cannot_be_written(arguments, here):
    command = [sys.executable, "-m", "declspore", *arguments]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 4
    assert (
        done.stderr == "error[E706]: standard output cannot be written: No space left on device\n"
    )


def test_several_mistakes_are_told_at_once(declspore, here):
    (here / "bad.spec").write_text(
        SMALL.replace("zoo.LeNet5()", "zoo.LeNet()", 1)
        .replace("Momentum(0.01, 0.9)", "Momentum(0.01, momentm = 0.9)")
        .replace("[Accuracy(), Loss()]", "[Acuracy()]")
    )
    done = declspore("run", "bad.spec")
    assert done.returncode == 1
    assert _codes(done) == ["E203", "E301", "E201"]
    assert "did you mean `momentum`?" in done.stderr
    _clean(done)
    assert os.listdir(here) == ["bad.spec"]
    as_json = json.loads(declspore("check", "bad.spec", "--json").stdout)
    assert [d["code"] for d in as_json["diagnostics"]] == ["E203", "E301", "E201"]
    assert as_json["diagnostics"][1]["labels"][0]["line"] == 10


def _eval(checkpoint: str, ignore: str = "") -> str:
    text = SMALL.replace("t.last", f'ckpt("{checkpoint}")')
    return re.sub(r"train t \{.*?\n\}\n", "", text, flags=re.S).replace(
        "[`moments.**`, `momentum`, `learning_rate`, `global_step`]", f"[{ignore}]"
    )


@pytest.mark.parametrize(
    ("entries", "codes"),
    [
        ({}, []),
        ({"fc1.bias": None}, ["E530"]),
        ({"extra.bias": np.zeros(3, np.float32)}, ["E531"]),
        ({"fc1.bias": np.zeros(7, np.float32)}, ["E532"]),
        ({"fc1.bias": np.zeros(120, np.float64)}, ["E533"]),
        ({"fc1.bias": None, "fc1.biass": np.zeros(120, np.float32)}, ["E530"]),
    ],
    ids=["good", "missing", "extra", "shape", "dtype", "renamed"],
)
def test_checkpoints_that_do_not_fit(declspore, here, entries, codes):
    with opened(GOLDEN / "lenet_filled.ckpt") as file:
        values = {entry.name: file.array(entry.name) for entry in file}
    values |= entries
    pieces = [piece(n, v) for n, v in values.items() if v is not None]
    write_checkpoint(here / "net.ckpt", pieces)
    (here / "e.spec").write_text(_eval("net.ckpt"))
    done = declspore("plan", "e.spec")
    assert (done.returncode, _codes(done)) == (2 if codes else 0, codes)
    _clean(done)


def test_a_broken_checkpoint_stops_the_run_before_it_starts(declspore, here):
    (here / "net.ckpt").write_bytes((GOLDEN / "lenet_filled.ckpt").read_bytes()[:5000])
    (here / "e.spec").write_text(_eval("net.ckpt"))
    done = declspore("run", "e.spec")
    assert (done.returncode, _codes(done)) == (2, ["E505"])
    assert "named here" in done.stderr
    _clean(done)


def test_a_failed_ensure_leaves_no_file(declspore, here):
    write_checkpoint(here / "a.ckpt", [piece("x", np.array([1.0, np.nan], np.float32))])
    (here / "out.ckpt").write_bytes(b"before")
    (here / "e.spec").write_text(
        'spec 1\nedit e {\n  in src = ckpt("a.ckpt")\n  out dst = ckpt("out.ckpt")\n'
        "  ensure finite(dst.`**`)\n}\n"
    )
    done = declspore("run", "e.spec")
    assert (done.returncode, _codes(done)) == (3, ["E601"])
    _clean(done)
    assert (here / "out.ckpt").read_bytes() == b"before"
    assert sorted(os.listdir(here)) == ["a.ckpt", "e.spec", "out.ckpt"]


def test_missing_data_is_told_by_the_plan(declspore, here):
    text = SMALL.replace('Digits(usage = "test")', 'Mnist("nowhere", usage = "test")')
    (here / "m.spec").write_text(text.replace("Resize([32, 32]) |> ", "Resize([32, 32]) |> "))
    done = declspore("plan", "m.spec")
    assert (done.returncode, _codes(done)) == (2, ["E551"])
    assert "nowhere/t10k-images-idx3-ubyte is missing" in done.stderr


def test_labels_beyond_the_classes_are_no_traceback(declspore, here):
    """What a file holds beside its promise is found while running, and told in a line."""
    images = np.zeros((64, 28, 28), np.uint8)
    labels = np.full(64, 200, np.uint8)
    write_mnist(here / "data", "t10k", images, labels)
    text = SMALL.replace('Digits(usage = "test")', 'Mnist("data", usage = "test")')
    (here / "m.spec").write_text(text)
    done = declspore("run", "m.spec")
    assert (done.returncode, _codes(done)) == (2, ["E551"])
    assert "label 1: expected a label below 10, found 200" in done.stderr
    _clean(done)


def test_a_loss_that_breaks_stops_the_run(declspore, here):
    (here / "n.spec").write_text(SMALL.replace("Momentum(0.01, 0.9)", "Momentum(1e30, 0.9)"))
    done = declspore("run", "n.spec")
    assert (done.returncode, _codes(done)) == (4, ["E701"])
    _clean(done)


def _heed_interrupts():
    """What runs in the background of a shell may have been told to ignore them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_an_interrupt_that_is_swallowed_is_raised_again():
    _heed_interrupts()
    with interruptible(Silent()) as watched:
        watched.progress(1, 3, "")
        with suppress(KeyboardInterrupt):  # as a destructor does
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            watched.progress(2, 3, "")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_interrupted(here):
    (here / "l.spec").write_text(SMALL)
    _heed_interrupts()
    command = ["-m", "declspore", "run", "l.spec", "--set", "length=900000 steps"]
    running = warm.ours().start(*command)
    deadline = time.monotonic() + 120
    while not list(here.glob("t-*.ckpt")) and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    done = running.wait(60)
    assert done.returncode == 130
    assert "interrupted" in done.stderr
    assert "Traceback" not in done.stderr
    for path in here.glob("t-*.ckpt"):
        assert len(opened(path)) == 19
    assert not list(here.glob(".t-*"))
