"""The sections of MindSpore's guide on checkpoints, with its own calls."""

import os

import numpy as np
import pytest

from declspore import (
    Model,
    Parameter,
    Tensor,
    load_checkpoint,
    load_param_into_net,
    save_checkpoint,
)
from declspore import dtype as mstype
from declspore.nn import Momentum, SoftmaxCrossEntropyWithLogits
from declspore.train.callback import (
    Callback,
    CheckpointConfig,
    LossMonitor,
    ModelCheckpoint,
    TimeMonitor,
)
from tests.oracle import inputs
from tests.python.support import LENET, model_of


def test_inference(zoo):
    """Load into a network, evaluate."""
    lenet = zoo.LeNet5(10)
    load_checkpoint(str(LENET), net=lenet)
    model = Model(lenet, SoftmaxCrossEntropyWithLogits(), metrics={"accuracy"})
    one_hot = [(x, np.eye(10, dtype=np.float32)[y]) for x, y in inputs.batches(3)]
    figures = model.eval(one_hot)
    sparse = Model(lenet, metrics={"accuracy"}).eval(list(inputs.batches(3)))
    assert figures == sparse
    with pytest.raises(ValueError, match="sparse = true for class numbers"):
        model.eval(list(inputs.batches(3)))


def test_transfer_training(zoo):
    """Load into network and optimizer, train. The loss is the guide's: one-hot, no reduction."""
    param_dict = load_checkpoint(str(LENET))
    lenet = zoo.LeNet5(10)
    opt = Momentum(lenet.trainable_params(), 0.01, 0.9)
    load_param_into_net(lenet, param_dict)
    load_param_into_net(opt, param_dict)
    model = Model(lenet, SoftmaxCrossEntropyWithLogits(), opt)
    one_hot = [(x, np.eye(10, dtype=np.float32)[y]) for x, y in inputs.batches(2)]
    model.train(1, one_hot)
    assert opt.state()["global_step"].asnumpy().tolist() == [7]


def test_only_a_new_head_is_trained(zoo):
    """Frozen by ``requires_grad``; the optimizer gets what is left, as in MindSpore's guides."""
    lenet = zoo.LeNet5(10, seed=1)
    load_checkpoint(str(LENET), net=lenet)
    before = {p.name: p.asnumpy().copy() for p in lenet.get_parameters()}
    for parameter in lenet.get_parameters():
        parameter.requires_grad = parameter.name.startswith("fc3.")
    opt = Momentum(filter(lambda p: p.requires_grad, lenet.get_parameters()), 0.01, 0.9)
    model = Model(lenet, SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean"), opt)
    model.train(1, list(inputs.batches(2)))
    changed = [p.name for p in lenet.get_parameters() if (p.asnumpy() != before[p.name]).any()]
    assert changed == ["fc3.weight", "fc3.bias"]
    assert len(lenet.trainable_variables) == 2


def test_modify_and_save(here):
    """Look at the dict, delete, add, set; save the list."""
    param_dict = load_checkpoint(str(LENET))
    for key, value in param_dict.items():
        assert isinstance(key, str)
        assert value.data.asnumpy().shape == value.shape
    del param_dict["conv1.weight"]
    param_dict["conv2.weight"] = Parameter(Tensor([0]))
    param_dict["fc1.bias"] = Parameter(Tensor([1]))
    save_list = []
    for key, value in param_dict.items():
        save_list.append({"name": key, "data": value.data})
    save_checkpoint(save_list, "new.ckpt")
    found = load_checkpoint("new.ckpt")
    assert list(found) == list(param_dict)
    assert found["conv2.weight"].asnumpy().tolist() == [0]
    assert found["fc1.bias"].dtype == mstype.int64
    np.testing.assert_array_equal(found["fc2.bias"].asnumpy(), param_dict["fc2.bias"].asnumpy())


def test_saving_while_training(net, here, capsys):
    """The guide on saving models: callback, configuration, file names."""
    config = CheckpointConfig(save_checkpoint_steps=2, keep_checkpoint_max=2)
    saver = ModelCheckpoint(prefix="lenet", directory="ckpt", config=config)
    model_of(net).train(
        2, list(inputs.batches(3)), callbacks=[saver, LossMonitor(3), TimeMonitor()]
    )
    assert sorted(os.listdir("ckpt")) == ["lenet-2_1.ckpt", "lenet-2_3.ckpt"]
    assert saver.latest_ckpt_file_name == os.path.join("ckpt", "lenet-2_3.ckpt")
    printed = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in printed if line.startswith("epoch")] == [
        "epoch: 1 step: 3",
        "epoch: 2 step: 3",
    ]
    assert sum("per step time" in line for line in printed) == 2
    found = load_checkpoint("ckpt/lenet-2_3.ckpt")
    assert list(found) == list(load_checkpoint(LENET))
    np.testing.assert_array_equal(
        found["fc1.weight"].asnumpy(), net.parameters_dict()["fc1.weight"].asnumpy()
    )


def test_a_prefix_in_use_is_numbered(net, here):
    data = list(inputs.batches(1))
    for _ in range(3):
        model_of(net).train(1, data, callbacks=ModelCheckpoint("le", "c"))
    assert sorted(os.listdir("c")) == ["le-1_1.ckpt", "le_1-1_1.ckpt", "le_2-1_1.ckpt"]


def test_append_info_and_saved_network(net, here):
    config = CheckpointConfig(
        saved_network=net, append_info=["epoch_num", "step_num", {"lr": 0.1, "note": "x"}]
    )
    model_of(net).train(1, list(inputs.batches(2)), callbacks=ModelCheckpoint("n", "c", config))
    found = load_checkpoint("c/n-1_2.ckpt")
    assert list(found)[8:] == ["epoch_num", "step_num", "lr", "note"]
    assert (int(found["epoch_num"]), int(found["step_num"]), found["note"]) == (1, 2, "x")


def test_exception_save(net, here):
    class Fails(Callback):
        def step_end(self, run_context):
            if run_context.original_args().cur_step_num == 2:
                raise RuntimeError("power cut")

    config = CheckpointConfig(save_checkpoint_steps=100, exception_save=True)
    with pytest.raises(RuntimeError, match="power cut"):
        model_of(net).train(
            1, list(inputs.batches(4)), callbacks=[ModelCheckpoint("b", "c", config), Fails()]
        )
    assert os.listdir("c") == ["b-1_2_breakpoint.ckpt"]
