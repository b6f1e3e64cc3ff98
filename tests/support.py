"""Small helpers of tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from declspore.check.check import check
from declspore.check.spec import CheckedSpec
from declspore.ir.network import Network
from declspore.report import DiagnosticError
from declspore.source import Source


def checked(text: str, settings: dict[str, object] | None = None) -> CheckedSpec:
    """A spec given without its first line."""
    return check(Source("test.spec", f"spec 1\n{text}"), settings)


def network_of(cell: str, shape: tuple[int, ...], dtype: str = "f32") -> Network:
    """A network that is one cell, called ``0`` as in a MindSpore SequentialCell."""
    dims = ", ".join(map(str, shape[1:]))
    text = f"""
network Net() {{
  wrapper = SequentialCell({cell})
  construct(x: {dtype}[B, {dims}]) = wrapper(x)
}}
"""
    return checked(text).networks["Net"]


def problems(text: str, settings: dict[str, object] | None = None) -> list[str]:
    """``code line title`` of every error of a spec given without its first line."""
    try:
        checked(text, settings)
    except DiagnosticError as error:
        return [_line(found) for found in error.diagnostics if not found.warning]
    return []


def _line(diagnostic) -> str:
    place = diagnostic.labels[0].place if diagnostic.labels else None
    line = f" {place.line}" if place is not None and hasattr(place, "line") else ""
    return f"{diagnostic.code}{line} {diagnostic.title}"


def outputs(model, *given) -> list[np.ndarray]:
    """The results of a compiled network in eval mode, as arrays on every backend."""
    import keras

    results = model(list(given) if len(given) > 1 else given[0], training=False)
    several = results if isinstance(results, list | tuple) else [results]
    return [keras.ops.convert_to_numpy(one) for one in several]


def closeness(found, expected) -> float:
    """The largest error, relative to the largest expected value."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape, (found.shape, expected.shape)
    scale = max(float(np.abs(expected).max(initial=0.0)), 1e-30)
    return float(np.abs(found - expected).max(initial=0.0)) / scale


_OPEN = """
import json, sys
from pathlib import Path
sys.modules["declspore"] = None  # as where it is not installed: to import it is an error
import keras, numpy as np
errors = {}
for path in sorted(Path(sys.argv[1]).glob("*.keras")):
    model = keras.models.load_model(path)
    with np.load(path.with_suffix(".npz")) as kept:
        given = [kept[f"x{i}"] for i in range(len(model.inputs))]
        expected = [kept[f"y{i}"] for i in range(len(model.outputs))]
    found = model(given if len(given) > 1 else given[0], training=False)
    found = found if isinstance(found, list | tuple) else [found]
    found = [keras.ops.convert_to_numpy(value) for value in found]
    errors[path.stem] = max(
        float(np.abs(one - other).max() / np.abs(other).max())
        for one, other in zip(found, expected, strict=True)
    )
print(json.dumps(errors))
"""


def keep_plain(model, given: list[np.ndarray], results: list[object], path: Path) -> None:
    """Save what ``plain_keras`` makes of a model, with what entered and left the model."""
    from declspore.lower.plain import plain_keras  # not before a test needs Keras

    plain_keras(model).save(path)
    arrays = {f"x{i}": value for i, value in enumerate(given)}
    arrays |= {f"y{i}": np.asarray(value) for i, value in enumerate(results)}
    np.savez(path.with_suffix(".npz"), **arrays)


def opened_without_declspore(folder: Path) -> dict[str, float]:
    """The largest relative error of each kept model, opened where declspore cannot be imported."""
    done = subprocess.run(
        [sys.executable, "-c", _OPEN, folder], capture_output=True, text=True, cwd=folder
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])
