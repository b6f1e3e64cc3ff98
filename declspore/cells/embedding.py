"""Embeddings: rows of a table by index."""

from __future__ import annotations

from declspore.ir.dtype import FLOAT32
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind, OwnParameter
from declspore.registry.initial import InitialValue
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, Optional

_VOCAB = Argument("vocab_size", Integer(1), help="how many rows")
_SIZE = Argument("embedding_size", Integer(1), help="how long a row is")


def _parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    return (OwnParameter("embedding_table", (a.vocab_size, a.embedding_size), a.table),)


def _infer(a: Arguments, ids: TensorType) -> TensorType:
    if not ids.dtype.is_integer:
        raise Misfit(f"indices are whole numbers, found {ids}", "cast(..., i32)")
    return TensorType(FLOAT32, (*ids.shape, a.embedding_size))


def _lower(b: Builder, a: Arguments, ids: Value) -> Value:
    layer = b.layer(
        b.keras.layers.Embedding,
        input_dim=a.vocab_size,
        output_dim=a.embedding_size,
        embeddings_initializer=b.initial("embedding_table"),
    )
    result = layer(b.plain(ids))
    b.bind("embedding_table", layer.embeddings)
    return b.from_plain(result)


def _complete(a: Arguments) -> Arguments:
    if a.padding_idx is not None and not -a.vocab_size <= a.padding_idx < a.vocab_size:
        raise Misfit(f"there is no row {a.padding_idx} of {a.vocab_size}")
    return Arguments(a, table=a.embedding_table)


KINDS = (
    CellKind(
        name="Embedding",
        signature=signature(
            _VOCAB,
            _SIZE,
            Argument("use_one_hot", Boolean(), False, "as MindSpore computes it; no other result"),
            Argument("embedding_table", InitialValue(), "normal", "first values"),
            Argument("padding_idx", Optional(Integer()), None, "a row meant for padding"),
        ),
        summary="The rows of a trained table [vocab_size, embedding_size] by index.",
        example="Embedding(100, 16)",
        complete=_complete,
        parameters=_parameters,
        infer=_infer,
        lower=_lower,
        inputs=("ids",),
    ),
    CellKind(
        name="EmbeddingLookup",
        signature=signature(
            _VOCAB, _SIZE, Argument("param_init", InitialValue(), "normal", "first values")
        ),
        summary="The rows of a trained table [vocab_size, embedding_size] by index.",
        example="EmbeddingLookup(100, 16)",
        complete=lambda a: Arguments(a, table=a.param_init),
        parameters=_parameters,
        infer=_infer,
        lower=_lower,
        inputs=("indices",),
    ),
)
