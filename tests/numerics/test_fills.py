"""Arguments that fill or bound elements."""

from declspore.ir.dtype import FLOAT32
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.fills import require_values
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary


def test_no_result():
    """An empty tensor has no chunks."""
    kind = vocabulary().of(OpKind, "chunk")
    arguments = Arguments({"input": TensorType(FLOAT32, (0,)), "chunks": 2, "axis": 0})
    inferred = kind.infer(arguments)
    assert require_values(kind.signature, arguments, inferred) == inferred == ()
