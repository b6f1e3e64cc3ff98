"""What MindSpore's guide on loading checkpoints shows, in calls of our own."""

import mindspore as ms
import numpy as np
from lenet import LeNet5, batches
from mindspore import (
    Model,
    Parameter,
    Tensor,
    load_checkpoint,
    load_param_into_net,
    nn,
    save_checkpoint,
)


def say(*values):
    print(*values)


def close(values):
    return [float(f"{v:.3g}") for v in np.asarray(values).ravel()[:4]]


# a checkpoint as a dict
param_dict = load_checkpoint("lenet.ckpt")
say(len(param_dict), list(param_dict)[:3])
for name, value in list(param_dict.items())[:2]:
    say(name, value.shape, value.dtype, close(value.data.asnumpy()))
say(close(load_checkpoint("lenet.ckpt", filter_prefix="fc")["conv1.weight"].asnumpy()))
say(sorted(load_checkpoint("lenet.ckpt", specify_prefix=["conv1", "fc3"])))
say(len(load_checkpoint("lenet.ckpt", choice_func=lambda name: name.endswith("bias"))))

# into a network, for inference
net = LeNet5()
not_loaded, _ = load_param_into_net(net, param_dict)
say(not_loaded)
load_checkpoint("lenet.ckpt", net=net)
images, labels = batches(1)[0]
outputs = net(Tensor(images))
say(outputs.shape, close(outputs.asnumpy()))
loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
say(close(loss(outputs, Tensor(labels)).asnumpy()))
model = Model(net, loss, metrics={"accuracy"})
data = ms.dataset.NumpySlicesDataset((images, labels), ["image", "label"], shuffle=False).batch(32)
say(model.eval(data, dataset_sink_mode=False))
say(close(model.predict(Tensor(images)).asnumpy()))

# into network and optimizer, for training
net = LeNet5()
optimizer = nn.Momentum(net.trainable_params(), 0.01, 0.9)
load_param_into_net(net, param_dict)
load_param_into_net(optimizer, param_dict)
model = Model(net, loss, optimizer)
model.train(1, data, dataset_sink_mode=False)
say(close(net.fc3.bias.asnumpy()))

# a new head, the rest frozen
net = LeNet5(num_class=4)
for name in [name for name in param_dict if name.startswith("fc3.")]:
    param_dict.pop(name)
rest = {name: value for name, value in param_dict.items() if name in net.parameters_dict()}
say(load_param_into_net(net, rest)[0])
for parameter in net.get_parameters():
    parameter.requires_grad = parameter.name.startswith("fc3")
say([parameter.name for parameter in net.trainable_params()])

# changed and saved
param_dict = load_checkpoint("lenet.ckpt")
del param_dict["conv1.weight"]
param_dict["conv2.weight"] = Parameter(Tensor([0]))
param_dict["fc1.bias"] = Parameter(Tensor(np.ones(3), ms.float32), name="fc1.bias")
save_checkpoint(
    [{"name": key, "data": value.data} for key, value in param_dict.items()], "new.ckpt"
)
found = load_checkpoint("new.ckpt")
say("conv1.weight" in found, found["conv2.weight"].asnumpy(), found["fc1.bias"].shape)
say(ms.load_checkpoint_async("lenet.ckpt").result()["fc1.bias"].shape)
say(load_param_into_net(LeNet5(), load_checkpoint("lenet.ckpt"), True)[0])
