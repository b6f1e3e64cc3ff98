"""The files that the pages of the cookbook are about, and what their specs must make of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from safetensors.numpy import save_file

from tests.recipes.support import Arrays, checkpoint, numbers

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


def any_of(shape: tuple[int, ...]) -> np.ndarray:
    """Finite numbers of which only the type is known."""
    return np.full(shape, np.nan, "float32")


Results = dict[str, Arrays]
"""By the path of a file what it holds."""


def transfer_learning() -> Results:
    weights = numbers(LENET)
    slots = {f"moments.{name}": value for name, value in weights.items()}
    scalars = {"learning_rate": np.float32(0.1), "momentum": np.float32(0.9)}
    checkpoint("lenet.ckpt", weights | {"global_step": np.int32([1500])} | scalars | slots)
    expected = {n: v for n, v in weights.items() if "fc3" not in n}
    expected |= {"fc3.weight": any_of((5, 84)), "fc3.bias": any_of((5,))}
    return {"flowers.ckpt": expected}


def strip_prefix() -> Results:
    weights = numbers(LENET)
    wrapped = {f"network._backbone.{name}": value for name, value in weights.items()}
    checkpoint("wrapped.ckpt", wrapped | {"scale_sense": np.float32(1024)})
    return {"lenet.ckpt": weights}


def merge_lora() -> Results:
    base = numbers({f"layers.{i}.attn.{p}.weight": (8, 8) for i in range(2) for p in "qkv"}, "f2")
    targets = [name for name in base if "attn.k" not in name]
    low: Arrays = {}
    for seed, name in enumerate(targets):
        pair = {"lora_a": (2, 8), "lora_b": (8, 2)}
        made = numbers(pair, seed=seed)
        low |= {name.replace("weight", part): value for part, value in made.items()}
    checkpoint("base.ckpt", base)
    checkpoint("adapter.ckpt", low)
    expected = dict(base)
    for name in targets:
        a, b = (low[name.replace("weight", part)].astype("f8") for part in ("lora_a", "lora_b"))
        expected[name] = (base[name].astype("f8") + 2.0 * (b @ a)).astype("f4").astype("f2")
    return {"merged.ckpt": expected}


def average() -> Results:
    epochs = [numbers(LENET, seed=epoch) for epoch in range(3)]
    for number, values in enumerate(epochs, start=8):
        checkpoint(f"epoch-{number}.ckpt", values | {"global_step": np.int32([100 * number])})
    mean = {n: np.mean([e[n].astype("f8") for e in epochs], 0).astype("f4") for n in LENET}
    ema = numbers(LENET, seed=9)
    checkpoint("ema.ckpt", ema)
    slow = {n: (0.9 * ema[n].astype("f8") + 0.1 * mean[n].astype("f8")).astype("f4") for n in mean}
    return {"mean.ckpt": mean, "ema-next.ckpt": slow}


def input_channels() -> Results:
    values = numbers({"conv1.weight": (8, 3, 3, 3), "bn1.gamma": (8,), "fc.weight": (10, 8)})
    checkpoint("rgb.ckpt", values)
    first = values["conv1.weight"].astype("f8")
    four = np.concatenate([first, first.mean(axis=1, keepdims=True)], axis=1) * 3 / 4
    return {
        "rgbd.ckpt": values | {"conv1.weight": four.astype("f4")},
        "grey.ckpt": values | {"conv1.weight": first.sum(axis=1, keepdims=True).astype("f4")},
    }


def position_embeddings() -> Results:
    values = numbers({"pos_embed": (1, 10, 6), "cls_token": (1, 1, 6)})
    checkpoint("vit-48.ckpt", values)
    grid = values["pos_embed"][0, 1:].reshape(3, 3, 6).astype("f8")
    # two rows of six sixths: places 0, 2, 4 of six are those between old places
    matrix = np.zeros((6, 3))
    for row in range(6):
        at = min(max((row + 0.5) / 2 - 0.5, 0), 2)
        low = min(int(at), 1)
        matrix[row, low], matrix[row, low + 1] = 1 - (at - low), at - low
    large = np.einsum("ai,bj,ijc->abc", matrix, matrix, grid).reshape(36, 6).astype("f4")
    table = np.concatenate([values["pos_embed"][0, :1], large])[None]
    return {"vit-96.ckpt": values | {"pos_embed": table}}


def fuse_split_qkv() -> Results:
    shapes = {f"blocks.{i}.attn.{p}.weight": (8, 8) for i in range(2) for p in "qkv"}
    shapes |= {f"blocks.{i}.attn.{p}.bias": (8,) for i in range(2) for p in "qkv"}
    values = numbers(shapes)
    slots = {f"moments.{name}": value + 1 for name, value in values.items()}
    checkpoint("apart.ckpt", values | slots)
    fused: Arrays = {}
    for of, held in (("", values), ("moments.", slots)):
        for i in range(2):
            for p in ("weight", "bias"):
                parts = [held[f"{of}blocks.{i}.attn.{x}.{p}"] for x in "qkv"]
                fused[f"{of}blocks.{i}.attn.qkv.{p}"] = np.concatenate(parts)
    return {"fused.ckpt": fused, "apart-again.ckpt": values | slots}


def pytorch() -> Results:
    norm = {"weight": "gamma", "bias": "beta"}
    norm |= {"running_mean": "moving_mean", "running_var": "moving_variance"}
    values = numbers({"conv1.weight": (4, 3, 3, 3), "fc.weight": (10, 4), "fc.bias": (10,)})
    values |= numbers({f"bn1.{p}": (4,) for p in norm}, seed=1)
    values |= numbers({"embed.weight": (7, 4)}, seed=2)
    save_file(values | {"bn1.num_batches_tracked": np.array(12)}, "torch.safetensors")
    expected = {n: v for n, v in values.items() if n[:2] not in ("bn", "em")}
    expected |= {f"bn1.{new}": values[f"bn1.{old}"] for old, new in norm.items()}
    return {"model.ckpt": expected | {"embed.embedding_table": values["embed.weight"]}}


def rank_files() -> Results:
    whole = numbers({"embed.weight": (12, 4), "wo.weight": (4, 8), "norm.weight": (4,)}, "f2")
    shards = {}
    for rank in range(2):
        part = {
            "embed.weight": np.split(whole["embed.weight"], 2)[rank],
            "wo.weight": np.split(whole["wo.weight"], 2, axis=1)[rank],
            "norm.weight": whole["norm.weight"],
        }
        checkpoint(f"rank_{rank}.ckpt", part)
        shards[f"new_{rank}.ckpt"] = part
    return {"whole.ckpt": whole} | shards


def half_precision() -> Results:
    weights = numbers({"wq.weight": (16, 16), "norm.weight": (16,)})
    scalars = {"global_step": np.int32([12]), "learning_rate": np.float32(0.001)}
    checkpoint("f32.ckpt", weights | scalars)
    half = weights["wq.weight"].astype("f2")
    return {"f16.ckpt": weights | scalars | {"wq.weight": half}}


def vocabulary() -> Results:
    values = numbers({"embed.weight": (10, 4), "head.weight": (10, 4), "head.bias": (10,)})
    slots = {f"moments.{name}": value for name, value in values.items()}
    checkpoint("old.ckpt", values | slots)
    row = values["embed.weight"].astype("f8").mean(axis=0, keepdims=True).astype("f4")
    expected = {
        "embed.weight": np.concatenate([values["embed.weight"], np.repeat(row, 3, axis=0)]),
        "head.weight": np.concatenate([values["head.weight"], np.zeros((3, 4), "f4")]),
        "head.bias": np.concatenate([values["head.bias"], np.full(3, -20, "f4")]),
    }
    return {"new.ckpt": expected}


PAGES: dict[str, Callable[[], Results]] = {
    made.__name__: made
    for made in (
        *(transfer_learning, strip_prefix, merge_lora, average, input_channels),
        *(position_embeddings, fuse_split_qkv, pytorch, rank_files, half_precision, vocabulary),
    )
}
