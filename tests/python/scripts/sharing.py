"""A parameter in two cells, as an attribute, and read past its cell: one variable in all of them."""

import mindspore as ms
import numpy as np
from mindspore import Tensor, nn, ops


class Words(nn.Cell):
    def __init__(self, how):
        super().__init__()
        self.how = how
        self.emb = nn.Embedding(11, 6)
        self.mid = nn.Dense(6, 6, activation="tanh")
        self.norm = nn.LayerNorm((6,))
        if how in ("tied", "biased"):
            self.head = nn.Dense(6, 11, has_bias=how == "biased")
            self.head.weight = self.emb.embedding_table
        if how == "attribute":
            self.table = self.emb.embedding_table

    def construct(self, ids):
        h = self.norm(self.mid(self.emb(ids)))
        if self.how == "attribute":
            return ops.matmul(h, self.table.swapaxes(0, 1))
        if self.how == "read":
            return ops.matmul(h, self.emb.embedding_table.T)
        return self.head(h)


ids = Tensor(np.array([[1, 2, 3], [4, 5, 10]], np.int32))
labels = Tensor(np.array([[2, 3, 4], [5, 6, 0]], np.int32))
loss_fn = nn.CrossEntropyLoss()
for how in ("tied", "biased", "attribute", "read"):
    net = Words(how)
    for number, parameter in enumerate(net.get_parameters()):
        draws = np.random.RandomState(number).randn(*parameter.shape)
        parameter.set_data(Tensor(draws.astype(np.float32)))
    print(how, [p.name for p in net.get_parameters()])
    print([float(f"{v:.3g}") for v in net(ids).asnumpy().ravel()[:4]])

    def forward(ids, labels):
        return loss_fn(net(ids).reshape((-1, 11)), labels.reshape((-1,)))

    step = ms.value_and_grad(forward, None, net.trainable_params())
    loss, gradients = step(ids, labels)
    sums = [float(f"{np.abs(each.asnumpy()).sum():.3g}") for each in gradients]
    print(round(float(loss.asnumpy()), 3), sums)
    optimizer = nn.Adam(net.trainable_params(), 1e-2)
    for _ in range(3):
        loss, gradients = step(ids, labels)
        optimizer(gradients)
    print(round(float(step(ids, labels)[0].asnumpy()), 3))
    ms.save_checkpoint(net, "shared.ckpt")
    print(list(ms.load_checkpoint("shared.ckpt")))
