"""Golden data, written by MindSpore into tests/golden. Run with MindSpore's Python:

    .venv-mindspore/bin/python tests/oracle/generate.py [PART]...
    .venv-mindspore/bin/python tests/oracle/generate.py zoo_training=NETWORK,NETWORK

The second form trains those networks alone; what is there of others is kept.

Everything follows from the seeds here, so that a second run writes the same numbers up to the
rounding of MindSpore's kernels. Without the setting below those are a slow reference on some CPUs.
"""

import os

os.environ.setdefault("ONEDNN_MAX_CPU_ISA", "AVX2")

import json
import platform
import shutil
import sys
import tempfile
from pathlib import Path

import mindspore as ms
import mindspore.common.initializer as init
from mindspore.dataset import vision
import numpy as np
from mindspore import Model, Parameter, Tensor, nn
from mindspore.train.callback import CheckpointConfig, ModelCheckpoint

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT.parent))
from tests.oracle import cells, generate_training, generate_zoo, inputs, networks
from tests.oracle import signatures as taken
from tests.oracle.ops import OPS

GOLDEN = ROOT / "golden"


class Losses(ms.train.Callback):
    """The loss of every step."""

    def __init__(self):
        super().__init__()
        self.values = []

    def step_end(self, run_context):
        self.values.append(float(run_context.original_args().net_outputs.asnumpy()))


def fill(net):
    """Give every parameter the value that belongs to its name."""
    for parameter in net.get_parameters():
        parameter.set_data(Tensor(inputs.parameter(parameter.name, parameter.shape)))


def dataset(first, count):
    batches = list(inputs.batches(first + count))[first:]
    images, labels = (np.concatenate(part) for part in zip(*batches, strict=True))
    data = {"image": images, "label": labels}
    return ms.dataset.NumpySlicesDataset(data, shuffle=False).batch(32)


def lenet():
    """Train, save with optimizer state, go on training: what a resume must reproduce."""
    net = networks.LeNet5()
    fill(net)
    x = inputs.numbers((16, 1, 32, 32), "lenet")
    before = net(Tensor(x)).asnumpy()
    ms.save_checkpoint(net, str(GOLDEN / "lenet_filled.ckpt"))
    optimizer = nn.Momentum(net.trainable_params(), 0.01, 0.9)
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    model = Model(net, loss, optimizer, metrics={"accuracy", "loss"})
    first, later = Losses(), Losses()
    with tempfile.TemporaryDirectory() as folder:
        config = CheckpointConfig(save_checkpoint_steps=5)
        saver = ModelCheckpoint("lenet", folder, config)
        model.train(1, dataset(0, 5), callbacks=[first, saver], dataset_sink_mode=False)
        shutil.copyfile(Path(folder) / "lenet-1_5.ckpt", GOLDEN / "lenet-1_5.ckpt")
    middle = net(Tensor(x)).asnumpy()
    figures = model.eval(dataset(0, 5))
    model.train(1, dataset(5, 10), callbacks=[later], dataset_sink_mode=False)
    after = {f"after.{p.name}": p.asnumpy() for p in net.get_parameters()}
    np.savez_compressed(
        GOLDEN / "lenet.npz",
        before=before,
        middle=middle,
        first=first.values,
        later=later.values,
        accuracy=figures["accuracy"],
        loss=figures["loss"],
        final_bias=after["after.fc3.bias"],
    )


def resnets():
    tables, outputs = {}, {}
    made = {
        "lenet": networks.LeNet5(),
        "resnet50": networks.ZooResNet50(),
        "tutorial_resnet50": networks.TutorialResNet50(),
    }
    for name, net in made.items():
        tables[name] = [[p.name, list(p.shape), p.requires_grad] for p in net.get_parameters()]
        if name != "lenet":
            fill(net)
            x = inputs.numbers((2, 3, 64, 64), name)
            outputs[name] = net.set_train(False)(Tensor(x)).asnumpy()
    (GOLDEN / "parameters.json").write_text(json.dumps(tables, indent=0) + "\n")
    np.savez_compressed(GOLDEN / "resnets.npz", **outputs)


