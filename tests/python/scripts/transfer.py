"""Transfer learning: parameters filtered, a dict edited, what loading returns, callbacks."""

import os

import mindspore as ms
import mindspore.dataset as ds
import numpy as np
from mindspore import Parameter, Tensor, load_checkpoint, load_param_into_net, nn, save_checkpoint
from mindspore.train import Accuracy, Callback, CheckpointConfig, Model, ModelCheckpoint


class Backbone(nn.Cell):
    def __init__(self):
        super().__init__()
        self.features = nn.SequentialCell(
            [
                nn.Conv2d(3, 8, 3, pad_mode="pad", padding=1),
                nn.BatchNorm2d(8),
                nn.ReLU(),
                nn.MaxPool2d(2, 2),
                nn.Conv2d(8, 8, 3),
                nn.BatchNorm2d(8),
                nn.ReLU(),
            ]
        )

    def construct(self, x):
        return self.features(x)


class Classifier(nn.Cell):
    def __init__(self, classes):
        super().__init__()
        self.backbone = Backbone()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.classifier = nn.Dense(8, classes)

    def construct(self, x):
        return self.classifier(self.flatten(self.pool(self.backbone(x))))


def fixed(net, first):
    for number, parameter in enumerate(net.get_parameters()):
        if parameter.name.endswith(("weight", "bias")):
            draws = np.random.RandomState(first + number).randn(*parameter.shape) * 0.3
            parameter.set_data(Tensor(draws.astype(np.float32)))
    return net


old = fixed(Classifier(10), 0)
save_checkpoint(old, "pretrained.ckpt")
found = load_checkpoint("pretrained.ckpt")
print(type(found).__name__, len(found), list(found)[:3])

# the head goes, something strange comes
new = fixed(Classifier(3), 100)
for name in list(found.keys()):
    if "classifier" in name:
        print("without", name, found[name].shape)
        found.pop(name)
found["extra.weight"] = Parameter(Tensor(np.zeros((2, 2), np.float32)), name="extra.weight")
not_loaded, not_used = load_param_into_net(new, found)
print(not_loaded, not_used)
first = [net.backbone.features[0].weight.asnumpy() for net in (new, old)]
print(bool((first[0] == first[1]).all()))

# other names
renamed = {}
for name, value in load_checkpoint("pretrained.ckpt").items():
    value.name = name.replace("backbone.", "encoder.")
    renamed[value.name] = value
save_checkpoint([{"name": name, "data": value} for name, value in renamed.items()], "renamed.ckpt")
print(list(load_checkpoint("renamed.ckpt"))[:2])
try:
    load_param_into_net(new, load_checkpoint("pretrained.ckpt"))
    print("loaded")
except Exception:
    print("refused: the head has another shape")

# the backbone stays, the head is trained at a rate of its own
for parameter in new.get_parameters():
    if parameter.name.startswith("backbone"):
        parameter.requires_grad = False
print(len(new.trainable_params()), len(list(new.get_parameters())), len(new.untrainable_params()))
head = list(filter(lambda p: "classifier" in p.name, new.get_parameters()))
optimizer = nn.SGD([{"params": head, "lr": 0.1}], learning_rate=0.01, momentum=0.9)
loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
draws = np.random.RandomState(1)
images = draws.randn(24, 3, 8, 8).astype(np.float32)
labels = draws.randint(0, 3, 24).astype(np.int32)


def data():
    return ds.NumpySlicesDataset((images, labels), ["image", "label"], shuffle=False).batch(8)


class StopsAtTwo(Callback):
    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_step_end(self, run_context):
        now = run_context.original_args()
        self.seen.append((now.cur_epoch_num, now.cur_step_num, now.batch_num))

    def on_train_epoch_end(self, run_context):
        if run_context.original_args().cur_epoch_num >= 2:
            run_context.request_stop()


watch = StopsAtTwo()
config = CheckpointConfig(save_checkpoint_steps=3, keep_checkpoint_max=2)
saver = ModelCheckpoint("tuned", "tuned", config)
figures = {"acc": Accuracy(), "loss": nn.Loss()}
model = Model(new, loss_fn=loss, optimizer=optimizer, metrics=figures)
before = new.backbone.features[0].weight.asnumpy().copy()
model.train(5, data(), callbacks=[watch, saver], dataset_sink_mode=False)
print(watch.seen[-1], len(watch.seen))
print(sorted(name for name in os.listdir("tuned") if name.endswith("ckpt")))
print(bool((before == new.backbone.features[0].weight.asnumpy()).all()))
print({k: round(float(v), 3) for k, v in model.eval(data(), dataset_sink_mode=False).items()})
print(sorted(load_checkpoint(saver.latest_ckpt_file_name))[:6])
print([round(float(v), 3) for v in model.predict(Tensor(images[:2])).asnumpy()[0]])

# what a network is made of
new.set_train(False)
print(new(ms.Tensor(images[:1])).shape, new.classifier.weight.data.shape)
for name, cell in new.cells_and_names():
    if isinstance(cell, nn.Conv2d):
        print(name, cell.in_channels, cell.kernel_size, cell.has_bias)
part = nn.SequentialCell(list(new.backbone.features)[:4])
print(part(ms.Tensor(images[:1])).shape)
print(new.parameters_dict()["classifier.bias"].name, new.classifier.bias)
