"""Ops of edits are computed with NumPy: as Keras computes them, and as MindSpore did."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest

from declspore import load
from declspore.lower.network import compile_network
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.report import DiagnosticError
from tests.conftest import GOLDEN
from tests.oracle import inputs
from tests.oracle.ops import OPS, SINGULAR
from tests.recipes.support import contents
from tests.support import checked

IN_EDITS = [kind for kind in vocabulary().every(OpKind) if kind.in_edits]
SHAPE = (2, 4, 1, 1)
# a number that half precision holds: edits refuse what becomes infinite
EXAMPLES = {kind.name: kind.example.replace("1e9", "1e4") for kind in IN_EDITS}


def _edit(cases):
    """What an edit makes of expressions over x, y, z: by name an expression and its values."""
    values, rules = {}, []
    plain = {name: f"case_{number}" for number, name in enumerate(cases)}
    for name, (expression, given) in ((plain[name], case) for name, case in cases.items()):
        values |= {f"{name}.{x}": value for x, value in given.items()}
        # sizes are known in edits: B is a number
        batch = re.sub(r"\bB\b", str(len(given["x"])), expression)
        body = re.sub(r"\b([xyz])\b(?!\s*=[^=])", rf"src.`{name}.\1`", batch)
        rules.append(f"add `made.{name}` = {body}")
    np.savez("in.npz", **values)
    text = "\n".join(['in src = npz("in.npz")', 'out dst = npz("out.npz")', *rules])
    Path("ops.spec").write_text(f"spec 1\nedit e {{\n{text}\n}}\n")
    load("ops.spec").e()
    made = contents("out.npz")
    return {name: made[f"made.{plain[name]}"] for name in cases}


def _numbers(dtype):
    """Numbers that every example is defined for; whole ones in y."""
    x = np.random.default_rng(7).uniform(0.1, 2.0, SHAPE).astype(dtype)
    return {"x": x, "y": np.resize(np.arange(1, 4, dtype=dtype), SHAPE)}


@pytest.fixture(scope="module")
def by_keras():
    """Every op's own example as one network of many outputs."""
    dims = ", ".join(["B", *map(str, SHAPE[1:])])

    def run(short, values):
        results = ", ".join(EXAMPLES.values())
        formals = f"x: {short}[{dims}], y: {short}[{dims}]"
        text = f"network Net() {{ construct({formals}) {{ return {results} }} }}"
        model = compile_network(checked(text).networks["Net"])
        found = model([values["x"], values["y"]], training=False)
        return [keras.ops.convert_to_numpy(value) for value in found]

    return run


@pytest.mark.parametrize(("short", "rtol"), [("f32", 2e-6), ("f16", 4e-3)])
def test_ops_are_those_of_keras(here, by_keras, short, rtol):
    values = _numbers({"f32": "float32", "f16": "float16"}[short])
    made = _edit({name: (example, values) for name, example in EXAMPLES.items()})
    for (name, found), expected in zip(made.items(), by_keras(short, values), strict=True):
        assert (name, found.shape) == (name, expected.shape)
        if found.dtype.kind == "f":
            np.testing.assert_allclose(found, expected, rtol, rtol / 10, err_msg=name)
        else:
            np.testing.assert_array_equal(found, expected, err_msg=name)


MIXED = ("add_half", "where_half", "add_truths")
"""Rows in which element types meet, as they do in networks alone."""


def _is_for_edits(name, expression):
    if name in MIXED:
        return False
    if "i32" in expression or "u8" in expression:
        return False  # edits take integers for integers only
    if name in SINGULAR:
        return False
    words = {kind.name: kind for kind in vocabulary().every(OpKind)}
    called = set(re.findall(r"[a-z_]\w*", expression)) & set(words)
    return all(words[word].in_edits for word in called)


def test_ops_are_those_of_mindspore(here):
    cases = {name: case for name, case in OPS.items() if _is_for_edits(name, case[0])}
    assert len(cases) > 250
    given = {
        name: {x: inputs.numbers(s, f"{name} {x}") for x, s in zip("xyz", shapes, strict=False)}
        for name, (_, _, shapes) in cases.items()
    }
    made = _edit({name: (case[0], given[name]) for name, case in cases.items()})
    with np.load(GOLDEN / "ops.npz") as golden:
        for name, found in made.items():
            expected = golden[f"{name}/forward"]
            assert (name, found.shape) == (name, expected.shape)
            scale = max(float(np.abs(expected).max(initial=0)), 1e-30)
            np.testing.assert_allclose(found / scale, expected / scale, 0, 1e-5, err_msg=name)


@pytest.mark.parametrize("name", MIXED)
def test_element_types_must_be_cast(here, name):
    """What is written would have another type than the entry had, without a word."""
    given = {x: inputs.numbers(OPS[name][2][0], f"{name} {x}") for x in "xy"}
    with pytest.raises(DiagnosticError, match=r"element types \w+ and f32 do not mix"):
        _edit({name: (OPS[name][0], given)})


@pytest.mark.parametrize("ord", ["2", "-2", '"nuc"'])
def test_singular_values_are_none_of_edits(here, ord):
    np.savez("in.npz", x=np.ones((3, 4), np.float32))
    frame = 'edit e {{\n  in src = npz("in.npz")\n  out dst = npz("out.npz")\n  add `y` = {}\n}}'
    wrong = frame.format(f"norm(src.`x`, {ord})")
    Path("norm.spec").write_text(f"spec 1\n{wrong}\n")
    with pytest.raises(DiagnosticError, match="computes no singular values in an edit"):
        load("norm.spec").e()
    Path("norm.spec").write_text(f"spec 1\n{frame.format('norm(src.`x`, 1)')}\n")
    load("norm.spec").e()
    assert contents("out.npz")["y"] == 3.0


def test_powers_of_whole_numbers_are_exact(here):
    """10001 ** 2 has more digits than float32; the second is MindSpore's own rounding to 0."""
    np.savez("in.npz", x=np.array([10001, -3], np.int32), y=np.array([2, -1], np.int32))
    rules = "add `made` = src.`x` ** 2\n  add `turned` = 2 ** src.`y`"
    text = f'in src = npz("in.npz")\n  out dst = npz("out.npz")\n  {rules}'
    Path("power.spec").write_text(f"spec 1\nedit e {{\n  {text}\n}}\n")
    load("power.spec").e()
    made = contents("out.npz")
    np.testing.assert_array_equal(made["made"], np.array([100020001, 9], np.int32))
    np.testing.assert_array_equal(made["turned"], np.array([4, 0], np.int32))
