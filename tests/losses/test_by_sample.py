"""Losses that devices which share a batch compute each of its own samples."""

import numpy as np
import pytest
from keras import ops

from declspore.lower.loss import Loss
from declspore.registry.loss import LossKind
from declspore.registry.python import bind_call
from declspore.registry.table import vocabulary

KINDS = {kind.name: kind for kind in vocabulary() if isinstance(kind, LossKind)}
CASES = [
    (kind.name, reduction)
    for kind in KINDS.values()
    for reduction in ("none", "mean", "sum", "batchmean")
    if "reduction" in kind.signature.names
    and (reduction != "batchmean" or kind.name == "KLDivLoss")
    and kind.by_sample(bind_call(kind, (), {}))
]


def test_it_is_known_of_which():
    names = {name for name, _ in CASES}
    assert names >= {"MSELoss", "BCELoss", "SoftmaxCrossEntropyWithLogits", "KLDivLoss"}
    assert not names & {"CrossEntropyLoss", "DiceLoss", "RMSELoss", "TripletMarginLoss"}


@pytest.mark.parametrize(("name", "reduction"), CASES)
def test_the_parts_of_a_batch_give_its_loss(name, reduction):
    kind = KINDS[name]
    arguments = bind_call(kind, (), {"reduction": reduction})
    loss = Loss(name, arguments)
    source = np.random.default_rng(0)
    x, y = source.uniform(0.1, 0.9, (2, 7, 4)).astype(np.float32)
    y = np.sign(y - 0.5) if "Hinge" in name or "Soft" in name else y
    whole = ops.convert_to_numpy(loss.values(x, y))
    parts = [ops.convert_to_numpy(loss.values(x[a:b], y[a:b])) for a, b in ((0, 3), (3, 7))]
    if reduction == "none":
        found = np.concatenate(parts)
    else:
        shares = (1, 1) if loss.made_by == "sum" else (3 / 7, 4 / 7)
        found = sum(part * share for part, share in zip(parts, shares, strict=True))
    np.testing.assert_allclose(found, whole, rtol=1e-6)
