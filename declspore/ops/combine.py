"""Tensors with values combined into them at places (mindspore.ops.tensor_scatter_*, 2.10).

Values that go to one place are combined with what is there, whatever its order.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from declspore.ir.shape import TensorType, static
from declspore.ir.tensors import Ops
from declspore.ir.tensors import Tensor as Plain
from declspore.ir.term import Arguments
from declspore.numerics.axes import places_of, type_of, updated
from declspore.numerics.elementwise import numbers_of, whole_of
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Tensor

Combine = Callable[[Ops, Plain, Plain, Plain], Plain]
"""From ops, rows [n, rest], the updates [k, rest] and the row of each: the rows combined."""


def _infer(word: str, a: Arguments) -> TensorType:
    x = updated(numbers_of(a.input_x), places_of(a.indices), type_of(a.updates))
    if static(x.shape) is None:
        raise Misfit(f"{word} needs sizes that are known, found {x}")
    return x


def _lower(b: Builder, a: Arguments, combine: Combine) -> Value:
    """Axes that are named count as one, the others as another."""
    ops = b.keras.ops
    sizes = static(type_of(a.input_x).shape)
    depth = type_of(a.indices).shape[-1]
    assert sizes is not None
    assert isinstance(depth, int)
    indices = ops.reshape(b.plain(a.indices), (-1, depth))
    places = ops.zeros_like(indices[:, 0])
    for axis, size in enumerate(sizes[:depth]):
        places = places * size + indices[:, axis]
    rest = prod(sizes[depth:])
    rows = ops.reshape(b.plain(a.input_x), (prod(sizes[:depth]), rest))
    found = whole_of(b, combine(ops, rows, ops.reshape(b.plain(a.updates), (-1, rest)), places))
    return b.from_plain(ops.reshape(found, sizes))


def _code(ops: Ops, rows: Plain, places: Plain) -> Plain:
    """Truth values [k, n, 1]: which row an update is for."""
    every = ops.arange(rows.shape[0], dtype=places.dtype)
    return ops.expand_dims(ops.equal(ops.expand_dims(places, 1), every), 2)


def _taken(ops: Ops, rows: Plain, updates: Plain, places: Plain) -> Plain:
    """The update of each row where it is for it, else the row: [k, n, rest]."""
    code = _code(ops, rows, places)
    return ops.where(code, ops.expand_dims(updates, 1), ops.expand_dims(rows, 0))


def _largest(ops: Ops, rows: Plain, updates: Plain, places: Plain) -> Plain:
    return ops.maximum(rows, ops.max(_taken(ops, rows, updates, places), axis=0))


def _smallest(ops: Ops, rows: Plain, updates: Plain, places: Plain) -> Plain:
    return ops.minimum(rows, ops.min(_taken(ops, rows, updates, places), axis=0))


def _product(ops: Ops, rows: Plain, updates: Plain, places: Plain) -> Plain:
    code = _code(ops, rows, places)
    ones = ops.expand_dims(ops.ones_like(rows), 0)
    return ops.prod(ops.where(code, ops.expand_dims(updates, 1), ones), axis=0)


def _sum(ops: Ops, rows: Plain, updates: Plain, places: Plain) -> Plain:
    return ops.segment_sum(updates, places, num_segments=rows.shape[0])


def _word(name: str, summary: str, combine: Combine) -> OpKind:
    return OpKind(
        name=name,
        signature=signature(
            Argument("input_x", Tensor(), help="a tensor"),
            Argument("indices", Tensor(), help="integers; the last axis names an element"),
            Argument("updates", Tensor(), help="what is combined with the values there"),
        ),
        summary=summary,
        example=f"{name}(ones([3, 4]), zeros([3, 1], dtype = i32), ones([3, 4]))",
        infer=lambda a: _infer(name, a),
        lower=lambda b, a: _lower(b, a, combine),
    )


KINDS = (
    _word(
        "tensor_scatter_sub",
        "The tensor with values taken away at some places.",
        lambda ops, x, y, at: x - _sum(ops, x, y, at),
    ),
    _word(
        "tensor_scatter_mul",
        "The tensor multiplied by values at some places.",
        lambda ops, x, y, at: x * _product(ops, x, y, at),
    ),
    _word(
        "tensor_scatter_div",
        "The tensor divided by values at some places.",
        lambda ops, x, y, at: x / _product(ops, x, y, at),
    ),
    _word(
        "tensor_scatter_max",
        "The tensor with the larger of old and new values at some places.",
        _largest,
    ),
    _word(
        "tensor_scatter_min",
        "The tensor with the smaller of old and new values at some places.",
        _smallest,
    ),
)
