"""The MNIST pipeline and a training on it, with loops of one's own, too."""

import mindspore as ms
import mindspore.dataset as ds
import numpy as np
from lenet import LeNet5
from mindspore import context, nn, ops
from mindspore import dtype as mstype
from mindspore.common import set_seed
from mindspore.dataset import transforms, vision
from mindspore.dataset.vision import Inter
from mindspore.train import Accuracy, EarlyStopping, History, LambdaCallback, Model

context.set_context(mode=context.PYNATIVE_MODE, device_target="CPU")
set_seed(1)


def create_dataset(path, batch_size=32, shuffle=False):
    data = ds.MnistDataset(path, usage="train", shuffle=shuffle)
    resize = vision.Resize((32, 32), interpolation=Inter.LINEAR)
    rescale = vision.Rescale(1.0 / 255.0, 0.0)
    normalize = vision.Rescale(1 / 0.3081, -1 * 0.1307 / 0.3081)
    data = data.map(operations=transforms.TypeCast(mstype.int32), input_columns="label")
    data = data.map(operations=resize, input_columns="image")
    data = data.map(operations=[rescale, normalize], input_columns="image")
    data = data.map(operations=vision.HWC2CHW(), input_columns="image")
    return data.batch(batch_size, drop_remainder=True)


data = create_dataset("MNIST")
print(data.get_dataset_size(), data.get_batch_size(), data.get_col_names())
for image, label in data.create_tuple_iterator():
    print(image.shape, image.dtype, label.shape, label.dtype)
    print(np.round(image.asnumpy().mean(), 4), label.asnumpy()[:8])
    break

net = LeNet5()
ms.load_checkpoint("lenet.ckpt", net)
loss_fn = nn.CrossEntropyLoss()
optimizer = nn.SGD(net.trainable_params(), 0.05)
model = Model(net, loss_fn, optimizer, metrics={"accuracy": Accuracy()})
history = History()
losses = []
keep = LambdaCallback(
    on_train_epoch_end=lambda c: losses.append(float(c.original_args().net_outputs.asnumpy()))
)
model.fit(
    2, data, data, callbacks=[history, keep, EarlyStopping(patience=5)], dataset_sink_mode=False
)
print([round(value, 3) for value in losses], history.epoch)
print(
    {
        name: round(float(value), 3)
        for name, value in model.eval(data, dataset_sink_mode=False).items()
    }
)

# a loop of its own
net = LeNet5()
ms.load_checkpoint("lenet.ckpt", net)
optimizer = nn.Adam(net.trainable_params(), 1e-3)


def forward(images, labels):
    logits = net(images)
    return loss_fn(logits, labels), logits


grad_fn = ms.value_and_grad(forward, None, optimizer.parameters, has_aux=True)
net.set_train()
for step, (images, labels) in enumerate(data.create_tuple_iterator()):
    (loss, logits), grads = grad_fn(images, labels)
    optimizer(grads)
    if step % 2 == 0:
        right = (logits.argmax(1) == labels).astype(ms.float32).mean()
        print(step, round(float(loss.asnumpy()), 3), round(float(right.asnumpy()), 3))

# steps as a cell
net = LeNet5()
ms.load_checkpoint("lenet.ckpt", net)
step = nn.TrainOneStepCell(
    nn.WithLossCell(net, loss_fn), nn.Momentum(net.trainable_params(), 0.05, 0.9)
)
step.set_train()
for images, labels in data.create_tuple_iterator():
    print(round(float(step(images, labels).asnumpy()), 3))
grads = ops.GradOperation(get_by_list=True)(
    nn.WithLossCell(net, loss_fn), ms.ParameterTuple(net.trainable_params())
)(images, labels)
print(len(grads), grads[0].shape)
