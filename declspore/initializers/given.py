"""A first value that is given number by number, not drawn."""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.shape import sizes_of
from declspore.ir.tensors import Array, Ops
from declspore.ir.term import Arguments, Term
from declspore.registry.initializer import Drawn, InitializerKind, Shape
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind
from declspore.registry.types import Either, Numbers, TermOf


def _complete(values: object) -> tuple[Shape, Callable[[Ops], Array]]:
    """The shape of the values, and what makes them of NumPy. Raises Misfit."""
    if not isinstance(values, Term):
        return sizes_of(values), lambda np: np.array(values, np.float32)
    kind = vocabulary().of(TensorKind, values.word)
    if kind.reads_file or kind.runs_code:
        help = "an edit with `add` puts the values of a file into a checkpoint"
        raise Misfit(f"`{values.word}` needs a file or code that the spec does not hold", help)
    shape = tuple(size for size in kind.infer(values.arguments).shape if isinstance(size, int))

    def computed(np: Ops) -> Array:
        found = kind.compute(np, values.arguments)
        assert not isinstance(found, tuple), values.word
        return found

    return shape, computed


def _distribution(a: Arguments, shape: Shape) -> Drawn:
    sizes, made = _complete(a.data)
    if sizes != tuple(shape):
        raise Misfit(f"the values have the shape {list(sizes)}, the parameter {list(shape)}")
    return Drawn(lambda np, generator: made(np))


KINDS = (
    InitializerKind(
        name="Given",
        signature=signature(
            Argument(
                "data",
                Either((TermOf("tensor"), Numbers())),
                help="a tensor of numbers such as tensor(...) or eye(3), or lists of numbers",
            )
        ),
        summary="The values themselves, in float32; a list or a tensor in place of an initializer "
        "means the same.",
        example="Given([[0.0, 1.0], [1.0, 0.0]])",
        distribution=_distribution,
    ),
)
