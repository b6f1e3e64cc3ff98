"""What works where TensorFlow and Keras are not installed, and what says that it needs them."""

import json
import os
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import GOLDEN, ROOT

ENGINE = ("keras", "tensorflow", "jax", "torch", "h5py", "sklearn", "onnx", "onnxruntime")
LENET = GOLDEN / "lenet-1_5.ckpt"
INSTALL = 'pip install "declspore[tensorflow]"'

EVAL = """spec 1
import "lenet.spec" as zoo
dataset digits = NumpySlices("digits.npz",
  data = [Column("image", [1, 32, 32])], labels = [Column("label", dtype = i32)],
) |> batch(2)
eval check {
  network = zoo.LeNet5()
  load    = none
  dataset = digits
  metrics = [Accuracy()]
}
"""
EDIT = f"""spec 1
edit head {{
  in src  = ckpt("{LENET}")
  out dst = ckpt("out.ckpt")
  rename src.`fc1.{{p}}` -> `neck.{{p}}`
  add `head.bias` = zeros([5]) + 0.5
}}
"""


@pytest.fixture
def without(here):
    """Runs a command in a process to which the engine is not installed."""
    (here / "block").mkdir()
    # a module that is None in sys.modules is one that is not found
    block = "".join(f"sys.modules[{name!r}] = None\n" for name in ENGINE)
    (here / "block" / "sitecustomize.py").write_text(f"import sys\n{block}")
    environment = {**os.environ, "PYTHONPATH": f"{here / 'block'}:{ROOT}"}

    def run(*arguments, code=None):
        start = ["-c", code] if code else ["-m", "declspore", *map(str, arguments)]
        return subprocess.run(
            [sys.executable, *start], capture_output=True, text=True, env=environment
        )

    return run


@pytest.fixture
def files(here):
    import numpy as np

    np.savez(here / "digits.npz", image=np.zeros((4, 1, 32, 32), "f4"), label=np.zeros(4, "i4"))
    (here / "eval.spec").write_text(EVAL)
    (here / "edit.spec").write_text(EDIT)
    return here


@pytest.mark.parametrize(
    "command",
    [
        ("inspect", LENET, "--stats"),
        ("check", "eval.spec"),
        ("plan", "edit.spec"),
        ("run", "edit.spec"),
        ("edit", LENET, "-o", "other.ckpt", "--delete", "moments.**"),
        ("diff", LENET, LENET),
        ("verify", LENET),
        ("fmt", "edit.spec"),
        ("convert", LENET, "out.safetensors"),
        ("convert", LENET, "out.npz"),
        ("summary", "lenet.spec:LeNet5"),
        ("graph", "lenet.spec:LeNet5"),
        ("specs",),
        ("docs", "Conv2d"),
        ("explain", "E552"),
    ],
    ids=lambda command: " ".join(map(str, command[:1])),
)
def test_works_without_the_engine(command, files, without):
    done = without(*command)
    assert done.returncode == 0, done.stderr


def test_a_plan_without_the_engine_warns(files, without):
    done = without("plan", "eval.spec")
    assert done.returncode == 0, done.stderr
    assert (
        "warning[W551]: networks are computed by Keras and TensorFlow, which are not" in done.stderr
    )
    assert INSTALL in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("run", "eval.spec"),
        ("export", "lenet.spec:LeNet5", LENET, "out.keras"),
    ],
    ids=lambda command: command[0],
)
def test_what_computes_says_what_to_install(command, files, without):
    done = without(*command)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "error[E552]" in done.stderr
    assert INSTALL in done.stderr


def test_python_without_the_engine(files, without):
    reads = (
        "import declspore\n"
        f"d = declspore.load_checkpoint({str(LENET)!r})\n"
        "declspore.save_checkpoint([{'name': n, 'data': p} for n, p in d.items()], 'copy.ckpt')\n"
        "declspore.load('lenet.spec').LeNet5.network()\n"
    )
    done = without(code=reads)
    assert done.returncode == 0, done.stderr
    done = without(code="import declspore\ndeclspore.load('lenet.spec').LeNet5()\n")
    assert done.stderr.splitlines()[-1].startswith("declspore.engine.EngineMissing: networks are")
    assert INSTALL in done.stderr.splitlines()[-1]


def test_a_name_that_is_not_shipped_is_a_missing_file(here, declspore):
    done = declspore("check", "lenet9.spec")
    assert done.returncode == 2
    done = declspore("check", "nowhere/lenet.spec")
    assert done.returncode == 2


def test_specs_lists_what_is_shipped(declspore):
    found = json.loads(declspore("specs", "--json").stdout)["specs"]
    assert {each["spec"] for each in found} <= {path.name for path in (ROOT / "specs").iterdir()}
    (lenet,) = (each for each in found if each["network"] == "LeNet5")
    assert lenet["spec"] == "lenet.spec"
    assert (lenet["parameters"], lenet["values"]) == (8, 61_684)
    assert "lenet.spec" in declspore("specs").stdout


def test_a_file_of_the_name_of_a_shipped_spec_comes_first(here, declspore):
    (here / "lenet.spec").write_text("spec 1\nlet x = \n")
    assert declspore("check", "lenet.spec").returncode == 1


@pytest.mark.slow
@pytest.mark.skipif(find_spec("hatchling") is None, reason="hatchling is not installed")
def test_the_wheel_holds_what_is_needed_and_no_locks(tmp_path):
    stray = ROOT / "specs" / "stray.spec.lock"
    stray.write_text("{}")
    try:
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
            cwd=ROOT, check=True, capture_output=True,
        )  # fmt: skip
    finally:
        stray.unlink()
    (wheel,) = Path(tmp_path).glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert not [name for name in names if name.endswith(".lock")]
    assert {
        "declspore/py.typed", "declspore/_language.md", "declspore/_grammar/spec.lark",
        "declspore/_specs/lenet.spec", "declspore/_errors/E101.md",
    } <= names  # fmt: skip


@pytest.mark.slow
def test_every_door_of_python_says_what_to_install(without):
    """In one process: each is tried in turn."""
    doors = (
        *("import declspore.nn", "import declspore.train", "import declspore.amp"),
        *("declspore.Model", "declspore.export", "declspore.grad", "declspore.run_check()"),
        "list(declspore.load('s.spec').d)",
    )
    code = (
        "import declspore\n"
        "open('s.spec', 'w').write('spec 1\\ndataset d = Digits() |> batch(9)\\n')\n"
        "declspore.set_seed(1)\n"
        f"for door in {doors!r}:\n"
        "    try: exec(door)\n"
        "    except declspore.engine.EngineMissing as error: assert 'pip install' in str(error)\n"
        "    else: raise AssertionError(door)\n"
    )
    done = without(code=code)
    assert done.returncode == 0, done.stderr[-2000:]


def test_packages_of_one_format_are_one_error(without):
    done = without("export", "lenet.spec:LeNet5", LENET, "out.onnx")
    assert done.stderr.count("error[") == 1
