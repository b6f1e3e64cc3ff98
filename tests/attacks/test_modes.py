"""Exports and answers are no more open than what they are made of, without a word."""

import os
import shutil
import stat

import numpy as np
import pytest

from tests.attacks.support import attacked
from tests.cli.support import failing, parsed
from tests.conftest import GOLDEN, SPECS

LENET = GOLDEN / "lenet-1_5.ckpt"
NETWORK = f"{SPECS / 'lenet.spec'}:LeNet5"
FILES = ("a.onnx", "a.tflite", "a.keras", "a.weights.h5")
SPEC = """spec 1
import "lenet.spec" as zoo
dataset pictures = NumpySlices("x.npz", data = [Column("image", [1, 32, 32])]) |> batch(2)
predict answers {
  network = zoo.LeNet5()
  load    = ckpt("in.ckpt")
  ignore  = "optimizer"
  dataset = pictures
  save "a.csv", "a.npz"
}
export served {
  network = zoo.LeNet5()
  load    = ckpt("in.ckpt")
  ignore  = "optimizer"
  save "a.onnx", "served/1/"
}
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEY", "0123456789abcdef")
    shutil.copy(LENET, "in.ckpt")
    np.savez("x.npz", image=np.zeros((3, 1, 32, 32), np.float32))
    (tmp_path / "p.spec").write_text(SPEC)
    old = os.umask(0o022)
    yield tmp_path
    os.umask(old)


def mode(path):
    return oct(stat.S_IMODE(os.stat(path).st_mode))


def modes(folder):
    return {
        mode(os.path.join(place, name)) for place, _, names in os.walk(folder) for name in names
    }


@pytest.mark.parametrize(
    ("given", "files", "folder"), [(0o400, "0o600", "0o700"), (0o440, "0o640", "0o750")]
)
def test_exports_follow_the_checkpoint(here, given, files, folder):
    os.chmod("in.ckpt", given)
    assert failing("export", NETWORK, "in.ckpt", *FILES, "served/1/").exit_code == 0
    assert {mode(name) for name in FILES} == {files}
    assert modes("served/1") == {files}
    assert {mode("served/1"), mode("served/1/variables")} == {folder}


def test_tasks_follow_the_checkpoint_and_the_samples(here):
    os.chmod("in.ckpt", 0o644)
    assert failing("run", "p.spec").exit_code == 0
    assert {mode("a.csv"), mode("a.npz"), mode("a.onnx"), *modes("served")} == {"0o644"}
    assert mode("served/1") == "0o755"
    for name in ("a.csv", "a.npz", "a.onnx"):
        os.unlink(name)
    shutil.rmtree("served")
    os.chmod("x.npz", 0o600)
    assert failing("run", "p.spec").exit_code == 0
    assert (mode("a.csv"), mode("a.npz"), mode("a.onnx")) == ("0o600", "0o600", "0o644")
    os.chmod("in.ckpt", 0o600)
    assert failing("run", "p.spec").exit_code == 0
    assert mode("a.onnx") == "0o644", "a file that is replaced keeps its own"
    assert mode("served/1") == "0o755"


def test_a_state_is_its_owners_alone(here, monkeypatch):
    from declspore.tasks.predict import keeper

    found = []
    remove = keeper.remove_state
    monkeypatch.setattr(keeper, "SECONDS", 0.0)
    monkeypatch.setattr(
        keeper,
        "remove_state",
        lambda path: (found.append(os.path.exists(path) and mode(path)), remove(path)),
    )
    assert failing("run", "p.spec", "answers").exit_code == 0
    assert found == [False, "0o600"]


def test_what_is_no_longer_encrypted_is_told(here):
    encrypted = ("convert", LENET, "secret.ckpt", "--new-key-env", "KEY")
    assert failing(*encrypted).exit_code == 0
    done = failing("export", NETWORK, "secret.ckpt", "a.onnx", "--key-env", "KEY", "--json")
    (warning,) = parsed(done)["diagnostics"]
    assert warning["code"] == "W541"
    assert warning["title"] == "a.onnx will not be encrypted; secret.ckpt is"
    text = SPEC.replace('ckpt("in.ckpt")', 'ckpt("secret.ckpt", key_env = "KEY")')
    (here / "p.spec").write_text(text)
    warnings = parsed(failing("plan", "p.spec", "--json"))["diagnostics"]
    assert [each["code"] for each in warnings] == ["W541"] * 4


@pytest.mark.parametrize("index", ["huggingface", "unified"])
@pytest.mark.parametrize("edit", [[], ["--set", "fc1.weight = it * 2"], ["--set", "** = it * 1"]])
def test_sets_and_their_index_follow_the_checkpoint(here, index, edit):
    """An index has the names of all entries."""
    shutil.copy(LENET, "in.ckpt")
    os.chmod("in.ckpt", 0o600)
    command = ["edit", "in.ckpt", "-o", "set", *edit] if edit else ["convert", "in.ckpt", "set"]
    done = attacked(here, *command, "--index", index)
    assert done.returncode == 0, done.text
    modes = {name: stat.S_IMODE(os.stat(f"set/{name}").st_mode) for name in os.listdir("set")}
    assert len(modes) == 2
    assert set(modes.values()) == {0o600}
