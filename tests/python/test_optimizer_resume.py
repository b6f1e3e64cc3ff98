"""Training checkpoints of every family of optimizers go on in both directions: five steps in
MindSpore, five here from its file, five in MindSpore from ours, against fifteen there."""

import json

import numpy as np
import pytest

from declspore import Model, load_checkpoint, load_param_into_net, nn, save_checkpoint
from declspore.lower.network import compile_network
from declspore.training.checkpoint import training_parameters
from tests.oracle import inputs
from tests.python.test_resume import Losses
from tests.support import checked

pytestmark = pytest.mark.mindspore

SPEC = """
network Net() {
  body = Dense(12, 16)
  norm = BatchNorm1d(16)
  head = Dense(16, 5)
  construct(x: f32[B, 12]) = x |> body |> norm |> relu |> head
}
"""
# word, arguments, and settings of groups by the beginning of a name, in both worlds alike
OPTIMIZERS = {
    "momentum": ("Momentum", {"learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.01}, None),
    "momentum_list": (
        "Momentum",
        {"learning_rate": [0.1 - 0.005 * step for step in range(15)], "momentum": 0.9},
        None,
    ),
    "sgd": ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}, None),
    "adam": ("Adam", {"learning_rate": 0.01, "weight_decay": 0.05}, None),
    "adam_amsgrad": ("Adam", {"learning_rate": 0.01, "use_amsgrad": True}, None),
    "adam_weight_decay": ("AdamWeightDecay", {"learning_rate": 0.01, "weight_decay": 0.1}, None),
    "adamax": ("AdaMax", {"learning_rate": 0.01}, None),
    "rmsprop": ("RMSProp", {"learning_rate": 0.01, "centered": True, "momentum": 0.5}, None),
    "adagrad": ("Adagrad", {"learning_rate": 0.05}, None),
    "adadelta": ("Adadelta", {}, None),
    "proximal": ("ProximalAdagrad", {"learning_rate": 0.05, "l2": 0.01}, None),
    "ftrl": ("FTRL", {"learning_rate": 0.05}, None),
    "asgd": ("ASGD", {"learning_rate": 0.1, "t0": 3.0}, None),
    "rprop": ("Rprop", {"learning_rate": 0.001}, None),
    "lazy_adam": ("LazyAdam", {"learning_rate": 0.01}, None),
    "adafactor": ("AdaFactor", {"weight_decay": 0.1, "compression": True}, None),
    "adam_schedules": (
        "Adam",
        {
            "learning_rate": ["WarmUpLR", [0.02, 12]],
            "weight_decay": ["CosineDecayLR", [0.0, 0.2, 12]],
        },
        None,
    ),
    "groups": (
        "Adam",
        {"learning_rate": 0.01},
        [["head", {"lr": 0.02}], ["norm", {"weight_decay": 0.1}], ["body", {}]],
    ),
    "groups_lists": (
        "Momentum",
        {"learning_rate": 0.1, "momentum": 0.9},
        [
            ["head", {"lr": [0.2 - 0.01 * step for step in range(15)]}],
            ["norm", {"lr": 0.05}],
            ["body", {"weight_decay": 0.1}],
        ],
    ),
    "groups_schedules": (
        "Momentum",
        {"learning_rate": ["CosineDecayLR", [0.01, 0.1, 15]], "momentum": 0.9},
        [
            ["head", {"lr": ["WarmUpLR", [0.1, 10]]}],
            ["norm", {"lr": 0.05, "weight_decay": ["CosineDecayLR", [0.0, 0.2, 15]]}],
            ["body", {}],
        ],
    ),
}
MADE = """
def scheduled(settings):
    return {
        key: getattr(nn, value[0])(*value[1])
        if isinstance(value, list) and isinstance(value[0], str) else value
        for key, value in settings.items()
    }

def made(word, parameters, given, groups):
    if groups is not None:
        parameters = [
            {"params": [p for p in parameters if p.name.startswith(start)], **scheduled(settings)}
            for start, settings in groups
        ]
    return getattr(nn, word)(parameters, **scheduled(given))
"""
THEIRS = (
    MADE
    + """
import json, sys
import mindspore as ms
from mindspore import Tensor, nn
from tests.oracle import inputs

class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.body, self.norm, self.head = nn.Dense(12, 16), nn.BatchNorm1d(16), nn.Dense(16, 5)
        self.relu = nn.ReLU()
    def construct(self, x):
        return self.head(self.relu(self.norm(self.body(x))))

cases, folder, start = json.loads(sys.argv[1]), sys.argv[2], int(sys.argv[3])
found = {}
for name, (word, given, groups) in cases.items():
    net = Net()
    for p in net.get_parameters():
        p.set_data(Tensor(inputs.parameter(p.name, p.shape)))
    optimizer = made(word, net.trainable_params(), given, groups)
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    cell = nn.TrainOneStepCell(nn.WithLossCell(net, loss), optimizer).set_train()
    if start:
        entries = ms.load_checkpoint(f"{folder}/{name}-ours.ckpt")
        left = [ms.load_param_into_net(part, entries)[0] for part in (net, optimizer)]
        assert left == [[], []], left
    losses = []
    for step in range(start, 15):
        x = Tensor(inputs.numbers((20, 12), f"resume {step}"))
        y = Tensor((inputs.numbers((20,), f"labels {step}") * 9).astype("int32") % 5)
        losses.append(float(cell(x, y).asnumpy()))
        if step == 4:
            ms.save_checkpoint(cell, f"{folder}/{name}-theirs.ckpt")
    found[name] = losses
print(json.dumps(found))
"""
)


def _made(*arguments):
    scope = {"nn": nn}
    exec(MADE, scope)
    return scope["made"](*arguments)


def _batches(first, last):
    for step in range(first, last):
        labels = (inputs.numbers((20,), f"labels {step}") * 9).astype("int32") % 5
        yield inputs.numbers((20, 12), f"resume {step}"), labels


def test_both_ways(mindspore, here):
    cases = json.dumps(OPTIMIZERS)
    whole = json.loads(mindspore(THEIRS, cases, here, 0))
    network = checked(SPEC).networks["Net"]
    for name, (word, given, groups) in OPTIMIZERS.items():
        net = compile_network(network)
        optimizer = _made(word, net.trainable_params(), given, groups)
        entries = load_checkpoint(here / f"{name}-theirs.ckpt")
        ours = training_parameters(net, optimizer)
        assert list(ours) == list(entries), name
        assert load_param_into_net(net, entries)[0] == []
        assert load_param_into_net(optimizer, entries)[0] == []
        losses = Losses()
        loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
        trainer = Model(net, loss, optimizer)
        trainer.train(1, list(_batches(5, 10)), callbacks=losses)
        np.testing.assert_allclose(losses.values, whole[name][5:10], rtol=1e-4, err_msg=name)
        listed = [{"name": key, "data": value} for key, value in ours.items()]
        save_checkpoint(listed, here / f"{name}-ours.ckpt")
    later = json.loads(mindspore(THEIRS, cases, here, 10))
    for name, losses in later.items():
        np.testing.assert_allclose(losses, whole[name][10:], rtol=1e-4, err_msg=name)
