"""Locks as users meet them: written by a run, held to by another, checked without one."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from blake3 import blake3

from tests.checkpoint.support import opened, written
from tests.data.test_pipeline import write_mnist
from tests.lock.support import EDIT, b3, change, lock, other_import, run


def test_recorded(recipe):
    run("run", "edit.spec", "--set", "std=0.25")
    value = lock()
    assert value["spec"] == {"path": "edit.spec", "blake3": b3("edit.spec")}
    assert value["imports"] == [{"path": "shapes.spec", "blake3": b3("shapes.spec")}]
    assert value["params"] == {"std": "0.25"}
    assert list(value["tasks"]) == ["first", "second"]
    first, second = value["tasks"].values()
    assert first["versions"]["numpy"] == np.__version__
    assert "keras" not in first["versions"]
    (source,), (output,) = first["inputs"], first["outputs"]
    for file, name, path in (
        (source, "src", "in/net.ckpt"),
        (output, "dst", "out/first.ckpt"),
        (second["outputs"][0], "dst", "out/second.safetensors"),
    ):
        assert (file["name"], file["path"]) == (name, path)
        assert (file["size"], file["blake3"]) == (os.path.getsize(path), b3(path))
    assert second["inputs"][0]["blake3"] == output["blake3"]
    with opened("out/first.ckpt") as checkpoint:
        assert list(output["tensors"]) == [entry.name for entry in checkpoint]
        for entry in checkpoint:
            data = checkpoint.array(entry.name).tobytes()
            found = output["tensors"][entry.name]
            assert found["blake3"] == blake3(data).hexdigest()
            assert tuple(found["shape"]) == entry.header.shape


def test_one_entry_a_line(recipe):
    """A diff of two locks shows what changed and nothing else; another run changes nothing."""
    run("run", "edit.spec")
    before = Path("edit.spec.lock").read_text()
    run("run", "edit.spec")
    assert Path("edit.spec.lock").read_text() == before
    change("in/net.ckpt", "conv1.weight")
    run("run", "edit.spec")
    after = Path("edit.spec.lock").read_text()
    pairs = zip(before.splitlines(), after.splitlines(), strict=True)
    changed = [new.split('"')[1] for old, new in pairs if old != new]
    # the file that was changed and the two made of it, and in each the tensor
    assert changed == ["name", "conv1.weight"] * 4


def test_a_part_of_the_tasks(recipe):
    """What is not run again stays recorded while the recipe is the same."""
    run("run", "edit.spec", "first")
    assert list(lock()["tasks"]) == ["first"]
    run("run", "edit.spec", "second")
    assert list(lock()["tasks"]) == ["first", "second"]
    (recipe / "shapes.spec").write_text("spec 1\nlet size = 6\n")
    run("run", "edit.spec", "first")
    assert list(lock()["tasks"]) == ["first"]


def test_edits_in_processes(recipe):
    """The lock is the same, and holds."""
    text = EDIT.replace("in src  = first.dst", 'in src  = ckpt("in/net.ckpt")')
    (recipe / "edit.spec").write_text(text)
    run("run", "edit.spec", "--jobs", 1)
    before = Path("edit.spec.lock").read_text()
    (recipe / "edit.spec.lock").unlink()
    run("run", "edit.spec", "--jobs", 2)
    assert Path("edit.spec.lock").read_text() == before
    run("run", "edit.spec", "--jobs", 2, "--locked")
    change("in/net.ckpt", "conv2.weight")
    assert "[E585]" in run("run", "edit.spec", "--jobs", 2, "--locked", status=2).stderr


def test_paths(recipe, monkeypatch):
    """Beneath or beside the spec: seen from it. Named absolutely, elsewhere: as they are."""
    (recipe / "specs").mkdir()
    elsewhere = recipe / "elsewhere.ckpt"
    text = EDIT.replace("shapes.spec", "../shapes.spec").replace(
        'ckpt("out/first.ckpt")', f'ckpt("{elsewhere}")'
    )
    (recipe / "specs" / "edit.spec").write_text(text)
    run("run", "specs/edit.spec")
    value = lock("specs/edit.spec")
    assert value["spec"]["path"] == "edit.spec"
    assert value["imports"][0]["path"] == "../shapes.spec"
    first = value["tasks"]["first"]
    assert first["inputs"][0]["path"] == "../in/net.ckpt"
    assert first["outputs"][0]["path"] == str(elsewhere)
    monkeypatch.chdir("in")
    run("verify", "../specs/edit.spec")


def test_an_import_of_the_library(recipe):
    text = EDIT.replace('"shapes.spec" (size)', '"lenet.spec" (LeNet5)').replace("size", "5")
    (recipe / "edit.spec").write_text(text)
    run("run", "edit.spec")
    (imported,) = lock()["imports"]
    assert imported["path"] == "lenet.spec"
    assert imported["shipped"] is True
    run("verify", "edit.spec")


def test_no_lock(recipe):
    run("run", "--no-lock", "edit.spec")
    assert not (recipe / "edit.spec.lock").exists()
    run("run", "--no-lock", "--locked", "edit.spec", status=2)


def test_a_lock_that_cannot_be_written(recipe):
    """The work is done; the warning says what is not."""
    (recipe / "edit.spec.lock").mkdir()
    done = run("run", "edit.spec")
    assert "warning[W581]: no lock was written" in done.stderr
    assert (recipe / "out" / "second.safetensors").exists()
    told = json.loads(run("run", "edit.spec", "--json").stdout)
    assert told["ok"]
    assert [d["code"] for d in told["diagnostics"]] == ["W581"]


def test_a_lock_that_is_not_understood_is_not_overwritten(recipe):
    (recipe / "edit.spec.lock").write_text('{"lock": 99}')
    assert "its version is 99" in run("run", "edit.spec").stderr
    assert (recipe / "edit.spec.lock").read_text() == '{"lock": 99}'


def test_a_lock_of_an_earlier_version_is_replaced(recipe):
    (recipe / "edit.spec.lock").write_text('{"lock": 1, "spec": {}}')
    assert "its version is 1" in run("run", "--locked", "edit.spec", status=2).stderr
    run("run", "edit.spec")
    assert lock("edit.spec")["lock"] == 2


def test_a_failed_run_leaves_the_lock(recipe):
    run("run", "edit.spec")
    before = (recipe / "edit.spec.lock").read_bytes()
    text = EDIT.replace("  delete src.`moments.**`\n", "  ensure count(dst.`**`) == 1\n")
    (recipe / "edit.spec").write_text(text)
    run("run", "edit.spec", status=3)
    assert (recipe / "edit.spec.lock").read_bytes() == before


def test_several_files(here):
    """Each file of an input or output of several, what is only used, and arrays of numbers."""
    for rank in range(2):
        written(f"rank_{rank}.ckpt", {"w": np.full((2, 3), rank, np.float32)})
    written("base.ckpt", {"b": np.ones(3, np.float32)})
    np.save("c.npy", np.arange(3, dtype=np.float32))
    (here / "e.spec").write_text("""spec 1
