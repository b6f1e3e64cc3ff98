"""Networks and batches for the snippets: the same numbers under MindSpore and here."""

import mindspore as ms
import numpy as np
from mindspore import Tensor, nn, ops
from mindspore.common.initializer import Normal


class LeNet(nn.Cell):
    def __init__(self, num_class=10, num_channel=1):
        super().__init__()
        self.conv1 = nn.Conv2d(num_channel, 4, 5, pad_mode="valid")
        self.conv2 = nn.Conv2d(4, 6, 5, pad_mode="valid")
        self.fc1 = nn.Dense(6 * 5 * 5, 20, weight_init=Normal(0.02))
        self.fc2 = nn.Dense(20, num_class, weight_init=Normal(0.02))
        self.relu = nn.ReLU()
        self.max_pool2d = nn.MaxPool2d(kernel_size=2, stride=2)
        self.flatten = nn.Flatten()

    def construct(self, x):
        x = self.max_pool2d(self.relu(self.conv1(x)))
        x = self.max_pool2d(self.relu(self.conv2(x)))
        return self.fc2(self.relu(self.fc1(self.flatten(x))))


class Block(nn.Cell):
    """Two convolutions beside an identity, as in a residual network."""

    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, weight_init="XavierUniform")
        self.bn1 = nn.BatchNorm2d(channels, gamma_init="Uniform")
        self.conv2 = nn.Conv2d(channels, channels, 3, has_bias=False, pad_mode="same")
        self.bn2 = nn.BatchNorm2d(channels, beta_init=Tensor(np.zeros(channels, np.float32)))
        self.relu = ops.ReLU()
        self.add = ops.Add()

    def construct(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.add(self.bn2(self.conv2(out)), x))


class ResNet(nn.Cell):
    def __init__(self, num_classes=10):
        super().__init__()
        self.backbone = nn.SequentialCell([nn.Conv2d(3, 4, 3, 2), Block(4)])
        self.pool = ops.ReduceMean(keep_dims=True)
        self.squeeze = ops.Squeeze(axis=(2, 3))
        self.head = nn.Dense(4, num_classes, weight_init="XavierUniform", bias_init="Uniform")
        self.head.pipeline_stage = 0

    def construct(self, x):
        return self.head(self.squeeze(self.pool(self.backbone(x), (2, 3))))


class Features(nn.Cell):
    """What a model hub gives without its top: feature maps."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, 2)
        self.norm = nn.BatchNorm2d(8)
        self.relu = nn.ReLU()

    def construct(self, x):
        return self.relu(self.norm(self.conv(x)))


def resnet50(num_classes=10):
    return fixed(ResNet(num_classes))


def lenet(num_classes=10):
    return fixed(LeNet(num_classes))


def features():
    return fixed(Features())


def fixed(net):
    """The network with first values that are the same everywhere."""
    for number, parameter in enumerate(net.get_parameters()):
        name = parameter.name
        if name.endswith(("weight", "bias")):
            draws = np.random.RandomState(number).randn(*parameter.shape) * 0.2
            parameter.set_data(Tensor(draws.astype(np.float32)))
        elif name.endswith("gamma"):
            parameter.set_data(Tensor(np.ones(parameter.shape, np.float32)))
    return net


def arrays(kind="color", rows=16, classes=10):
    draws = np.random.RandomState(3)
    shape = (rows, 3, 16, 16) if kind == "color" else (rows, 1, 32, 32)
    images = draws.rand(*shape).astype(np.float32)
    return images, draws.randint(0, classes, rows).astype(np.int32)


def create_dataset(kind="color", batch_size=4, one_hot=False, classes=10):
    images, labels = arrays(kind, classes=classes)
    if one_hot:
        labels = np.eye(classes, dtype=np.float32)[labels]
    columns = ["image", "label"]
    return ms.dataset.NumpySlicesDataset((images, labels), columns, shuffle=False).batch(batch_size)


def close(values):
    """The first figures of a tensor, to three digits."""
    array = values.asnumpy() if hasattr(values, "asnumpy") else np.asarray(values)
    return [float(f"{value:.3g}") for value in array.ravel()[:4]]
