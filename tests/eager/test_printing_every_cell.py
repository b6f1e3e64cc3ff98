"""Every cell of the vocabulary, made in Python as MindSpore's scripts make it, as a spec."""

import numpy as np
import pytest

import declspore
from declspore import Tensor, nn
from declspore.check.check import check
from declspore.common import initializer
from declspore.source import Source
from tests.oracle.cells import CELLS


class Holds(nn.Cell):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def construct(self, x):
        return self.inner(x)


def _entering(case):
    _, _, shape, *whole = CELLS[case]
    return np.zeros(shape, np.int32 if whole else np.float32)


@pytest.mark.parametrize("case", CELLS)
def test_the_spec_gives_the_same_network(case):
    """Parameters, nodes and types of what the printed spec declares are those of the cell."""
    net = Holds(eval(CELLS[case][1], {"nn": nn, "init": initializer, "np": np}))
    given = _entering(case)
    checked = check(Source("printed.spec", declspore.spec_of(net, given)))
    ours = checked.network(list(checked.templates)[-1])
    theirs, _ = vars(net)["_programs"].traced([Tensor(given)], {})
    assert ours.parameters == theirs.parameters
    assert [(n.word, n.path, n.inputs, n.arguments) for n in ours.nodes] == [
        (n.word, n.path, n.inputs, n.arguments) for n in theirs.nodes
    ]
    assert ours.types == theirs.types
    assert ours.outputs == theirs.outputs