edit e {
  in parts = ckpts("rank_*.ckpt")
  use base = ckpt("base.ckpt")
  out one  = ckpt("one.ckpt")
  out two  = [ckpt("two-0.ckpt"), ckpt("two-1.ckpt")]
  set parts.`w` = average(it)
  add `c` = npy("c.npy") + base.`b`
  copy parts.`w` -> two.`w` = it
}
""")
    run("run", "e.spec")
    task = lock("e.spec")["tasks"]["e"]
    inputs = {file["name"]: file for file in task["inputs"]}
    assert list(inputs) == ["parts[0]", "parts[1]", "base", "npy[0]"]
    assert "tensors" not in inputs["npy[0]"]
    outputs = {file["name"]: file["path"] for file in task["outputs"]}
    assert outputs == {"one": "one.ckpt", "two[0]": "two-0.ckpt", "two[1]": "two-1.ckpt"}
    run("verify", "e.spec")
    run("run", "--locked", "e.spec")
    np.save("c.npy", np.arange(3, dtype=np.float32) + 1)
    assert "the input `npy[0]`, c.npy" in run("run", "--locked", "e.spec", status=2).stderr


def test_locked(recipe):
    run("run", "edit.spec")
    before = (recipe / "edit.spec.lock").read_bytes()
    (recipe / "out" / "first.ckpt").unlink()
    run("run", "--locked", "edit.spec")
    assert (recipe / "out" / "first.ckpt").exists()
    assert (recipe / "edit.spec.lock").read_bytes() == before


def _spec(here):
    (here / "edit.spec").write_text(EDIT + "# other\n")


def _input(here):
    change("in/net.ckpt", "fc2.bias")


def _input_of_other_entries(here):
    written("in/net.ckpt", {"x": np.ones(3, np.float32)})


def _task(here):
    value = json.loads((here / "edit.spec.lock").read_text())
    del value["tasks"]["second"]
    (here / "edit.spec.lock").write_text(json.dumps(value))


@pytest.mark.parametrize(
    ("spoil", "options", "said"),
    [
        (_spec, (), ["[E583]: the lock belongs to another spec"]),
        (other_import, (), ["[E583]: the lock belongs to another import, shapes.spec"]),
        (
            lambda here: None,
            ("--set", "std=0.1"),
            ["[E583]", "another param, std", "help: leave out --set std"],
        ),
        (_input, (), ["[E585]: the input `src`, in/net.ckpt", "fc2.bias  f32[84], other values"]),
        # what no longer plans is told with what changed
        (_input_of_other_entries, (), ["[E603]", "[E542]", "gone: ", "new: `x`"]),
        (_task, (), ["[E584]: the lock does not know the task `second`"]),
    ],
)
def test_locked_refuses(recipe, spoil, options, said):
    run("run", "edit.spec")
    (recipe / "out" / "first.ckpt").unlink()
    spoil(recipe)
    done = run("run", "--locked", "edit.spec", *options, status=2)
    assert [text for text in said if text not in done.stderr] == []
    assert not (recipe / "out" / "first.ckpt").exists()


def test_a_param_that_was_given(recipe):
    run("run", "edit.spec", "--set", "std=0.25")
    done = run("run", "--locked", "edit.spec", status=2)
    assert "help: --set std=0.25" in done.stderr
    run("run", "--locked", "edit.spec", "--set", "std=0.25")


def test_an_output_that_came_out_different(recipe):
    """As after another version of NumPy: the file that is there stays."""
    run("run", "edit.spec")
    path = recipe / "edit.spec.lock"
    value = json.loads(path.read_text())
    (output,) = value["tasks"]["first"]["outputs"]
    output["blake3"] = "0" * 64
    output["tensors"]["head.weight"]["blake3"] = "1" * 64
    value["tasks"]["first"]["versions"]["numpy"] = "1.0"
    path.write_text(json.dumps(value))
    (recipe / "out" / "first.ckpt").write_text("the old one")
    done = run("run", "--locked", "edit.spec", status=3)
    assert "[E604]" in done.stderr
    assert "1 entry changed:\n       head.weight  f32[5, 3], other values" in done.stderr
    assert f"the lock is of other versions: numpy 1.0, not {np.__version__}" in done.stderr
    assert (recipe / "out" / "first.ckpt").read_text() == "the old one"
    assert sorted(os.listdir("out")) == ["first.ckpt", "second.safetensors"]


def test_an_encrypted_output(recipe, monkeypatch):
    """Its bytes are new each time, its tensors are not; the key is asked of no one."""
    monkeypatch.setenv("KEY", "k" * 16)
    text = EDIT.replace('"out/first.ckpt"', '"out/first.ckpt", key_env = "KEY"')
    text = text.replace("first.dst", 'ckpt("out/first.ckpt", key_env = "KEY")')
    (recipe / "edit.spec").write_text(text)
    run("run", "edit.spec")
    before = (recipe / "out" / "first.ckpt").read_bytes()
    assert lock()["tasks"]["first"]["outputs"][0]["encryption"] == "AES-GCM"
    run("run", "--locked", "edit.spec")
    assert (recipe / "out" / "first.ckpt").read_bytes() != before
    monkeypatch.delenv("KEY")
    done = run("verify", "edit.spec", status=3)
    assert "first.ckpt" in done.stderr


NETWORK = """spec 1
import "lenet.spec" as zoo
dataset images = Mnist("data", usage = "train") |> Resize([32, 32]) |> Rescale(1 / 255, 0.0)
  |> HWC2CHW() |> batch(4)
