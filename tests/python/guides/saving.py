"""MindSpore's guide on saving models, snippet by snippet of its releases 1.0 to 1.8.

Ours in all but the calls; networks are small ones.
"""

import os
import shutil
import time

import mindspore as ms
import mindspore.dataset as ds
import numpy as np
from mindspore import Model, Tensor, export, load_checkpoint, load_param_into_net, save_checkpoint
from mindspore import dtype as mstype
from mindspore.dataset import vision
from mindspore.nn import Momentum, SoftmaxCrossEntropyWithLogits
from mindspore.train.callback import CheckpointConfig, ModelCheckpoint
from networks import close, create_dataset, lenet, resnet50

save_checkpoint(resnet50(), "resnet50-2_32.ckpt")
picture = np.random.RandomState(1).rand(4, 3, 16, 16).astype(np.float32)


def trainer():
    net = resnet50()
    loss = SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    return Model(net, loss, Momentum(net.trainable_params(), 0.01, 0.9))


def saved(folder="."):
    found = [name for name in os.listdir(folder) if name.endswith((".ckpt", ".safetensors"))]
    return sorted(name for name in found if name != "resnet50-2_32.ckpt")


def clear():
    for name in saved():
        os.remove(name)


def written(name):
    """Whether an export left something, which is removed."""
    found = [each for each in os.listdir(".") if each.startswith(name)]
    for each in found:
        shutil.rmtree(each) if os.path.isdir(each) else os.remove(each)
    return sorted(os.path.splitext(each)[1] for each in found)


# %% S1 a callback that saves at every step (0.1 to 1.6)
from mindspore.train.callback import ModelCheckpoint

clear()
ckpoint_cb = ModelCheckpoint()
trainer().train(1, create_dataset(), callbacks=ckpoint_cb, dataset_sink_mode=False)
print(saved())

# %% S2 every few steps, the newest few kept (0.1 to 1.6)
from mindspore.train.callback import CheckpointConfig, ModelCheckpoint

clear()
config_ck = CheckpointConfig(save_checkpoint_steps=3, keep_checkpoint_max=2)
ckpoint_cb = ModelCheckpoint(prefix="resnet50", directory=None, config=config_ck)
trainer().train(2, create_dataset(), callbacks=ckpoint_cb, dataset_sink_mode=False)
print(saved(), len(load_checkpoint(ckpoint_cb.latest_ckpt_file_name)))

# %% S3 loaded by the serialization module, then MINDIR (1.0)
from mindspore.train.serialization import export, load_checkpoint, load_param_into_net

resnet = resnet50()
print(load_param_into_net(resnet, load_checkpoint("resnet50-2_32.ckpt")))
export(resnet, Tensor(picture), file_name="resnet50-2_32.mindir", file_format="MINDIR")
print(written("resnet50-2_32.mindir"))

# %% S4 loaded by the serialization module, then AIR (1.0)
from mindspore.train.serialization import export, load_checkpoint, load_param_into_net

resnet = resnet50()
load_param_into_net(resnet, load_checkpoint("resnet50-2_32.ckpt"))
export(resnet, Tensor(picture), file_name="resnet50-2_32.air", file_format="AIR")

# %% S5 loaded by the serialization module, then ONNX (1.0)
from mindspore.train.serialization import export, load_checkpoint, load_param_into_net

resnet = resnet50()
load_param_into_net(resnet, load_checkpoint("resnet50-2_32.ckpt"))
export(resnet, Tensor(picture), file_name="resnet50.onnx", file_format="ONNX")
print(written("resnet50.onnx"))

# %% S6 loaded into the network, then MINDIR (1.1 to 1.6)
resnet = resnet50()
load_checkpoint("resnet50-2_32.ckpt", net=resnet)
export(resnet, Tensor(picture), file_name="resnet50_b", file_format="MINDIR")
print(written("resnet50_b"))

# %% S7 loaded into the network, then AIR (1.1 to 1.6)
resnet = resnet50()
load_checkpoint("resnet50-2_32.ckpt", net=resnet)
export(resnet, Tensor(picture), file_name="resnet50_b", file_format="AIR")

