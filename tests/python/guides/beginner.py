"""MindSpore's page for beginners on saving and loading, snippet by snippet, releases 1.2 to master.

Ours in all but the calls; networks are small ones.
"""

import os

import mindspore
import mindspore as ms
import numpy as np
from mindspore import Model, Parameter, Tensor, export, load_checkpoint, load_param_into_net, nn
from mindspore.train.callback import CheckpointConfig, LossMonitor, ModelCheckpoint
from networks import close, create_dataset, fixed, lenet, resnet50

ms.save_checkpoint(resnet50(), "resnet50-2_32.ckpt")
picture = np.random.RandomState(1).rand(4, 3, 16, 16).astype(np.float32)
loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
inputs = Tensor(np.ones([1, 1, 28, 28]).astype(np.float32))


def trainer(net=None):
    net = net or resnet50()
    return Model(net, loss, nn.Momentum(net.trainable_params(), 0.01, 0.9), metrics={"accuracy"})


def saved():
    found = [name for name in os.listdir(".") if name.endswith(".ckpt")]
    return sorted(name for name in found if name.startswith(("CKP", "resnet50-", "lenet")))


def network():
    cells = [nn.Flatten(), nn.Dense(28 * 28, 16), nn.ReLU(), nn.Dense(16, 8), nn.ReLU()]
    return fixed(nn.SequentialCell(*cells, nn.Dense(8, 10)))


# %% B1 a callback that saves (1.2 to 1.6)
from mindspore.train.callback import ModelCheckpoint

trainer().train(1, create_dataset(), callbacks=ModelCheckpoint(), dataset_sink_mode=False)
print(saved())

# %% B2 every few steps (1.2, 1.3)
from mindspore.train.callback import CheckpointConfig, ModelCheckpoint

config_ck = CheckpointConfig(save_checkpoint_steps=2, keep_checkpoint_max=10)
ckpt_cb = ModelCheckpoint(prefix="resnet50", directory=None, config=config_ck)
trainer().train(1, create_dataset(), callbacks=ckpt_cb, dataset_sink_mode=False)
print(saved())

# %% B3 a dict into a network, for evaluation (1.2 to 1.6)
resnet = resnet50()
param_dict = load_checkpoint("resnet50-2_32.ckpt")
load_param_into_net(resnet, param_dict)
model = Model(resnet, loss, metrics={"accuracy"})
print(model.eval(create_dataset(), dataset_sink_mode=False))

# %% B4 evaluation of a dataset of its own (1.2, 1.3)
acc = trainer().eval(create_dataset(), dataset_sink_mode=False)
print(acc)

# %% B5 training of one epoch (1.2, 1.3)
net = resnet50()
epoch = 1
trainer(net).train(epoch, create_dataset(), dataset_sink_mode=False)
print(close(net.head.bias))

# %% B6 MINDIR (1.2 to 1.6)
from mindspore import Tensor, export, load_checkpoint, load_param_into_net

resnet = resnet50()
load_param_into_net(resnet, load_checkpoint("resnet50-2_32.ckpt"))
export(resnet, Tensor(picture), file_name="resnet_a", file_format="MINDIR")
print(os.path.exists("resnet_a.mindir"))

# %% B7 AIR (1.2 to 1.6)
export(resnet50(), Tensor(picture), file_name="resnet_b", file_format="AIR")

# %% B8 ONNX (1.2 to 1.6)
export(resnet50(), Tensor(picture), file_name="resnet_b", file_format="ONNX")
print(os.path.exists("resnet_b.onnx"))

# %% B9 a network, from the top (1.5, 1.6)
ms.save_checkpoint(lenet(), "./MyNet.ckpt")
print(len(ms.load_checkpoint("./MyNet.ckpt")))

