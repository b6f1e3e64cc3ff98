"""A network of Python as a spec: the spec gives the same network, checked and compiled."""

import numpy as np
import pytest

import declspore
from declspore import Parameter, Tensor, nn, ops
from declspore.check.check import check
from declspore.source import Source
from tests.eager.test_cells import LeNet5, Whole, images


class Odd(nn.Cell):
    """Loops, slices, constants, several results, cells made in construct."""

    def __init__(self):
        super().__init__()
        self.layers = nn.CellList([nn.Dense(4, 4) for _ in range(2)])
        self.drop = nn.Dropout(p=0.1)
        self.scale = Parameter(Tensor(np.ones(4, np.float32)), name="scale", requires_grad=False)

    def construct(self, x):
        for layer in self.layers:
            x = x + ops.relu(layer(x)) * self.scale
        x = nn.Softmax()(self.drop(x))
        a, b = ops.split(x, 2, axis=1)
        y = ops.concat((a[:, 0:1], b * 2.5 + Tensor([1.0, 2.0])), 1)
        return y.reshape(x.shape[0], -1, 1), x.mean(axis=1, keep_dims=True)


class Residual(nn.Cell):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def construct(self, x):
        return x + self.inner(x)


class Tower(nn.Cell):
    """Cells of one class that differ, or not, and a list that is called out of its order."""

    def __init__(self):
        super().__init__()
        self.first = Residual(nn.Dense(3, 3))
        self.blocks = nn.SequentialCell(
            [Residual(nn.Dense(3, 3)), Residual(nn.SequentialCell(nn.Dense(3, 3), nn.Tanh()))]
        )
        self.heads = nn.CellList([nn.Dense(3, 1), nn.Dense(3, 2)])

    def construct(self, x, mask):
        x = self.blocks(self.first(x)) * mask
        return self.heads[1](x), self.heads[0](x)


CASES = {
    "LeNet5": (LeNet5, (images(),)),
    "Whole": (Whole, (np.ones((2, 2), np.float32),)),
    "Odd": (Odd, (np.ones((2, 4), np.float32),)),
    "Tower": (Tower, (np.ones((2, 3), np.float32), np.ones((2, 3), np.float32))),
}


@pytest.mark.parametrize("name", CASES)
def test_the_spec_gives_the_same_network(name):
    make, given = CASES[name]
    net = make()
    text = declspore.spec_of(net, *given)
    checked = check(Source("printed.spec", text))
    ours = checked.network(list(checked.templates)[-1])
    theirs, _ = vars(net)["_programs"].traced([Tensor(each) for each in given], {})
    assert [str(entry.type) for entry in ours.inputs] == [str(e.type) for e in theirs.inputs]
    assert ours.parameters == theirs.parameters
    assert [(n.word, n.path, n.inputs, n.arguments) for n in ours.nodes] == [
        (n.word, n.path, n.inputs, n.arguments) for n in theirs.nodes
    ]
    assert ours.types == theirs.types
    assert ours.outputs == theirs.outputs


def test_cells_that_are_alike_are_declared_once():
    make, given = CASES["Tower"]
    text = declspore.spec_of(make(), *given)
    assert [line.split(" {")[0] for line in text.splitlines() if line.startswith("cell ")] == [
        "cell Residual()",
        "cell Residual_2()",
    ]
    assert "first = Residual()" in text
    assert "blocks = SequentialCell(Residual(), Residual_2())" in text


def test_what_is_no_network():
    class Decides(nn.Cell):
        def construct(self, x):
            return x if x.sum() > 0 else -x

    with pytest.raises(TypeError, match="Decides is not a network by itself"):
        declspore.spec_of(Decides(), np.ones((1, 2), np.float32))
    with pytest.raises(TypeError, match="spec_of needs inputs"):
        declspore.spec_of(LeNet5())
    with pytest.raises(TypeError, match=r"put the cell into an nn\.Cell"):
        declspore.spec_of(nn.Dense(2, 1), np.ones((1, 2), np.float32))
