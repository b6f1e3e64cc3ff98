"""Recipes that compute values; each result is made again with NumPy alone."""

from math import floor

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.recipes.support import assert_holds, checkpoint, contents, cook, numbers

pytestmark = pytest.mark.usefixtures("here")


def test_widen_first_convolution():
    layers = ["conv2_3x3_reduce", "inception_3a_1x1", "inception_5b_double_3x3_2"]
    norm = {"weight": "gamma", "bias": "beta"}
    norm |= {"running_mean": "moving_mean", "running_var": "moving_variance"}
    shapes = {f"{layer}.{p}": (4,) for layer in layers for p in ("weight", "bias")}
    shapes |= {f"{layer}_bn.{p}": (4,) for layer in [*layers, "conv1_7x7_s2"] for p in norm}
    shapes |= {"conv1_7x7_s2.weight": (4, 3, 7, 7), "conv1_7x7_s2.bias": (4,)}
    values = numbers(shapes | {"fc_action.1.weight": (2, 4)}, "float64")
    save_file(values, "bn_inception.safetensors")
    cook("widen_first_convolution", "frames=2")
    expected = {}
    for name, value in values.items():
        layer, _, parameter = name.rpartition(".")
        block = layer[:12] + "." if layer.startswith("inception") else ""
        if layer.startswith("fc"):
            continue
        if layer == "conv1_7x7_s2_bn":
            to = f"{layer}.{norm[parameter]}"
        elif layer == "conv1_7x7_s2":
            to = f"{layer}.{layer}.{parameter}"
        elif layer.endswith("_bn"):
            to = f"{block}{layer[:-3]}.bn.{norm[parameter]}"
        else:
            to = f"{block}{layer}.conv.{parameter}"
        expected[f"base_model.{to}"] = value.astype("float32")
    first = values["conv1_7x7_s2.weight"].mean(axis=1, keepdims=True)
    expected["base_model.conv1_7x7_s2.conv1_7x7_s2.weight"] = np.repeat(first, 4, 1).astype("f4")
    assert_holds("tsn_flow.ckpt", expected, exact=False)


@pytest.mark.parametrize("classes", [1000, 5])
def test_grey_input_fewer_classes(classes):
    values = numbers(
        {"conv1.weight": (4, 3, 7, 7), "classifier.weight": (1001, 2), "classifier.bias": (1001,)}
    )
    checkpoint("pretrained.ckpt", values)
    cook("grey_input_fewer_classes", f"classes={classes}")
    expected = {"conv1.weight": values["conv1.weight"].sum(axis=1, keepdims=True)}
    if classes == 1000:
        expected |= {f"classifier.{p}": values[f"classifier.{p}"][:-1] for p in ("weight", "bias")}
    assert_holds("adapted.ckpt", expected, exact=False)


def _keys(x: float) -> float:
    """The cubic convolution kernel of Keys with a = -0.75."""
    x, a = abs(x), -0.75
    if x < 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a if x < 2 else 0.0


def _bicubic(grid: np.ndarray, new: int) -> np.ndarray:
    old = grid.shape[0]
    matrix = np.zeros((new, old))
    for row in range(new):
        at = (row + 0.5) * old / new - 0.5
        for tap in range(floor(at) - 1, floor(at) + 3):
            matrix[row, min(max(tap, 0), old - 1)] += _keys(at - tap)
    return np.einsum("ai,bj,ijc->abc", matrix, matrix, grid.astype("float64"))


def test_resize_position_embedding():
    values = numbers({"visual.positional_embedding": (10, 6), "visual.proj": (6, 6)})
    checkpoint("clip.ckpt", values)
    cook("resize_position_embedding", "old=3", "new=5")
    table = values["visual.positional_embedding"]
    grid = _bicubic(table[1:].reshape(3, 3, 6), 5).reshape(25, 6)
    new = np.concatenate([table[:1], grid.astype("float32")])
    assert_holds("clip-large.ckpt", values | {"visual.positional_embedding": new}, exact=False)


