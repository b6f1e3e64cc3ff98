"""Attention of several heads (mindspore.nn.MultiheadAttention, 2.10)."""

from __future__ import annotations

from math import sqrt

from declspore.ir.dtype import BOOL
from declspore.ir.shape import Dim, TensorType, product
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments, Term
from declspore.numerics.broadcast import added
from declspore.numerics.compose import cell, parameters_of
from declspore.numerics.elementwise import floats_of
from declspore.numerics.initial import initializer
from declspore.numerics.read_parameter import read_parameter
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind, OwnParameter
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, Number, Optional


def _complete(a: Arguments) -> Arguments:
    if a.embed_dim % a.num_heads:
        raise Misfit(f"embed_dim {a.embed_dim} is not a multiple of num_heads {a.num_heads}")
    return Arguments(a, kdim=a.kdim or a.embed_dim, vdim=a.vdim or a.embed_dim)


def _is_joint(a: Arguments) -> bool:
    """Whether one weight projects query, key and value."""
    return bool(a.kdim == a.vdim == a.embed_dim)


def _out(a: Arguments) -> Term:
    return cell("Dense", in_channels=a.embed_dim, out_channels=a.embed_dim, has_bias=a.has_bias)


def _parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    size, uniform = a.embed_dim, initializer("XavierUniform")
    if _is_joint(a):
        own = [OwnParameter("in_proj_weight", (3 * size, size), uniform)]
    else:
        sizes = (("q", size), ("k", a.kdim), ("v", a.vdim))
        own = [OwnParameter(f"{n}_proj_weight", (size, width), uniform) for n, width in sizes]
    if a.has_bias:
        own.append(OwnParameter("in_proj_bias", (3 * size,), initializer("Zero")))
    if a.add_bias_kv:
        normal = initializer("XavierNormal")
        own += [OwnParameter(name, (1, 1, size), normal) for name in ("bias_k", "bias_v")]
    return (*own, *parameters_of({"out_proj": _out(a)}))


# ---- shapes


def _alone(a: Arguments) -> Arguments:
    """For one sequence without an axis of samples, which is put before the first."""
    return Arguments(a, batch_first=True)


def _lifted(x: TensorType) -> TensorType:
    return x.with_shape((1, *x.shape))


def _infer(
    a: Arguments,
    query: TensorType,
    key: TensorType,
    value: TensorType,
    *,
    need_weights: bool,
    average_attn_weights: bool,
    **masks: TensorType,
) -> tuple[TensorType, ...]:
    for entering in (query, key, value):
        if floats_of(entering).rank != query.rank:
            raise Misfit(f"query {query}, key {key} and value {value} have unlike numbers of axes")
    found = _infer_any(a, query, key, value, **masks)
    if not need_weights:
        return found[:1]
    if average_attn_weights:
        return found
    *before, target, source = found[1].shape
    return found[0], found[1].with_shape((*before, a.num_heads, target, source))


def _infer_any(
    a: Arguments,
    query: TensorType,
    key: TensorType,
    value: TensorType,
    **masks: TensorType,
) -> tuple[TensorType, ...]:
    if query.rank != 2:
        return _infer_batch(a, query, key, value, **masks)
    if "key_padding_mask" in masks:
        masks["key_padding_mask"] = _lifted(masks["key_padding_mask"])
    found = _infer_batch(_alone(a), *(_lifted(x) for x in (query, key, value)), **masks)
    return tuple(x.with_shape(x.shape[1:]) for x in found)


def _infer_batch(
    a: Arguments,
    query: TensorType,
    key: TensorType,
    value: TensorType,
    **masks: TensorType,
) -> tuple[TensorType, ...]:
    sizes = (("query", query, a.embed_dim), ("key", key, a.kdim), ("value", value, a.vdim))
    order = "[N, T, " if a.batch_first else "[T, N, "
    for name, type, size in sizes:
        if type.rank != 3 or type.shape[2] != size:
            raise Misfit(f"{name} must be {order}{size}], found {type}")
    (batch, target), (_, source) = _lengths(a, query), _lengths(a, key)
    if _lengths(a, value) != (batch, source) or _lengths(a, key)[0] != batch:
        raise Misfit(f"query {query}, key {key} and value {value} do not fit together")
    _check_masks(a, batch, target, source, masks)
    extra = a.add_bias_kv + a.add_zero_attn
    return query, query.with_shape((batch, target, source + extra))


def _lengths(a: Arguments, x: TensorType) -> tuple[Dim, Dim]:
    """Batch and length."""
    return (x.shape[0], x.shape[1]) if a.batch_first else (x.shape[1], x.shape[0])


