"""Optimizers on a table of which each step meets some rows, against MindSpore's graphs."""

import numpy as np
import pytest

from declspore import Model, nn
from declspore.lower.network import compile_network
from tests.conftest import GOLDEN
from tests.oracle import inputs
from tests.oracle.optimizers import LOOKUPS
from tests.support import checked

NET = """network Net() {
  look = EmbeddingLookup(6, 3)
  construct(ids: i32[B, 2]) = look(ids)
}"""


@pytest.mark.parametrize("case", LOOKUPS)
def test_rows(case, parity):
    """The last row is never met, another one is left out in each step."""
    word, given = LOOKUPS[case]
    net = compile_network(checked(NET).networks["Net"])
    for name, parameter in net.parameters_dict().items():
        parameter.storage.write(inputs.parameter(name, parameter.shape))
    optimizer = getattr(nn, word)(net.trainable_params(), **given)
    Model(net, nn.MSELoss(), optimizer).train(1, list(inputs.looked_up()))
    with np.load(GOLDEN / "lookups.npz") as golden:
        expected = {
            key.partition("/")[2]: golden[key] for key in golden if key.startswith(f"{case}/")
        }
    if word != "Adam" or given.get("use_lazy"):
        told = "Rows met twice in a step are added up, as documented; MindSpore's CPU does not."
        parity.deviation(("optimizer", word), told)
    found = optimizer.parameters_dict()
    assert set(found) == set(expected)
    for name, value in expected.items():
        variant = f"rows of a look-up: {case}"
        parity.close(("optimizer", word), variant, "trajectory", found[name].asnumpy(), value, 1e-5)
