"""A short run of the recipes that fuzz/edit.py writes."""

import numpy as np
import pytest

from fuzz.edit import Writer, planned


@pytest.mark.parametrize("seed", range(4))
def test_recipes_give_values_or_diagnostics(seed):
    writer = Writer(seed)
    with np.errstate(all="ignore"):
        plans = [planned(writer.spec()) for _ in range(60)]
    assert any(plan is not None for plan in plans)
