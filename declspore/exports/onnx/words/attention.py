"""Attention of several heads, and layers of transformers made of it."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

from declspore.exports.onnx.graph import Lower, Lowering, Tensor
from declspore.exports.onnx.words.activation import FORMULAS
from declspore.ir.dtype import BOOL
from declspore.ir.term import Arguments

# ---- attention


def _attention(
    n: Lowering,
    a: Arguments,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    need_weights: bool,
    average_attn_weights: bool,
    **masks: Tensor,
) -> tuple[str, ...]:
    alone = query.type.rank == 2
    given = [_by_batch(n, a, one, alone) for one in (query, key, value)]
    q, k, v = _projected(n, a, given)
    batch = 1 if alone else query.type.shape[0 if a.batch_first else 1]
    row = n.sizes((batch, 1, a.embed_dim))
    if a.add_bias_kv:
        k, v = (
            n.emit("Concat", x, n.emit("Expand", n.parameter(name), row), axis=1)
            for x, name in ((k, "bias_k"), (v, "bias_v"))
        )
    if a.add_zero_attn:
        zeros = n.emit("Expand", n.scalar(0.0, query.type.dtype), row)
        k, v = (n.emit("Concat", x, zeros, axis=1) for x in (k, v))
    depth = a.embed_dim // a.num_heads
    q = n.emit("Mul", _heads(n, a, q, [0, 2, 1, 3]), n.scalar(1.0 / sqrt(depth), query.type.dtype))
    scores = n.emit("MatMul", q, _heads(n, a, k, [0, 2, 3, 1]))
    for mask in _masks(n, a, masks, query, alone):
        scores = n.emit("Add", scores, mask)
    weights = n.emit("Softmax", scores, axis=-1)
    mixed = n.emit("MatMul", weights, _heads(n, a, v, [0, 2, 1, 3]))
    order = n.emit("Transpose", mixed, perm=[0, 2, 1, 3])
    joined = n.emit("Reshape", order, n.constant([0, 0, a.embed_dim]))
    out = _returned(n, a, _out(n, a, joined), alone)
    if not need_weights:
        return (out,)
    if average_attn_weights:
        weights = n.emit("ReduceMean", weights, n.constant([-3]), keepdims=0)
    return out, n.emit("Squeeze", weights, n.constant([0])) if alone else weights


def _by_batch(n: Lowering, a: Arguments, x: Tensor, alone: bool) -> str:
    """[N, T, size], whatever comes in."""
    if alone:
        return n.emit("Unsqueeze", x, n.constant([0]))
    return x.name if a.batch_first else n.emit("Transpose", x, perm=[1, 0, 2])


def _returned(n: Lowering, a: Arguments, value: str, alone: bool) -> str:
    if alone:
        return n.emit("Squeeze", value, n.constant([0]))
    return value if a.batch_first else n.emit("Transpose", value, perm=[1, 0, 2])


def _projected(n: Lowering, a: Arguments, given: list[str]) -> list[str]:
    """Query, key and value by their weights."""
    thirds = n.constant([a.embed_dim] * 3)
    if a.kdim == a.vdim == a.embed_dim:
        whole = n.parameter("in_proj_weight")
        weights = n.emit_many("Split", 3, whole, thirds, axis=0)
    else:
        weights = tuple(n.parameter(f"{name}_proj_weight") for name in "qkv")
    found = [
        n.emit("MatMul", x, n.emit("Transpose", weight, perm=[1, 0]))
        for x, weight in zip(given, weights, strict=True)
    ]
    if not a.has_bias:
        return found
    biases = n.emit_many("Split", 3, n.parameter("in_proj_bias"), thirds, axis=0)
    return [n.emit("Add", *pair) for pair in zip(found, biases, strict=True)]


def _out(n: Lowering, a: Arguments, x: str) -> str:
    weight = n.emit("Transpose", n.parameter("out_proj.weight"), perm=[1, 0])
    found = n.emit("MatMul", x, weight)
    return n.emit("Add", found, n.parameter("out_proj.bias")) if a.has_bias else found


def _heads(n: Lowering, a: Arguments, x: str, order: list[int]) -> str:
    """[N, T, heads, depth] in an order of these axes."""
    split = n.constant([0, 0, a.num_heads, a.embed_dim // a.num_heads])
    return n.emit("Transpose", n.emit("Reshape", x, split), perm=order)


def _masks(
    n: Lowering, a: Arguments, masks: dict[str, Tensor], query: Tensor, alone: bool
) -> list[str]:
    """What is added to the scores [N, heads, T, S]."""
    found = []
    if "attn_mask" in masks:
        given = masks["attn_mask"]
        mask = _added(n, a, given, query)
        if given.type.rank == 3:
            target, source = given.type.shape[1:]
            extra = a.add_bias_kv + a.add_zero_attn
            sizes = n.constant([-1, a.num_heads, target, source + extra])
            mask = n.emit("Reshape", mask, sizes)
        found.append(mask)
    if "key_padding_mask" in masks:
        mask = _added(n, a, masks["key_padding_mask"], query)
        found.append(n.emit("Unsqueeze", mask, n.constant([0, 1, 2] if alone else [1, 2])))
    return found


def _added(n: Lowering, a: Arguments, mask: Tensor, query: Tensor) -> str:
    """Floats as they are, minus infinity where a truth value is true; nothing for added keys."""
    dtype = query.type.dtype
    if mask.type.dtype == BOOL:
        value = n.emit("Where", mask, n.scalar(float("-inf"), dtype), n.scalar(0.0, dtype))
    else:
        value = n.cast(mask, dtype)
    extra = a.add_bias_kv + a.add_zero_attn
    if not extra:
        return value
    sides = [0] * (2 * mask.type.rank)
    sides[-1] = extra
    return n.emit("Pad", value, n.constant(sides), mode="constant")


# ---- layers


class _Layer:
    """A layer: blocks with a way around them and a norm before or after."""

    def __init__(self, n: Lowering, a: Arguments, word: str) -> None:
        self._n, self._a = n, a
        self._parts = n.parts(word, a)
        self._blocks = 0

    def block(self, x: Tensor, inner: Callable[[Tensor], Tensor]) -> Tensor:
        self._blocks += 1
        norm = f"norm{self._blocks}"
        if self._a.norm_first:
            return self._sum(x, inner(self._part(norm, x)))
        return self._part(norm, self._sum(x, inner(x)))

    def attend(
        self, name: str, memory: Tensor | None, mask: Tensor | None, padding: Tensor | None
    ) -> Callable[[Tensor], Tensor]:
        given = {"attn_mask": mask, "key_padding_mask": padding}
        masks = {key: value for key, value in given.items() if value is not None}

        def attention(x: Tensor) -> Tensor:
            seen = x if memory is None else memory
            return self._part(name, x, seen, seen, need_weights=False, **masks)

        return attention

    def feed(self, x: Tensor) -> Tensor:
        wide = self._part("dense1", x)
        formula = self._a.activation
        if formula == "gelu":
            active = gelu_by_erf(self._n, wide)
        else:
            active = FORMULAS[formula](self._n, wide.name, wide.type.dtype)
        return self._part("dense2", Tensor(active, wide.type))

    def _part(self, name: str, *values: Tensor, **given: object) -> Tensor:
        return self._n.part(name, self._parts[name], *values, **given)[0]

    def _sum(self, x: Tensor, y: Tensor) -> Tensor:
        return Tensor(self._n.emit("Add", x, y), x.type)


def gelu_by_erf(n: Lowering, x: Tensor) -> str:
    """x (1 + erf(x / sqrt(2))) / 2."""
    dtype = x.type.dtype
    inner = n.emit("Erf", n.emit("Div", x, n.scalar(sqrt(2.0), dtype)))
    factor = n.emit("Add", inner, n.scalar(1.0, dtype))
    return n.emit("Mul", n.emit("Mul", x, factor), n.scalar(0.5, dtype))


def _encoder_layer(n: Lowering, a: Arguments, src: Tensor, **masks: Tensor) -> str:
    layer = _Layer(n, a, "TransformerEncoderLayer")
    own = (masks.get(name) for name in ("src_mask", "src_key_padding_mask"))
    return layer.block(layer.block(src, layer.attend("self_attn", None, *own)), layer.feed).name


def _decoder_layer(n: Lowering, a: Arguments, tgt: Tensor, memory: Tensor, **masks: Tensor) -> str:
    layer = _Layer(n, a, "TransformerDecoderLayer")
    own = (masks.get(name) for name in ("tgt_mask", "tgt_key_padding_mask"))
    other = (masks.get(name) for name in ("memory_mask", "memory_key_padding_mask"))
    x = layer.block(tgt, layer.attend("self_attn", None, *own))
    x = layer.block(x, layer.attend("multihead_attn", memory, *other))
    return layer.block(x, layer.feed).name


def _stack(word: str) -> Callable[..., str]:
    def lower(n: Lowering, a: Arguments, x: Tensor, *memory: Tensor, **masks: Tensor) -> str:
        for name, part in n.parts(word, a).items():
            is_norm = name == "norm"
            (x,) = n.part(name, part, x) if is_norm else n.part(name, part, x, *memory, **masks)
        return x.name

    return lower


def _transformer(n: Lowering, a: Arguments, src: Tensor, tgt: Tensor, **masks: Tensor) -> str:
    parts = n.parts("Transformer", a)
    of_encoder = {name: mask for name, mask in masks.items() if name.startswith("src_")}
    others = {name: mask for name, mask in masks.items() if name not in of_encoder}
    (memory,) = n.part("encoder", parts["encoder"], src, **of_encoder)
    (found,) = n.part("decoder", parts["decoder"], tgt, memory, **others)
    return found.name


LOWERINGS: dict[str, Lower] = {
    "MultiheadAttention": _attention,
    "TransformerEncoderLayer": _encoder_layer,
    "TransformerDecoderLayer": _decoder_layer,
    "TransformerEncoder": _stack("TransformerEncoder"),
    "TransformerDecoder": _stack("TransformerDecoder"),
    "Transformer": _transformer,
}