def cell_cases():
    """Forward in eval and training, gradients, and the parameters after two training steps."""
    found = {}
    for name, row in cells.CELLS.items():
        expression = row[1]
        cell = eval(expression, {"nn": nn, "init": init})
        wrapper = nn.SequentialCell([cell])
        fill(wrapper)
        x = Tensor(inputs.entering(row, name))
        try:
            found[f"{name}/eval"] = wrapper.set_train(False)(x).asnumpy()
        except Exception as error:
            print(f"{name}: {str(error).splitlines()[0]}")
            continue
        found[f"{name}/names"] = np.array([p.name for p in wrapper.get_parameters()], dtype="U")
        if "Dropout" in expression:
            continue
        wrapper.set_train(True)
        weights = wrapper.trainable_params()

        direction = Tensor(inputs.numbers(found[f"{name}/eval"].shape, f"{name} direction"))

        def along(x, wrapper=wrapper, direction=direction):
            return (wrapper(x) * direction).sum()

        try:
            whole = x.dtype == ms.int32
            if "Lookup" in expression:
                raise ValueError("rows of a sparse tensor")
            _, gradients = ms.value_and_grad(along, None if whole else 0, weights or None)(x)
            of_input, of_weights = gradients if weights and not whole else (gradients, ())
            if whole:
                of_input, of_weights = None, gradients
            else:
                found[f"{name}/input_gradient"] = of_input.asnumpy()
        except Exception as error:
            print(f"{name}: no gradient: {str(error).splitlines()[0]}")
            continue
        for weight, gradient in zip(weights, of_weights, strict=True):
            found[f"{name}/gradient/{weight.name}"] = gradient.asnumpy()
        wrapper(x)
        for p in wrapper.get_parameters():
            if "moving" in p.name:
                found[f"{name}/moved/{p.name}"] = p.asnumpy()
    np.savez_compressed(GOLDEN / "cells.npz", **found)


def op_cases():
    """Results, and the gradients of the inputs along a fixed direction."""
    found = {}
    for name, (_, expression, shapes) in OPS.items():
        given = [
            Tensor(inputs.numbers(shape, f"{name} {letter}"))
            for letter, shape in zip("xyz", shapes, strict=False)
        ]

        def result(*tensors, expression=expression):
            scope = dict(zip("xyz", tensors, strict=False))
            return eval(expression, {"ops": ms.ops, "ms": ms, "np": np, **scope})

        forward = result(*given)
        try:
            found[f"{name}/forward"] = forward.asnumpy()
        except Exception as error:
            print(f"{name}: {error}")
            continue
        direction = Tensor(inputs.numbers(forward.shape, f"{name} direction"))

        def along(*tensors, result=result, direction=direction):
            return (result(*tensors) * direction).sum()

        try:
            gradients = ms.grad(along, tuple(range(len(given))))(*given)
            gradients = gradients if isinstance(gradients, tuple) else (gradients,)
            for letter, gradient in zip("xyz", gradients, strict=False):
                found[f"{name}/gradient/{letter}"] = gradient.asnumpy()
        except Exception as error:
            print(f"{name}: no gradient: {str(error).splitlines()[0]}")
    np.savez_compressed(GOLDEN / "ops.npz", **found)


def losses():
    generate_training.losses(GOLDEN)


def optimizers():
    generate_training.optimizers(GOLDEN)


def metrics():
    generate_training.metrics(GOLDEN)


def initializers():
    generate_training.initializers(GOLDEN)


def sequences():
    generate_training.sequences(GOLDEN, fill)


def zoo():
    generate_zoo.zoo(GOLDEN, fill)


def zoo_training(wanted=generate_zoo.ROWS):
    generate_zoo.zoo_training(GOLDEN, wanted)


def signatures():
    taken.signatures(GOLDEN)
    taken.cells(GOLDEN)
    taken.calls(GOLDEN)
    taken.ops(GOLDEN)


def places():
    taken.places(GOLDEN)


def lookups():
    generate_training.lookups(GOLDEN, fill)


def schedules():
    generate_training.schedules(GOLDEN)


def kinds():
    """Every element type, scalars, unicode names and appended values, as MindSpore writes them."""
    values = []
    for dtype in (
        *(ms.int8, ms.int16, ms.int32, ms.int64, ms.uint8, ms.uint16, ms.uint32, ms.uint64),
        *(ms.float16, ms.float32, ms.float64, ms.bool_),
    ):
        numbers = np.arange(6).reshape(2, 3)
        values.append({"name": f"kind.{dtype}", "data": Tensor(numbers).astype(dtype)})
    values.append({"name": "kind.BFloat16", "data": Tensor(np.arange(4.0)).astype(ms.bfloat16)})
    values.append({"name": "scalar", "data": Tensor(1.5, ms.float32)})
    values.append({"name": "名前.重み", "data": Tensor([1.0, 2.0], ms.float32)})
    appended = {"epoch_num": 3, "rate": 0.25, "done": True, "note": "grüße"}
    ms.save_checkpoint(values, str(GOLDEN / "kinds.ckpt"), append_dict=appended)
    edited = [{"name": "a", "data": Parameter(Tensor([0]))}, {"name": "b", "data": Tensor([1.0])}]
    ms.save_checkpoint(edited, str(GOLDEN / "edited.ckpt"))


def images():
    found = {}
    floats = np.abs(inputs.numbers((8, 8, 1), "image")) * 5
    bytes_ = np.random.Generator(np.random.Philox(5)).integers(0, 256, (28, 28, 3)).astype(np.uint8)
    found["resize_float"] = vision.Resize((32, 32))(floats)
    found["resize_bytes"] = vision.Resize((32, 32))(bytes_)
    found["resize_smaller"] = vision.Resize((11, 17))(bytes_)
    found["resize_nearest"] = vision.Resize((32, 20), vision.Inter.NEAREST)(bytes_)
    found["rescale"] = vision.Rescale(1 / 255, -0.5)(bytes_)
    found["normalize"] = vision.Normalize([120.0, 121.0, 122.0], [60.0, 61.0, 62.0])(bytes_)
    found["hwc2chw"] = vision.HWC2CHW()(bytes_)
    np.savez_compressed(GOLDEN / "images.npz", **found)


