"""Networks written as classes: names, order, sharing, values, errors."""

from collections import OrderedDict

import numpy as np
import pytest

import declspore
from declspore import DiagnosticError, Parameter, Tensor, nn, ops
from declspore.api import load
from declspore.common.initializer import Normal, initializer
from tests.conftest import GOLDEN, SPECS


class LeNet5(nn.Cell):
    def __init__(self, num_class=10, num_channel=1):
        super().__init__()
        self.conv1 = nn.Conv2d(num_channel, 6, 5, pad_mode="valid")
        self.conv2 = nn.Conv2d(6, 16, 5, pad_mode="valid")
        self.fc1 = nn.Dense(16 * 5 * 5, 120, weight_init=Normal(0.02))
        self.fc2 = nn.Dense(120, 84, weight_init=Normal(0.02))
        self.fc3 = nn.Dense(84, num_class, weight_init=Normal(0.02))
        self.relu = nn.ReLU()
        self.max_pool2d = nn.MaxPool2d(kernel_size=2, stride=2)
        self.flatten = nn.Flatten()

    def construct(self, x):
        x = self.max_pool2d(self.relu(self.conv1(x)))
        x = self.max_pool2d(self.relu(self.conv2(x)))
        x = self.flatten(x)
        x = self.relu(self.fc1(x))
        x = self.relu(self.fc2(x))
        return self.fc3(x)


def images(count=2, seed=0):
    return np.random.default_rng(seed).random((count, 1, 32, 32)).astype(np.float32)


def test_the_network_is_the_specs():
    """Names, order, shapes and outputs, bit for bit."""
    net, same = LeNet5(), load(SPECS / "lenet.spec").LeNet5()
    assert [p.name for p in net.get_parameters()] == list(same.parameters_dict())
    assert [p.shape for p in net.get_parameters()] == [p.shape for p in same.get_parameters()]
    for each in (net, same):
        declspore.load_param_into_net(each, declspore.load_checkpoint(GOLDEN / "lenet-1_5.ckpt"))
    found = net(Tensor(images()))
    assert found.shape == (2, 10)
    np.testing.assert_array_equal(found.asnumpy(), same.predict(images(), verbose=0))


def test_the_same_model_for_every_batch():
    net = LeNet5()
    for count in (1, 2, 5):
        assert net(Tensor(images(count))).shape == (count, 10)
    assert len(net._programs._known) == 1


class Part(nn.Cell):
    def __init__(self):
        super().__init__()
        self.w = Parameter(Tensor(np.full(2, 3, np.float32)), name="weight")
        self.d = nn.Dense(2, 2)
        self.v = Parameter(Tensor(np.ones(2, np.float32)))

    def construct(self, x):
        return self.d(x) * self.w + self.v


class Whole(nn.Cell):
    def __init__(self):
        super().__init__()
        self.a = Part()
        self.seq = nn.SequentialCell([nn.Dense(2, 2), Part()])
        self.l = nn.CellList([nn.Dense(2, 3), nn.ReLU()])
        self.again = self.a

    def construct(self, x):
        x = self.seq(self.a(x))
        for cell in self.l:
            x = cell(x)
        return x


def test_names_are_mindspores():
    """Asked of MindSpore 2.10: own parameters first, a shared cell under its last name."""
    assert [p.name for p in Part().get_parameters()] == ["weight", "v", "d.weight", "d.bias"]
    assert [p.name for p in Whole().get_parameters()] == [
        *("again.w", "again.v", "again.d.weight", "again.d.bias"),
        *("seq.0.weight", "seq.0.bias", "seq.1.w", "seq.1.v", "seq.1.d.weight", "seq.1.d.bias"),
        *("l.0.weight", "l.0.bias"),
    ]
    assert [name for name, _ in Whole().cells_and_names()] == [
        *("", "a", "a.d", "seq", "seq.0", "seq.1", "seq.1.d", "l", "l.0", "l.1")
    ]


def test_parameters_of_its_own_are_tensors():
    part, x = Part(), np.array([[1.0, 2.0]], np.float32)
    weight, bias = part.d.weight.asnumpy(), part.d.bias.asnumpy()
    expected = (x @ weight.T + bias) * 3 + 1
    np.testing.assert_allclose(part(Tensor(x)).asnumpy(), expected, rtol=1e-6)
    assert Whole()(Tensor(x)).shape == (1, 3)


