"""Golden tables and outputs of the library specs; a part of tests/oracle/generate.py.

Needs MindCV beside MindSpore (``pip install --no-deps mindcv tqdm pyyaml``). The Cells here are
those no package holds.
"""

import gzip
import json

import numpy as np
from mindspore import Tensor, nn, ops

from tests.oracle import inputs
from tests.oracle.zoo import ZOO


class AlexNet(nn.Cell):
    def __init__(self, num_classes=10, channel=3):
        super().__init__()
        self.conv1 = nn.Conv2d(channel, 64, 11, stride=4, has_bias=True)
        self.conv2 = nn.Conv2d(64, 128, 5, has_bias=True)
        self.conv3 = nn.Conv2d(128, 192, 3, has_bias=True)
        self.conv4 = nn.Conv2d(192, 256, 3, has_bias=True)
        self.conv5 = nn.Conv2d(256, 256, 3, has_bias=True)
        self.fc1 = nn.Dense(6 * 6 * 256, 4096)
        self.fc2 = nn.Dense(4096, 4096)
        self.fc3 = nn.Dense(4096, num_classes)


def _double(cin, cout):
    return nn.SequentialCell(
        nn.Conv2d(cin, cout, 3, has_bias=True),
        nn.BatchNorm2d(cout),
        nn.ReLU(),
        nn.Conv2d(cout, cout, 3, has_bias=True),
        nn.BatchNorm2d(cout),
        nn.ReLU(),
    )


class Up(nn.Cell):
    def __init__(self, cin, cout):
        super().__init__()
        self.up = nn.Conv2dTranspose(cin, cout, 2, stride=2, has_bias=True)
        self.conv = _double(2 * cout, cout)

    def construct(self, x, skip):
        return self.conv(ops.concat((skip, self.up(x)), 1))


class UNet(nn.Cell):
    def __init__(self, classes=2, channels=1, base=16):
        super().__init__()
        self.inc = _double(channels, base)
        self.down1 = _double(base, base * 2)
        self.down2 = _double(base * 2, base * 4)
        self.down3 = _double(base * 4, base * 8)
        self.up1 = Up(base * 8, base * 4)
        self.up2 = Up(base * 4, base * 2)
        self.up3 = Up(base * 2, base)
        self.out = nn.Conv2d(base, classes, 1, has_bias=True)
        self.pool = nn.MaxPool2d(2, 2)

    def construct(self, x):
        one = self.inc(x)
        two = self.down1(self.pool(one))
        three = self.down2(self.pool(two))
        four = self.down3(self.pool(three))
        x = self.up1(four, three)
        x = self.up2(x, two)
        return self.out(self.up3(x, one))


class Siamese(nn.Cell):
    """Two images into two embeddings of one encoder."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.SequentialCell(
            nn.Conv2d(1, 8, 3, has_bias=True),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(8, 16, 3, has_bias=True),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Flatten(),
            nn.Dense(16 * 7 * 7, 32),
        )

    def construct(self, left, right):
        left, right = self.encoder(left), self.encoder(right)
        return left, ops.sqrt(((left - right) ** 2).sum(1) + 1e-6)


class WideDeep(nn.Cell):
    """Fields of a vocabulary with values: a linear part and a deep one."""

    def __init__(self, vocab=50, fields=5, size=8):
        super().__init__()
        self.wide = nn.Embedding(vocab, 1)
        self.deep = nn.Embedding(vocab, size)
        self.dense1 = nn.Dense(fields * size, 32)
        self.dense2 = nn.Dense(32, 16)
        self.dense3 = nn.Dense(16, 1)

    def construct(self, ids, values):
        scale = values.expand_dims(2)
        wide = (self.wide(ids) * scale).sum(1)
        deep = ops.reshape(self.deep(ids) * scale, (ids.shape[0], -1))
        deep = ops.relu(self.dense2(ops.relu(self.dense1(deep))))
        return ops.sigmoid(wide + self.dense3(deep))


def zoo(golden, fill):
    from mindcv import models
    from mindcv.models.vgg import VGG
    from mindcv.models.vit import VisionTransformer

    scope = {**globals(), "models": models, "VGG": VGG, "VisionTransformer": VisionTransformer}

    tables, found = {}, {}
    for name, (_, _, expression, shape) in ZOO.items():
        net = eval(expression, scope)
        tables[name] = [[p.name, list(p.shape), p.requires_grad] for p in net.get_parameters()]
        if shape is None:
            continue
        fill(net)
        given = [Tensor(x) for x in inputs.images(name, shape)]
        results = net.set_train(False)(*given)
        results = results if isinstance(results, tuple) else (results,)
        for index, result in enumerate(results):
            found[f"{name}/{index}"] = result.asnumpy()
        print(name, flush=True)
    with gzip.GzipFile(golden / "zoo.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(tables).encode())
    np.savez_compressed(golden / "zoo.npz", **found)