def pictures():
    from mindspore import dtype as mstype
    from mindspore.dataset import transforms

    from tests.oracle.pictures import CASES, gray, pictures as made

    found = {f"picture {name}": array for name, array in made().items()}
    for case, (picture, expression, _) in CASES.items():
        names = {"vision": vision, "transforms": transforms, "mstype": mstype, "gray": gray}
        found[case] = eval(expression, names)(found[f"picture {picture}"])
    np.savez_compressed(GOLDEN / "pictures.npz", **found)


def texts():
    """Every case on every text, or list of words; what MindSpore refuses is None."""
    from mindspore.dataset import text

    from tests.oracle.texts import OF_TEXTS, OF_WORDS, TEXTS, VOCABULARY, WORDS

    def applied(operation, value):
        try:
            return operation(value).tolist()
        except RuntimeError:
            return None

    names = {"text": text, "vocab": text.Vocab.from_list(list(VOCABULARY))}
    found = {
        case: [applied(eval(theirs, names), value) for value in values]
        for cases, values in ((OF_TEXTS, TEXTS), (OF_WORDS, [np.array(row) for row in WORDS]))
        for case, (theirs, _) in cases.items()
    }
    (GOLDEN / "texts.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def auto_augment():
    """How often a picture comes out in which way, by the digest of its bytes."""
    found = {}
    for policy in ("IMAGENET", "CIFAR10", "SVHN"):
        operation = vision.AutoAugment(getattr(vision.AutoAugmentPolicy, policy))
        found[policy.lower()] = outcomes(operation, 3000)
    (GOLDEN / "auto_augment.json").write_text(json.dumps(found, indent=1) + "\n")


def rand_augment():
    """The same of RandAugment by its magnitude and bins, and of TrivialAugmentWide by its bins."""
    found = {
        f"RandAugment(1, {magnitude}, {bins})": outcomes(
            vision.RandAugment(1, magnitude, bins), 1400
        )
        for magnitude, bins in ((0, 31), (5, 31), (9, 31), (30, 31), (3, 4), (1, 10))
    }
    for bins, count in ((31, 12_000), (5, 4000)):
        operation = vision.TrivialAugmentWide(bins)
        found[f"TrivialAugmentWide({bins})"] = outcomes(operation, count)
    (GOLDEN / "rand_augment.json").write_text(json.dumps(found, indent=1) + "\n")


def outcomes(operation, count):
    import hashlib

    import mindspore.dataset as ds

    from tests.oracle.pictures import augmented

    ds.config.set_seed(1)
    data = ds.NumpySlicesDataset(np.repeat(augmented()[None], count, 0), ["x"], shuffle=False)
    data = data.map(operation, "x", num_parallel_workers=1)
    counts = {}
    for (image,) in data.create_tuple_iterator(num_epochs=1, output_numpy=True):
        digest = hashlib.sha1(image.tobytes()).hexdigest()[:12]
        counts[digest] = counts.get(digest, 0) + 1
    return counts


def mindrecords():
    """Rows of every type in two files, in one without blobs, and in one with a single blob."""
    from mindspore.mindrecord import FileWriter

    from tests.oracle.rows import FILES

    for name, (schema, rows, shards) in FILES.items():
        writer = FileWriter(str(GOLDEN / name), shards, overwrite=True)
        writer.set_header_size(1 << 14)
        writer.set_page_size(1 << 15)
        writer.add_schema(schema, name)
        writer.write_raw_data(rows())
        writer.commit()
        for file in GOLDEN.glob(f"{name}*.db"):
            file.unlink()


PARTS = (
    lenet,
    resnets,
    cell_cases,
    op_cases,
    losses,
    optimizers,
    schedules,
    lookups,
    signatures,
    places,
    metrics,
    initializers,
    kinds,
    images,
    pictures,
    texts,
    auto_augment,
    rand_augment,
    mindrecords,
    sequences,
    zoo,
    zoo_training,
)


def main(wanted):
    GOLDEN.mkdir(exist_ok=True)
    asked = dict(one.partition("=")[::2] for one in wanted)
    for part in PARTS:
        if not wanted or part.__name__ in asked:
            networks = asked.get(part.__name__)
            part(*([networks.split(",")] if networks else []))
            print(part.__name__, flush=True)
    versions = f"mindspore {ms.__version__}, numpy {np.__version__}, {platform.machine()}"
    (GOLDEN / "PROVENANCE").write_text(
        f"Written by tests/oracle/generate.py with {versions}, ONEDNN_MAX_CPU_ISA=AVX2.\n"
    )
    for path in GOLDEN.iterdir():
        path.chmod(0o644)


if __name__ == "__main__":
    main(sys.argv[1:])