# %% B10 every few steps, the newest kept (1.5, 1.6)
config_ck = CheckpointConfig(save_checkpoint_steps=1, keep_checkpoint_max=2)
ckpt_cb = ModelCheckpoint(prefix="lenet_kept", directory=None, config=config_ck)
trainer().train(1, create_dataset(), callbacks=ckpt_cb, dataset_sink_mode=False)
print([name for name in saved() if name.startswith("lenet_kept")])

# %% B11 evaluation (1.5, 1.6)
dataset_eval = create_dataset(batch_size=8)
print(trainer().eval(dataset_eval, dataset_sink_mode=False))

# %% B12 training (1.5, 1.6)
net = resnet50()
trainer(net).train(2, create_dataset(batch_size=8), dataset_sink_mode=False)
print(close(net.head.weight))

# %% B13 from data to training, in steps (1.7)
import mindspore.nn as nn
from mindspore.train import Model

network_ = lenet(10)
net_loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
net_opt = nn.Momentum(network_.trainable_params(), learning_rate=0.01, momentum=0.9)
model = Model(network_, loss_fn=net_loss, optimizer=net_opt, metrics={"accuracy"})
model.train(1, create_dataset("grey"), callbacks=[LossMonitor(2)], dataset_sink_mode=False)

# %% B14 a network at any time (1.7, 1.8)
net = lenet()
ms.save_checkpoint(net, "./MyNet.ckpt")
print(list(ms.load_checkpoint("./MyNet.ckpt"))[:2])

# %% B15 a callback with a folder (1.7)
config_ck = CheckpointConfig(save_checkpoint_steps=4, keep_checkpoint_max=10)
ckpoint = ModelCheckpoint(prefix="lenet", directory="./lenet", config=config_ck)
model = trainer(lenet())
model.train(2, create_dataset("grey"), callbacks=[ckpoint], dataset_sink_mode=False)
print(sorted(name for name in os.listdir("lenet") if name.endswith("ckpt")))

# %% B16 what the training saved, into a new network and optimizer (1.7)
param_dict = load_checkpoint("./lenet/lenet-2_4.ckpt")
net = lenet(10)
load_param_into_net(net, param_dict)
net_opt = nn.Momentum(net.trainable_params(), learning_rate=0.01, momentum=0.9)
model = Model(net, loss_fn=loss, optimizer=net_opt, metrics={"accuracy"})
print(model.eval(create_dataset("grey"), dataset_sink_mode=False))

# %% B17 its evaluation, printed (1.7, 1.8)
net = lenet()
load_checkpoint("./lenet/lenet-2_4.ckpt", net)
acc = Model(net, loss, metrics={"accuracy"}).eval(create_dataset("grey"), dataset_sink_mode=False)
print(f"{acc}")

# %% B18 its training, with LossMonitor (1.7, 1.8)
net = lenet()
load_checkpoint("./lenet/lenet-2_4.ckpt", net)
trainer(net).train(1, create_dataset("grey"), callbacks=[LossMonitor(4)], dataset_sink_mode=False)

# %% B19 from data to training, from the top (1.8)
net = lenet()
opt = ms.nn.Momentum(net.trainable_params(), learning_rate=0.01, momentum=0.9)
model = ms.Model(net, loss_fn=loss, optimizer=opt, metrics={"accuracy"})
model.train(1, create_dataset("grey"), callbacks=[ms.LossMonitor(4)], dataset_sink_mode=False)

# %% B20 a callback with a folder, from the top (1.8)
config_ck = ms.CheckpointConfig(save_checkpoint_steps=4, keep_checkpoint_max=10)
ckpoint = ms.ModelCheckpoint(prefix="lenet", directory="./lenet8", config=config_ck)
trainer(lenet()).train(1, create_dataset("grey"), callbacks=[ckpoint], dataset_sink_mode=False)
print(sorted(name for name in os.listdir("lenet8") if name.endswith("ckpt")))

