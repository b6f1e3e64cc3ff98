"""Processes with folders of their own that train together by TF_CONFIG, as on several machines."""

import json
import os
import re
import signal
import time

import numpy as np
import pytest

from declspore.devices.meeting import addresses_of, listen
from declspore.serialization import save_checkpoint
from declspore.tensor import Tensor
from tests import warm
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

SPEC = """spec 1
network Net() {
  one = Dense(6, 8)
  head = Dense(8, 3)
  construct(x: f32[B, 6]) = x |> one |> relu |> head
}
dataset d = NumpySlices("d.npz", data = [Column("x", [6])], labels = [Column("y", dtype = i32)])
  |> shuffle(50) |> batch(14)
train t {
  network   = Net()
  dataset   = d
  loss      = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = Adam(1e-3)
  length    = 5 epochs
  load      = ckpt("w.ckpt")
  save "out.ckpt" every 5 epochs
}
"""


def prepared(folder, *, sample=None, weight=None, spec=SPEC):
    """A folder with everything that a rank needs; a value of a sample and one of the checkpoint may
    be other ones."""
    folder.mkdir()
    (folder / "t.spec").write_text(spec)
    source = np.random.default_rng(3)
    x = source.normal(size=(50, 6)).astype(np.float32)
    entries = [("one", (8, 6)), ("head", (3, 8))]
    values = {f"{n}.weight": source.normal(size=s).astype(np.float32) for n, s in entries}
    values |= {f"{n}.bias": np.zeros(s[0], np.float32) for n, s in entries}
    if sample is not None:
        x[49, 5] = sample
    if weight is not None:
        values["head.weight"][2, 7] = weight
    np.savez(folder / "d.npz", x=x, y=(np.arange(50) % 3).astype(np.int32))
    save_checkpoint([{"name": n, "data": Tensor(v)} for n, v in values.items()], folder / "w.ckpt")
    return folder


def start(folders, *options, packages=(None, None)):
    """A process for each folder; ``packages`` are folders in which it finds packages first."""
    listeners = [listen(("127.0.0.1", 0)) for _ in folders]
    hosts = [f"{host}:{port}" for host, port in addresses_of(listeners)]
    for listener in listeners:
        listener.close()
    processes = []
    for rank, folder in enumerate(folders):
        place = {"cluster": {"worker": hosts}, "task": {"type": "worker", "index": rank}}
        paths = [str(each) for each in (packages[rank], ROOT) if each]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        environment["TF_CONFIG"] = json.dumps(place)
        command = ["-m", "declspore", "run", "t.spec", *options]
        processes.append(warm.ours().start(*command, cwd=folder, env=environment))
    return processes


def ended(processes):
    """Their exit codes, and what they said on stderr."""
    done = [process.wait() for process in processes]
    return [each.returncode for each in done], [each.stderr for each in done]


def errors(text):
    return re.findall(r"error\[(E\d+)\]: (.*)", text)


def test_two_places_train_as_one(tmp_path):
    codes, said = ended(start([prepared(tmp_path / "0"), prepared(tmp_path / "1")]))
    assert codes == [0, 0], said
    assert (tmp_path / "0/out.ckpt").exists()
    assert not (tmp_path / "1/out.ckpt").exists()


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ({"sample": 0.5}, "the files of the dataset"),
        ({"weight": 0.5}, "the contents of w.ckpt"),
        ({"spec": SPEC.replace("1e-3", "1e-4")}, "optimizer"),
        ({}, "the version of scikit-learn (0.0.1, not {})"),
    ],
    ids=["data", "checkpoint", "spec", "version"],
)
def test_a_place_that_has_something_else_is_refused_before_the_first_step(tmp_path, other, differs):
    """Each difference by itself: one value of the data, one of the checkpoint, one version."""
    folders = prepared(tmp_path / "0"), prepared(tmp_path / "1", **other)
    packages = [None, None]
    if "version" in differs:
        from importlib.metadata import version

        differs = differs.format(version("scikit-learn"))
        packages[1] = tmp_path / "packages"
        about = packages[1] / "scikit_learn-0.0.1.dist-info/METADATA"
        about.parent.mkdir(parents=True)
        about.write_text("Metadata-Version: 2.1\nName: scikit-learn\nVersion: 0.0.1\n")
    codes, said = ended(start(folders, packages=packages))
    assert codes == [4, 4], said
    title = f"rank 1 differs from rank 0 in {differs}; nothing was trained"
    assert [errors(text) for text in said] == [[("E710", title)]] * 2
    assert not any((folder / "out.ckpt").exists() for folder in folders)


VALIDATING = """
  policies  = [Validate(long, metrics = [Loss()], every = 5 steps)]
  save "{epoch}_{step}.ckpt" every 4 steps
"""
LONG = """dataset long = NumpySlices("d.npz", data = [Column("x", [6])],
  labels = [Column("y", dtype = i32)]) |> repeat(20000) |> batch(1)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_a_rank_that_validates_notices_the_loss_of_another(tmp_path, number):
    """The other one waits for it, and it waits for nobody."""
    text = SPEC.replace("train t {", f"{LONG}train t {{").replace(
        "\n  load ", f"{VALIDATING}  load "
    )
    folders = [prepared(tmp_path / name, spec=text) for name in ("0", "1")]
    processes = start(folders, "--heartbeat-timeout", "4")
    while processes[0].runs() and not (folders[0] / "1_4.ckpt").exists():
        time.sleep(0.1)
    time.sleep(2)  # the fifth step, and some of a million batches
    processes[1].send_signal(number)
    begun = time.monotonic()
    codes, said = ended(processes[:1])
    assert time.monotonic() - begun < 20
    processes[1].send_signal(signal.SIGKILL)
    processes[1].wait()
    assert codes == [4], said
    reason = "ended" if number == signal.SIGKILL else "sent no heartbeat for 4 s"
    assert errors(said[0]) == [("E708", f"rank 1 of 2 {reason} after step 5")]
    assert (folders[0] / "w.ckpt").exists()
