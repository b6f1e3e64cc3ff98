"""Both directions with MindSpore itself: what it writes we continue, what we write it continues."""

import json

import numpy as np
import pytest

from declspore import Model, load_checkpoint, load_param_into_net, save_checkpoint
from declspore.api import load
from declspore.checkpoint.format import Computed
from declspore.checkpoint.writer import write_checkpoint
from declspore.ir.dtype import DTYPES, HIFLOAT8
from declspore.ir.header import HeaderEntry
from declspore.nn import Momentum, SoftmaxCrossEntropyWithLogits
from declspore.train.callback import CheckpointConfig, ModelCheckpoint
from tests.conftest import SPECS
from tests.oracle import inputs
from tests.python.test_resume import Losses

pytestmark = pytest.mark.mindspore

PRELUDE = """
import json, sys
import numpy as np
import mindspore as ms
from mindspore import Model, Tensor, nn
from mindspore.train.callback import Callback, CheckpointConfig, ModelCheckpoint
from tests.oracle import inputs, networks

class Losses(Callback):
    def __init__(self):
        self.values = []
    def step_end(self, run_context):
        self.values.append(float(run_context.original_args().net_outputs.asnumpy()))

def dataset(first, count):
    batches = list(inputs.batches(first + count))[first:]
    images, labels = (np.concatenate(part) for part in zip(*batches))
    data = {"image": images, "label": labels}
    return ms.dataset.NumpySlicesDataset(data, shuffle=False).batch(32)

def piece():
    net = networks.LeNet5()
    optimizer = nn.Momentum(net.trainable_params(), 0.01, 0.9)
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    return net, optimizer, Model(net, loss, optimizer)

def trained(model, first, count, callbacks=()):
    losses = Losses()
    model.train(1, dataset(first, count), callbacks=[losses, *callbacks], dataset_sink_mode=False)
    return losses.values
"""


def test_mindspore_then_declspore_then_mindspore(mindspore, here):
    """Seven steps there, eight steps here, nine steps there; the losses are those of 24 steps
    there."""
    said = mindspore(
        PRELUDE
        + """
ms.set_seed(1)
net, optimizer, model = piece()
config = CheckpointConfig(save_checkpoint_steps=7)
first = trained(model, 0, 7, [ModelCheckpoint("lenet", sys.argv[1], config)])
x = Tensor(inputs.numbers((16, 1, 32, 32), "x"))
outputs = net(x).asnumpy().tolist()
print(json.dumps([outputs, trained(model, 7, 17)]))
""",
        here,
    )
    outputs, expected = json.loads(said)
    entries = load_checkpoint(here / "lenet-1_7.ckpt")
    net = load(SPECS / "lenet.spec").LeNet5()
    optimizer = Momentum(net.trainable_params(), 0.01, 0.9)
    assert load_param_into_net(net, entries)[0] == []
    assert load_param_into_net(optimizer, entries) == ([], [])
    found = net.predict_on_batch(inputs.numbers((16, 1, 32, 32), "x"))
    np.testing.assert_allclose(found, outputs, rtol=1e-5, atol=1e-5 * np.abs(outputs).max())

    losses = Losses()
    loss = SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    config = CheckpointConfig(save_checkpoint_steps=8)
    saver = ModelCheckpoint("ours", str(here), config)
    data = list(inputs.batches(24))
    Model(net, loss, optimizer).train(1, data[7:15], callbacks=[losses, saver])
    np.testing.assert_allclose(losses.values, expected[:8], rtol=1e-4)

    continued = mindspore(
        PRELUDE
        + """
net, optimizer, model = piece()
entries = ms.load_checkpoint(sys.argv[1], strict_load=True)
assert ms.load_param_into_net(net, entries, strict_load=True)[0] == []
assert ms.load_param_into_net(optimizer, entries, strict_load=True) == ([], [])
print(json.dumps([trained(model, 15, 9), int(optimizer.global_step.asnumpy()[0])]))
""",
        here / "ours-1_8.ckpt",
    )
    later, steps = json.loads(continued)
    np.testing.assert_allclose(later, expected[8:], rtol=1e-4)
    assert steps == 24


