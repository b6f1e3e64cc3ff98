"""Recipes that choose and rename entries; each result is made again with dicts and NumPy."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.recipes.support import (
    assert_holds,
    checkpoint,
    contents,
    cook,
    numbers,
    replaced,
)

NORM = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}
LENET = {
    "conv1.weight": (6, 1, 5, 5),
    "conv2.weight": (16, 6, 5, 5),
    "fc1.weight": (120, 400),
    "fc1.bias": (120,),
    "fc2.weight": (84, 120),
    "fc2.bias": (84,),
    "fc3.weight": (10, 84),
    "fc3.bias": (10,),
}

pytestmark = pytest.mark.usefixtures("here")


def test_drop_classifier(shared_checkpoints):
    trained = contents(shared_checkpoints / "serving-lenet-ascend111-lossscale.ckpt")
    checkpoint("trained.ckpt", trained)
    cook("drop_classifier")
    kept = {name: value for name, value in trained.items() if "fc3" not in name}
    assert len(kept) == len(trained) - 4
    assert_holds("headless.ckpt", kept)


def test_keep_parts():
    names = ["backbone.conv.weight", "rcnn_mask.fc.bias", "rpn.weight", "rcnn.weight"]
    values = numbers(
        dict.fromkeys([*names, "moments.backbone.conv.weight", "backbone.x.y.z"], (3,))
    )
    checkpoint("detector.ckpt", values)
    cook("keep_parts")
    kept = {n: v for n, v in values.items() if n.startswith(("backbone.", "rcnn_mask."))}
    assert_holds("parts.ckpt", kept)


def test_mount_under_prefix(shared_checkpoints):
    values = contents(shared_checkpoints / "mindcv-test-network2.ckpt")
    checkpoint("mobilenet.ckpt", values)
    cook("mount_under_prefix")
    prefix = "network.feature_extractor.mobilenet_v1."
    assert_holds("feature_extractor.ckpt", {prefix + name: v for name, v in values.items()})


def test_divide_backbone():
    names = [f"features.{n}.conv.weight" for n in range(18)] + ["head.weight"]
    values = numbers(dict.fromkeys(names, (2, 3)))
    checkpoint("mobilenet_v2.ckpt", values)
    cook("divide_backbone")
    expected = {}
    for number in range(18):
        half, place = (1, number) if number < 14 else (2, number - 14)
        name = f"network.backbone.features_{half}.{place}.conv.weight"
        expected[name] = values[f"features.{number}.conv.weight"]
    assert_holds("ssd_backbone.ckpt", expected)


def test_resnet_to_detector():
    weights = [
        *("conv1.weight", "layer1.0.conv1.weight", "backbone.bn1.gamma", "end_point.weight"),
        "layer1.0.down_sample_layer.0.weight",
        *(f"layer1.0.down_sample_layer.1.{p}" for p in NORM.values()),
    ]
    values = numbers(dict.fromkeys(weights, (4,)), "float16")
    slots = numbers({f"moments.{name}": (4,) for name in weights}, "float16")
    scalars = {"learning_rate": np.float32(0.1), "global_step": np.int32([7])}
    checkpoint("resnet.ckpt", values | slots | scalars)
    cook("resnet_to_detector")
    expected = {n: v.astype("float32") for n, v in values.items() if "end_point" not in n}
    expected = replaced(
        expected,
        (r"^(?!backbone\.)", "backbone."),
        (r"down_sample_layer\.0", "conv_down_sample"),
        (r"down_sample_layer\.1", "bn_down_sample"),
    )
    assert_holds("backbone.ckpt", expected)


def test_weights_for_inference():
    weights = numbers({f"yolo_network.backbone.{n}.weight": (2, 2) for n in range(3)})
    slots = {f"moments.{name}": value + 1 for name, value in weights.items()}
    checkpoint("yolov4.ckpt", weights | slots | {"global_step": np.int32([3])})
    cook("weights_for_inference")
    expected = replaced(weights, (r"^yolo_network\.", "")) | {"global_step": np.int32([3])}
    assert_holds("yolov4-inference.ckpt", expected)


@pytest.mark.parametrize("averaged", [True, False])
def test_prefer_ema(averaged):
    names = ["network.backbone.conv.weight", "network.head.cls_preds.0.weight"]
    trained = numbers(dict.fromkeys(names, (2, 3)))
    ema = {f"ema.{name}": value / 2 for name, value in trained.items()} if averaged else {}
    checkpoint("yolox.ckpt", trained | ema | {"ema.updates": np.int32(4)})
    cook("prefer_ema")
    factor = np.float32(0.5 if averaged else 1)
    assert_holds("yolox-pretrained.ckpt", {names[0]: trained[names[0]] * factor})


def test_rename_by_table():
    lenet = numbers(LENET)
    renamed = replaced(
        lenet,
        *((r"^conv", "conv_"), (r"^fc3", "classifier"), (r"^fc", "dense")),
    )
    checkpoint("renamed.ckpt", renamed)
    cook("rename_by_table")
    assert_holds("lenet.ckpt", lenet)


def test_pair_in_order():
    lenet = numbers(LENET)
    np.savez("values.npz", *lenet.values())
    cook("pair_in_order")
    assert_holds("lenet.ckpt", lenet)


def test_torch_names_by_spelling():
    norms = ["visual.bn1", "visual.layer1.0.downsample.1", "visual.ln_pre", "ln_final"]
    names = [f"{norm}.{p}" for norm in norms for p in NORM]
    others = ["visual.conv1.weight", "visual.layer1.0.downsample.0.weight", "proj.bias"]
    values = numbers(dict.fromkeys([*names, *others, "token_embedding.weight"], (3,)))
    save_file(values, "clip.safetensors")
    cook("torch_names_by_spelling")
    expected = {name: values[name] for name in others}
    expected["token_embedding.embedding_table"] = values["token_embedding.weight"]
    for name in names:
        layer, _, parameter = name.rpartition(".")
        expected[f"{layer}.{NORM[parameter]}"] = values[name]
    assert_holds("clip.ckpt", expected)


def _as_torch(values):
    """MindSpore's names as PyTorch's; in real files each norm has all four."""
    back = {new: old for old, new in NORM.items()}
    found = {}
    for name, value in values.items():
        layer, _, parameter = name.rpartition(".")
        found[f"{layer}.{back.get(parameter, parameter)}"] = value
    return found


def test_torch_names_by_sibling(shared_checkpoints):
    values = contents(shared_checkpoints / "competition-mvsnet-05.ckpt")
    counters = {"feature.conv0.bn.num_batches_tracked": np.array(9), "global_step": np.array(9)}
    torch = _as_torch(values)
    assert sum(name.endswith(".running_var") for name in torch) > 10
    save_file(torch | counters, "centerpoint.safetensors")
    cook("torch_names_by_sibling")
    assert_holds("centerpoint.ckpt", values)


def test_torch_norms_of_video(shared_checkpoints):
    real = contents(shared_checkpoints / "competition-mvsnet-05.ckpt")
    part = {f"net.{n}": v for n, v in real.items() if n.startswith("cost_regularization.conv0.")}
    assert any(".bn.bn2d." in name for name in part)
    checkpoint("reference.ckpt", part | {"learning_rate": np.float32(0.1)})
    torch = {n.replace("net.", "").replace(".bn2d", ""): v for n, v in _as_torch(part).items()}
    counter = {"cost_regularization.conv0.bn.num_batches_tracked": np.array(2)}
    save_file(torch | counter, "slowfast.safetensors")
    cook("torch_norms_of_video")
    assert_holds("slowfast.ckpt", part)


def test_torch_branches():
    layers = ["conv1_7x7_s2", "conv2_3x3_reduce", "inception_3a_1x1", "inception_3a_3x3_reduce"]
    values = {"fc.weight": np.ones((2, 3), "f4"), "fc.bias": np.ones(2, "f4")}
    values |= numbers({f"{layer}.{p}": (4,) for layer in layers for p in ("weight", "bias")})
    values |= numbers({f"{layer}_bn.{p}": (1, 4) for layer in layers for p in NORM})
    save_file(values, "bn_inception.safetensors")
    cook("torch_branches")
    expected = {}
    for name, value in values.items():
        layer, _, parameter = name.rpartition(".")
        if layer == "fc":
            expected[name] = value
            continue
        to = layer.replace("inception_3a", "inception_3a.branch")
        if to.endswith("_bn"):
            expected[f"{to[:-3]}.bn.{NORM[parameter]}"] = value.reshape(-1)
        else:
            expected[f"{to}.conv.{parameter}"] = value
    assert_holds("trn.ckpt", expected)


def test_bert_both_ways():
    dense = {
        "attention/self/query": "attention.attention.query_layer",
        "attention/self/key": "attention.attention.key_layer",
        "attention/self/value": "attention.attention.value_layer",
        "attention/output/dense": "attention.output.dense",
        "intermediate/dense": "intermediate",
        "output/dense": "output.dense",
    }
    shapes, expected = {}, {}
    embeddings = "bert.bert.bert_embedding_postprocessor."
    pairs = {
        "word_embeddings": "bert.bert.bert_embedding_lookup.embedding_table",
        "token_type_embeddings": embeddings + "token_type_embedding.embedding_table",
        "position_embeddings": embeddings + "full_position_embedding.embedding_table",
        "LayerNorm/gamma": embeddings + "layernorm.gamma",
        "LayerNorm/beta": embeddings + "layernorm.beta",
    }
    names = {f"bert/embeddings/{tf}": ms for tf, ms in pairs.items()}
    for layer in range(2):
        tf, ms = f"bert/encoder/layer_{layer}/", f"bert.bert.bert_encoder.layers.{layer}."
        for old, new in dense.items():
            names[f"{tf}{old}/kernel"] = f"{ms}{new}.weight"
            names[f"{tf}{old}/bias"] = f"{ms}{new}.bias"
        for part in ("attention/output", "output"):
            for p in ("gamma", "beta"):
                names[f"{tf}{part}/LayerNorm/{p}"] = f"{ms}{part.replace('/', '.')}.layernorm.{p}"
    shapes = {name: (3, 5) if "kernel" in name or "embeddings" in name else (5,) for name in names}
    values = numbers(shapes)
    np.savez("bert-tf.npz", **values)
    cook("bert_both_ways", "layers=2")
    for old, new in names.items():
        expected[new] = values[old].T if old.endswith("kernel") else values[old]
    assert_holds("bert.ckpt", expected)
    assert_holds("bert-tf-again.npz", values)
