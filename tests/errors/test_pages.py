"""The pages of `declspore explain`: every code has one, and its examples do what they say."""

import json
import os
import re
import shlex
import shutil
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from click.testing import CliRunner

import declspore
from declspore.checkpoint.keys import read_key
from declspore.checkpoint.reader import Access
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.cli import main
from declspore.report import DiagnosticError
from tests.checkpoint import protobuf
from tests.checkpoint.sharding import Cut, pieces_of, write_ranks, write_strategy
from tests.checkpoint.support import written
from tests.conftest import GOLDEN, ROOT

PAGES = sorted((ROOT / "docs" / "errors").glob("*.md"))
BLOCK = re.compile(r"^```(\w+) (wrong|right)(?: (\w+))?\n(.*?)^```$", re.M | re.S)
EXAMPLES = [
    pytest.param(page.stem, *found, id=f"{page.stem}-{found[1]}")
    for page in PAGES
    for found in BLOCK.findall(page.read_text())
]
NO_WRONG = {
    *("E522", "E552", "E565", "E566", "E567", "E587", "E702", "E703", "E705", "E706", "E707"),
    *("E708", "E709", "E710", "E712", "W551", "W554"),
}
"""No spec alone makes TensorFlow give up, uninstalls it, or changes a file that is being read, no
door of ours takes a value that cannot be stored, and nothing here fills a disk."""

EVAL = """spec 1
import "lenet.spec" as zoo
param size: int = 64
dataset digits = Digits(usage = "test") |> Resize([32, 32]) |> Rescale(1 / 16, 0.0)
  |> HWC2CHW() |> batch(size)
eval check {
  network = zoo.LeNet5()
  load    = ckpt("lenet.ckpt")
  ignore  = [`moments.**`, `momentum`, `learning_rate`, `global_step`]
  dataset = digits
  metrics = [Accuracy()]
}
"""
RECIPE = """spec 1
param size: int = 5
edit head {
  in src  = ckpt("lenet.ckpt")
  out dst = ckpt("head.ckpt")
  delete src.`conv1.weight`
  add `head.bias` = zeros([size])
}
edit names {
  in src  = ckpt("lenet.ckpt")
  out dst = ckpt("names.ckpt")
  rename src.`fc1.{p}` -> `neck.{p}`
}
"""

FREE = """spec 1
network Free() {
  scale = Parameter([1])
  construct(x: f32[B, 4, H, W]) -> f32[B, 2, 2, H, W] = reshape(x * scale, [B, 2, 2, H, W])
}
network Fixed() {
  scale = Parameter([1])
  construct(x: f32[B, 4, 5, 5]) -> f32[B, 2, 2, 5, 5] = reshape(x * scale, [B, 2, 2, 5, 5])
}
"""

FIXED = """spec 1
network Fixed() {
  flat = Flatten()
  head = Dense(64, 10)
  construct(x: f32[32, 8, 8, 1]) = x |> flat |> head
}
dataset digits = Digits() |> batch(32, drop_remainder = true)
train t {
  network   = Fixed()
  dataset   = digits
  loss      = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = Momentum(0.01, 0.9)
  length    = 2 epochs
}
"""