def test_python_decides():
    class Deep(nn.Cell):
        def __init__(self, depth, residual):
            super().__init__()
            self.layers = nn.CellList()
            for _ in range(depth):
                self.layers.append(nn.Dense(4, 4))
            self.residual = residual

        def construct(self, x, scale=1.0):
            for layer in self.layers:
                y = layer(x)
                x = x + y if self.residual else y
            return x.reshape(x.shape[0], -1) * scale

    x = Tensor(np.ones((3, 4), np.float32))
    plain, residual = Deep(2, False), Deep(2, True)
    assert len(plain.layers) == 2
    assert plain(x).shape == (3, 4)
    declspore.load_param_into_net(residual, plain.parameters_dict())
    assert (residual(x).asnumpy() != plain(x).asnumpy()).any()
    np.testing.assert_allclose(plain(x, 2.0).asnumpy(), 2 * plain(x).asnumpy(), rtol=1e-6)


def test_a_size_that_python_compares_is_a_number():
    class Asks(nn.Cell):
        def __init__(self):
            super().__init__()
            self.d = nn.Dense(2, 2)

        def construct(self, x):
            return self.d(x) if x.shape[0] == 1 else self.d(x) * 0

    asks, ones = Asks(), np.ones((3, 2), np.float32)
    assert asks(Tensor(ones[:1])).asnumpy().any()
    assert not asks(Tensor(ones)).asnumpy().any()


def test_a_value_that_python_wants_is_computed():
    class Asks(nn.Cell):
        def __init__(self):
            super().__init__()
            self.d = nn.Dense(2, 2)

        def construct(self, x):
            y = self.d(x)
            return y if y.sum() > 1e9 else y * 0

    asks = Asks()
    assert not asks(Tensor(np.ones((3, 2), np.float32))).asnumpy().any()
    assert "value of a tensor" in asks._programs.reason


def test_an_ordered_dict_names_cells():
    net = nn.SequentialCell(OrderedDict(first=nn.Dense(2, 3), act=nn.ReLU(), last=nn.Dense(3, 1)))
    assert [p.name for p in net.get_parameters()] == [
        *("first.weight", "first.bias", "last.weight", "last.bias")
    ]
    assert net(Tensor(np.ones((1, 2), np.float32))).shape == (1, 1)


def test_first_values():
    ones = nn.Dense(2, 3, weight_init="ones", bias_init=0.5)
    assert ones.weight.asnumpy().tolist() == [[1, 1]] * 3
    assert ones.bias.asnumpy().tolist() == [0.5] * 3
    given = nn.Dense(2, 1, Tensor(np.array([[3, 4]], np.float32)), has_bias=False)
    assert given(Tensor([[1.0, 1.0]])).asnumpy().tolist() == [[7]]
    drawn = initializer("normal", [1000], declspore.float32)
    assert 0.005 < drawn.asnumpy().std() < 0.02
    declspore.set_seed(3)
    first = LeNet5().fc1.weight.asnumpy()
    declspore.set_seed(3)
    np.testing.assert_array_equal(LeNet5().fc1.weight.asnumpy(), first)


def test_modes():
    net = nn.SequentialCell(nn.Dense(2, 64), nn.Dropout(p=0.5))
    x = Tensor(np.ones((4, 2), np.float32))
    assert not net.training
    assert (net(x).asnumpy() != 0).all()
    net.set_train()
    assert net[1].training
    assert (net(x).asnumpy() == 0).any()
    net.set_train(False)
    assert (net(x).asnumpy() != 0).all()


def test_normalization_moves_in_training_alone():
    net = nn.BatchNorm1d(2)
    x = Tensor(np.array([[1.0, 2.0], [3.0, 6.0]], np.float32))
    net(x)
    assert net.moving_mean.asnumpy().tolist() == [0, 0]
    net.set_train()
    net(x)
    np.testing.assert_allclose(net.moving_mean.asnumpy(), [0.2, 0.4], rtol=1e-6)


def test_shapes_are_checked_with_the_line():
    class Bad(nn.Cell):
        def __init__(self):
            super().__init__()
            self.first = nn.Dense(3, 4)
            self.second = nn.Dense(5, 4)

        def construct(self, x):
            return self.second(self.first(x))

    with pytest.raises(DiagnosticError) as caught:
        Bad()(Tensor(np.ones((2, 3), np.float32)))
    (problem,) = caught.value.diagnostics
    assert problem.code == "E401"
    assert problem.title == "in_channels is 5, the last axis of f32[B, 4] is 4"
    assert problem.labels[0].place.text == "return self.second(self.first(x))"
    assert problem.labels[1].place.text == "self.second = nn.Dense(5, 4)"