# %% S8 loaded into the network, then ONNX (1.1 to 1.6)
resnet = resnet50()
load_checkpoint("resnet50-2_32.ckpt", net=resnet)
export(resnet, Tensor(picture), file_name="resnet50_b", file_format="ONNX")
print(written("resnet50_b"))

# %% S9 the arguments of save_checkpoint (1.5, 1.6; a signature)
import inspect

names = ["save_obj", "ckpt_file_name", "integrated_save", "async_save", "append_dict"]
names += ["enc_key", "enc_mode"]
given = inspect.signature(save_checkpoint).parameters
print([name for name in names if name in given], given["enc_mode"].default)

# %% S10 imports for save_checkpoint (1.5, 1.6)
from mindspore import Tensor, save_checkpoint
from mindspore import dtype as mstype

print(Tensor(1, mstype.int32).dtype)

# %% S11 a network (1.5, 1.6)
clear()
net = lenet()
save_checkpoint(net, "lenet.ckpt")
print(list(load_checkpoint("lenet.ckpt")))

# %% S12 a list of names and tensors (1.5, 1.6)
save_list = [
    {"name": "lr", "data": Tensor(0.01, mstype.float32)},
    {"name": "train_epoch", "data": Tensor(20, mstype.int32)},
]
save_checkpoint(save_list, "hyper_param.ckpt")
found = load_checkpoint("hyper_param.ckpt")
print(
    {name: (value.shape, str(value.dtype), float(value.asnumpy())) for name, value in found.items()}
)

# %% S13 integrated_save (1.5, 1.6)
clear()
save_checkpoint(lenet(), "lenet.ckpt", integrated_save=True)
print(len(load_checkpoint("lenet.ckpt")))

# %% S14 async_save (1.5, 1.6)
clear()
save_checkpoint(lenet(), "lenet.ckpt", async_save=True)
while ms.async_ckpt_thread_status():
    time.sleep(0.05)
print(len(load_checkpoint("lenet.ckpt")))

# %% S15 append_dict (1.5, 1.6)
save_dict = {"epoch_num": 2, "lr": 0.01}
save_checkpoint(lenet(), "lenet.ckpt", append_dict=save_dict)
found = load_checkpoint("lenet.ckpt")
print(list(found)[-2:], int(found["epoch_num"].asnumpy()), close(found["lr"]))

# %% S16 MINDIR with the pipeline of pictures (1.5)
resnet = resnet50()
de_dataset = ds.NumpySlicesDataset({"image": picture}, shuffle=False)
export(resnet, Tensor(picture), file_name="resnet50_c", file_format="MINDIR", dataset=de_dataset)
print(written("resnet50_c"))

# %% S17 a checkpoint of the last step where the training fails (1.6)
clear()
config_ck = CheckpointConfig(save_checkpoint_steps=32, keep_checkpoint_max=10, exception_save=True)
ckpoint_cb = ModelCheckpoint(prefix="resnet50", directory=None, config=config_ck)
trainer().train(1, create_dataset(), callbacks=ckpoint_cb, dataset_sink_mode=False)
print(saved())

# %% S18 MINDIR of a pipeline made with ImageFolderDataset (1.6)
from PIL import Image

for kind in ("cat", "dog"):
    os.makedirs(f"pictures/{kind}", exist_ok=True)
    Image.fromarray(np.full((20, 30, 3), 90, np.uint8)).save(f"pictures/{kind}/one.png")
data_set = ds.ImageFolderDataset("pictures", shuffle=False)
mean, std = [0.485 * 255, 0.456 * 255, 0.406 * 255], [0.229 * 255, 0.224 * 255, 0.225 * 255]
steps = [vision.Decode(), vision.Resize(20), vision.CenterCrop(16)]
steps += [vision.Normalize(mean=mean, std=std), vision.HWC2CHW()]
data_set = data_set.map(operations=steps, input_columns="image")
image, label = next(data_set.create_tuple_iterator(num_epochs=1))
print(image.shape, close(image), label)
resnet = resnet50()
load_checkpoint("resnet50-2_32.ckpt", net=resnet)
export(resnet, data_set.batch(1), file_name="resnet50_d", file_format="MINDIR")
print(written("resnet50_d"))

