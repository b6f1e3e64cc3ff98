"""Floats of eight bits: kept byte for byte in any format, moved, cast and dequantized."""

import json
import struct

import ml_dtypes
import numpy as np
import pytest

from declspore.checkpoint.format import Copied
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.writer import write_checkpoint
from declspore.plan.planner import make_plan
from declspore.report import DiagnosticError
from declspore.run.run import run_plan
from tests.checkpoint.support import opened, written
from tests.support import checked, problems

# what MindSpore 2.10 writes of Tensor(zeros, dtype) as `w`; it cannot load them itself
OF_MINDSPORE = {
    "f8e4m3": b"\n\x1a\n\x01w\x12\x15\x08\x03\x12\x0cFloat8E4M3FN\x1a\x03\x00\x00\x00",
    "f8e5m2": b"\n\x18\n\x01w\x12\x13\x08\x03\x12\nFloat8E5M2\x1a\x03\x00\x00\x00",
    "hif8": b"\n\x16\n\x01w\x12\x11\x08\x03\x12\x08HiFloat8\x1a\x03\x00\x00\x00",
}
E4M3, E5M2 = ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2


@pytest.mark.parametrize("short", OF_MINDSPORE)
def test_files_of_mindspore_are_copied_byte_for_byte(here, short):
    (here / "a.ckpt").write_bytes(OF_MINDSPORE[short])
    with opened("a.ckpt") as file:
        assert file.header.by_name["w"].type == f"{short}[3]"
        copies = [Copied(file, entry, entry.name) for entry in file]
        write_checkpoint("b.ckpt", copies)
        write_checkpoint("c.safetensors", copies, format=SAFETENSORS)
    with opened("c.safetensors") as file:
        assert file.header.by_name["w"].type == f"{short}[3]"
        write_checkpoint("d.ckpt", [Copied(file, entry, entry.name) for entry in file])
    assert (here / "b.ckpt").read_bytes() == OF_MINDSPORE[short]
    assert (here / "d.ckpt").read_bytes() == OF_MINDSPORE[short]


