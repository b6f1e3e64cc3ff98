"""Ten steps of training of the library's networks, the same on both sides.

Each row: the network of tests/oracle/zoo.py, what enters it, which of its outputs the loss takes,
optimizer, loss, and labels: sizes and how many classes there are (0: normal numbers, -1: 0.0 or
1.0, -2: -1.0 or 1.0).
"""

from typing import NamedTuple

import numpy as np

from tests.oracle import inputs
from tests.oracle.zoo import WHOLE, ZOO

STEPS = 10
LOWERED = 3.0
KEPT = 4
"""How many values of each entry of the final checkpoint are kept, beside the largest."""

_MOMENTUM = ("Momentum", {"learning_rate": 0.01, "momentum": 0.9, "weight_decay": 1e-4})
_SLOW = ("Momentum", {"learning_rate": 1e-4, "momentum": 0.9, "weight_decay": 1e-4})
_DECAYING = ("Momentum", {"learning_rate": 1e-4, "momentum": 0.9, "weight_decay": 0.01})
"""So much decay that an entry that must not decay and does is far beyond the limit."""
_SMALL = ("Momentum", {"learning_rate": 1e-5, "momentum": 0.9, "weight_decay": 0.1})
"""For networks whose losses grow by longer steps, and with them what rounding left."""
_ADAM = ("Adam", {"learning_rate": 0.001})
_DECAYED = ("AdamWeightDecay", {"learning_rate": 0.001, "weight_decay": 0.01})
_SPARSE = ("SoftmaxCrossEntropyWithLogits", {"sparse": True, "reduction": "mean"})
_CROSS = ("CrossEntropyLoss", {})
_BINARY = ("BCELoss", {"reduction": "mean"})
_SQUARE = ("MSELoss", {})
_APART = ("HingeEmbeddingLoss", {"margin": 4.0})
"""Of a distance: pairs of a kind are drawn together, others pushed apart up to the margin."""


class Row(NamedTuple):
    shape: object
    optimizer: tuple
    loss: tuple
    labels: tuple
    classes: int
    output: int = 0
    noise: tuple = ()
    """Parts of names whose gradient is zero but for rounding, which Adam scales up."""
    lift: float = 0.0
    """Added to what batch norms shift by. Where normal numbers enter a rectifier, some of millions
    lie within rounding of its kink, and each that falls to the other side there changes gradients
    by a part in a thousand or more (tests/zoo/test_rounding.py); lifted by 3, hardly any do."""
    lifted: str = "beta"
    """How the names of what is lifted end: biases where there are no batch norms."""
    lowered: tuple = ()
    """Names of what is lowered by LOWERED instead. Max pools have kinks, too: the two largest of a
    window lie within rounding of each other, and the gradient goes to the one or the other. In
    AlexNet with four images, of 645000 windows behind conv2 four had another winner in MindSpore
    than in float64, one in declspore: that alone parted the momentum of conv1 in all its channels,
    by 2e-3 and 3e-4. Where what enters is lowered, hardly any window has two numbers above zero."""


_BEFORE_LATER_POOLS = ("features.12.beta", "features.19.beta", "features.26.beta")


def _images(count, size, optimizer=_DECAYING, **others):
    shape = (count, 3, size, size)
    return Row(shape, optimizer, _SPARSE, (count,), 10, **others)