# %% S19 a policy of steps (1.7)
from mindspore.train.callback import CheckpointConfig

config_ck = CheckpointConfig(save_checkpoint_steps=32, keep_checkpoint_max=10)
print(config_ck.save_checkpoint_steps, config_ck.keep_checkpoint_max)

# %% S20 a policy of seconds and minutes (1.7)
from mindspore.train.callback import CheckpointConfig

config_ck = CheckpointConfig(save_checkpoint_seconds=30, keep_checkpoint_per_n_minutes=3)
print(config_ck.save_checkpoint_seconds, config_ck.keep_checkpoint_per_n_minutes)

# %% S21 a policy that saves where the training fails (1.7)
from mindspore.train.callback import CheckpointConfig, ModelCheckpoint

config_ck = CheckpointConfig(save_checkpoint_steps=32, keep_checkpoint_max=10, exception_save=True)
print(config_ck.save_checkpoint_steps, ModelCheckpoint.__name__)

# %% S22 the name of that checkpoint (1.7; a file name)
from mindspore.train.callback import Callback


class Fails(Callback):
    def on_train_step_end(self, run_context):
        if run_context.original_args().cur_step_num == 2:
            raise RuntimeError("stop")


clear()
config_ck = CheckpointConfig(save_checkpoint_steps=32, exception_save=True)
saver = ModelCheckpoint("resnet50", config=config_ck)
try:
    trainer().train(1, create_dataset(), callbacks=[saver, Fails()], dataset_sink_mode=False)
except RuntimeError as error:
    print(error, saved())

# %% S23 a list of names and tensors with its imports (1.7)
from mindspore import Tensor, save_checkpoint
from mindspore import dtype as mstype

save_list = [{"name": "lr", "data": Tensor(0.01, mstype.float32)}]
save_checkpoint(save_list, "hyper_param.ckpt")
print(load_checkpoint("hyper_param.ckpt")["lr"])

# %% S24 integrated_save of a larger network (1.7)
net = resnet50()
save_checkpoint(net, "resnet50-a.ckpt", integrated_save=True)
print(len(load_checkpoint("resnet50-a.ckpt")))

# %% S25 async_save of a larger network (1.7)
save_checkpoint(resnet50(), "resnet50-b.ckpt", async_save=True)
while ms.async_ckpt_thread_status():
    time.sleep(0.05)
print(len(load_checkpoint("resnet50-b.ckpt")))

# %% S26 append_dict of a larger network (1.7)
save_dict = {"epoch_num": 2, "lr": 0.01}
save_checkpoint(resnet50(), "resnet50-c.ckpt", append_dict=save_dict)
print(list(load_checkpoint("resnet50-c.ckpt"))[-2:])

# %% S27 the head filtered out of a checkpoint (1.7)
from mindspore import load_checkpoint, load_param_into_net

resnet = resnet50(2)
param_dict = load_checkpoint("resnet50-2_32.ckpt")
param_filter = [x.name for x in resnet.head.get_parameters()]


def filter_ckpt_parameter(origin_dict, param_filter):
    for key in list(origin_dict.keys()):
        for name in param_filter:
            if name in key:
                print("Delete parameter from checkpoint:", key)
                del origin_dict[key]
                break


filter_ckpt_parameter(param_dict, param_filter)
print(load_param_into_net(resnet, param_dict))

# %% S28 MINDIR of one picture (1.7)
resnet = resnet50()
load_checkpoint("resnet50-2_32.ckpt", net=resnet)
export(resnet, Tensor(picture[:1]), file_name="resnet50_e", file_format="MINDIR")
print(written("resnet50_e"))

# %% S29 MINDIR of a pipeline that is batched (1.7)
resnet = resnet50()
load_checkpoint("resnet50-2_32.ckpt", net=resnet)
de_dataset = ds.NumpySlicesDataset({"image": picture}, shuffle=False).batch(1)
export(resnet, de_dataset, file_name="resnet50_f", file_format="MINDIR")
print(written("resnet50_f"))

# %% S30 AIR of one picture (1.7)
resnet = resnet50()
load_checkpoint("resnet50-2_32.ckpt", net=resnet)
export(resnet, Tensor(picture[:1]), file_name="resnet50_g", file_format="AIR")

