"""Golden data of training policies that MindSpore has.

    PYTHONPATH=. PYTHON tests/oracle/policies.py       (an environment with MindSpore 2.10)

writes tests/golden/policies.npz: a small network trained with each of them, and what MindSpore's
callbacks decide on given figures.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from tests.oracle import inputs

STEPS = 8
FIGURES = (0.2, 0.5, 0.45, 0.5, 0.55, 0.51, 0.5, 0.54, 0.56, 0.3, 0.2, 0.1, 0.1, 0.1)
STOPS = {
    "patience 2": {"patience": 2},
    "at once": {"patience": 0},
    "delta": {"patience": 3, "min_delta": 0.08},
    "less": {"patience": 2, "mode": "min"},
}
PLATEAUS = {
    "patience 2": {"patience": 2},
    "cooldown": {"patience": 1, "cooldown": 2, "factor": 0.5},
    "least": {"patience": 1, "factor": 0.3, "min_lr": 0.02},
    "less": {"patience": 2, "mode": "min", "factor": 0.5, "min_delta": 0.05},
}


def batches():
    """Data and labels of each step; wide enough that every way of clipping does something."""
    return [
        (3.0 * inputs.numbers((6, 4), f"p x {i}"), inputs.numbers((6, 3), f"p y {i}"))
        for i in range(STEPS)
    ]


def first():
    """The first values of the network."""
    shapes = {"one.weight": (8, 4), "one.bias": (8,), "two.weight": (3, 8), "two.bias": (3,)}
    return {name: inputs.numbers(shape, f"p {name}") for name, shape in shapes.items()}


def _trainings():
    """How gradients become updates, by name: in words of MindSpore."""
    from mindspore import nn, ops

    norm = nn.ClipByNorm()
    return {
        "plain": lambda step, gradients: gradients,
        "ClipByValue": lambda step, gradients: ops.clip_by_value(gradients, -0.1, 0.2),
        "ClipByNorm": lambda step, gradients: [norm(g, _tensor(0.5)) for g in gradients],
        "ClipByGlobalNorm": lambda step, gradients: ops.clip_by_global_norm(gradients, 0.7),
        "Accumulate": Accumulated(3),
    }


def _tensor(value):
    from mindspore import Tensor

    return Tensor(np.float32(value))


class Accumulated:
    """The mean of so many gradients, for the last of them."""

    def __init__(self, steps):
        self.steps, self.sums = steps, None

    def __call__(self, step, gradients):
        parts = [g / float(self.steps) for g in gradients]
        before = self.sums or [0.0 * part for part in parts]
        self.sums = [total + part for total, part in zip(before, parts, strict=True)]
        if step % self.steps:
            return None
        sums, self.sums = self.sums, None
        return sums


def _trained(change, average=None):
    import mindspore as ms
    from mindspore import Parameter, nn, ops

    class Net(nn.Cell):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Dense(4, 8), nn.Dense(8, 3)

        def construct(self, x):
            return self.two(ops.relu(self.one(x)))

    net = Net()
    ms.load_param_into_net(net, {k: Parameter(ms.Tensor(v), name=k) for k, v in first().items()})
    optimizer = nn.Momentum(net.trainable_params(), 0.01, 0.9)
    loss = nn.MSELoss()
    gradient = ms.value_and_grad(lambda x, y: loss(net(x), y), None, optimizer.parameters)
    for step, (x, y) in enumerate(batches(), start=1):
        _, found = gradient(ms.Tensor(x), ms.Tensor(y))
        updates = change(step, found)
        if updates is not None:
            optimizer(tuple(updates))
            if average is not None:
                average(net)
    found = {**optimizer.parameters_dict(), **net.parameters_dict()}
    return {name: parameter.asnumpy() for name, parameter in found.items()}


class Average:
    """MindCV's exponential moving average."""

    def __init__(self, decay):
        self.decay, self.updates, self.values = decay, 0, None

    def __call__(self, net):
        import mindspore as ms
        from mindspore import ops

        if self.values is None:
            self.values = {k: ms.Tensor(v) for k, v in first().items()}
        self.updates += 1
        factor = self.decay * (1 - ops.exp(-_tensor(self.updates) / 2000))
        for name, parameter in net.parameters_dict().items():
            self.values[name] = self.values[name] * factor + parameter * (1 - factor)


class _Context:
    def __init__(self, arguments):
        self.arguments, self.stopped = arguments, False

    def original_args(self):
        return self.arguments

    def request_stop(self):
        self.stopped = True


class _Arguments(SimpleNamespace):
    def get(self, name, default=None):
        return getattr(self, name, default)


def _asked(callback, optimizer):
    """The rate after each figure, and after which it stopped."""
    arguments = _Arguments(optimizer=optimizer, cur_epoch_num=0, eval_results={})
    context, rates = _Context(arguments), []
    callback.on_train_begin(context)
    for figure in FIGURES:
        arguments.cur_epoch_num += 1
        arguments.eval_results = {"accuracy": figure}
        callback.on_train_epoch_end(context)
        rates.append(float(optimizer.learning_rate.asnumpy()))
        if context.stopped:
            break
    return np.float32(rates)


def main():
    import mindspore as ms
    from mindspore import Parameter, nn
    from mindspore.train.callback import EarlyStopping, ReduceLROnPlateau

    ms.set_context(mode=ms.PYNATIVE_MODE)
    golden = {}
    for name, change in _trainings().items():
        golden |= {f"{name}/{key}": value for key, value in _trained(change).items()}
    average = Average(0.9)
    _trained(lambda step, gradients: gradients, average)
    golden |= {f"EMA/{name}": value.asnumpy() for name, value in average.values.items()}

    def optimizer():
        return nn.Momentum([Parameter(ms.Tensor(np.ones(2, np.float32)), name="w")], 0.1, 0.9)

    for name, options in STOPS.items():
        golden[f"EarlyStopping/{name}"] = _asked(EarlyStopping("accuracy", **options), optimizer())
    for name, options in PLATEAUS.items():
        callback = ReduceLROnPlateau("accuracy", **options)
        golden[f"ReduceLROnPlateau/{name}"] = _asked(callback, optimizer())
    np.savez(Path(__file__).parents[1] / "golden" / "policies.npz", **golden)


if __name__ == "__main__":
    main()
