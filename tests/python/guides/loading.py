"""MindSpore's guide on loading a model, snippet by snippet of its releases 1.0 to 1.6.

Ours in all but the calls; a model hub and its networks are replaced by small networks.
"""

import os

import mindspore
import mindspore.dataset as ds
import mindspore.ops as ops
import numpy as np
from mindspore import (
    Model,
    Parameter,
    Tensor,
    context,
    load_checkpoint,
    load_param_into_net,
    nn,
    save_checkpoint,
)
from mindspore import dtype as mstype
from mindspore.dataset import transforms, vision
from mindspore.nn import Momentum, SoftmaxCrossEntropyWithLogits
from mindspore.train.callback import CheckpointConfig, ModelCheckpoint
from networks import arrays, close, create_dataset, features, lenet, resnet50

net = resnet50()
loss = SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
opt = Momentum(net.trainable_params(), 0.01, 0.9)
saver = ModelCheckpoint("resnet50", config=CheckpointConfig(save_checkpoint_steps=4))
Model(net, loss, opt).train(1, create_dataset(), callbacks=saver, dataset_sink_mode=False)
save_checkpoint(lenet(), "lenet.ckpt")


class ReduceMeanFlatten(nn.Cell):
    def __init__(self):
        super().__init__()
        self.mean = ops.ReduceMean(keep_dims=True)
        self.flatten = nn.Flatten()

    def construct(self, x):
        return self.flatten(self.mean(x, (2, 3)))


def tuned(classes=3):
    rows = np.random.RandomState(5).randn(classes, 8).astype(np.float32)
    head = nn.Dense(8, classes, weight_init=Tensor(rows), bias_init="zeros")
    head.set_train(True)
    return nn.SequentialCell([features(), ReduceMeanFlatten(), head]), head


# %% L1 into network and optimizer, then train (1.0 to 1.2)
param_dict = load_checkpoint("resnet50-1_4.ckpt")
resnet = resnet50()
opt = Momentum(resnet.trainable_params(), 0.01, 0.9)
load_param_into_net(resnet, param_dict)
load_param_into_net(opt, param_dict)
model = Model(resnet, SoftmaxCrossEntropyWithLogits(), opt)
model.train(1, create_dataset(one_hot=True), dataset_sink_mode=False)
print(close(resnet.head.bias), int(opt.global_step.asnumpy().item()))

# %% L2 into a network for evaluation (1.0 to 1.3)
resnet = resnet50()
load_checkpoint("resnet50-1_4.ckpt", net=resnet)
model = Model(resnet, SoftmaxCrossEntropyWithLogits(sparse=True), metrics={"accuracy"})
print(model.eval(create_dataset(), dataset_sink_mode=False))

# %% L3 a hub's network for inference (1.0)
from mindspore.common import dtype as mstype
from mindspore.train.model import Model

context.set_context(mode=context.PYNATIVE_MODE, device_target="CPU", device_id=0)
network = features()
network.set_train(False)
print(network(Tensor(arrays()[0])).shape, mstype.float32)

# %% L4 imports for tuning a hub's network (1.0)
from mindspore.nn.loss import SoftmaxCrossEntropyWithLogits
from mindspore.train.serialization import save_checkpoint

context.set_context(mode=context.PYNATIVE_MODE, device_target="CPU", save_graphs=False)
network = features()
network.set_train(False)
print(network.training, SoftmaxCrossEntropyWithLogits.__name__, save_checkpoint.__name__)

# %% L5 a backbone, a cell of one's own and a head in a sequence (1.0, 1.1)
network, head = tuned(26)
print([name for name, _ in network.parameters_and_names()], head.training)
print(close(network(Tensor(arrays()[0]))))