# %% S31 ONNX of one picture (1.7)
resnet = resnet50()
load_checkpoint("resnet50-2_32.ckpt", net=resnet)
export(resnet, Tensor(picture[:1]), file_name="resnet50_h", file_format="ONNX")
print(written("resnet50_h"))

# %% S32 a policy of steps, from the top (1.8)
config_ck = ms.CheckpointConfig(save_checkpoint_steps=32, keep_checkpoint_max=10)
print(config_ck.integrated_save, config_ck.async_save)

# %% S33 a policy of seconds and minutes, from the top (1.8)
config_ck = ms.CheckpointConfig(save_checkpoint_seconds=30, keep_checkpoint_per_n_minutes=3)
print(config_ck.save_checkpoint_seconds, config_ck.keep_checkpoint_per_n_minutes)

# %% S34 a policy that saves where the training fails, from the top (1.8)
clear()
config_ck = ms.CheckpointConfig(
    save_checkpoint_steps=32, keep_checkpoint_max=10, exception_save=True
)
saver = ms.ModelCheckpoint("resnet50", config=config_ck)
trainer().train(1, create_dataset(), callbacks=saver, dataset_sink_mode=False)
print(saved())

# %% S35 a list of names and tensors, from the top (1.8)
save_list = [{"name": "lr", "data": ms.Tensor(0.01, ms.float32)}]
save_list += [{"name": "train_epoch", "data": ms.Tensor(20, ms.int32)}]
ms.save_checkpoint(save_list, "hyper_param.ckpt")
print(sorted(ms.load_checkpoint("hyper_param.ckpt")))

# %% S36 integrated_save, from the top (1.8)
net = resnet50()
ms.save_checkpoint(net, "resnet50-a.ckpt", integrated_save=True)
print(len(ms.load_checkpoint("resnet50-a.ckpt")))

# %% S37 async_save, from the top (1.8)
ms.save_checkpoint(resnet50(), "resnet50-b.ckpt", async_save=True)
while ms.async_ckpt_thread_status():
    time.sleep(0.05)
print(len(ms.load_checkpoint("resnet50-b.ckpt")))

# %% S38 append_dict, from the top (1.8)
save_dict = {"epoch_num": 2, "lr": 0.01}
ms.save_checkpoint(resnet50(), "resnet50-c.ckpt", append_dict=save_dict)
print(close(ms.load_checkpoint("resnet50-c.ckpt")["lr"]))

# %% S39 the head filtered out, from the top (1.8)
resnet = resnet50(2)
param_dict = ms.load_checkpoint("resnet50-2_32.ckpt")
heads = [x.name for x in resnet.head.get_parameters()]
for key in list(param_dict.keys()):
    if any(name in key for name in heads):
        print("Delete parameter from checkpoint:", key)
        del param_dict[key]
print(ms.load_param_into_net(resnet, param_dict))

# %% S40 MINDIR, from the top (1.8)
resnet = resnet50()
ms.load_checkpoint("resnet50-2_32.ckpt", net=resnet)
ms.export(resnet, ms.Tensor(picture[:1]), file_name="resnet50_i", file_format="MINDIR")
print(written("resnet50_i"))

# %% S41 MINDIR of a pipeline, from the top (1.8)
resnet = resnet50()
ms.load_checkpoint("resnet50-2_32.ckpt", net=resnet)
de_dataset = ds.NumpySlicesDataset({"image": picture}, shuffle=False).batch(1)
ms.export(resnet, de_dataset, file_name="resnet50_j", file_format="MINDIR")
print(written("resnet50_j"))

# %% S42 ONNX, from the top (1.8)
resnet = resnet50()
ms.load_checkpoint("resnet50-2_32.ckpt", net=resnet)
ms.export(resnet, ms.Tensor(picture[:1]), file_name="resnet50_k", file_format="ONNX")
print(written("resnet50_k"))

# %% S43 AIR, from the top (1.8)
resnet = resnet50()
ms.load_checkpoint("resnet50-2_32.ckpt", net=resnet)
ms.export(resnet, ms.Tensor(picture[:1]), file_name="resnet50_l", file_format="AIR")