def test_jax_vit():
    head = {"head/kernel": (12, 15), "head/bias": (15,)}
    shapes = {"cls": (1, 1, 12), "embedding/kernel": (4, 4, 3, 12), "embedding/bias": (12,)}
    shapes |= {"Transformer/posembed_input/pos_embedding": (1, 5, 12)}
    shapes |= {"Transformer/encoder_norm/scale": (12,), "Transformer/encoder_norm/bias": (12,)}
    for layer in range(2):
        block = f"Transformer/encoderblock_{layer}"
        attention = f"{block}/MultiHeadDotProductAttention_1"
        for part in ("query", "key", "value"):
            shapes |= {f"{attention}/{part}/kernel": (12, 3, 4), f"{attention}/{part}/bias": (3, 4)}
        shapes |= {f"{attention}/out/kernel": (3, 4, 12), f"{attention}/out/bias": (12,)}
        for norm in ("LayerNorm_0", "LayerNorm_2"):
            shapes |= {f"{block}/{norm}/scale": (12,), f"{block}/{norm}/bias": (12,)}
        shapes |= {f"{block}/MlpBlock_3/Dense_0/{p}": s for p, s in _dense(12, 24).items()}
        shapes |= {f"{block}/MlpBlock_3/Dense_1/{p}": s for p, s in _dense(24, 12).items()}
    v = numbers(shapes | head)
    np.savez("vit.npz", **v)
    cook("jax_vit", "width=12")
    expected = {
        "head.weight": v["head/kernel"].T[:10],
        "head.bias": v["head/bias"][:10],
        "transformer.embeddings.cls_token": v["cls"],
        "transformer.embeddings.patch_embeddings.weight": v["embedding/kernel"].transpose(
            3, 2, 0, 1
        ),
        "transformer.embeddings.patch_embeddings.bias": v["embedding/bias"],
        "transformer.embeddings.position_embeddings": v["Transformer/posembed_input/pos_embedding"],
        "transformer.encoder.encoder_norm.gamma": v["Transformer/encoder_norm/scale"],
        "transformer.encoder.encoder_norm.beta": v["Transformer/encoder_norm/bias"],
    }
    for layer in range(2):
        old, new = f"Transformer/encoderblock_{layer}/", f"transformer.encoder.layer.{layer}."
        for part in ("query", "key", "value", "out"):
            at = f"{old}MultiHeadDotProductAttention_1/{part}/"
            expected[f"{new}attn.{part}.weight"] = v[f"{at}kernel"].reshape(12, 12).T
            expected[f"{new}attn.{part}.bias"] = v[f"{at}bias"].reshape(12)
        for norm, to in (("LayerNorm_0", "attention_norm"), ("LayerNorm_2", "ffn_norm")):
            expected[f"{new}{to}.gamma"] = v[f"{old}{norm}/scale"]
            expected[f"{new}{to}.beta"] = v[f"{old}{norm}/bias"]
        for dense, to in (("Dense_0", "fc1"), ("Dense_1", "fc2")):
            expected[f"{new}ffn.{to}.weight"] = v[f"{old}MlpBlock_3/{dense}/kernel"].T
            expected[f"{new}ffn.{to}.bias"] = v[f"{old}MlpBlock_3/{dense}/bias"]
    assert_holds("vit.ckpt", expected)


