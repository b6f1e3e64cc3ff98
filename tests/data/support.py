"""Items through pipelines, and single values through single transforms."""

import numpy as np

from declspore.data.stream import Stream
from declspore.ir.dtype import BY_NUMPY, INT32, STRING
from declspore.ir.shape import TensorType
from declspore.ir.term import Term
from declspore.registry.data import ChangeKind, Element, ItemKind, TransformKind
from declspore.registry.table import vocabulary
from tests.support import checked


def stream(pipeline: str, seed: int = 0, inputs=()) -> Stream:
    return Stream(checked(f"dataset d = {pipeline}").datasets["d"], seed, inputs)


def items(pipeline: str, seed: int = 0, epoch: int = 1) -> list:
    """What comes in an epoch."""
    return list(stream(pipeline, seed).epoch(epoch).as_numpy_iterator())


def term(text: str) -> Term:
    return checked(f"let t = {text}").values["t"]


def element_of(value) -> Element:
    if isinstance(value, bytes):
        return Element.pair(TensorType(STRING, ()), TensorType(INT32, ()))
    type = TensorType(BY_NUMPY[value.dtype.name], value.shape)
    return Element.pair(type, TensorType(INT32, ()))


def transformed(text: str, value, draws=()):
    """The value after a transform, whose promise it keeps."""
    import tensorflow as tf

    found = term(text)
    kind, element = vocabulary().of(TransformKind, found.word), element_of(value)
    if isinstance(kind, ItemKind):
        result = np.asarray(kind.compute(found.arguments, element.data, value, draws))
    else:
        assert isinstance(kind, ChangeKind)
        given = [tf.constant(v) for v in (value, value[None])]
        result, several = (
            kind.apply(tf, found.arguments, element, v, 0, draws)[0].numpy() for v in given
        )
        np.testing.assert_array_equal(several[0], result)
    promised = kind.infer(found.arguments, element).data
    assert (result.dtype.name, result.ndim) == (promised.dtype.numpy, promised.rank)
    fixed = [(s, d) for s, d in zip(result.shape, promised.shape, strict=True) if type(d) is int]
    assert all(size == dim for size, dim in fixed)
    return result
