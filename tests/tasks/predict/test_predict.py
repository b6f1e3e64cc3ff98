"""``predict``: the outputs of a network in a file."""

import json

import numpy as np
import pytest

import declspore
from declspore import open_checkpoint
from tests.cli.support import failing, said
from tests.conftest import GOLDEN, SPECS
from tests.support import problems

SPEC = """spec 1
import "lenet.spec" as zoo
dataset pictures = NumpySlices("pictures.npz", data = [Column("image", [1, 32, 32])]) |> batch(2)
predict answers {
  network = zoo.LeNet5()
  load    = ckpt("lenet.ckpt")
  ignore  = [`moments.**`, `momentum`, `learning_rate`, `global_step`]
  dataset = pictures
  save "answers.npz"
}
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lenet.ckpt").write_bytes((GOLDEN / "lenet-1_5.ckpt").read_bytes())
    pictures = np.random.default_rng(0).normal(size=(5, 1, 32, 32)).astype(np.float32)
    np.savez(tmp_path / "pictures.npz", image=pictures)
    (tmp_path / "p.spec").write_text(SPEC)
    return tmp_path


def test_outputs_are_those_of_the_network(here):
    assert "answers: 5 samples; wrote answers.npz" in said("run", "p.spec")
    network = declspore.load(SPECS / "lenet.spec").LeNet5()
    declspore.load_checkpoint("lenet.ckpt", net=network)
    with np.load("pictures.npz") as pictures, np.load("answers.npz") as answers:
        expected = network.predict(pictures["image"], verbose=0)
        np.testing.assert_allclose(answers["output"], expected, rtol=1e-5, atol=1e-6)


def test_plan_and_lock_know_it(here):
    planned = json.loads(said("plan", "p.spec", "--json"))["tasks"]
    assert [(task["kind"], task["samples"], task["batches"]) for task in planned] == [
        ("predict", 5, 3)
    ]
    text = said("plan", "p.spec")
    assert "load       lenet.ckpt: 8 of 8 from the file, 11 entries ignored" in text
    assert "saves      answers.npz: output float32[10]" in text
    said("run", "p.spec")
    locked = json.loads((here / "p.spec.lock").read_text())["tasks"]["answers"]
    assert locked["kind"] == "predict"
    assert [file["path"] for file in locked["inputs"]] == ["lenet.ckpt", "pictures.npz"]
    assert [file["path"] for file in locked["outputs"]] == ["answers.npz"]
    with open_checkpoint("answers.npz") as file:
        assert [(entry.name, entry.header.shape) for entry in file] == [("output", (5, 10))]
    (here / "answers.npz").write_bytes(b"")
    assert failing("verify", "p.spec").exit_code == 3


def test_mistakes_are_diagnostics():
    head = 'import "lenet.spec" as zoo\ndataset d = Digits() |> batch(2)\n'
    assert problems(f"{head}predict p {{\n}}") == [
        "E312 4 `p` needs `network`, `dataset`, `load`",
        "E312 4 `p` needs `save`",
    ]
    task = 'predict p {\n network = zoo.LeNet5()\n load = none\n save "a.txt"\n}'
    assert [line[:33] for line in problems(head + task)] == [
        "E312 4 `p` needs `dataset`",
        "E318 7 `save` expects a path that",
    ]