def test_bytes_are_those_mindspore_writes(mindspore, here):
    """For the same parameters, and for the list of the tutorial's edit."""
    net = load(SPECS / "lenet.spec").LeNet5(seed=1)
    append = {"epoch_num": 3, "lr": 0.5, "done": True}
    save_checkpoint(net, here / "ours.ckpt", append_dict=append)
    save_checkpoint(net, here / "noted.ckpt", append_dict={"note": "ü"})
    mindspore(
        PRELUDE
        + """
folder = sys.argv[1]
net = networks.LeNet5()
entries = ms.load_checkpoint(f"{folder}/ours.ckpt")
names = [p.name for p in net.get_parameters()]
ms.load_param_into_net(net, {name: entries[name] for name in names}, strict_load=True)
append = {"epoch_num": 3, "lr": 0.5, "done": True}
ms.save_checkpoint(net, f"{folder}/theirs.ckpt", append_dict=append)
ms.save_checkpoint([{"name": k, "data": v} for k, v in entries.items()], f"{folder}/list.ckpt")
ms.save_checkpoint(net, f"{folder}/their_noted.ckpt", append_dict={"note": "ü"})
""",
        here,
    )
    ours = (here / "ours.ckpt").read_bytes()
    assert (here / "theirs.ckpt").read_bytes() == ours
    assert (here / "list.ckpt").read_bytes() == ours
    assert (here / "their_noted.ckpt").read_bytes() == (here / "noted.ckpt").read_bytes()


def test_every_type_is_read_by_mindspore(mindspore, here):
    """Name, shape and bytes; Int4 has no twin in NumPy, so that its header says what it is."""
    pieces, expected = [], {}
    for dtype in DTYPES:
        if dtype.kind in ("complex", "float8") or dtype == HIFLOAT8:
            continue  # MindSpore writes them and cannot load them
        for kind, value in (("many", np.arange(6).reshape(2, 3)), ("one", np.array(1))):
            name, stored = f"{kind}.{dtype.name}", value.astype(dtype.as_numpy())
            header = HeaderEntry.of(name, dtype, value.shape)
            pieces.append(Computed(header, lambda stored=stored: stored))
            expected[name] = [dtype.name, list(value.shape), stored.tobytes().hex()]
    path = here / "types.ckpt"
    write_checkpoint(path, pieces)
    said = mindspore(
        PRELUDE
        + """
found = ms.load_checkpoint(sys.argv[1])
print(json.dumps({k: [str(v.dtype), list(v.shape), bytes(v.get_bytes()).hex()]
                  for k, v in found.items()}))
""",
        path,
    )
    assert json.loads(said) == expected


def test_resnet_from_a_file_mindspore_wrote(mindspore, here):
    """The tutorial's ResNet50 with random values: outputs in eval mode within 1e-5."""
    said = mindspore(
        PRELUDE
        + """
ms.set_seed(3)
net = networks.TutorialResNet50().set_train(False)
for p in net.get_parameters():
    if "moving" in p.name:
        p.set_data(Tensor(inputs.parameter(p.name, p.shape)))
ms.save_checkpoint(net, sys.argv[1])
print(json.dumps(net(Tensor(inputs.numbers((2, 3, 96, 64), "image"))).asnumpy().tolist()))
""",
        here / "resnet.ckpt",
    )
    expected = np.array(json.loads(said))
    net = load(SPECS / "tutorial_resnet50.spec").ResNet50()
    entries = load_checkpoint(here / "resnet.ckpt", net=net, strict_load=True)
    assert list(entries) == list(net.parameters_dict())
    found = net.predict_on_batch(inputs.numbers((2, 3, 96, 64), "image"))
    assert np.abs(found - expected).max() / np.abs(expected).max() < 1e-5
