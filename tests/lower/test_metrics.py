"""Metrics against MindSpore's golden numbers."""

import numpy as np
import pytest

from declspore import nn
from tests.conftest import GOLDEN
from tests.oracle.metrics import METRICS, fed


@pytest.mark.parametrize("case", METRICS)
def test_metric(case, parity):
    word, given, *_ = METRICS[case]
    metric = getattr(nn, word)(*given)
    for parts in fed(case):
        metric.update(*parts)
    with np.load(GOLDEN / "metrics.npz") as golden:
        parity.close(("metric", word), case, "figure", metric.eval(), golden[case], 1e-6)


@pytest.mark.parametrize("case", [case for case in METRICS if METRICS[case][3] is not None])
def test_shapes_are_checked(case):
    word, given, *_ = METRICS[case]
    metric = getattr(nn, word)(*given)
    with pytest.raises(ValueError, match=r"labels|outputs|classes|differ"):
        metric.update(np.ones((6, 5), np.float32), np.ones((6, 2, 2), np.float32))