TRAINING = {
    "LeNet5": Row((8, 1, 32, 32), _MOMENTUM, _SPARSE, (8,), 10),
    "LeNet5WithHead": Row((8, 1, 32, 32), _MOMENTUM, _SPARSE, (8,), 10),
    "SqueezeNet": _images(4, 64, lift=3.0, lifted="bias"),
    "MlpMixer": _images(4, 64),
    "ResNet18": _images(4, 64, lift=3.0),
    "SEResNet18": _images(4, 64, lift=3.0),
    "MobileNetV3Small": _images(4, 64, _SLOW),
    "ViT": _images(2, 64, _SLOW),
    "UNet": Row((2, 1, 32, 32), _DECAYING, _CROSS, (2, 32, 32), 3, lift=3.0),
    "Siamese": Row([(4, 1, 28, 28), (4, 1, 28, 28)], _MOMENTUM, _SQUARE, (4,), 0, 1),
    "Siamese pairs": Row([(4, 1, 28, 28), (4, 1, 28, 28)], _MOMENTUM, _APART, (4,), -2, 1),
    "WideDeep": Row([(16, 5, 50), (16, 5, 0)], _ADAM, _BINARY, (16, 1), -1),
    "LstmClassifier": Row([(6, 12, 1000)], _ADAM, _SPARSE, (6,), 2),
    "GruTagger": Row([(3, 12, 1000)], _ADAM, _SQUARE, (3, 12, 9), 0),
    "Bert": Row(ZOO["Bert"][3], _DECAYED, _SPARSE, (3,), 48, 1, ("key_layer.bias",)),
    "Transformer": Row(ZOO["Transformer"][3], _ADAM, _SQUARE, (2, 12, 100), 0, 0, ("key.bias",)),
}
LONG = {
    "AlexNet": _images(1, 227, lowered=("conv2.bias",)),
    "VggBn": _images(1, 224, _SMALL, lift=3.0, lowered=_BEFORE_LATER_POOLS),
    "ZooResNet50": _images(4, 64, _SMALL, lift=3.0, lowered=("bn1.beta",)),
    "TutorialResNet50": _images(4, 64, _SMALL, lift=3.0),
    "ConvNeXt": _images(2, 64),
    "DenseNet121": _images(4, 64, lift=3.0),
    "EfficientNetB0": _images(4, 64, _SLOW, lift=3.0),
    "GhostNet": _images(4, 64, lift=3.0),
    "PoolFormer": _images(2, 64),
    "RepVGG": _images(4, 64, lift=3.0),
    "ResNet50": _images(4, 64, _SMALL, lift=3.0),
    "ResNeXt50": _images(4, 64, _SMALL, lift=3.0),
    "SEResNet50": _images(4, 64, _SMALL, lift=3.0),
    "MobileNetV2": _images(4, 64, lift=3.0),
    "ShuffleNetV2": _images(4, 64, lift=3.0),
}
"""Networks that take so long that their tests run with ``pytest --long`` alone."""
_ON_KINKS = {
    "ResNet18": _images(4, 64, _SLOW),
    "InceptionV3": _images(4, 107, _SMALL, lift=3.0),
    "MobileNetV3Large": _images(4, 64, _SLOW),
}
ON_KINKS = {name: f"{name} on kinks" for name in _ON_KINKS}
"""Networks that are compared with float64, to see where rounding leads: ResNet18 without its lift;
Inception-V3, whose rectifiers and pools take ten million numbers in ten steps, so that neither a
lift nor what is lowered before pools keeps all entries within the limit; and MobileNetV3Large,
whose rectifiers have kinks at 0 and whose hard swishes at 3, so that a lift keeps no values from
them (without one it stays within the limit here, not in every environment)."""
ROWS = {
    **TRAINING,
    **LONG,
    **{ON_KINKS[name]: row for name, row in _ON_KINKS.items()},
}
NETWORKS = {
    **ZOO,
    "LeNet5": ("lenet.spec", "LeNet5()", "LeNet5()", None),
    "LeNet5WithHead": ("quickstart.spec", "LeNet5WithHead()", "LeNet5WithHead()", None),
    "Siamese pairs": ZOO["Siamese"],
    "VggBn": (
        "vgg.spec",
        "VggBn([8, 0, 8, 0, 16, 16, 0, 32, 32, 0, 512, 512, 0], num_classes = 10)",
        "VGG('narrow', batch_norm=True, num_classes=10)",
        None,
    ),
    "ZooResNet50": ("resnet50.spec", "ResNet50(10)", "ZooResNet50(10)", None),
    "TutorialResNet50": (
        "tutorial_resnet50.spec",
        "ResNet50(10)",
        "TutorialResNet50(10)",
        None,
    ),
    **{key: ZOO[name] for name, key in ON_KINKS.items()},
}


def value(name, parameter, shape):
    """What a parameter of a network starts at."""
    row = ROWS[name]
    lift = row.lift if parameter.endswith(row.lifted) else 0.0
    lift = -LOWERED if parameter in row.lowered else lift
    return inputs.parameter(parameter, shape) + np.float32(lift)


def batches(name):
    """What enters the network and the labels, step by step."""
    row = ROWS[name]
    for step in range(STEPS):
        key = f"{name} step {step}"
        normal = inputs.numbers(row.labels, f"{key} labels")
        if row.classes > 0:
            normal = np.floor(np.abs(normal) * 1000).astype(np.int32) % row.classes
        elif row.classes < 0:
            normal = np.where(normal > 0, 1, row.classes + 1).astype(np.float32)
        yield inputs.images(key, row.shape, name in WHOLE), normal


def summary(name, value):
    """The largest value of an entry, and some of its values."""
    flat = np.asarray(value, np.float32).ravel()
    places = np.random.Generator(np.random.Philox(len(name))).integers(0, flat.size, KEPT)
    return np.concatenate([[np.abs(flat).max()], flat[places]]).astype(np.float32)
