"""Layers of transformers, and stacks of them (mindspore.nn.layer.transformer, 2.10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from declspore.ir.shape import Dim, TensorType, product
from declspore.ir.term import Arguments, Term
from declspore.numerics.compose import CellOf, Parts, cell, parameters_of
from declspore.numerics.initial import initializer
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind, OwnParameter
from declspore.registry.signature import Argument, Signature, signature
from declspore.registry.table import vocabulary
from declspore.registry.types import Boolean, Choice, Integer, Number, Optional

_ENCODER_MASKS = ("src_mask", "src_key_padding_mask")
_DECODER_MASKS = (*("tgt_mask", "memory_mask", "tgt_key_padding_mask", "memory_key_padding_mask"),)
_BOTH_MASKS = (
    *("src_mask", "tgt_mask", "memory_mask"),
    *("src_key_padding_mask", "tgt_key_padding_mask", "memory_key_padding_mask"),
)


def _layer_arguments(
    *before: Argument, sizes: tuple[Argument, ...], made: tuple[Argument, ...] = ()
) -> Signature:
    return signature(
        *sizes,
        *before,
        Argument("dim_feedforward", Integer(1), 2048, "size between the two dense cells"),
        Argument("dropout", Number(0.0, 1.0), 0.1, "of attention and results, in training"),
        Argument("activation", Choice(("relu", "gelu")), "relu", "between them; gelu by erf"),
        *made,
        Argument("layer_norm_eps", Number(above=0.0), 1e-5, "added to the variance"),
        Argument("batch_first", Boolean(), False, "[N, T, size] instead of [T, N, size]"),
        Argument("norm_first", Boolean(), False, "whether norms come before the blocks"),
    )


_SIZES = (
    Argument("d_model", Integer(1), help="size of input and result"),
    Argument("nhead", Integer(1), help="heads of the attention"),
)


# ---- one layer


def _attention(a: Arguments) -> Term:
    return cell(
        "MultiheadAttention",
        embed_dim=a.d_model,
        num_heads=a.nhead,
        dropout=a.dropout,
        batch_first=a.batch_first,
    )


def _complete_layer(a: Arguments) -> Arguments:
    """Raises Misfit where the parameters do not make an attention."""
    _attention(a)
    return a


def _norm(a: Arguments) -> Term:
    return cell("LayerNorm", normalized_shape=(a.d_model,), epsilon=a.layer_norm_eps)


def _parts(a: Arguments, attentions: tuple[str, ...]) -> Parts:
    """Of a layer with these attentions; there is a norm for each of its blocks."""
    norms = {f"norm{index + 1}": _norm(a) for index in range(len(attentions) + 1)}
    return {
        **{name: _attention(a) for name in attentions},
        "dense1": cell("Dense", in_channels=a.d_model, out_channels=a.dim_feedforward),
        "dense2": cell("Dense", in_channels=a.dim_feedforward, out_channels=a.d_model),
        **norms,
    }


T = TypeVar("T")


class _Layer:
    """A layer being lowered: blocks with a way around them and a norm before or after."""

    def __init__(self, b: Builder, a: Arguments, attentions: tuple[str, ...]) -> None:
        self._b, self._a = b, a
        self._parts = _parts(a, attentions)
        self._blocks = 0

    def part(self, name: str, *values: Value, **named: Value) -> Value:
        """What a part gives: of an attention the first, without its weights."""
        return self._b.part(name, self._parts[name], *values, **named)[0]

    def block(self, x: Value, inner: Callable[[Value], Value]) -> Value:
        self._blocks += 1
        norm, number = f"norm{self._blocks}", self._blocks
        if self._a.norm_first:
            return self._sum(x, self._dropped(f"dropout{number}", inner(self.part(norm, x))))
        result: Value = self.part(norm, self._sum(x, self._dropped(f"dropout{number}", inner(x))))
        return result

    def attend(
        self, name: str, memory: Value | None, mask: Value | None, padding: Value | None
    ) -> Callable[[Value], Value]:
        given = {"attn_mask": mask, "key_padding_mask": padding}
        masks = {key: value for key, value in given.items() if value is not None}

        def attention(x: Value) -> Value:
            seen = x if memory is None else memory
            return self.part(name, x, seen, seen, **masks)

        return attention

    def feed(self, x: Value) -> Value:
        b, ops = self._b, self._b.keras.ops
        wide = self.part("dense1", x)
        by_gelu = self._a.activation == "gelu"
        tensor = b.plain(wide)
        active = ops.gelu(tensor, approximate=False) if by_gelu else ops.relu(tensor)
        result: Value = self.part("dense2", self._dropped("dropout", b.value(wide.type, active)))
        return result

    def _dropped(self, name: str, x: Value) -> Value:
        if not self._a.dropout:
            return x
        layer = self._b.layer(self._b.keras.layers.Dropout, name, rate=self._a.dropout)
        return self._b.value(x.type, layer(self._b.plain(x)))

    def _sum(self, x: Value, y: Value) -> Value:
        return self._b.value(x.type, self._b.plain(x) + self._b.plain(y))


def _infer_layer(a: Arguments, x: TensorType, **others: TensorType) -> TensorType:
    memory = others.pop("memory", x)
    for prefix, seen in (("src_", x), ("tgt_", x), ("memory_", memory)):
        named = {"attn_mask": f"{prefix}mask", "key_padding_mask": f"{prefix}key_padding_mask"}
        masks = {key: others[name] for key, name in named.items() if name in others}
        attention = _attention(a)
        kind = vocabulary().of(CellKind, attention.word)
        kind.infer(attention.arguments, x, seen, seen, **masks, **kind.usual)
    return x


def _lower_encoder_layer(b: Builder, a: Arguments, src: Value, **masks: Value) -> Value:
    layer = _Layer(b, a, ("self_attn",))
    attend = layer.attend("self_attn", None, *(masks.get(name) for name in _ENCODER_MASKS))
    return layer.block(layer.block(src, attend), layer.feed)


def _lower_decoder_layer(
    b: Builder, a: Arguments, tgt: Value, memory: Value, **masks: Value
) -> Value:
    layer = _Layer(b, a, ("self_attn", "multihead_attn"))
    own, other, own_padding, other_padding = (masks.get(name) for name in _DECODER_MASKS)
    x = layer.block(tgt, layer.attend("self_attn", None, own, own_padding))
    x = layer.block(x, layer.attend("multihead_attn", memory, other, other_padding))
    return layer.block(x, layer.feed)


def _layer_work(a: Arguments, x: TensorType, seen: tuple[TensorType, ...]) -> Dim:
    attention = _attention(a)
    kind = vocabulary().of(CellKind, attention.word)
    total: Dim = product(x.shape[:-1]) * (2 * a.d_model * a.dim_feedforward)
    for memory in seen:
        given = (x, memory, memory)
        assert kind.multiply_adds is not None
        results = kind.infer(attention.arguments, *given, **kind.usual)
        made = results if isinstance(results, tuple) else (results,)
        total = kind.multiply_adds(attention.arguments, given, made) + total
    return total


# ---- stacks of layers


def _stack_parts(a: Arguments, layer: str) -> Parts:
    layers = {f"layers.{index}": a[layer] for index in range(a.num_layers)}
    return layers if a.norm is None else {**layers, "norm": a.norm}


def _lower_stack(
    b: Builder, a: Arguments, layer: str, x: Value, *memory: Value, **masks: Value
) -> Value:
    for name, part in _stack_parts(a, layer).items():
        beside = () if name == "norm" else memory
        (x,) = b.part(name, part, x, *beside, **({} if name == "norm" else masks))
    return x


def _infer_stack(a: Arguments, layer: str, x: TensorType, **others: TensorType) -> TensorType:
    found = _infer_layer(a[layer].arguments, x, **others)
    if a.norm is not None:
        vocabulary().of(CellKind, a.norm.word).infer(a.norm.arguments, found)
    return found


def _stack(word: str, of: str, memory: tuple[str, ...], masks: tuple[str, ...]) -> CellKind:
    role, first = ("encoder_layer", "src") if not memory else ("decoder_layer", "tgt")

    def infer(a: Arguments, x: TensorType, *seen: TensorType, **given: TensorType) -> TensorType:
        return _infer_stack(a, role, x, **dict(zip(memory, seen, strict=True)), **given)

    return CellKind(
        name=word,
        signature=signature(
            Argument(role, CellOf(of), help="the layer it is made of, with weights for each"),
            Argument("num_layers", Integer(1), help="how many"),
            Argument("norm", Optional(CellOf("LayerNorm")), None, "applied to the result"),
        ),
        summary=f"Layers of {of} one after the other; their paths are layers.0, layers.1, ...",
        example=f"{word}({of}(8, 2, dim_feedforward = 16), 2, norm = LayerNorm([8]))",
        parameters=lambda a: parameters_of(_stack_parts(a, role)),
        parts=lambda a: _stack_parts(a, role),
        infer=infer,
        lower=lambda b, a, x, *seen, **given: _lower_stack(b, a, role, x, *seen, **given),
        inputs=(first, *memory),
        optional=masks,
        multiply_adds=lambda a, inputs, outputs: (
            _layer_work(a[role].arguments, inputs[0], (inputs[0], *inputs[1 : 1 + len(memory)]))
            * a.num_layers
        ),
    )


# ---- both


def _complete_both(a: Arguments) -> Arguments:
    """Raises Misfit where a stack of its own has no such attention."""
    return a if a.custom_encoder and a.custom_decoder else _complete_layer(a)


def _both(a: Arguments) -> Parts:
    return {
        "encoder": a.custom_encoder or _own_stack(a, "encoder"),
        "decoder": a.custom_decoder or _own_stack(a, "decoder"),
    }


def _own_stack(a: Arguments, role: str) -> Term:
    word = f"Transformer{role.capitalize()}"
    layer = cell(f"{word}Layer", **{name: a[name] for name in _SHARED})
    options = {f"{role}_layer": layer, "num_layers": a[f"num_{role}_layers"], "norm": _norm(a)}
    return cell(word, **options)


_SHARED = (
    *("d_model", "nhead", "dim_feedforward", "dropout", "activation", "layer_norm_eps"),
    *("batch_first", "norm_first"),
)


def _both_parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    """Every matrix starts as XavierUniform there, whatever its cell says."""
    xavier = initializer("XavierUniform")
    return tuple(
        OwnParameter(own.name, own.shape, xavier if len(own.shape) > 1 else own.init)
        for own in parameters_of(_both(a))
    )


def _split_masks(masks: dict[str, T]) -> tuple[dict[str, T], dict[str, T]]:
    of_encoder = {name: masks[name] for name in _ENCODER_MASKS if name in masks}
    return of_encoder, {name: masks[name] for name in _DECODER_MASKS if name in masks}


def _infer_both(a: Arguments, src: TensorType, tgt: TensorType, **masks: TensorType) -> TensorType:
    parts, (one, other) = _both(a), _split_masks(masks)
    memory = _infer_stack(parts["encoder"].arguments, "encoder_layer", src, **one)
    decoder = parts["decoder"].arguments
    return _infer_stack(decoder, "decoder_layer", tgt, memory=memory, **other)


def _lower_both(b: Builder, a: Arguments, src: Value, tgt: Value, **masks: Value) -> Value:
    parts, (one, other) = _both(a), _split_masks(masks)
    (memory,) = b.part("encoder", parts["encoder"], src, **one)
    (found,) = b.part("decoder", parts["decoder"], tgt, memory, **other)
    return found


def _both_work(
    a: Arguments, inputs: tuple[TensorType, ...], outputs: tuple[TensorType, ...]
) -> Dim:
    src, tgt = inputs[:2]
    total: Dim = 0
    for part, given in zip(_both(a).values(), ((src,), (tgt, src)), strict=True):
        counts = vocabulary().of(CellKind, part.word).multiply_adds
        assert counts is not None
        total = counts(part.arguments, given, given[:1]) + total
    return total


KINDS = (
    CellKind(
        name="TransformerEncoderLayer",
        signature=_layer_arguments(sizes=_SIZES),
        summary="Self-attention, then two dense cells; each with a way around it and a LayerNorm.",
        example="TransformerEncoderLayer(8, 2, dim_feedforward = 16)",
        complete=_complete_layer,
        parameters=lambda a: parameters_of(_parts(a, ("self_attn",))),
        parts=lambda a: _parts(a, ("self_attn",)),
        infer=_infer_layer,
        lower=_lower_encoder_layer,
        inputs=("src",),
        optional=_ENCODER_MASKS,
        multiply_adds=lambda a, inputs, outputs: _layer_work(a, inputs[0], inputs[:1]),
    ),
    CellKind(
        name="TransformerDecoderLayer",
        signature=_layer_arguments(sizes=_SIZES),
        summary=(
            "Self-attention, attention to the memory, then two dense cells; each with a way "
            "around it and a LayerNorm."
        ),
        example="TransformerDecoderLayer(8, 2, dim_feedforward = 16)",
        complete=_complete_layer,
        parameters=lambda a: parameters_of(_parts(a, ("self_attn", "multihead_attn"))),
        parts=lambda a: _parts(a, ("self_attn", "multihead_attn")),
        infer=lambda a, tgt, memory, **masks: _infer_layer(a, tgt, memory=memory, **masks),
        lower=_lower_decoder_layer,
        inputs=("tgt", "memory"),
        optional=_DECODER_MASKS,
        multiply_adds=lambda a, inputs, outputs: _layer_work(a, inputs[0], inputs[:2]),
    ),
    _stack("TransformerEncoder", "TransformerEncoderLayer", (), _ENCODER_MASKS),
    _stack("TransformerDecoder", "TransformerDecoderLayer", ("memory",), _DECODER_MASKS),
    CellKind(
        name="Transformer",
        signature=_layer_arguments(
            Argument("num_encoder_layers", Integer(1), 6, "layers of the encoder"),
            Argument("num_decoder_layers", Integer(1), 6, "layers of the decoder"),
            sizes=(
                Argument("d_model", Integer(1), 512, "size of input and result"),
                Argument("nhead", Integer(1), 8, "heads of the attention"),
            ),
            made=tuple(
                Argument(
                    f"custom_{role}",
                    Optional(CellOf(f"Transformer{role.capitalize()}")),
                    None,
                    f"the {role}, in place of one made of the other arguments",
                )
                for role in ("encoder", "decoder")
            ),
        ),
        summary="A TransformerEncoder, and a TransformerDecoder whose memory is its result.",
        example="Transformer(8, 2, 1, 1, 16)",
        complete=_complete_both,
        parameters=_both_parameters,
        parts=_both,
        infer=_infer_both,
        lower=_lower_both,
        inputs=("src", "tgt"),
        optional=_BOTH_MASKS,
        multiply_adds=_both_work,
    ),
)
