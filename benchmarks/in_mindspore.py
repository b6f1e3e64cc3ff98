"""MindSpore's part of benchmarks/training.py: told ``infer N`` or ``train N`` in lines,
says what a step took.
"""

import os
import sys
import time

os.environ.setdefault("ONEDNN_MAX_CPU_ISA", "AVX2")

import mindspore as ms
import numpy as np
from mindspore import Tensor, nn, ops

from tests.oracle import networks


class BertLayer(nn.Cell):
    def __init__(self, size=256, heads=4, inner=1024, length=128):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Dense(size, size) for _ in range(4))
        self.norm1, self.norm2 = nn.LayerNorm((size,)), nn.LayerNorm((size,))
        self.wide, self.narrow = nn.Dense(size, inner), nn.Dense(inner, size)
        self.size, self.heads, self.length = size, heads, length

    def split(self, x):
        x = ops.reshape(x, (-1, self.length, self.heads, self.size // self.heads))
        return ops.transpose(x, (0, 2, 1, 3))

    def construct(self, x):
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        scores = ops.matmul(q, ops.swapaxes(k, 2, 3)) * (self.size // self.heads) ** -0.5
        mixed = ops.transpose(ops.matmul(ops.softmax(scores, -1), v), (0, 2, 1, 3))
        mixed = self.out(ops.reshape(mixed, (-1, self.length, self.size)))
        y = self.norm1(x + mixed)
        return self.norm2(y + self.narrow(ops.gelu(self.wide(y))))


def main() -> None:
    name = sys.argv[1]
    ms.set_context(mode=ms.GRAPH_MODE)
    source = np.random.default_rng(0)
    if name == "bert":
        net, loss = BertLayer(), nn.MSELoss()
        x, y = (source.normal(size=(8, 128, 256)).astype(np.float32) for _ in range(2))
    else:
        net = networks.LeNet5() if name == "lenet" else networks.ZooResNet50()
        loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
        shape = (32, 1, 32, 32) if name == "lenet" else (8, 3, 128, 128)
        x, y = (
            source.normal(size=shape).astype(np.float32),
            np.arange(shape[0], dtype=np.int32) % 10,
        )
    optimizer = nn.Momentum(net.trainable_params(), 0.001, 0.9)
    step = nn.TrainOneStepCell(nn.WithLossCell(net, loss), optimizer).set_train()
    for line in sys.stdin:
        what, steps = line.split()
        net.set_train(what == "train")
        start = time.perf_counter()
        for _ in range(int(steps)):
            result = step(Tensor(x), Tensor(y)) if what == "train" else net(Tensor(x))
            result.asnumpy()
        print("took", (time.perf_counter() - start) / int(steps), flush=True)


if __name__ == "__main__":
    main()