def _check_masks(
    a: Arguments, batch: Dim, target: Dim, source: Dim, masks: dict[str, TensorType]
) -> None:
    for name, given in masks.items():
        if not (given.dtype.is_float or given.dtype == BOOL):
            told = f"{name} must be truth values or floats, found {given}"
            raise Misfit(told, f"cast({name}, bool)")
    padding, mask = masks.get("key_padding_mask"), masks.get("attn_mask")
    if padding is not None and padding.shape != (batch, source):
        raise Misfit(f"key_padding_mask must be [{batch}, {source}], found {padding}")
    if mask is None:
        return
    if mask.rank not in (2, 3) or mask.shape[-2:] != (target, source):
        raise Misfit(f"attn_mask must be [{target}, {source}], found {mask}")
    if mask.rank == 3:
        _check_mask_of_heads(a, batch, mask)


def _check_mask_of_heads(a: Arguments, batch: Dim, mask: TensorType) -> None:
    if not all(isinstance(dim, int) for dim in mask.shape[1:]):
        raise Misfit(f"an attn_mask for each head needs sizes that are known, found {mask}")
    count, heads = mask.shape[0], int(a.num_heads)
    if not isinstance(count, int):
        return
    if count % heads or (isinstance(batch, int) and count != batch * heads):
        raise Misfit(f"an attn_mask for each head has {batch} times {heads} of them, found {mask}")


# ---- lowering


def _lower(
    b: Builder,
    a: Arguments,
    query: Value,
    key: Value,
    value: Value,
    *,
    need_weights: bool,
    average_attn_weights: bool,
    **masks: Value,
) -> tuple[Value, ...]:
    out, weights = _lower_any(b, a, query, key, value, **masks)
    if not need_weights:
        return b.results(out)
    return b.results(out, b.keras.ops.mean(weights, axis=-3) if average_attn_weights else weights)


def _lower_any(
    b: Builder, a: Arguments, query: Value, key: Value, value: Value, **masks: Value
) -> tuple[Tensor, Tensor]:
    """The result, and the attention of every head."""
    if query.type.rank != 2:
        return _attended(b, a, query, key, value, **masks)
    lifted = {id(x): _lift(b, x) for x in (query, key, value)}
    if "key_padding_mask" in masks:
        masks["key_padding_mask"] = _lift(b, masks["key_padding_mask"])
    batch = (lifted[id(x)] for x in (query, key, value))
    out, weights = _attended(b, _alone(a), *batch, **masks)
    return out[0], weights[0]


def _lift(b: Builder, x: Value) -> Value:
    return b.value(_lifted(x.type), b.keras.ops.expand_dims(b.plain(x), 0))


def _attended(
    b: Builder, a: Arguments, query: Value, key: Value, value: Value, **masks: Value
) -> tuple[Tensor, Tensor]:
    ops = b.keras.ops
    given = {"query": query, "key": key, "value": value}
    q, k, v = _projected(b, a, given)
    if a.add_bias_kv:
        k, v = (
            ops.concatenate([x, _row(ops, x) + _bare(b, a, name)], axis=1)
            for x, name in ((k, "bias_k"), (v, "bias_v"))
        )
    if a.add_zero_attn:
        k, v = (ops.concatenate([x, _row(ops, x)], axis=1) for x in (k, v))
    q, k, v = (_heads(b, a, x) for x in (q, k, v))
    depth = a.embed_dim // a.num_heads
    scores = ops.matmul(q * (1.0 / sqrt(depth)), ops.swapaxes(k, -1, -2))
    for mask in _masks(b, a, masks):
        scores = added(ops, scores, mask)
    weights = ops.softmax(scores, axis=-1)
    if a.dropout:
        weights = b.layer(b.keras.layers.Dropout, "dropout", rate=a.dropout)(weights)
    mixed = ops.transpose(ops.matmul(weights, v), (0, 2, 1, 3))
    joined = b.keras.layers.Reshape((-1, a.embed_dim))(mixed)
    (out,) = b.part("out_proj", _out(a), b.value(_by_batch(a, query.type), joined))
    return _turned(b, a, b.plain(out)), weights


def _by_batch(a: Arguments, x: TensorType) -> TensorType:
    return x if a.batch_first else x.with_shape((x.shape[1], x.shape[0], x.shape[2]))


def _turned(b: Builder, a: Arguments, tensor: Tensor) -> Tensor:
    """[N, T, ...] from the order that comes in, or back to it."""
    return tensor if a.batch_first else b.keras.ops.swapaxes(tensor, 0, 1)


def _bare(b: Builder, a: Arguments, name: str) -> Tensor:
    return read_parameter(b, next(own for own in _parameters(a) if own.name == name), name)


