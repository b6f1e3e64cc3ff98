"""Running recipes as their users do, and small files to run them on."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from click.testing import CliRunner

from declspore.cli import main
from tests.checkpoint.support import opened, written
from tests.conftest import ROOT

RECIPES = ROOT / "examples" / "recipes"

Arrays = dict[str, np.ndarray]


def cook(name: str, *settings: str) -> None:
    """`declspore run` of a recipe in the working folder, which must end well."""
    spec = shutil.copy(RECIPES / f"{name}.spec", f"{name}.spec")
    options = [part for setting in settings for part in ("--set", setting)]
    done = CliRunner().invoke(main, ["run", spec, *options])
    assert done.exit_code == 0, done.output


def numbers(shapes: Mapping[str, Iterable[int]], dtype: str = "float32", seed: int = 0) -> Arrays:
    """Normal numbers for each name, apart for each name."""
    generator = np.random.default_rng(seed)
    return {
        name: np.asarray(generator.standard_normal(tuple(shape))).astype(dtype)
        for name, shape in shapes.items()
    }


def checkpoint(path: str, values: Mapping[str, np.ndarray]) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    written(path, {name: np.asarray(value, order="C") for name, value in values.items()})


def contents(path: str | Path) -> Arrays:
    with opened(path) as file:
        return {entry.name: np.array(file.array(entry.name)) for entry in file.header}


def assert_holds(path: str, expected: Mapping[str, np.ndarray], *, exact: bool = True) -> None:
    """The same names, types, shapes and bits; or values close by a rounding."""
    found = contents(path)
    assert sorted(found) == sorted(expected)
    for name, value in expected.items():
        assert (name, found[name].dtype, found[name].shape) == (name, value.dtype, value.shape)
        if exact:
            assert found[name].tobytes() == np.asarray(value, order="C").tobytes(), name
        else:
            np.testing.assert_allclose(found[name], value, rtol=1e-6, atol=1e-6, err_msg=name)


def replaced(values: Mapping[str, np.ndarray], *pairs: tuple[str, str]) -> Arrays:
    """With names in which regular expressions are replaced, one after the other."""
    found = dict(values)
    for old, new in pairs:
        found = {re.sub(old, new, name): value for name, value in found.items()}
    return found
