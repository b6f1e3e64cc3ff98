"""What a command leaves out of Keras is there again afterwards."""

import importlib
import sys

import pytest

from declspore.cli.quiet import absent


def test_a_package_is_absent_within(here, monkeypatch):
    (here / "left_out").mkdir()
    (here / "left_out" / "__init__.py").write_text("from left_out.part import number\n")
    (here / "left_out" / "part.py").write_text("number = 3\n")
    monkeypatch.syspath_prepend(str(here))
    before = list(sys.meta_path)
    with absent("left_out", "other"):
        with pytest.raises(ModuleNotFoundError, match="left_out"):
            importlib.import_module("left_out")
        assert importlib.import_module("json").loads("1") == 1
    assert sys.meta_path == before
    assert importlib.import_module("left_out").number == 3
    with absent("left_out"):
        assert importlib.import_module("left_out").number == 3  # it was loaded already
