"""The networks of MindSpore's tutorials and model zoo as MindSpore cells; MindSpore runs them."""

from mindspore import nn
from mindspore import ops
from mindspore.common.initializer import Normal


class LeNet5(nn.Cell):
    def __init__(self, num_class=10, num_channel=1):
        super().__init__()
        self.conv1 = nn.Conv2d(num_channel, 6, 5, pad_mode="valid")
        self.conv2 = nn.Conv2d(6, 16, 5, pad_mode="valid")
        self.fc1 = nn.Dense(400, 120, weight_init=Normal(0.02))
        self.fc2 = nn.Dense(120, 84, weight_init=Normal(0.02))
        self.fc3 = nn.Dense(84, num_class, weight_init=Normal(0.02))
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2, 2)
        self.flatten = nn.Flatten()

    def construct(self, x):
        x = self.pool(self.relu(self.conv1(x)))
        x = self.pool(self.relu(self.conv2(x)))
        x = self.relu(self.fc1(self.flatten(x)))
        return self.fc3(self.relu(self.fc2(x)))


class LeNet5WithHead(nn.Cell):
    """What the quickstart edits LeNet5 into: its classifier has another name."""

    def __init__(self, num_class=10):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, pad_mode="valid")
        self.conv2 = nn.Conv2d(6, 16, 5, pad_mode="valid")
        self.fc1 = nn.Dense(400, 120)
        self.fc2 = nn.Dense(120, 84)
        self.head = nn.Dense(84, num_class)
        self.pool = nn.MaxPool2d(2, 2)

    def construct(self, x):
        x = self.pool(ops.relu(self.conv1(x)))
        x = ops.flatten(self.pool(ops.relu(self.conv2(x))))
        return self.head(ops.relu(self.fc2(ops.relu(self.fc1(x)))))


def _conv(cin, cout, k, stride=1):
    return nn.Conv2d(cin, cout, k, stride, pad_mode="same")


class Residual(nn.Cell):
    """One block of either network; ``names`` decides how the shortcut is called."""

    def __init__(self, cin, cout, stride, tutorial, down):
        super().__init__()
        bn = {"momentum": 0.99, "eps": 1e-5} if tutorial else {"momentum": 0.9, "eps": 1e-4}
        mid = cout // 4
        first, second = (stride, 1) if tutorial else (1, stride)
        self.conv1 = _conv(cin, mid, 1, first)
        self.bn1 = nn.BatchNorm2d(mid, **bn)
        self.conv2 = _conv(mid, mid, 3, second)
        self.bn2 = nn.BatchNorm2d(mid, **bn)
        self.conv3 = _conv(mid, cout, 1)
        self.bn3 = nn.BatchNorm2d(cout, **bn)
        self.relu = nn.ReLU()
        self.down, self.tutorial = down, tutorial
        if down and tutorial:
            self.conv_down_sample = _conv(cin, cout, 1, stride)
            self.bn_down_sample = nn.BatchNorm2d(cout, **bn)
        elif down:
            norm = nn.BatchNorm2d(cout, **bn)
            self.down_sample_layer = nn.SequentialCell([_conv(cin, cout, 1, stride), norm])

    def construct(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        if self.down and self.tutorial:
            x = self.bn_down_sample(self.conv_down_sample(x))
        elif self.down:
            x = self.down_sample_layer(x)
        return self.relu(y + x)


class ZooResNet50(nn.Cell):
    def __init__(self, class_num=1001):
        super().__init__()
        self.conv1 = _conv(3, 64, 7, 2)
        self.bn1 = nn.BatchNorm2d(64, momentum=0.9, eps=1e-4)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, pad_mode="same")
        self.layer1 = self._stage(3, 64, 256, 1)
        self.layer2 = self._stage(4, 256, 512, 2)
        self.layer3 = self._stage(6, 512, 1024, 2)
        self.layer4 = self._stage(3, 1024, 2048, 2)
        self.flatten = nn.Flatten()
        self.end_point = nn.Dense(2048, class_num)

    @staticmethod
    def _stage(blocks, cin, cout, stride):
        rest = [Residual(cout, cout, 1, False, False) for _ in range(1, blocks)]
        return nn.SequentialCell([Residual(cin, cout, stride, False, True), *rest])

    def construct(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.end_point(self.flatten(ops.mean(x, (2, 3), True)))


class _Stage(nn.Cell):
    def __init__(self, blocks, cin, cout, stride):
        super().__init__()
        self.blocks = blocks
        self.a = Residual(cin, cout, stride, True, True)
        for name in "bcdef"[: blocks - 1]:
            setattr(self, name, Residual(cout, cout, 1, True, False))

    def construct(self, x):
        x = self.c(self.b(self.a(x)))
        if self.blocks > 3:
            x = self.d(x)
        if self.blocks > 4:
            x = self.f(self.e(x))
        return x


class _Head(nn.Cell):
    def __init__(self):
        super().__init__()
        self.conv1 = _conv(3, 64, 7, 2)
        self.bn1 = nn.BatchNorm2d(64, momentum=0.99, eps=1e-5)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, pad_mode="same")

    def construct(self, x):
        return self.maxpool(self.relu(self.bn1(self.conv1(x))))


class TutorialResNet50(nn.Cell):
    def __init__(self, num_classes=10):
        super().__init__()
        self.head = _Head()
        self.layer1 = _Stage(3, 64, 256, 1)
        self.layer2 = _Stage(4, 256, 512, 2)
        self.layer3 = _Stage(6, 512, 1024, 2)
        self.layer4 = _Stage(3, 1024, 2048, 2)
        self.fc = nn.Dense(2048, num_classes)

    def construct(self, x):
        x = self.layer4(self.layer3(self.layer2(self.layer1(self.head(x)))))
        return self.fc(ops.squeeze(ops.mean(x, (2, 3), True), (2, 3)))
