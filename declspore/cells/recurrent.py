"""Recurrent cells (mindspore.nn, 2.10)."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod, sqrt

from declspore.ir.shape import TensorType, product
from declspore.ir.tensors import Tensor
from declspore.ir.term import Arguments
from declspore.numerics.elementwise import floats_of
from declspore.numerics.initial import initializer
from declspore.numerics.recurrence import GATES, STATES
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind, OwnParameter
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, Signature, signature
from declspore.registry.types import Boolean, Choice, Integer, Number

_ROLES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
_SIZES = (
    Argument("input_size", Integer(1), help="size of the last axis of the input"),
    Argument("hidden_size", Integer(1), help="size of the state"),
)
_BIAS = Argument("has_bias", Boolean(), True, "whether both biases are added")
_NONLINEARITY = Argument("nonlinearity", Choice(("tanh", "relu")), "tanh", "of the new state")


# ---- whole sequences


def _runs(a: Arguments) -> Iterator[tuple[int, str, int]]:
    """Layer, suffix of its parameters' names, and size of what enters, run by run."""
    directions = 2 if a.bidirectional else 1
    for layer in range(a.num_layers):
        size = a.input_size if layer == 0 else a.hidden_size * directions
        yield layer, f"_l{layer}", size
        if a.bidirectional:
            yield layer, f"_l{layer}_reverse", size


def _pair(word: str) -> tuple[str, str] | None:
    """The states of a word that has two."""
    first, *others = STATES[word]
    return (first, others[0]) if others else None


def _parameters(word: str, a: Arguments) -> tuple[OwnParameter, ...]:
    """All weight_ih, then all weight_hh, bias_ih, bias_hh, as MindSpore saves them."""
    rows = GATES[word] * a.hidden_size
    init = initializer("Uniform", scale=1.0 / sqrt(a.hidden_size))
    found = []
    for role in _ROLES if a.has_bias else _ROLES[:2]:
        for _, suffix, size in _runs(a):
            shapes = {"weight_ih": (rows, size), "weight_hh": (rows, a.hidden_size)}
            found.append(OwnParameter(f"{role}{suffix}", shapes.get(role, (rows,)), init))
    return tuple(found)


def _infer(
    word: str, a: Arguments, x: TensorType, seq_length: TensorType | None = None, **first: object
) -> tuple[TensorType, ...]:
    order = "[N, T, input_size]" if a.batch_first else "[T, N, input_size]"
    if floats_of(x).rank != 3 or x.shape[2] != a.input_size:
        raise Misfit(f"{word} takes {order} with input_size {a.input_size}, found {x}")
    batch = x.shape[0] if a.batch_first else x.shape[1]
    if seq_length is not None and not (
        seq_length.dtype.is_integer and seq_length.shape == (batch,)
    ):
        raise Misfit(f"seq_length must be integers [{batch}], found {seq_length}")
    directions = 2 if a.bidirectional else 1
    output = x.with_shape((*x.shape[:2], a.hidden_size * directions))
    state = x.with_shape((a.num_layers * directions, batch, a.hidden_size))
    if first and len(first) < len(STATES[word]):
        raise Misfit("h and c are given both, or none of them")
    for name, given in first.items():
        if given != state:
            raise Misfit(f"{name} must be {state}, found {given}")
    return (output, *(state for _ in STATES[word]))


def _lower(
    word: str, b: Builder, a: Arguments, x: Value, seq_length: Value | None = None, **first: Value
) -> tuple[Value, ...]:
    ops = b.keras.ops
    begun = [b.plain(first[name]) for name in STATES[word] if name in first]
    flowing = b.plain(x) if a.batch_first else ops.transpose(b.plain(x), (1, 0, 2))
    mask = None
    if seq_length is not None:
        steps = ops.cumsum(ops.ones_like(flowing[:, :, 0]), axis=1)
        lengths = ops.cast(b.plain(seq_length), flowing.dtype)
        mask = steps <= ops.expand_dims(lengths, 1)
    states: list[list[Tensor]] = []
    for layer in range(a.num_layers):
        if layer and a.dropout:
            rate = b.keras.layers.Dropout
            flowing = b.layer(rate, f"dropout{layer}", rate=a.dropout)(flowing)
        outputs = []
        for suffix in _suffixes(a, layer):
            own = [state[len(states)] for state in begun] or None
            output, *last = _run(word, b, a, flowing, suffix, mask, own)
            outputs.append(output)
            states.append(last)
        flowing = ops.concatenate(outputs, axis=-1) if len(outputs) > 1 else outputs[0]
    result = flowing if a.batch_first else ops.transpose(flowing, (1, 0, 2))
    stacked = (ops.stack(parts, axis=0) for parts in zip(*states, strict=True))
    return b.results(result, *stacked)


def _suffixes(a: Arguments, layer: int) -> list[str]:
    return [suffix for of, suffix, _ in _runs(a) if of == layer]


def _run(
    word: str,
    b: Builder,
    a: Arguments,
    x: Tensor,
    suffix: str,
    mask: Tensor | None,
    first: list[Tensor] | None,
) -> tuple[Tensor, ...]:
    backwards = suffix.endswith("_reverse")
    step = b.layer(b.own.RecurrentStep, f"step{suffix}", **_config(word, b, a, suffix))
    run = b.layer(
        b.keras.layers.RNN,
        f"run{suffix}",
        cell=step,
        return_sequences=True,
        return_state=True,
        go_backwards=backwards,
        zero_output_for_mask=mask is not None,
    )
    output, *last = run(x, mask=mask, initial_state=first)
    for role, variable in step.by_role().items():
        b.bind(f"{role}{suffix}", variable)
    return b.keras.ops.flip(output, axis=1) if backwards else output, *last