# %% L6 loss cell, a list of rates as a tensor, one step as a cell (1.0, 1.1)
network, _ = tuned()
loss_net = nn.WithLossCell(network, SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean"))
lr = np.linspace(0.01, 0.001, 8).astype(np.float32)
trained = filter(lambda x: x.requires_grad, loss_net.get_parameters())
optim = Momentum(trained, Tensor(lr), 0.9, 4e-5)
train_net = nn.TrainOneStepCell(loss_net, optim)
images, labels = arrays(classes=3)
print([close(train_net(Tensor(images), Tensor(labels))) for _ in range(3)])

# %% L7 a loop of one's own that saves each epoch (1.0, 1.1)
network, _ = tuned()
loss_net = nn.WithLossCell(network, SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean"))
train_net = nn.TrainOneStepCell(loss_net, Momentum(network.trainable_params(), 0.01, 0.9))
for epoch in range(2):
    for _, items in enumerate(create_dataset(classes=3)):
        data, label = items
        found = train_net(mindspore.Tensor(data), mindspore.Tensor(label))
    print(f"epoch: {epoch}/2, loss: {close(found)}")
    save_checkpoint(network, f"./tuned_epoch{epoch}.ckpt")
print(len(load_checkpoint("tuned_epoch1.ckpt")))

# %% L8 a tuned checkpoint into the network with a softmax, as eval_network (1.0)
from mindspore.train.serialization import load_checkpoint, load_param_into_net

network, head = tuned()
save_checkpoint(network, "tuned.ckpt")
network = nn.SequentialCell([*tuned()[0], nn.Softmax()])
print(load_param_into_net(network, load_checkpoint("tuned.ckpt"))[0])
judged = nn.WithEvalCell(network, loss)
model = Model(network, metrics={"acc"}, eval_network=judged, eval_indexes=[0, 1, 2])
print(model.eval(create_dataset(classes=3), dataset_sink_mode=False))

# %% L9 a hub's network for inference, Model from the top (1.1, 1.2)
context.set_context(mode=context.PYNATIVE_MODE, device_target="CPU", device_id=0)
network = features()
network.set_train(False)
print(close(Model(network).predict(Tensor(arrays()[0]))))

# %% L10 imports for tuning from the top (1.1)
from mindspore import save_checkpoint
from mindspore.nn import Momentum, SoftmaxCrossEntropyWithLogits

context.set_context(mode=context.PYNATIVE_MODE, device_target="CPU", save_graphs=False)
network = features()
network.set_train(False)
print(len(network.trainable_params()))

# %% L11 a tuned checkpoint into the network with a softmax (1.1)
from mindspore import load_checkpoint, load_param_into_net

save_checkpoint(tuned()[0], "tuned.ckpt")
network = nn.SequentialCell([features(), ReduceMeanFlatten(), nn.Dense(8, 3), nn.Softmax()])
print(load_param_into_net(network, load_checkpoint("tuned.ckpt")))
judged = nn.WithEvalCell(network, loss)
model = Model(network, metrics={"acc"}, eval_network=judged, eval_indexes=[0, 1, 2])
print(model.eval(create_dataset(classes=3), dataset_sink_mode=False))

# %% L12 every import of the guide, dataset's modules among them (1.2)
import mindspore.dataset.transforms as C2
import mindspore.dataset.vision as C
from mindspore.train.serialization import load_checkpoint, load_param_into_net, save_checkpoint

network = features()
network.set_train(False)
print(ds.__name__.split(".")[-1], C2.TypeCast.__name__, C.Resize.__name__)

# %% L13 a mean over pictures and a head (1.2)
network, _ = tuned(10)
print([p.shape for p in network.trainable_params()])

# %% L14 a pipeline of pictures: resize, flip, scale, normalize, to CHW (1.2)
pictures = np.random.RandomState(0).randint(0, 256, (6, 20, 24, 3)).astype(np.uint8)
data = ds.NumpySlicesDataset({"image": pictures, "label": np.arange(6)}, shuffle=False)
steps = [vision.Resize((16, 16)), vision.RandomHorizontalFlip(prob=1.0)]
steps += [vision.Rescale(1.0 / 255.0, 0.0), vision.Normalize([0.5] * 3, [0.5] * 3, is_hwc=True)]
steps += [vision.HWC2CHW()]
cast = transforms.TypeCast(mstype.int32)
data = data.map(operations=cast, input_columns="label", num_parallel_workers=1)
data = data.map(operations=steps, input_columns="image", num_parallel_workers=1)
data = data.batch(3, drop_remainder=True)
image, label = next(data.create_tuple_iterator())
print(data.get_dataset_size(), image.shape, image.dtype, label.dtype, label.asnumpy())
print(round(float(image.asnumpy().mean()), 2))

# %% L15 a list of rates, the head's parameters alone, one step as a cell (1.2)
network, head = tuned()
loss_net = nn.WithLossCell(network, nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean"))
dataset = create_dataset(classes=3)
rates = [0.01 * 0.1 ** (step // 4) for step in range(2 * dataset.get_dataset_size())]
trained = filter(lambda x: x.requires_grad, head.get_parameters())
optim = Momentum(trained, Tensor(rates, mindspore.float32), 0.9, 4e-5)
train_net = nn.TrainOneStepCell(loss_net, optim)
before = network[0].conv.weight.asnumpy().copy()
for data, label in dataset:
    train_net(data, label)
print(close(head.weight), bool((network[0].conv.weight.asnumpy() == before).all()))

# %% L16 the loop that saves into a folder (1.2)
network, head = tuned()
loss_net = nn.WithLossCell(network, loss)
train_net = nn.TrainOneStepCell(loss_net, Momentum(head.trainable_params(), 0.01, 0.9))
for epoch in range(1):
    for data, label in create_dataset(classes=3):
        found = train_net(mindspore.Tensor(data), mindspore.Tensor(label))
    if not os.path.exists("ckpt"):
        os.mkdir("ckpt")
    save_checkpoint(network, f"./ckpt/tuned_epoch{epoch}.ckpt")
print(close(found), os.listdir("ckpt"))

# %% L17 into the head alone, three metrics (1.2)
save_checkpoint(tuned(6)[0], "tuned.ckpt")
network = nn.SequentialCell([features(), ReduceMeanFlatten(), nn.Dense(8, 6), nn.Softmax()])
load_param_into_net(network, load_checkpoint("tuned.ckpt"))
figures = {
    "Loss": nn.Loss(),
    "Top1-Acc": nn.Top1CategoricalAccuracy(),
    "Top5-Acc": nn.Top5CategoricalAccuracy(),
}
model = Model(network, loss_fn=loss, optimizer=None, metrics=figures)
found = model.eval(create_dataset(classes=6), dataset_sink_mode=False)
print({name: float(f"{value:.3g}") for name, value in found.items()})

# %% L18 an optimizer of the network's parameters, loaded too (1.3)
param_dict = load_checkpoint("resnet50-1_4.ckpt")
resnet = resnet50()
opt = Momentum(resnet.trainable_params(), 0.01, 0.9)
print(load_param_into_net(resnet, param_dict)[0], load_param_into_net(opt, param_dict)[0])
model = Model(resnet, SoftmaxCrossEntropyWithLogits(), opt)
model.train(1, create_dataset(one_hot=True), dataset_sink_mode=False)
print(close(opt.moments[0]))

# %% L19 evaluation with its imports (1.5, 1.6)
from mindspore import Model, load_checkpoint
from mindspore.nn import SoftmaxCrossEntropyWithLogits

resnet = resnet50()
load_checkpoint("resnet50-1_4.ckpt", net=resnet)
dataset_eval = create_dataset(one_hot=True)
model = Model(resnet, SoftmaxCrossEntropyWithLogits(), metrics={"accuracy"})
acc = model.eval(dataset_eval, dataset_sink_mode=False)
print(acc)

# %% L20 training with its imports (1.5, 1.6)
from mindspore import Model, load_checkpoint
from mindspore.nn import Momentum, SoftmaxCrossEntropyWithLogits

param_dict = load_checkpoint("resnet50-1_4.ckpt")
resnet = resnet50()
opt = Momentum(resnet.trainable_params(), 0.01, 0.9)
load_param_into_net(resnet, param_dict)
load_param_into_net(opt, param_dict)
model = Model(resnet, SoftmaxCrossEntropyWithLogits(), opt)
model.train(1, create_dataset(one_hot=True), dataset_sink_mode=False)
print(close(resnet.backbone[0].weight))

# %% L21 a checkpoint looked at, changed and saved (1.5, 1.6)
from mindspore import Parameter, Tensor, load_checkpoint, save_checkpoint

param_dict = load_checkpoint("lenet.ckpt")
for key, value in param_dict.items():
    print(key, close(value.data))
del param_dict["conv1.weight"]
param_dict["conv2.weight"] = Parameter(Tensor([0]))
param_dict["fc1.bias"] = Parameter(Tensor([1]))
save_list = []
for key, value in param_dict.items():
    save_list.append({"name": key, "data": value.data})
save_checkpoint(save_list, "new.ckpt")
found = load_checkpoint("new.ckpt")
print(list(found), found["conv2.weight"].asnumpy(), found["fc1.bias"].dtype)
