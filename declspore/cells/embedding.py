"""Embeddings: rows of a table by index."""

from __future__ import annotations

from declspore.ir.dtype import FLOAT32
from declspore.ir.shape import TensorType, show_shape
from declspore.ir.tensors import Tensor
from declspore.ir.term import Arguments
from declspore.numerics.initial import InitialValue, with_zeros
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind, OwnParameter
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice, Integer, Number, Optional

_VOCAB = Argument("vocab_size", Integer(1), help="how many rows")
_SIZE = Argument("embedding_size", Integer(1), help="how long a row is")


def _parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    return (OwnParameter("embedding_table", (a.vocab_size, a.embedding_size), a.table),)


def _infer(a: Arguments, ids: TensorType) -> TensorType:
    if not ids.dtype.is_integer:
        raise Misfit(f"indices are integers, found {ids}", "cast(..., i32)")
    return TensorType(FLOAT32, (*ids.shape, a.embedding_size))


def _lower(b: Builder, a: Arguments, ids: Value, by_rows: bool = False) -> Value:
    layer = b.layer(
        b.keras.layers.Embedding,
        input_dim=a.vocab_size,
        output_dim=a.embedding_size,
        embeddings_initializer=b.initial("embedding_table"),
    )
    result = layer(b.plain(ids))
    b.bind("embedding_table", layer.embeddings, by_rows=by_rows)
    return b.from_plain(result)


def _complete(a: Arguments) -> Arguments:
    if a.padding_idx is not None and not -a.vocab_size <= a.padding_idx < a.vocab_size:
        raise Misfit(f"there is no row {a.padding_idx} of {a.vocab_size}")
    table = a.embedding_table
    return Arguments(a, table=table if a.padding_idx is None else with_zeros(table, a.padding_idx))


# ---- rows of bounded length, and their sums by field


def _clipped(b: Builder, a: Arguments, rows: Tensor) -> Tensor:
    """Rows longer than ``max_norm`` cut to it."""
    if a.max_norm is None:
        return rows
    ops = b.keras.ops
    length = ops.sqrt(ops.sum(ops.square(rows), axis=-1, keepdims=True))
    return rows * (a.max_norm / ops.maximum(length, a.max_norm))


def _lower_lookup(b: Builder, a: Arguments, ids: Value) -> Value:
    return b.from_plain(_clipped(b, a, b.plain(_lower(b, a, ids, by_rows=True))))


def _infer_fields(
    a: Arguments, ids: TensorType, values: TensorType, fields: TensorType
) -> TensorType:
    if ids.rank != 2:
        raise Misfit(f"MultiFieldEmbeddingLookup takes [N, n], found {ids}")
    if values.shape != ids.shape or not values.dtype.is_float:
        raise Misfit(f"input_values must be numbers {show_shape(ids.shape)}, found {values}")
    if fields.shape != ids.shape or not fields.dtype.is_integer:
        raise Misfit(f"field_ids must be integers {show_shape(ids.shape)}, found {fields}")
    _infer(a, ids)
    return TensorType(FLOAT32, (ids.shape[0], a.field_size, a.embedding_size))


def _lower_fields(b: Builder, a: Arguments, ids: Value, values: Value, fields: Value) -> Value:
    """A code of ones says which element is of which field: [N, n, field, 1]."""
    ops = b.keras.ops
    weight = b.plain(values)
    rows = _clipped(b, a, b.plain(_lower(b, a, ids))) * ops.expand_dims(weight, -1)
    code = ops.one_hot(b.plain(fields), a.field_size, dtype=rows.dtype)
    if a.operator == "MAX":
        present = ops.expand_dims(
            code * ops.expand_dims(ops.cast(ops.not_equal(weight, 0.0), code.dtype), -1), -1
        )
        spread = ops.where(present > 0.0, ops.expand_dims(rows, 2), -3.0e38)
        some = ops.max(present, axis=1) > 0.0
        return b.from_plain(ops.where(some, ops.max(spread, axis=1), 0.0))
    total = ops.einsum("nif,nie->nfe", code, rows)
    if a.operator == "MEAN":
        count = ops.einsum("nif,ni->nf", code, ops.absolute(weight))
        safe = ops.where(count > 0.0, count, 1.0)
        total = total / ops.expand_dims(safe, -1)
    return b.from_plain(total)


_FIRST = Argument("param_init", InitialValue(), "normal", "first values")
_NORM = Argument("max_norm", Optional(Number(above=0.0)), None, "rows are cut to this length")

KINDS = (
    CellKind(
        name="Embedding",
        signature=signature(
            _VOCAB,
            _SIZE,
            Argument("use_one_hot", Boolean(), False, "as MindSpore computes it; no other result"),
            Argument("embedding_table", InitialValue(), "normal", "first values"),
            Argument("padding_idx", Optional(Integer()), None, "a row that starts from zeros"),
        ),
        summary="The rows of a trained table [vocab_size, embedding_size] by index.",
        example="Embedding(100, 16)",
        complete=_complete,
        parameters=_parameters,
        infer=_infer,
        lower=_lower,
        inputs=("ids",),
        as_ops=lambda op, a, owned, ids: op("gather", owned["embedding_table"], ids, 0),
    ),
    CellKind(
        name="EmbeddingLookup",
        signature=signature(_VOCAB, _SIZE, _FIRST, _NORM),
        summary=(
            "The rows of a trained table [vocab_size, embedding_size] by index. A step decays the "
            "rows it meets alone, once for each time; lazy Adam, FTRL and ProximalAdagrad leave "
            "the others as they are."
        ),
        example="EmbeddingLookup(100, 16)",
        complete=lambda a: Arguments(a, table=a.param_init),
        parameters=_parameters,
        infer=_infer,
        lower=_lower_lookup,
        inputs=("indices",),
    ),
    CellKind(
        name="MultiFieldEmbeddingLookup",
        signature=signature(
            _VOCAB,
            _SIZE,
            Argument("field_size", Integer(1), help="how many fields"),
            _FIRST,
            _NORM,
            Argument("operator", Choice(("SUM", "MEAN", "MAX")), "SUM", "how a field's rows meet"),
        ),
        summary=(
            "Rows of a trained table by index times input_values, all [N, n], as one row for each "
            "field: [N, field_size, embedding_size]; 0 for a field that has none."
        ),
        example="MultiFieldEmbeddingLookup(100, 16, 3)",
        complete=lambda a: Arguments(a, table=a.param_init),
        parameters=_parameters,
        infer=_infer_fields,
        lower=_lower_fields,
        inputs=("input_indices", "input_values", "field_ids"),
    ),
)
