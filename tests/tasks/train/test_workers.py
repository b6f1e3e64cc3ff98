"""A training that several processes share: the numbers of one process, and equal checkpoints."""

import csv
import os
import re
import signal
import subprocess
import sys

import pytest

from declspore.serialization import load_checkpoint
from tests import warm
from tests.conftest import ROOT
from tests.tasks.train.faults import children

SPEC = """spec 1
network Net() {
  conv = Conv2d(1, 6, 3)
  norm = BatchNorm2d(6)
  flat = Flatten()
  head = Dense(384, 10)
  construct(x: f32[B, 1, 8, 8]) = x |> conv |> norm |> relu |> flat |> head
}
dataset digits = Digits(usage = "train") |> Rescale(1 / 16, 0.0) |> HWC2CHW()
  |> shuffle(1438) |> batch(61)
train t {
  network   = Net()
  dataset   = digits
  loss      = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = Momentum(learning_rate = 0.005, momentum = 0.9)
  length    = 26 steps
  save "out/{epoch}_{step}.ckpt" every 20 steps
  log "out/log.csv"
}
"""


SHORT = SPEC.replace("26 steps", "6 steps")


def run(folder, workers, *, spec=SPEC, backend="tensorflow", kill=None):
    """What became of a run; ``kill`` is a rank that is killed once a file exists."""
    folder.mkdir(exist_ok=True)
    (folder / "t.spec").write_text(spec)
    command = ["-m", "declspore", "run", "t.spec", "--workers", workers]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "KERAS_BACKEND": backend}
    if backend != "tensorflow":
        command = [sys.executable, *map(str, command)]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    process = warm.ours().start(*command, cwd=folder, env=environment)
    while kill and process.runs(0.01) and not (folder / kill[1]).exists():
        pass
    if kill:
        os.kill(children(process.pid)[kill[0]], signal.SIGKILL)
    return process.wait()


def losses(folder):
    with (folder / "out/log.csv").open() as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


@pytest.mark.slow
def test_two_processes_train_as_one(tmp_path):
    """The last batch of an epoch is smaller, and no batch is even."""
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, workers in ((one, 1), (two, 2)):
        found = run(folder, workers)
        assert found.returncode == 0, found.stderr
        assert found.stderr.count("train t: Net, 1,438 samples") == 1
        assert re.search(r"saved 2 checkpoints:\n  out/1_20.ckpt\n", found.stdout)
    assert losses(two) == pytest.approx(losses(one), rel=1e-6)
    expected, got = (load_checkpoint(str(folder / "out/2_2.ckpt")) for folder in (one, two))
    assert list(expected) == list(got)
    for name in expected:
        assert got[name].asnumpy() == pytest.approx(expected[name].asnumpy(), rel=1e-4, abs=1e-5)


@pytest.mark.slow
def test_two_devices_of_a_process_train_as_one(tmp_path):
    """Where there is no GPU, they are parts of the processor."""
    one, two = tmp_path / "one", tmp_path / "two"
    assert run(one, 1, spec=SHORT).returncode == 0
    found = run(two, 1, spec=SHORT.replace("length", "devices = 2\n  length"))
    assert found.returncode == 0, found.stderr
    assert losses(two) == pytest.approx(losses(one), rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("statistics", ["batch", "mean"])
def test_two_devices_of_each_of_two_processes_train_as_one(tmp_path, statistics):
    """Four parts of a batch; with the statistics of each part, as four processes."""
    one, many = tmp_path / "one", tmp_path / "many"
    spec = SHORT.replace("length", f'statistics = "{statistics}"\n  length')
    assert run(one, 1 if statistics == "batch" else 4, spec=spec).returncode == 0
    found = run(many, 2, spec=spec.replace("length", "devices = 2\n  length"))
    assert found.returncode == 0, found.stderr
    assert losses(many) == pytest.approx(losses(one), rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_processes_are_refused_on_another_backend(tmp_path, backend):
    pytest.importorskip(backend)
    found = run(tmp_path, 2, spec=SHORT, backend=backend)
    assert found.returncode == 4
    assert found.stderr.count("error[") == 1
    title = f"several processes train with TensorFlow, not with {backend}"
    assert f"error[E703]: {title}" in found.stderr
    assert "help: KERAS_BACKEND=tensorflow" in found.stderr


@pytest.mark.slow
def test_two_devices_of_jax_train_as_one(tmp_path):
    pytest.importorskip("jax")
    one, two = tmp_path / "one", tmp_path / "two"
    assert run(one, 1, spec=SHORT, backend="jax").returncode == 0
    found = run(two, 1, spec=SHORT.replace("length", "devices = 2\n  length"), backend="jax")
    assert found.returncode == 0, found.stderr
    assert losses(two) == pytest.approx(losses(one), rel=1e-6)


@pytest.mark.slow
def test_a_killed_rank_is_named_and_another_number_of_workers_continues(tmp_path):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert run(whole, 1).returncode == 0
    (cut / "out").mkdir(parents=True)
    found = run(cut, 2, kill=(1, "out/1_20.ckpt"))
    assert found.returncode == 4
    said = re.findall(r"error\[(E\d+)\]: (.*)", found.stderr)
    assert [code for code, _ in said] == ["E708"]
    assert re.fullmatch(r"rank 1 of 2 was killed by SIGKILL after step \d+", said[0][1])
    found = run(cut, 3)
    assert found.returncode == 0, found.stderr
    assert "continues the interrupted training: 20 of 26 steps are made" in found.stderr
    assert losses(cut) == pytest.approx(losses(whole), rel=1e-6)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('statistics = "ranks"', "E318"),
        ("devices = 0", "E318"),
        ("devices = 65", "E318"),
        ("devices = 62", "E588"),
    ],
)
def test_what_is_refused_before_anything_runs(line, code):
    from declspore.plan.planner import make_plan
    from declspore.report import DiagnosticError
    from tests.support import checked

    text = SPEC.removeprefix("spec 1\n").replace("length", f"{line}\n  length")
    with pytest.raises(DiagnosticError) as error:
        make_plan(checked(text))
    assert [each.code for each in error.value.diagnostics] == [code]


def test_a_silence_of_less_than_three_heartbeats_is_refused(declspore):
    found = declspore("run", "t.spec", "--heartbeat-timeout", 1)
    assert found.returncode == 2
    assert "error[E564]: invalid value for '--heartbeat-timeout'" in found.stderr
    assert "at least 3, or 0 to wait without end" in found.stderr
