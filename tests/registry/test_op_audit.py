"""Every op takes what MindSpore's function of its name takes: in its order and with its defaults,
by the same names or by others that are reported with the name to write."""

import json

import pytest

from declspore.check.check import check
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.report import DiagnosticError
from declspore.source import Source
from tests.conftest import GOLDEN

THEIRS = json.loads((GOLDEN / "ops.json").read_text())
OPS = {kind.name: kind for kind in vocabulary().every(OpKind)}
ELSEWHERE = {
    "getitem": "what brackets stand for",
    "size_of": "a size of a type as a tensor; an entry of x.shape",
    "tensor_scatter_update": "a primitive",
    "depth_to_space": "a primitive",
    "space_to_depth": "a primitive",
    "l2_normalize": "a primitive",
    "resize_bilinear": "a primitive",
    "resize_nearest_neighbor": "a primitive",
}
"""Words without a function of that name in mindspore.ops."""
LEFT_OUT = {
    "dtype": "cast(...)",
    "seed": "that of the task",
    "inplace": "a tensor is a value",
    "use_lock": "a tensor is a value",
    "check_index_bound": "always",
    "decimals": "MindSpore's CPU takes 0 alone",
    "norm_region": "it has one value",
    "error_if_nonfinite": "ensure, and FiniteLoss",
    "initial": "maximum(...)",
    "where": "masked_fill(...)",
    "order": "transpose(...) before it",
    "rounding_mode": "floor(...), or trunc(...)",
}
"""Arguments of MindSpore's that come last, or by name alone, and what replaces them."""
REPEATED = {"meshgrid": "inputs", "einsum": "operands"}
"""A list in place of whatever comes."""
WHATEVER = {"less": ["input", "other"]}
"""What functions take that hide it."""
OTHERWISE = {
    ("arange", "dtype"): "i32, which every backend has, in place of i64 for integers",
    ("sequence_mask", "maxlen"): "the largest length is known at run time alone",
    ("grid_sample", "align_corners"): "none is false",
    ("count_nonzero", "axis"): "an empty tuple is none",
}


def _own(kind):
    return [
        (argument.name, [] if argument.required else [_plain(argument.default)])
        for argument in kind.signature.arguments
    ]


def _plain(value):
    return list(value) if isinstance(value, tuple) else value


def _theirs(name):
    hidden = WHATEVER.get(name)
    given = THEIRS[name] if hidden is None else [[argument] for argument in hidden]
    own = OPS[name].signature.names
    for argument, *default in given:
        plain = argument.strip("*=")
        if plain not in LEFT_OUT or plain in own:
            yield argument, default


@pytest.mark.parametrize("name", [name for name in OPS if name not in ELSEWHERE])
def test_arguments_are_mindspores(name):
    own, theirs = _own(OPS[name]), list(_theirs(name))
    in_order = [pair for pair in theirs if not pair[0].endswith("=")]
    assert len(own) == len(theirs)
    for (ours, default), (argument, value) in zip(own, in_order, strict=False):
        if REPEATED.get(name) == ours:
            assert argument == f"*{ours}"
            continue
        if (name, ours) not in OTHERWISE:
            assert default == value, (ours, argument)
        if ours != argument:
            assert _help(name, argument) == f"{ours} = 1"
    ours = dict(own)
    for argument, value in theirs:
        alone = argument.strip("=")
        if alone != argument and (name, alone) not in OTHERWISE:
            assert ours[alone] == value


def _help(name, argument):
    """What is proposed for an argument by another name."""
    text = f"spec 1\nnetwork N() {{\n  construct(x: f32[B, 4]) = {name}({argument} = 1)\n}}"
    with pytest.raises(DiagnosticError) as caught:
        check(Source("t.spec", text))
    [found] = [one for one in caught.value.diagnostics if one.code == "E301"]
    return found.helps[0]


def test_words_that_are_no_functions():
    assert {name for name in OPS if name not in THEIRS} == set(ELSEWHERE)
    assert all(
        any(a[0].strip("=") == one for n in OPS for a in THEIRS.get(n, ())) for one in LEFT_OUT
    )
    assert all(name in OPS for name, _ in OTHERWISE)