def _config(word: str, b: Builder, a: Arguments, suffix: str) -> dict[str, object]:
    return {
        "kind": word,
        "units": a.hidden_size,
        "has_bias": a.has_bias,
        "nonlinearity": a.get("nonlinearity", "tanh"),
        "initializer": b.initial(f"weight_ih{suffix}"),
    }


def _sequence(word: str, summary: str) -> CellKind:
    nonlinearity = (_NONLINEARITY,) if word == "RNN" else ()
    return CellKind(
        name=word,
        signature=signature(
            *_SIZES,
            Argument("num_layers", Integer(1), 1, "layers, one on the other"),
            *nonlinearity,
            _BIAS,
            Argument("batch_first", Boolean(), False, "[N, T, size] instead of [T, N, size]"),
            Argument("dropout", Number(0.0, 1.0), 0.0, "between layers, in training"),
            Argument("bidirectional", Boolean(), False, "whether a second run goes backwards"),
        ),
        summary=summary,
        example=f"{word}(4, 8)",
        parameters=lambda a: _parameters(word, a),
        infer=lambda a, x, **more: _infer(word, a, x, **more),
        lower=lambda b, a, x, **more: _lower(word, b, a, x, **more),
        optional=(*STATES[word], "seq_length"),
        pair=_pair(word),
        loops_over=lambda a: 1 if a.batch_first else 0,
        multiply_adds=lambda a, inputs, outputs: (
            product(inputs[0].shape[:2]) * _weights(_parameters(word, a))
        ),
    )


def _weights(parameters: tuple[OwnParameter, ...]) -> int:
    """Values of the matrices: multiply-adds of one step of one sequence."""
    return sum(prod(own.shape) for own in parameters if own.name.startswith("weight"))


# ---- single steps


def _step_parameters(word: str, a: Arguments) -> tuple[OwnParameter, ...]:
    rows = GATES[word] * a.hidden_size
    init = initializer("Uniform", scale=1.0 / sqrt(a.hidden_size))
    shapes = ((rows, a.input_size), (rows, a.hidden_size), (rows,), (rows,))
    pairs = list(zip(_ROLES, shapes, strict=True))
    return tuple(OwnParameter(*pair, init) for pair in (pairs if a.has_bias else pairs[:2]))


def _infer_step(
    word: str, a: Arguments, x: TensorType, *states: TensorType
) -> TensorType | tuple[TensorType, ...]:
    if floats_of(x).rank != 2 or x.shape[1] != a.input_size:
        raise Misfit(f"{word}Cell takes [N, {a.input_size}], found {x}")
    for state in states:
        if state.shape != (x.shape[0], a.hidden_size):
            raise Misfit(f"a state is [{x.shape[0]}, {a.hidden_size}], found {state}")
    return states if len(states) > 1 else states[0]


def _lower_step(
    word: str, b: Builder, a: Arguments, x: Value, *states: Value
) -> Value | tuple[Value, ...]:
    step = b.layer(b.own.RecurrentStep, "", **_config(word, b, a, ""))
    _, moved = step(b.plain(x), [b.plain(state) for state in states])
    for role, variable in step.by_role().items():
        b.bind(role, variable)
    return b.results(*moved)


def _step(word: str, arguments: Signature, inputs: tuple[str, ...], summary: str) -> CellKind:
    return CellKind(
        name=f"{word}Cell",
        signature=arguments,
        summary=summary,
        example=f"{word}Cell(4, 8)",
        parameters=lambda a: _step_parameters(word, a),
        infer=lambda a, *types: _infer_step(word, a, *types),
        lower=lambda b, a, *values: _lower_step(word, b, a, *values),
        inputs=inputs,
        pair=_pair(word),
        multiply_adds=lambda a, given, results: (
            given[0].shape[0] * _weights(_step_parameters(word, a))
        ),
    )


_TAIL = (
    "Returns the outputs and the last state [layers x directions, N, hidden_size], which `hx` "
    "may give for the start."
)

KINDS = (
    _sequence("RNN", f"h = tanh(W_ih x + b_ih + W_hh h + b_hh) along a sequence. {_TAIL}"),
    _sequence(
        "LSTM",
        "Gates i, f, g, o of W_ih x + b_ih + W_hh h + b_hh: c = f c + i tanh(g); h = o tanh(c). "
        "Returns the outputs, the last h and the last c; MindSpore's `hx = (h, c)` is `h` and `c`.",
    ),
    _sequence(
        "GRU",
        f"Gates r, z: n = tanh(W_in x + b_in + r (W_hn h + b_hn)); h = (1 - z) n + z h. {_TAIL}",
    ),
    _step(
        "RNN",
        signature(*_SIZES, _BIAS, _NONLINEARITY),
        ("x", "hx"),
        "One step of RNN: the new state.",
    ),
    _step(
        "LSTM",
        signature(*_SIZES, _BIAS),
        ("x", "h", "c"),
        "One step of LSTM: the new h and the new c.",
    ),
    _step("GRU", signature(*_SIZES, _BIAS), ("x", "hx"), "One step of GRU: the new state."),
)
