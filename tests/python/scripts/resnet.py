"""ResNet50 as Cells: names, order and outputs."""

import mindspore as ms
import numpy as np
from mindspore import Tensor, nn, ops


class Bottleneck(nn.Cell):
    expansion = 4

    def __init__(self, channels, width, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 1, 1)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, pad_mode="pad", padding=1)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, width * self.expansion, 1, 1)
        self.bn3 = nn.BatchNorm2d(width * self.expansion)
        self.relu = nn.ReLU()
        self.down_sample = stride != 1 or channels != width * self.expansion
        self.down_sample_layer = None
        if self.down_sample:
            self.down_sample_layer = nn.SequentialCell(
                [
                    nn.Conv2d(channels, width * self.expansion, 1, stride),
                    nn.BatchNorm2d(width * self.expansion),
                ]
            )

    def construct(self, x):
        identity = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        if self.down_sample:
            identity = self.down_sample_layer(identity)
        return self.relu(out + identity)


class ResNet(nn.Cell):
    def __init__(self, block, layers, classes, width=64):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, stride=2, pad_mode="pad", padding=3)
        self.bn1 = nn.BatchNorm2d(width, eps=1e-4, momentum=0.9)
        self.relu = ops.ReLU()
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, pad_mode="same")
        channels, stages = width, []
        for number, count in enumerate(layers):
            cells = []
            for place in range(count):
                stride = 2 if place == 0 and number else 1
                cells.append(block(channels, width * 2**number, stride))
                channels = width * 2**number * block.expansion
            stages.append(nn.SequentialCell(cells))
        self.layer1, self.layer2, self.layer3, self.layer4 = stages
        self.mean = ops.ReduceMean(keep_dims=True)
        self.flatten = nn.Flatten()
        self.end_point = nn.Dense(channels, classes)

    def construct(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
        out = self.mean(x, (2, 3))
        return self.end_point(self.flatten(out))


net = ResNet(Bottleneck, [3, 4, 6, 3], 10, width=8)
names = [parameter.name for parameter in net.get_parameters()]
print(len(names), names[:6], names[-2:])
for number, parameter in enumerate(net.get_parameters()):
    draws = np.random.RandomState(number)
    scale = 0.05 if parameter.name.endswith("weight") else 0.5
    value = np.abs(draws.randn(*parameter.shape)) * scale
    parameter.set_data(Tensor(value.astype(np.float32)))
image = np.random.RandomState(7).rand(2, 3, 64, 64).astype(np.float32)
out = net(Tensor(image))
print(out.shape, [float(f"{v:.3g}") for v in out.asnumpy().ravel()[:5]])
net.set_train()
out = net(Tensor(image))
print([float(f"{v:.2g}") for v in net.bn1.moving_mean.asnumpy()[:4]])
ms.save_checkpoint(net, "resnet.ckpt")
print(len(ms.load_checkpoint("resnet.ckpt")))
print([name for name, _ in net.cells_and_names()][:8])