train t {
  network   = zoo.LeNet5()
  dataset   = images
  loss      = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = Momentum(0.01, 0.9)
  length    = 2 steps
  seed      = 3
  save "t-{step}.ckpt" every 1 steps
}
eval e {
  network = zoo.LeNet5()
  load    = t.last
  ignore  = [`moments.**`, `momentum`, `learning_rate`, `global_step`]
  dataset = images
  metrics = [Accuracy()]
}
"""


def test_training_and_evaluation(declspore, here):
    images = np.arange(8 * 28 * 28, dtype=np.uint8).reshape(8, 28, 28)
    write_mnist(here / "data", "train", images, np.arange(8, dtype=np.uint8))
    (here / "net.spec").write_text(NETWORK)
    done = declspore("run", "net.spec")
    assert done.returncode == 0, done.stderr
    value = lock("net.spec")
    train, evaluation = value["tasks"].values()
    assert (train["kind"], train["seed"]) == ("train", 3)
    assert train["dataset"] == 'Mnist(dataset_dir = "data", usage = "train")'
    assert set(train["versions"]) >= {"python", "declspore", "numpy", "keras", "tensorflow"}
    assert [file["path"] for file in train["inputs"]] == [
        "data/train-images-idx3-ubyte",
        "data/train-labels-idx1-ubyte",
    ]
    assert train["inputs"][0]["blake3"] == b3("data/train-images-idx3-ubyte")
    assert [file["path"] for file in train["outputs"]] == ["t-1.ckpt", "t-2.ckpt"]
    assert train["outputs"][1]["blake3"] == b3("t-2.ckpt")
    assert [file["name"] for file in evaluation["inputs"]] == ["load", "dataset[0]", "dataset[1]"]
    assert evaluation["inputs"][0]["blake3"] == b3("t-2.ckpt")
    labels = bytearray((here / "data" / "train-labels-idx1-ubyte").read_bytes())
    labels[-1] ^= 1
    (here / "data" / "train-labels-idx1-ubyte").write_bytes(labels)
    refused = run("run", "--locked", "net.spec", "e", status=2)
    assert "the input `dataset[1]`, data/train-labels-idx1-ubyte" in refused.stderr
