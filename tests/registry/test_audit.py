"""Every optimizer, schedule, list of rates, initializer, loss and metric of MindSpore 2.10 is a
word with MindSpore's arguments, in its order and with its defaults, or is said here not to be."""

import json

import pytest

from declspore.registry.table import vocabulary
from tests.conftest import GOLDEN, ROOT

THEIRS = json.loads((GOLDEN / "signatures.json").read_text())
ABSENT = {
    "Optimizer": "the base class",
    "Initializer": "the base class",
    "LossBase": "the base class",
    "Metric": "the base class",
    "L1LossExt": "L1Loss under another name",
    "SampledSoftmaxLoss": "deprecated; the weights of a cell enter it, and its samples are random",
    "OcclusionSensitivity": "an experiment with a model, no figure of outputs and labels",
    "thor": "second order: it needs hooks in the cells of the network",
    "AdaSumByGradWrapCell": "of several devices",
    "AdaSumByDeltaWeightWrapCell": "of several devices",
    "OptTFTWrapper": "recovers clusters of Ascend devices",
}
RENAMED = {"Identity": "IdentityMatrix"}
IN_THE_PARAMETERS = {"groups", "order_params"}
"""What optimizers of MindSpore take as dicts in the list of parameters."""
OTHERWISE = {
    ("Adam", "use_lazy"): "in MindSpore's **kwargs",
    ("Adam", "use_offload"): "in MindSpore's **kwargs",
    ("TripletMarginWithDistanceLoss", "distance_function"): "a function",
    **{
        (name, "average"): "an argument of MindSpore's eval"
        for name in ("Precision", "Recall", "F1", "Fbeta")
    },
    **{
        (name, "label_idx"): "an argument of MindSpore's update"
        for name in ("HausdorffDistance", "MeanSurfaceDistance", "RootMeanSquareDistance")
    },
    ("BleuScore", "pad"): "sentences of one length",
    ("LARS", "lars_filter"): "parts of names in place of a function",
}
CASES = [(family, name) for family, names in THEIRS.items() for name in names]


@pytest.mark.parametrize(("family", "name"), [c for c in CASES if c[1] not in ABSENT])
def test_arguments_are_mindspores(family, name):
    kind = vocabulary().get(RENAMED.get(name, name))
    assert kind is not None, f"MindSpore's {family} {name} is not a word, nor said to be none"
    assert kind.family == family
    within = IN_THE_PARAMETERS if family == "optimizer" else ()
    own = [a for a in kind.signature.arguments if a.name not in within]
    theirs = {argument: default for argument, *default in THEIRS[family][name]}
    theirs.pop("params", None)
    compared = [a for a in own if (name, a.name) not in OTHERWISE]
    ours = {a.name: [] if a.required else [a.default] for a in compared}
    assert ours == {a: d for a, d in theirs.items() if (name, a) not in OTHERWISE}
    order = [a.name for a in own if a.name in theirs]
    assert order == [argument for argument in theirs if kind.signature.get(argument)]


def test_what_is_absent_is_told():
    """By name in the docs, but for base classes; and nothing is said to be absent that is not."""
    page = (ROOT / "docs" / "porting.md").read_text()
    for name, why in ABSENT.items():
        assert vocabulary().get(name) is None
        assert any(name in names for names in THEIRS.values())
        assert "base class" in why or f"`{name}`" in page