def test_safetensors_of_others_keep_their_bytes(here):
    """All 256 values of both, as torch and vLLM write them."""
    every = np.arange(256, dtype=np.uint8).tobytes()
    table = {
        "a": {"dtype": "F8_E4M3", "shape": [256], "data_offsets": [0, 256]},
        "b": {"dtype": "F8_E5M2", "shape": [16, 16], "data_offsets": [256, 512]},
    }
    text = json.dumps(table).encode()
    text = text.ljust(-(-len(text) // 8) * 8)
    (here / "x.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + every + every)
    with opened("x.safetensors") as file:
        assert file.array("a").dtype == E4M3
        write_checkpoint("x.ckpt", [Copied(file, entry, entry.name) for entry in file])
    with opened("x.ckpt") as file:
        assert [entry.header.type for entry in file] == ["f8e4m3[256]", "f8e5m2[16, 16]"]
        assert file.array("a").tobytes() == file.array("b").tobytes() == every


def edited(body, values):
    written("in.ckpt", values)
    files = 'in src = ckpt("in.ckpt")\n  out dst = ckpt("out.ckpt")'
    run_plan(make_plan(checked(f"edit e {{\n  {files}\n{body}\n}}")))
    with opened("out.ckpt") as file:
        return {entry.name: np.array(file.array(entry.name)) for entry in file}


VALUES = {
    "w": np.float32([[0.5, -3.0, 448.0], [1e-3, 0.0, 2.0]]).astype(E4M3),
    "v": np.float32([1.5, -0.25, np.inf]).astype(E5M2),
    "scale": np.float32([[2.0], [0.5]]),
    "n": np.int8([1, -2, 3]),
}


def test_edits_move_and_cast_them(here):
    found = edited(
        """
  rename src.`v` -> `u`
  set src.`w` = swapaxes(it, 0, 1)
  copy src.`w` -> `wide` = cast(it, f32)
  copy src.`w` -> `half` = cast(it, bf16)
  copy src.`scale` -> `narrow` = cast(it, f8e5m2)
  ensure is_float(dst.`w`) and dtype(dst.`u`) == f8e5m2 and finite(dst.`w`)
""",
        VALUES,
    )
    assert found["u"].tobytes() == VALUES["v"].tobytes()
    assert found["w"].tobytes() == np.ascontiguousarray(VALUES["w"].T).tobytes()
    np.testing.assert_array_equal(found["wide"], VALUES["w"].astype(np.float32))
    assert found["half"].dtype == ml_dtypes.bfloat16
    assert found["narrow"].tobytes() == VALUES["scale"].astype(E5M2).tobytes()


def test_dequantize_multiplies_by_the_scale(here):
    rng = np.random.default_rng(0)
    large = rng.normal(size=(200, 300)).astype(np.float32)
    scale = rng.uniform(0.5, 2.0, (2, 3)).astype(np.float32)
    values = VALUES | {"large": large.astype(E4M3), "large_scale": scale}
    found = edited(
        """
  copy src.`w` -> `rows` = dequantize(it, src.`scale`)
  copy src.`n` -> `ints` = dequantize(it, src.`scale`[0])
  copy src.`w` -> `blocks` = dequantize(it, ones([1, 2]) * 3.0, block = [2, 2])
  set src.`large` = dequantize(it, src.`large_scale`)
  set src.`w` = dequantize(it, src.`scale`[:, 0], dtype = bf16)
""",
        values,
    )
    wide = VALUES["w"].astype(np.float32)
    np.testing.assert_array_equal(found["rows"], wide * VALUES["scale"])
    np.testing.assert_array_equal(found["ints"], np.float32([2.0, -4.0, 6.0]))
    np.testing.assert_array_equal(found["blocks"], wide * 3)
    assert found["w"].dtype == ml_dtypes.bfloat16
    by_blocks = np.repeat(np.repeat(scale, 128, 0), 128, 1)[:200, :300]
    expected = values["large"].astype(np.float32) * by_blocks
    np.testing.assert_array_equal(found["large"], expected)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("set src.`w` = it * 2", "E401 `mul` does not compute with f8e4m3"),
        ("set src.`w` = sum(it)", "E401 `sum` does not compute with f8e4m3"),
        ("set src.`w` = 1000", "E557 1000 is too large for f8e4m3"),
        ("set src.`w` = inf", "E557 inf is too large for f8e4m3"),
        (
            "set src.`w` = dequantize(it, ones([2, 2]))",
            "E401 axis 1 has 3 elements, 1 blocks of 128, and the scale has 2 factors there",
        ),
        ("set src.`w` = dequantize(it, src.`n`)", "E401 the scale must be of floats, found i8[3]"),
        ("ensure finite(dst.`v`)", "E601"),
    ],
)
def test_what_cannot_be(here, rule, reason):
    with pytest.raises(DiagnosticError) as caught:
        edited(rule, VALUES)
    [found] = caught.value.diagnostics
    assert f"{found.code} {found.title}".startswith(reason)


def test_networks_do_not_compute_with_them():
    said = (
        "E307 3 expected an element type that networks compute with, found f8e4m3, a type of "
        "checkpoints alone"
    )
    assert problems("network N() {\n  construct(x: f8e4m3[B, 4]) = x\n}") == [said]
    assert problems("network N() {\n  construct(x: f32[B, 4]) = cast(x, f8e5m2)\n}") == [
        "E401 3 networks do not compute with f8e5m2, a type of checkpoints alone"
    ]


def test_what_numpy_cannot_hold_is_said(here):
    written("in.ckpt", VALUES)
    spec = 'edit e {\n in src = ckpt("in.ckpt")\n out dst = npz("o.npz")\n}'
    with pytest.raises(DiagnosticError) as caught:
        make_plan(checked(spec))
    assert "f8e4m3" in str(caught.value)
