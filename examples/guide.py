"""MindSpore's guide "Loading a Model for Inference and Transfer Learning", told with declspore.

    python examples/guide.py

Trains LeNet5 for an epoch on handwritten digits, saving MindSpore checkpoints; loads one for
inference; goes on training from it; edits it and saves the result.
"""

from pathlib import Path

import declspore
from declspore import (
    Model,
    Parameter,
    Tensor,
    load_checkpoint,
    load_param_into_net,
    save_checkpoint,
)
from declspore.nn import Momentum, SoftmaxCrossEntropyWithLogits
from declspore.train.callback import CheckpointConfig, LossMonitor, ModelCheckpoint

SPECS = Path(__file__).parents[1] / "specs"
digits = declspore.load(SPECS / "quickstart.spec")
LeNet5 = declspore.load(SPECS / "lenet.spec").LeNet5
loss = SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")

# Train, and save every 32 steps: lenet-1_32.ckpt
net = LeNet5(num_class=10, seed=1)
opt = Momentum(net.trainable_params(), 0.01, 0.9)
saver = ModelCheckpoint(
    "lenet", directory="guide", config=CheckpointConfig(save_checkpoint_steps=32)
)
Model(net, loss, opt).train(1, digits.digits_train, callbacks=[saver, LossMonitor(32)])
file = Path("guide") / "lenet-1_32.ckpt"

# Inference: load straight into a network
net = LeNet5(num_class=10)
load_checkpoint(file, net=net)
print(Model(net, loss, metrics={"accuracy", "loss"}).eval(digits.digits_test))

# Transfer training: into network and optimizer, and on
param_dict = load_checkpoint(file)
opt = Momentum(net.trainable_params(), 0.01, 0.9)
load_param_into_net(net, param_dict)
load_param_into_net(opt, param_dict)
Model(net, loss, opt).train(1, digits.digits_train, callbacks=LossMonitor(44))

# Modify the dict and save it
del param_dict["conv1.weight"]
param_dict["conv2.weight"] = Parameter(Tensor([0]))
param_dict["fc1.bias"] = Parameter(Tensor([1]))
save_list = [{"name": key, "data": value.data} for key, value in param_dict.items()]
save_checkpoint(save_list, "guide/new.ckpt")
print(f"guide/new.ckpt: {len(load_checkpoint('guide/new.ckpt'))} entries")
