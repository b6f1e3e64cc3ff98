"""What MindSpore's guide on saving checkpoints shows, in calls of our own."""

import os

import mindspore
import mindspore as ms
import numpy as np
from lenet import LeNet5, batches
from mindspore import Model, Tensor, nn, save_checkpoint
from mindspore import dtype as mstype
from mindspore.train.callback import CheckpointConfig, LossMonitor, ModelCheckpoint

images, labels = (np.concatenate(part) for part in zip(*batches(4)))
data = ms.dataset.NumpySlicesDataset({"image": images, "label": labels}, shuffle=False).batch(32)
net = LeNet5()
ms.load_checkpoint("lenet.ckpt", net)
loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
optimizer = nn.Momentum(net.trainable_params(), learning_rate=0.01, momentum=0.9)
model = Model(net, loss, optimizer, metrics={"accuracy"})


def files(folder):
    return sorted(name for name in os.listdir(folder) if name.endswith((".ckpt", ".safetensors")))


# while a model trains
model.train(1, data, callbacks=ModelCheckpoint(directory="plain"), dataset_sink_mode=False)
print(files("plain"))
config = CheckpointConfig(save_checkpoint_steps=2, keep_checkpoint_max=3)
saver = ModelCheckpoint(prefix="lenet", directory="kept", config=config)
model.train(2, data, callbacks=[saver, LossMonitor(100)], dataset_sink_mode=False)
print(files("kept"), os.path.basename(saver.latest_ckpt_file_name))
model.train(1, data, callbacks=ModelCheckpoint("lenet", "kept", config), dataset_sink_mode=False)
print(files("kept"))
config = CheckpointConfig(
    save_checkpoint_steps=4, saved_network=net, append_info=["epoch_num", "step_num", {"lr": 0.01}]
)
model.train(1, data, callbacks=ModelCheckpoint("info", "info", config), dataset_sink_mode=False)
found = ms.load_checkpoint("info/info-1_4.ckpt")
print(len(found), int(found["epoch_num"].asnumpy()), int(found["step_num"].asnumpy()))
secret = CheckpointConfig(4, enc_key=b"0123456789ABCDEF", enc_mode="AES-GCM")
model.train(1, data, callbacks=ModelCheckpoint("secret", "secret", secret), dataset_sink_mode=False)
found = ms.load_checkpoint("secret/secret-1_4.ckpt", dec_key=b"0123456789ABCDEF")
print(len(found))
checked = CheckpointConfig(4, crc_check=True)
model.train(1, data, callbacks=ModelCheckpoint("crc", "crc", checked), dataset_sink_mode=False)
print(len(ms.load_checkpoint("crc/crc-1_4.ckpt", crc_check=True)))
tensors = CheckpointConfig(4, format="safetensors")
model.train(1, data, callbacks=ModelCheckpoint("st", "st", tensors), dataset_sink_mode=False)
print(files("st"), len(ms.load_checkpoint("st/st-1_4.safetensors", format="safetensors")))

# at any time
save_checkpoint(net, "net.ckpt")
print(len(ms.load_checkpoint("net.ckpt")))
save_list = [
    {"name": "lr", "data": Tensor(0.01, mstype.float32)},
    {"name": "train_epoch", "data": Tensor(20, mstype.int32)},
]
save_checkpoint(save_list, "hyper_param.ckpt")
print(int(ms.load_checkpoint("hyper_param.ckpt")["train_epoch"].asnumpy()))
save_checkpoint(net, "a.ckpt", integrated_save=True)
save_checkpoint(net, "b.ckpt", async_save=True)
while mindspore.async_ckpt_thread_status():
    pass
save_checkpoint(net, "c.ckpt", append_dict={"epoch_num": 2, "lr": 0.01, "note": "text"})
found = ms.load_checkpoint("c.ckpt")
print(len(found), float(found["lr"].asnumpy()), found["note"])
save_checkpoint(net, "d.ckpt", choice_func=lambda name: name.startswith("fc"))
print(len(ms.load_checkpoint("d.ckpt")))
save_checkpoint(net.trainable_params(), "e.ckpt")
save_checkpoint(net.parameters_dict(), "f.ckpt")
print(len(ms.load_checkpoint("e.ckpt")), len(ms.load_checkpoint("f.ckpt")))
save_checkpoint(net, "g", format="safetensors")
print(files("."))
ms.ckpt_to_safetensors("net.ckpt", "converted")
print(files("converted"))


# a network made of cells alone
def network():
    return nn.SequentialCell(
        nn.Flatten(),
        nn.Dense(28 * 28, 64),
        nn.ReLU(),
        nn.Dense(64, 32),
        nn.ReLU(),
        nn.Dense(32, 10),
    )


mindspore.save_checkpoint(network(), "model.ckpt")
model = network()
not_loaded, _ = mindspore.load_param_into_net(model, mindspore.load_checkpoint("model.ckpt"))
print(not_loaded, model(Tensor(np.ones([1, 1, 28, 28]).astype(np.float32))).shape)