def _projected(b: Builder, a: Arguments, given: dict[str, Value]) -> list[Tensor]:
    """Query, key and value by their weights, [N, T, embed_dim]; in one product where all are
    the same tensor."""
    ops = b.keras.ops
    bias = _bare(b, a, "in_proj_bias") if a.has_bias else None
    if _is_joint(a):
        whole = _bare(b, a, "in_proj_weight")
        if len({id(value) for value in given.values()}) == 1:
            x = ops.matmul(_turned(b, a, b.plain(given["query"])), ops.transpose(whole))
            return list(ops.split(x if bias is None else x + bias, 3, axis=-1))
        weights = ops.split(whole, 3, axis=0)
    else:
        weights = [_bare(b, a, f"{name}_proj_weight") for name in "qkv"]
    biases = None if bias is None else ops.split(bias, 3, axis=0)
    found = []
    for index, (value, weight) in enumerate(zip(given.values(), weights, strict=True)):
        x = ops.matmul(_turned(b, a, b.plain(value)), ops.transpose(weight))
        found.append(x if biases is None else x + biases[index])
    return found


def _row(ops: Ops, x: Tensor) -> Tensor:
    return ops.zeros_like(x[:, :1])


def _heads(b: Builder, a: Arguments, x: Tensor) -> Tensor:
    """[N, T, E] to [N, heads, T, E / heads]."""
    split = b.keras.layers.Reshape((-1, a.num_heads, a.embed_dim // a.num_heads))(x)
    return b.keras.ops.transpose(split, (0, 2, 1, 3))


def _masks(b: Builder, a: Arguments, masks: dict[str, Value]) -> list[Tensor]:
    """What is added to the scores [N, heads, T, S]."""
    ops, found = b.keras.ops, []
    if "attn_mask" in masks:
        type = masks["attn_mask"].type
        mask = _added(b, a, masks["attn_mask"])
        if type.rank == 3:
            mask = ops.reshape(mask, (-1, a.num_heads, *mask.shape[1:]))
        found.append(mask)
    if "key_padding_mask" in masks:
        mask = _added(b, a, masks["key_padding_mask"])
        found.append(mask[:, None, None, :])
    return found


def _added(b: Builder, a: Arguments, mask: Value) -> Tensor:
    """Floats as they are, minus infinity where a truth value is true; nothing for added keys."""
    ops, tensor = b.keras.ops, b.plain(mask)
    if mask.type.dtype == BOOL:
        tensor = ops.where(tensor, float("-inf"), 0.0)
    extra = a.add_bias_kv + a.add_zero_attn
    if not extra:
        return tensor
    sides = [(0, 0)] * (mask.type.rank - 1)
    return ops.pad(tensor, [*sides, (0, extra)])


def _work(a: Arguments, inputs: tuple[TensorType, ...], outputs: tuple[TensorType, ...]) -> Dim:
    query, key, value = (product(x.shape[:-1]) for x in inputs[:3])
    size: int = a.embed_dim
    projections: Dim = (
        query * (2 * size * size) + key * (size * int(a.kdim)) + value * (size * int(a.vdim))
    )
    batch, target = (1, inputs[0].shape[0]) if inputs[0].rank == 2 else _lengths(a, inputs[0])
    source = inputs[1].shape[0] if inputs[1].rank == 2 else _lengths(a, inputs[1])[1]
    seen = source + (a.add_bias_kv + a.add_zero_attn)
    return projections + product((batch, target, seen)) * (2 * size)


KINDS = (
    CellKind(
        name="MultiheadAttention",
        signature=signature(
            Argument("embed_dim", Integer(1), help="size of query and result"),
            Argument("num_heads", Integer(1), help="heads that attend side by side"),
            Argument("dropout", Number(0.0, 1.0), 0.0, "of the attention, in training"),
            Argument("has_bias", Boolean(), True, "whether projections have a bias"),
            Argument("add_bias_kv", Boolean(), False, "whether a trained key is added"),
            Argument("add_zero_attn", Boolean(), False, "whether a key of zeros is added"),
            Argument("kdim", Optional(Integer(1)), None, "size of the key; none: embed_dim"),
            Argument("vdim", Optional(Integer(1)), None, "size of the value; none: embed_dim"),
            Argument("batch_first", Boolean(), False, "[N, T, size] instead of [T, N, size]"),
        ),
        summary=(
            "softmax(Q K^T / sqrt(size of a head) + masks) V of every head, projected. Returns "
            "the result and the attention [N, T, S], the mean of the heads, or that of each head "
            "[N, heads, T, S]; or the result alone. Truth values of a mask are true where nothing "
            "is to be seen, floats are added, as documented; where one mask has truth values and "
            "the other floats, MindSpore 2.10 takes floats for truth values, or adds truth values "
            "as ones. One sequence may come by itself."
        ),
        example="MultiheadAttention(8, 2, batch_first = true)",
        complete=_complete,
        parameters=_parameters,
        infer=_infer,
        lower=_lower,
        inputs=("query", "key", "value"),
        optional=(
            "key_padding_mask",
            Argument("need_weights", Boolean(), True, "whether the attention is a result, too"),
            "attn_mask",
            Argument("average_attn_weights", Boolean(), True, "whether heads give their mean"),
        ),
        multiply_adds=_work,
        parts=lambda a: {"out_proj": _out(a)},
    ),
)