def test_wrong_use_is_told():
    with pytest.raises(TypeError, match="did you mean 'pad_mode'"):
        nn.Conv2d(1, 2, 3, padmode="same")
    with pytest.raises(ValueError, match="in_channels"):
        nn.Dense("a", 2)

    class Forgets(nn.Cell):
        def __init__(self):
            self.d = nn.Dense(2, 2)

    with pytest.raises(AttributeError, match=r"must call super\(\).__init__\(\)"):
        Forgets()

    class Makes(nn.Cell):
        def construct(self, x):
            return nn.Dense(2, 2)(x)

    with pytest.raises(TypeError, match="make it in __init__"):
        Makes()(Tensor(np.ones((1, 2), np.float32)))
    with pytest.raises(declspore.Unsupported, match=r"Cell\.offload"):
        nn.ReLU().offload()


def test_cells_without_parameters_are_made_anywhere():
    class Makes(nn.Cell):
        def construct(self, x):
            return nn.Softmax()(nn.ReLU()(x))

    x = Tensor([[1.0, -1.0]])
    np.testing.assert_allclose(Makes()(x).asnumpy(), ops.softmax(ops.relu(x)).asnumpy(), rtol=1e-6)
    assert nn.get_activation("relu")(x).asnumpy().tolist() == [[1, 0]]


def test_several_results():
    class Two(nn.Cell):
        def __init__(self):
            super().__init__()
            self.d = nn.Dense(2, 2)

        def construct(self, x, y):
            return self.d(x), {"sum": x + y}

    ones = Tensor(np.ones((1, 2), np.float32))
    first, rest = Two()(ones, ones)
    assert first.shape == (1, 2)
    assert rest["sum"].asnumpy().tolist() == [[2, 2]]


def test_saved_and_loaded(here):
    net, other = LeNet5(), LeNet5()
    net(Tensor(images()))
    declspore.save_checkpoint(net, "net.ckpt")
    missing, unused = declspore.load_param_into_net(other, declspore.load_checkpoint("net.ckpt"))
    assert (missing, unused) == ([], [])
    x = Tensor(images())
    np.testing.assert_array_equal(net(x).asnumpy(), other(x).asnumpy())


def test_vocabulary_cells_may_be_subclassed():
    class Halved(nn.Dense):
        def __init__(self, n):
            super().__init__(n, n, weight_init="ones", has_bias=False)

        def construct(self, x):
            return super().construct(x) / 2

    net = nn.SequentialCell(Halved(2))
    assert net(Tensor([[1.0, 3.0]])).asnumpy().tolist() == [[2, 2]]
    assert [p.name for p in net.get_parameters()] == ["0.weight"]


def test_attention_by_itself():
    """Its output projection is a cell within one that has no path."""
    cell = nn.MultiheadAttention(8, 2)
    x = Tensor(np.ones((3, 4, 8), np.float32))
    found, weights = cell(x, x, x)
    assert (found.shape, weights.shape) == ((3, 4, 8), (4, 3, 3))


def test_states_of_lstm_are_a_pair():
    """As in MindSpore: `hx` is (h, c), and so is what comes back."""
    lstm, step = nn.LSTM(6, 5, batch_first=True), nn.LSTMCell(6, 5)
    x = Tensor(np.ones((3, 4, 6), np.float32))
    state = Tensor(np.full((1, 3, 5), 0.5, np.float32))
    output, (h, c) = lstm(x)
    assert (output.shape, h.shape, c.shape) == ((3, 4, 5), (1, 3, 5), (1, 3, 5))
    lengths = Tensor(np.array([4, 1, 2], np.int32))
    cut, (h, _) = lstm(x, None, lengths)
    np.testing.assert_allclose(h.asnumpy()[0, 1], output.asnumpy()[1, 0], rtol=1e-5)
    assert not cut.asnumpy()[1, 1:].any()
    begun = [lstm(x, (state, state))[0], lstm(x, hx=(state, state))[0], lstm(x, state, state)[0]]
    for other in begun[1:]:
        np.testing.assert_array_equal(begun[0].asnumpy(), other.asnumpy())
    once, twice = step(x[:, 0], (state[0], state[0])), step(x[:, 0], state[0], state[0])
    np.testing.assert_array_equal(once[0].asnumpy(), twice[0].asnumpy())
    with pytest.raises(TypeError, match="hx is"):
        lstm(x, (state,))


def test_a_pair_within_a_network():
    class Tagger(nn.Cell):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(6, 5)
            self.head = nn.Dense(5, 2)

        def construct(self, x, h):
            output, (h, c) = self.lstm(x, (h, h))
            return self.head(output), h + c

    x = Tensor(np.ones((4, 3, 6), np.float32))
    found, state = Tagger()(x, Tensor(np.zeros((1, 3, 5), np.float32)))
    assert (found.shape, state.shape) == ((4, 3, 2), (1, 3, 5))