@pytest.fixture
def files(here):
    """What the examples are about."""
    lenet = (GOLDEN / "lenet-1_5.ckpt").read_bytes()
    (here / "lenet.ckpt").write_bytes(lenet)
    (here / "cut.ckpt").write_bytes(lenet[: len(lenet) // 2])
    (here / "eval.spec").write_text(EVAL)
    for name in ("recipe", "stale", "folder"):
        (here / f"{name}.spec").write_text(RECIPE)
    (here / "folder.spec.lock").mkdir()
    (here / "damaged.spec.lock").write_text("{")
    (here / "deep.spec").write_text("spec 1\nlet a = " + "(" * 20_000 + "1" + ")" * 20_000)
    (here / "lenet5.spec").write_text(
        'spec 1\nimport "lenet.spec" (LeNet5)\nnetwork Net() = LeNet5()\n'
    )
    (here / "free.spec").write_text(FREE)
    (here / "fixed.spec").write_text(FIXED)
    written("free.ckpt", {"scale": np.ones(1, np.float32)})
    (here / "bad.weights.h5").write_bytes(b"no weights")
    for name, key in (("secret", b"k" * 16), ("other", b"o" * 16), ("short", b"s" * 5)):
        (here / f"{name}.key").write_bytes(key)
    weights = declspore.load_checkpoint(str(GOLDEN / "lenet_filled.ckpt"))
    arrays = {name: value.asnumpy() for name, value in weights.items()}
    written("secret.ckpt", arrays, access=Access(key=read_key(file="secret.key")))
    written("half.ckpt", {name: value.astype(np.float16) for name, value in arrays.items()})
    headless = {name: value for name, value in arrays.items() if not name.startswith("fc3")}
    written("headless.ckpt", headless)
    written("nan.ckpt", {"x": np.array([1.0, np.nan], np.float32)})
    written("bfloat16.ckpt", {"x": np.ones(3, ml_dtypes.bfloat16)})
    written("text.ckpt", {"note": "hello"})
    for name in ("summed", "changed"):
        written(f"{name}.ckpt", arrays, access=Access(crc=True))
    changed = bytearray(Path("changed.ckpt").read_bytes())
    changed[len(changed) // 2] ^= 1
    Path("changed.ckpt").write_bytes(changed)
    fault = {
        "broken": [("x", (-1,), "Int8", b"")],
        "odd": [("x", (1,), "Int3", b"\1")],
        "sized": [("x", (3,), "Int8", b"\1\2")],
        "twice": [
            ("x", (1,), "Int8", b"\1"),
            ("y", (1,), "Int8", b"\1"),
            ("x", (1,), "Int8", b"\2"),
        ],
    }
    for name, entries in fault.items():
        Path(f"{name}.ckpt").write_bytes(protobuf.encode(entries))
    columns = np.arange(3, dtype=np.int32), np.ones((2, 4), np.float32), np.zeros(3, np.int32)
    Path("map.ckpt").write_bytes(protobuf.encode_map("table", columns))
    _sets()
    return here


def _sets():
    """Sharded checkpoints, whole and broken."""
    values = {"w": np.arange(8, dtype=np.float32), "b": np.ones(2, np.float32)}
    stage = {"w": Cut((2,), (0,)), "b": Cut((2,), (-1,))}
    write_strategy("strategy.ckpt", [stage])
    write_strategy("uneven.ckpt", [{"conv1.weight": Cut((5,), (0, -1, -1, -1))}])
    write_strategy("other.ckpt", [{"encoder": Cut((2,), (0,))}])
    for name in ("ranks", "torn", "differing"):
        write_ranks(name, values, [stage])
    shutil.rmtree("torn/rank_1")
    written("differing/rank_1/net1.ckpt", {"w": values["w"][4:], "b": np.zeros(2, np.float32)})
    write_ranks("sparse", values, [stage], sparse=True)
    for step in ("9_1", "10_1"):
        for rank in range(2):
            pieces = pieces_of(values, [stage], rank)
            os.makedirs(f"steps/rank_{rank}", exist_ok=True)
            written(f"steps/rank_{rank}/net-{step}.ckpt", pieces)
    for name, total in (("indexed", 40), ("doubled", 40), ("total", 41)):
        os.makedirs(name)
        shards = {}
        for entry, value in values.items():
            shards[entry] = f"part_{entry}.safetensors"
            both = {entry: value} if name != "doubled" else values
            written(f"{name}/{shards[entry]}", both, format=SAFETENSORS)
        index = {"metadata": {"total_size": total}, "weight_map": shards}
        Path(name, "model.safetensors.index.json").write_text(json.dumps(index))


def test_every_code_has_a_page():
    text = "".join(path.read_text() for path in (ROOT / "declspore").rglob("*.py"))
    assert {page.stem for page in PAGES} == set(re.findall(r'"([EW]\d{3})"', text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page):
    """A title, the reason, a wrong and a right example."""
    text = page.read_text()
    assert re.match(rf"# {page.stem}: \S.*\n\n\S", text)
    tags = [found[1] for found in BLOCK.findall(text)]
    assert tags == (["right"] if page.stem in NO_WRONG else ["wrong", "right"])


@pytest.mark.parametrize(("code", "language", "tag", "command", "block"), EXAMPLES)
def test_example(code, language, tag, command, block, files):
    if code == "E604" and tag == "wrong":
        _stale_lock()
    if language == "python":
        said, failed = _python(block)
    elif language == "spec":
        (files / "example.spec").write_text(block)
        said, failed = _command([command or "check", "example.spec"])
    else:
        said, failed = "", False
        for line in block.splitlines():
            assert line.startswith("declspore ")
            said, failed = _command(shlex.split(line)[1:])
    if tag == "wrong":
        assert f"[{code}]" in said, said
        assert failed or "warning" in said
    else:
        assert f"[{code}]" not in said, said
        assert not failed, said


def _stale_lock():
    """A lock as another version might have written it."""
    _command(["run", "stale.spec"])
    lock = Path("stale.spec.lock")
    value = json.loads(lock.read_text())
    value["tasks"]["head"]["outputs"][0]["blake3"] = "0" * 64
    value["tasks"]["head"]["versions"]["numpy"] = "1.0"
    lock.write_text(json.dumps(value))


def _command(arguments):
    done = CliRunner().invoke(main, arguments)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output, done.exit_code != 0


def _python(block):
    try:
        exec(compile(block, "example", "exec"), {})
    except DiagnosticError as error:
        return str(error), True
    return "", False


def test_explain(declspore):
    assert declspore("explain", "e201").stdout == (ROOT / "docs/errors/E201.md").read_text()
    assert len(declspore("explain").stdout.splitlines()) == len(PAGES)
    assert json.loads(declspore("explain", "E201", "--json").stdout)[0]["code"] == "E201"
    wrong = declspore("explain", "E219")
    assert wrong.returncode == 1
    assert "did you mean" in wrong.stderr