def _dense(inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    return {"kernel": (inputs, outputs), "bias": (outputs,)}


def _glm(qkv, dense):
    """A layer under ChatGLM's names."""
    layer = "transformer.encoder.layers.0."
    return {
        "transformer.embedding.word_embeddings.weight": np.ones((7, 4), "float32"),
        **{f"{layer}self_attention.query_key_value.{p}": value for p, value in qkv.items()},
        **{f"{layer}mlp.dense_h_to_4h.{p}": value for p, value in dense.items()},
    }


def _check_split(values, q, kv):
    checkpoint("glm.ckpt", values)
    cook("split_fused_projections", f"q={q}", f"kv={kv}")
    half = {name: value.astype("float16") for name, value in values.items()}
    expected = {"transformer.embedding.embedding_weight": np.ones((7, 4), "float16")}
    for name, value in half.items():
        if "query_key_value" in name:
            for part, rows in zip(("wq", "wk", "wv"), np.split(value, [q, q + kv]), strict=True):
                expected[name.replace("query_key_value", part)] = rows
        elif "dense_h_to_4h" in name:
            for part, rows in zip(("dense_left", "dense_right"), np.split(value, 2), strict=True):
                expected[name.replace("dense_h_to_4h", part)] = rows
    assert_holds("glm-split.ckpt", expected)


def test_split_fused_projections_of_unequal_sizes():
    qkv = numbers({"weight": (16, 4), "bias": (16,)})
    _check_split(_glm(qkv, numbers({"weight": (12, 4)}, seed=1)), 8, 4)


def test_split_fused_projections(shared_checkpoints):
    real = contents(shared_checkpoints / "mindscience-attention-block.ckpt")
    parts = ("weight", "bias")
    qkv = {p: real[f"attention.qkv.{p}"] for p in parts}
    _check_split(_glm(qkv, {p: real[f"ffn.fc1.{p}"] for p in parts}), 64, 64)


@pytest.mark.parametrize("kv_heads", [1, 5])
def test_fuse_projections(kv_heads, shared_checkpoints):
    values = contents(shared_checkpoints / "goldenstick-llama2-fp16-rank0.ckpt")
    checkpoint("llama.ckpt", values)
    cook("fuse_projections", f"kv_heads={kv_heads}")
    layer = "model.layers.0."
    expected = dict(values)
    q, k, v = (expected.pop(f"{layer}attention.w{x}.weight") for x in "qkv")
    per_head = len(q) // kv_heads
    rows = []
    for head in range(kv_heads):
        rows += [x[head * per_head : (head + 1) * per_head] for x in (q, k, v)]
    expected[f"{layer}attention.w_qkv.weight"] = np.concatenate(rows)
    gate, up = (expected.pop(f"{layer}feed_forward.w{x}.weight") for x in (1, 3))
    taking_turns = np.empty((2 * len(gate), gate.shape[1]), gate.dtype)
    taking_turns[::2], taking_turns[1::2] = gate, up
    expected[f"{layer}feed_forward.w_gate_hidden.weight"] = taking_turns
    assert_holds("llama-fused.ckpt", expected)


def test_merge_lora():
    weights = numbers({"layer.0.wq.weight": (6, 5), "layer.0.norm.weight": (6,)}, "float16")
    low = {"layer.0.wq.mindpet_delta_lora_a": (2, 5), "layer.0.wq.mindpet_delta_lora_b": (6, 2)}
    lora = numbers(low, "float32", seed=1)
    state = {f"{s}.{name}": value for name, value in lora.items() for s in ("adam_m", "adam_v")}
    checkpoint("lora.ckpt", weights | lora | state)
    cook("merge_lora", "scale=0.5")
    a, b = lora.values()
    merged = weights["layer.0.wq.weight"].astype("float64")
    merged = merged + 0.5 * (b.astype("float64") @ a.astype("float64"))
    expected = weights | {"layer.0.wq.weight": merged.astype("float32").astype("float16")}
    found = contents("merged.ckpt")
    assert {n: v.dtype for n, v in found.items()} == {n: v.dtype for n, v in expected.items()}
    for name, value in expected.items():
        np.testing.assert_allclose(found[name].astype("f8"), value.astype("f8"), rtol=1e-3)


def test_average_epochs():
    epochs = [numbers({"w": (3, 4), "h": (5,)}, seed=epoch) for epoch in range(3)]
    for number, values in enumerate(epochs, start=8):
        half = values["h"].astype("float16")
        checkpoint(f"epoch-{number}.ckpt", values | {"h": half, "step": np.int32(number)})
    cook("average_epochs")
    mean = {n: np.mean([e[n].astype("f8") for e in epochs], axis=0) for n in ("w",)}
    halves = [e["h"].astype("float16").astype("f8") for e in epochs]
    expected = {
        "w": mean["w"].astype("float32"),
        "h": np.mean(halves, axis=0).astype("float16"),
        "step": np.int32(10),
    }
    found = contents("average.ckpt")
    assert found["step"] == 10
    assert {n: v.dtype for n, v in found.items()} == {n: v.dtype for n, v in expected.items()}
    np.testing.assert_allclose(found["w"], expected["w"], rtol=1e-6)
    np.testing.assert_allclose(found["h"], expected["h"], rtol=1e-3)


def _check_experts(matrices):
    """Matrices by expert and name, under the names of Mixtral, out of order."""
    layer = "model.layers.0."
    names = {f"{layer}block_sparse_moe.experts.{e}.{w}.weight": v for (e, w), v in matrices.items()}
    rest = numbers({f"{layer}self_attn.q_proj.weight": (4, 4), "model.norm.weight": (4,)})
    gate = numbers({f"{layer}block_sparse_moe.gate.weight": (4, 4)})
    others = numbers({f"{layer}self_attn.{x}_proj.weight": (4, 4) for x in "kvo"}, seed=3)
    norms = {"input_layernorm": "attention_norm", "post_attention_layernorm": "ffn_norm"}
    others |= numbers({f"{layer}{old}.weight": (4,) for old in norms})
    others |= numbers({"model.embed_tokens.weight": (9, 4), "lm_head.weight": (9, 4)})
    every = names | rest | gate | others
    save_file({name: every[name] for name in sorted(every, reverse=True)}, "mixtral.safetensors")
    cook("stack_experts")
    table = {f"self_attn.{x}_proj": f"attention.w{x}" for x in "qkvo"} | norms
    table |= {"block_sparse_moe.gate": "feed_forward.router.dense"}
    table |= {"model.norm": "model.norm_out"}
    table |= {"embed_tokens.weight": "tok_embeddings.embedding_weight"}
    expected = {}
    for name, value in (rest | gate | others).items():
        to = name
        for old, new in table.items():
            to = to.replace(old, new)
        expected[to] = value
    count = 1 + max(e for e, _ in matrices)
    for w in ("w1", "w2", "w3"):
        expected[f"{layer}feed_forward.ffn.{w}.weight"] = np.array(
            [matrices[e, w] for e in range(count)]
        )
    assert_holds("mixtral.ckpt", {n: v.astype("float16") for n, v in expected.items()})


def test_stack_experts():
    shapes = {(e, w): (3, 4) for e in range(11) for w in ("w1", "w2", "w3")}
    _check_experts(numbers(shapes))


def test_stack_real_experts(shared_checkpoints):
    real = contents(shared_checkpoints / "mindformers-golden-seqmlp.ckpt")
    _check_experts({(int(n.split(".")[0]), n.split(".")[1]): v for n, v in real.items()})


def test_join_optimizer_shards():
    reference = numbers({"blocks.0.w": (6, 2), "blocks.0.b": (2,), "pos_embed": (3,)})
    reference |= numbers({"blocks.0.scale_shift_table": (6, 4)})
    trained = {name: value + 1 for name, value in reference.items() if name != "pos_embed"}
    for rank in range(3):
        part = dict(trained)
        part["blocks.0.w"] = trained["blocks.0.w"][2 * rank : 2 * rank + 2]
        half = slice(3, 6) if rank == 2 else slice(0, 3)
        part["blocks.0.scale_shift_table"] = trained["blocks.0.scale_shift_table"][half]
        named = {f"network._backbone.{name}": value for name, value in part.items()}
        checkpoint(f"rank_{rank}/STDiT-e850.ckpt", named)
    checkpoint("pretrained.ckpt", reference)
    cook("join_optimizer_shards")
    expected = {f"network.{n}": v for n, v in (reference | trained).items()}
    assert_holds("STDiT.ckpt", expected)


def test_join_real_shards(shared_checkpoints):
    files = [f"goldenstick-llama2-fp16-rank{rank}.ckpt" for rank in range(2)]
    ranks = [contents(shared_checkpoints / file) for file in files]
    expected = {
        name: one if np.array_equal(one, ranks[1][name]) else np.concatenate([one, ranks[1][name]])
        for name, one in ranks[0].items()
    }
    assert {len(value) // len(ranks[0][name]) for name, value in expected.items()} == {1, 2}
    for rank, values in enumerate(ranks):
        named = {f"network._backbone.{name}": value for name, value in values.items()}
        checkpoint(f"rank_{rank}/STDiT-e850.ckpt", named)
    whole = {name: np.zeros_like(value) for name, value in expected.items()}
    checkpoint("pretrained.ckpt", whole)
    cook("join_optimizer_shards")
    assert_holds("STDiT.ckpt", {f"network.{name}": value for name, value in expected.items()})