# %% B21 what the training saved, from the top (1.8)
param_dict = ms.load_checkpoint("./lenet8/lenet-1_4.ckpt")
net = lenet(10)
print(ms.load_param_into_net(net, param_dict)[0])
net_opt = nn.Momentum(net.trainable_params(), learning_rate=0.01, momentum=0.9)
print(len(param_dict), ms.load_param_into_net(net_opt, param_dict)[0])

# %% B22 imports (1.9 to master)
import mindspore
import numpy as np
from mindspore import Tensor, nn

print(Tensor(np.zeros(2, np.float32)), nn.Cell.__name__)

# %% B23 a sequence of cells as a network (1.9 to master)
model = network()
print([parameter.name for parameter in model.get_parameters()], model(inputs).shape)

# %% B24 saved (1.9 to master)
model = network()
mindspore.save_checkpoint(model, "model.ckpt")
print(len(mindspore.load_checkpoint("model.ckpt")))

# %% B25 loaded, both lists printed (1.9, 1.10)
model = network()
param_dict = mindspore.load_checkpoint("model.ckpt")
param_not_load = mindspore.load_param_into_net(model, param_dict)
print(param_not_load)

# %% B26 exported as MINDIR (1.9 to 2.2)
mindspore.export(network(), inputs, file_name="model", file_format="MINDIR")
print(os.path.exists("model.mindir"))

# %% B27 MINDIR read and run, in graph mode (1.9 to 2.2)
mindspore.set_context(mode=mindspore.GRAPH_MODE)
graph = mindspore.load("model.mindir")
model = nn.GraphCell(graph)
print(model(inputs).shape)

# %% B28 loaded, what was not loaded printed (2.0 to master)
model = network()
param_dict = mindspore.load_checkpoint("model.ckpt")
param_not_load, _ = mindspore.load_param_into_net(model, param_dict)
print(param_not_load)

# %% B29 exported as MINDIR, in strict mode (2.3 to master)
mindspore.set_context(mode=mindspore.GRAPH_MODE, jit_syntax_level=mindspore.STRICT)
mindspore.export(network(), inputs, file_name="model_b", file_format="MINDIR")
print(os.path.exists("model_b.mindir"))

# %% B30 MINDIR read and run (2.3 to master)
graph = mindspore.load("model_b.mindir")
model = nn.GraphCell(graph)
outputs = model(inputs)
print(outputs.shape)

# %% B31 a cell that gives an element type (2.6)
mindspore.set_context(mode=mindspore.PYNATIVE_MODE)
from mindspore import ops


class TypeOf(nn.Cell):
    def __init__(self):
        super().__init__()
        self.dtype = ops.DType()

    def construct(self, x):
        return self.dtype(x)


print(TypeOf()(inputs))

# %% B32 a parameter that belongs to no cell (2.6)
mindspore.set_context(mode=mindspore.PYNATIVE_MODE)
param = Parameter(Tensor([1, 2, 3, 4]))


class Adds(nn.Cell):
    def construct(self, x):
        return x + param


print(Adds()(Tensor([1, 1, 1, 1])))

# %% B33 random numbers of mint in a cell (2.6)
from mindspore import mint

mindspore.set_context(mode=mindspore.PYNATIVE_MODE)


class Draws(nn.Cell):
    def construct(self, n):
        return mint.randn(n)


print(Draws()(3).asnumpy().shape)

# %% B34 the element type as an attribute (master)
mindspore.set_context(mode=mindspore.PYNATIVE_MODE)


class TypeAttribute(nn.Cell):
    def construct(self, x):
        return x.dtype


print(TypeAttribute()(inputs))

# %% B35 parameters: of the cell, of none, as input (master)
mindspore.set_context(mode=mindspore.PYNATIVE_MODE)
global_param = Parameter([1, 2, 3], name="global_param")


class Three(nn.Cell):
    def __init__(self):
        super().__init__()
        self.bias = Parameter([0, 1, -1])

    def construct(self, x):
        return x + global_param + self.bias


model = Three()
print([parameter.name for parameter in model.get_parameters()])
print(model(Parameter([1, 2, 3], name="input_param")))
