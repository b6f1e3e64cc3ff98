"""Integers of 64 bits: as MindSpore has them, or told where a backend has none."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from declspore.lower import width
from declspore.lower.network import compile_network
from declspore.report import DiagnosticError
from tests.conftest import GOLDEN, ROOT
from tests.support import checked

PLACES = {
    "argmax": "argmax(x, axis = 1)",
    "argmin": "argmin(x, axis = 1)",
    "max": "max(x, axis = 1)[1]",
    "min": "min(x, axis = 1)[1]",
    "topk": "topk(x, 2)[1]",
    "argsort": "argsort(x, axis = 1)",
    "median": "median(x, 1)[1]",
    "cummax": "cummax(x, 1)[1]",
    "cummin": "cummin(x, 1)[1]",
}
WIDE = "network N() {\n  construct(x: f32[B, 4]) = argmax(x, axis = 1)\n}"


@pytest.mark.parametrize("word", PLACES)
def test_places_have_mindspores_type(word):
    network = checked(f"network N() {{ construct(x: f32[B, 4]) = {PLACES[word]} }}").networks["N"]
    (output,) = network.outputs
    expected = json.loads((GOLDEN / "places.json").read_text())[word]
    assert network.type_of(output).dtype.name == expected
    assert compile_network(network).outputs[0].dtype == expected.lower()


def test_a_backend_without_them_is_told(monkeypatch):
    monkeypatch.setattr(width, "has_wide_integers", lambda: False)
    with pytest.raises(DiagnosticError) as raised:
        compile_network(checked(WIDE).networks["N"])
    (found,) = raised.value.diagnostics
    assert found.code == "E705"
    assert [label.place.text for label in found.labels] == ["argmax(x, axis = 1)"]
    assert "JAX_ENABLE_X64=1" in found.helps[0]
    whole = WIDE.replace("f32[B, 4]", "i64[B]").replace("argmax(x, axis = 1)", "cast(x, f32)")
    with pytest.raises(DiagnosticError, match="64 bits"):
        compile_network(checked(whole).networks["N"])
    narrow = checked(WIDE.replace("argmax", "argmin")).networks["N"]
    assert compile_network(narrow).outputs[0].dtype == "int32"


@pytest.mark.jax
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
@pytest.mark.parametrize(("wide", "said"), [("0", "E705"), ("1", "int64")])
def test_on_jax(wide, said):
    code = (
        "from tests.lower.test_width import *\n"
        "try: print(compile_network(checked(WIDE).networks['N']).outputs[0].dtype)\n"
        "except DiagnosticError as error: print(error.diagnostics[0].code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_ENABLE_X64": wide},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split()[-1:] == [said], done.stderr[-2000:]
