"""A loop of one's own: compiled steps, a scaled loss, clipped gradients, groups, a list of rates."""

import mindspore as ms
import mindspore.dataset as ds
import numpy as np
from mindspore import Parameter, Tensor, nn, ops
from mindspore.amp import DynamicLossScaler, StaticLossScaler, all_finite
from mindspore.common.initializer import HeNormal, initializer
from mindspore.dataset import transforms


class Source:
    def __init__(self, count):
        draws = np.random.RandomState(0)
        self.data = draws.randn(count, 3, 8, 8).astype(np.float32)
        self.labels = (self.data.mean((1, 2, 3)) > 0).astype(np.int64)

    def __getitem__(self, index):
        return self.data[index], self.labels[index]

    def __len__(self):
        return len(self.data)


def loader(count, train):
    data = ds.GeneratorDataset(Source(count), ["data", "label"], shuffle=False)
    data = data.map(transforms.TypeCast(ms.int32), "label")
    return data.batch(16, drop_remainder=train)


class Net(nn.Cell):
    def __init__(self, classes=2):
        super().__init__()
        self.blocks = nn.CellList(
            [
                nn.Conv2d(3 if n == 0 else 8, 8, 3, has_bias=True, weight_init=HeNormal())
                for n in range(2)
            ]
        )
        self.norm = nn.BatchNorm2d(8)
        self.scale = Parameter(initializer("ones", (8, 1, 1), ms.float32), name="scale")
        self.fc = nn.Dense(8, classes)
        self.drop = nn.Dropout(p=0.0)

    def construct(self, x):
        for block in self.blocks:
            x = ops.relu(block(x))
        x = ops.mean(self.norm(x) * self.scale, (2, 3))
        return self.fc(self.drop(x))


ms.set_context(mode=ms.PYNATIVE_MODE)
net = Net()
for number, parameter in enumerate(net.get_parameters()):
    if parameter.name.endswith(("weight", "bias")):
        draws = np.random.RandomState(number).randn(*parameter.shape) * 0.2
        parameter.set_data(Tensor(draws.astype(np.float32)))
for name, parameter in net.parameters_and_names():
    print(name, parameter.shape, parameter.requires_grad)
train, valid = loader(70, True), loader(40, False)
steps = train.get_dataset_size()
rates = nn.cosine_decay_lr(1e-4, 1e-2, total_step=3 * steps, step_per_epoch=steps, decay_epoch=3)
print(steps, [round(rate, 5) for rate in rates[:5]])
decayed = [p for p in net.trainable_params() if "weight" in p.name]
others = [p for p in net.trainable_params() if "weight" not in p.name]
groups = [{"params": decayed, "weight_decay": 0.01}, {"params": others}]
optimizer = nn.AdamWeightDecay(groups, learning_rate=rates, weight_decay=0.0)
loss_fn = nn.CrossEntropyLoss(label_smoothing=0.1)
scaler = DynamicLossScaler(scale_value=2**10, scale_factor=2, scale_window=5)


def forward(x, y):
    logits = net(x)
    return scaler.scale(loss_fn(logits, y)), logits


step_of = ms.value_and_grad(forward, None, optimizer.parameters, has_aux=True)


@ms.jit
def train_step(x, y):
    (loss, logits), gradients = step_of(x, y)
    gradients = scaler.unscale(gradients)
    finite = all_finite(gradients)
    if finite:
        optimizer(ops.clip_by_global_norm(gradients, 1.0))
    scaler.adjust(finite)
    return scaler.unscale(loss), logits


for epoch in range(3):
    net.set_train()
    total = 0.0
    for x, y in train.create_tuple_iterator():
        loss, logits = train_step(x, y)
        total += float(loss.asnumpy())
    net.set_train(False)
    metric = nn.Accuracy("classification")
    metric.clear()
    right = count = 0
    for x, y in valid.create_tuple_iterator(num_epochs=1):
        found = net(x)
        metric.update(found, y)
        right += int((found.argmax(1) == y).asnumpy().sum())
        count += y.shape[0]
    print(f"epoch {epoch}: {metric.eval():.3f} {right / count:.3f} {logits.shape}")
    print(int(scaler.scale_value.asnumpy()), int(scaler.counter.asnumpy()))
scaler.adjust(Tensor(False))
print(int(scaler.scale_value.asnumpy()), bool(all_finite((Tensor([1.0, np.inf]),))))
print([float(t.asnumpy()[0]) for t in StaticLossScaler(4.0).scale((Tensor([1.0]), Tensor([2.0])))])


@ms.jit
def polynomial(a, factor=2):
    total = a * factor
    for number in range(3):
        total = total + number
    if factor > 1:
        total = total * 2
    return total


print(polynomial(Tensor(np.array([1.0, 2.0], np.float32))).asnumpy())
print(ops.grad(lambda a: (a**3).sum())(Tensor(np.array([1.0, 2.0], np.float32))).asnumpy())
