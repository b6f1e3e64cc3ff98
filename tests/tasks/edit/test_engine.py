"""What edits promise of any recipe: its memory, its bytes, its rounding, and slots that follow."""

import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declspore import load
from declspore.check.check import check_file
from declspore.plan.planner import make_plan
from tests.conftest import ROOT
from tests.recipes.support import checkpoint, contents

MIB = 1 << 20


def _spec(body, inputs='in src = ckpt("in.ckpt")'):
    Path("e.spec").write_text(
        f'spec 1\nedit e {{\n{inputs}\nout dst = ckpt("out.ckpt")\n{body}\n}}\n'
    )
    return "e.spec"


# ---- memory


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Two files with a tensor of 64 MiB each, and small ones."""
    folder = tmp_path_factory.mktemp("large")
    generator = np.random.default_rng(0)
    for index in range(2):
        values = {
            "w": generator.random((4096, 4096), np.float32),
            "a": generator.random((4, 4096), np.float32),
            "b": generator.random((4096, 4), np.float32),
        }
        checkpoint(str(folder / f"in-{index}.ckpt"), values)
    return folder


@pytest.mark.parametrize(
    "value",
    [
        "cast(it, f16)",
        "cast(it, bf16)",
        "transpose(it, [1, 0])",
        "reshape(it, [2048, 8192])",
        "it[::2, 1:]",
        "concat([it[:2048], it[2048:]])",
        "concat([it, zeros([8, 4096])])",
        "it * 2 + 1",
        "it + 0.5 * (src.`b` @ src.`a`)",
        "sum(it, axis = 1)",
        "mean(it, axis = 0, keep_dims = true)",
        "average([it, other.`w`])",
        "0.9 * it + 0.1 * other.`w`",
        "clamp(it, 0.1, 0.9)",
        "pad(it, [1, 1])",
        "resize(reshape(it, [64, 64, 4096]), [32, 32], [0, 1])",
        "tile(it, [2, 1])",
        "var(it, axis = 1)",
        "where(it > 0.5, it, 0.0)",
        "place(it, [5000, 4096])",
        "cast(exp(it), f16)",
    ],
)
def test_stated_memory_holds(here, large, value):
    folder = str(large)
    inputs = f'in src = ckpt("{folder}/in-0.ckpt")\nuse other = ckpt("{folder}/in-1.ckpt")'
    edit = load(_spec(f"set src.`w` = {value}", inputs)).e
    stated = _stated()
    tracemalloc.start()
    try:
        edit()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= stated + 2 * MIB, f"{peak / MIB:.1f} MiB, {stated / MIB:.1f} stated"


def _stated():
    (task,) = make_plan(check_file("e.spec", {})).tasks
    return task.edit.peak


# ---- bytes


EVERYTHING = """
set src.`w` = transpose(it, [1, 0]) @ it
set src.`h` = cast(mean(cast(it, f32), axis = 0, keep_dims = true), f16) * 1.1
set src.`e` = exp(it) / sum(it, axis = 1, keep_dims = true)
set src.`p` = resize(it, [9, 7], [0, 1], mode = "cubic")
add `a` = average([src.`w`, src.`e`])
add `n` = normal([50, 3], std = 0.1, seed = 3)
add `i` = initial(HeNormal(), [8, 3, 3, 3], seed = 2, path = "i")
"""


def test_the_same_bytes_with_other_threads_and_hashes(here):
    values = np.random.default_rng(5).standard_normal((4, 70, 70)).astype("float32")
    named = dict(zip("wep", values, strict=False))
    checkpoint("in.ckpt", named | {"h": values[3].astype("float16")})
    _spec(EVERYTHING)
    written = []
    for threads, seed in (("1", "0"), ("4", "12345")):
        settings = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        environment = os.environ | settings | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "declspore", "run", "e.spec"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        written.append(Path("out.ckpt").read_bytes())
    assert written[0] == written[1]


# ---- rounding


@pytest.mark.parametrize("dtype", [np.dtype("float16"), np.dtype(ml_dtypes.bfloat16)])
def test_half_precision_rounds_once(here, dtype):
    generator = np.random.default_rng(3)
    x, y = (generator.uniform(0.5, 2.0, 4000).astype("float32").astype(dtype) for _ in range(2))
    checkpoint("in.ckpt", {"x": x, "y": y})
    load(_spec("set src.`x` = it * src.`y` * src.`y` + it / 2 - 0.25")).e()
    a, b = x.astype("float32"), y.astype("float32")
    once = (a * b * b + a / 2 - np.float32(0.25)).astype(dtype)
    found = contents("out.ckpt")["x"]
    assert found.tobytes() == once.tobytes()
    half = np.asarray(0.25, dtype)
    at_each_step = x * y * y + x / np.asarray(2, dtype) - half
    assert found.tobytes() != at_each_step.tobytes()


# ---- slots


MOVES = {
    "transpose({}, [1, 0])": lambda x: x.T,
    "reshape({}, [-1, 2])": lambda x: x.reshape(-1, 2),
    "{}[::-1]": lambda x: x[::-1],
    "{}[..., ::-1]": lambda x: x[..., ::-1],
    "{}[:, 1:]": lambda x: x[:, 1:],
    "concat([{0}, {0}])": lambda x: np.concatenate([x, x]),
    "tile({}, [1, 3])": lambda x: np.tile(x, (1, 3)),
    "roll({}, 1, dims = 1)": lambda x: np.roll(x, 1, 1),
    "flip({}, axis = 0)": lambda x: x[::-1],
}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(st.sampled_from(sorted(MOVES)), min_size=1, max_size=3),
    kind=st.sampled_from([("moments",), ("moment1", "moment2")]),
    renamed=st.booleans(),
)
def test_slots_follow_moves_and_names(here, moves, kind, renamed):
    weight = np.arange(24, dtype="float32").reshape(4, 6)
    slots = {f"{prefix}.w": weight * (n + 2) for n, prefix in enumerate(kind)}
    checkpoint("in.ckpt", {"w": weight} | slots)
    value, expected = "it", {"w": weight} | slots
    for move in moves:
        value = move.format(value)
        expected = {name: MOVES[move](x) for name, x in expected.items()}
    rename = "rename src.`w` -> `b.new`" if renamed else ""
    load(_spec(f"set src.`w` = {value}\n{rename}")).e()
    found = contents("out.ckpt")
    to = {name: name[:-1] + "b.new" if renamed else name for name in expected}
    assert sorted(found) == sorted(to.values())
    for name, values in expected.items():
        np.testing.assert_array_equal(found[to[name]], values)
