"""Every cell of mindspore.nn 2.10 is a word with MindSpore's arguments, in its order and with its
defaults, or docs/porting.md says what replaces it; and so are what its calls take."""

import json

import pytest

from declspore.registry.table import vocabulary
from tests.conftest import GOLDEN, ROOT

THEIRS = json.loads((GOLDEN / "cells.json").read_text())
CALLS = json.loads((GOLDEN / "calls.json").read_text())
PAGE = (ROOT / "docs" / "porting.md").read_text()
EVERYWHERE = {"dtype", "data_format", "args", "kwargs"}
"""What holds for all of a network, and what MindSpore has for whatever comes."""
LEFT_OUT = {
    "SyncBatchNorm": {"process_groups"},
    "EmbeddingLookup": {"target", "slice_mode", "manual_shapes", "sparse"},
    "MultiFieldEmbeddingLookup": {"target", "slice_mode", "feature_num_list", "sparse"},
}
WITHIN = {("RNN", "nonlinearity")}
"""What MindSpore takes out of its **kwargs."""
CONTAINERS = {"SequentialCell", "CellList"}


def _known(name):
    kind = vocabulary().get(name)
    return kind if kind is not None and kind.family == "cell" else None


@pytest.mark.parametrize("name", [name for name in THEIRS if _known(name)])
def test_arguments_are_mindspores(name):
    left_out = EVERYWHERE | LEFT_OUT.get(name, set())
    theirs = {argument: default for argument, *default in THEIRS[name] if argument not in left_out}
    own = [a for a in _known(name).signature.arguments if (name, a.name) not in WITHIN]
    ours = {a.name: [] if a.required else [_plain(a.default)] for a in own}
    assert ours == theirs
    assert list(ours) == list(theirs)
    assert all(f"`{argument}`" in PAGE for argument in LEFT_OUT.get(name, ()))


@pytest.mark.parametrize("name", [name for name in CALLS if _known(name)])
def test_calls_take_what_mindspores_do(name):
    """A state of two is two inputs; what is alone may have another name."""
    kind, theirs = _known(name), {argument: default for argument, *default in CALLS[name]}
    if name.startswith("LSTM"):
        theirs = {
            inner: default
            for argument, default in theirs.items()
            for inner in (("h", "c") if argument == "hx" else (argument,))
        }
    needed = [argument for argument, default in theirs.items() if not default]
    assert len(needed) == len(kind.inputs)
    assert tuple(needed) == kind.inputs or len(needed) == 1
    defaults = {option.name: [option.default] for option in kind.options}
    ours = {argument: defaults.get(argument, [None]) for argument in kind.taken[len(needed) :]}
    assert ours == {argument: default for argument, default in theirs.items() if default}
    assert list(ours) == list(theirs)[len(needed) :]


def _plain(value):
    return list(value) if isinstance(value, tuple) else value


def test_what_is_absent_is_told():
    absent = [name for name in THEIRS if _known(name) is None and name not in CONTAINERS]
    assert absent
    assert [name for name in absent if f"`{name}`" not in PAGE] == []
