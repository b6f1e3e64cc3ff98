"""An ONNX graph under construction, and what the lowering of a word may ask of it.

Nothing here needs the package ``onnx``: a plan makes the graph to learn what cannot be in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TypeAlias, assert_never

import numpy as np

from declspore.dataclass import dataclass
from declspore.ir.dtype import BY_NAME, DType
from declspore.ir.network import Network, Node
from declspore.ir.shape import Affine, Atom, Dim, Product, Quotient, Shape, Symbol, TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments, Term
from declspore.registry.cell import CellKind
from declspore.registry.table import vocabulary

OPSET = 18


Result: TypeAlias = "str | Tensor | tuple[str | Tensor, ...]"
Lower: TypeAlias = Callable[..., Result]
"""``lower(n, arguments, *tensors)`` of a cell, ``lower(n, arguments)`` of an op, whose arguments
hold tensors: gives the name of the result, or a tuple of those of several. Raises WithoutForm."""


class WithoutForm(Exception):
    """Raised by a lowering: ONNX does not have what a use of its word asks for, and why."""


@dataclass(frozen=True)
class Tensor:
    """A value of the graph: its name, and its type as the spec proves it."""

    name: str
    type: TensorType


@dataclass(frozen=True)
class Made:
    """A node of the graph; an input ``""`` is one that is left out."""

    operator: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, object]
    path: str


@dataclass
class OnnxGraph:
    """Nodes in order, constants by name, and the parameters of the network that they use.

    ``find`` gives the lowering of a word, or raises WithoutForm.
    """

    network: Network
    find: Callable[[str], Lower]
    nodes: list[Made] = field(default_factory=list)
    constants: dict[str, Array] = field(default_factory=dict)
    parameters: dict[str, None] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names: dict[str, int] = {}
        self._known: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._sizes: dict[Dim, str] = {}
        self._taken = {entry.name for entry in self.network.inputs}
        self._taken |= {spec.name for spec in self.network.parameters}

    def fresh(self, base: str) -> str:
        """A name that nothing has yet."""
        while True:
            count = self._names.get(base, 0)
            self._names[base] = count + 1
            name = f"{base}_{count}" if count else base
            if name not in self._taken:
                self._taken.add(name)
                return name

    def constant(self, value: object, dtype: str) -> str:
        """A constant; equal ones are kept once."""
        array = np.asarray(value, dtype=_numpy(dtype))
        key = (dtype, array.shape, array.tobytes())
        if key not in self._known:
            name = self.fresh("constant")
            self.constants[name] = array
            self._known[key] = name
        return self._known[key]

    # ---- sizes that are known only when the graph runs

    def size(self, dim: Dim) -> str:
        """A vector of one int64, which holds a size."""
        if isinstance(dim, int):
            return self.constant([dim], "int64")
        if dim not in self._sizes:
            self._sizes[dim] = self._computed(dim)
        return self._sizes[dim]

    def _computed(self, dim: Affine) -> str:
        total = self.constant([dim.constant], "int64") if dim.constant else None
        for atom, factor in dim.terms:
            value = self._atom(atom)
            if factor != 1:
                value = self._append("Mul", [value, self.constant([factor], "int64")])
            total = value if total is None else self._append("Add", [total, value])
        assert total is not None
        return total

    def _atom(self, atom: Atom) -> str:
        match atom:
            case Symbol():
                return self._of_input(atom.name)
            case Quotient():
                divisor = self.constant([atom.divisor], "int64")
                return self._append("Div", [self.size(atom.numerator), divisor])
            case Product():
                first, *others = map(self._atom, atom.factors)
                for other in others:
                    first = self._append("Mul", [first, other])
                return first
            case _:
                assert_never(atom)

    def _of_input(self, name: str) -> str:
        """The size of the axis of an input that is declared as that symbol."""
        for entry in self.network.inputs:
            for axis, dim in enumerate(entry.type.shape):
                if dim == Affine(0, ((Symbol(name), 1),)):
                    return self._append("Shape", [entry.name], start=axis, end=axis + 1)
        raise WithoutForm(f"the size {name} is not that of an axis of an input")

    def _append(self, operator: str, inputs: Sequence[str], **attributes: object) -> str:
        result = self.fresh(f"sizes/{operator}")
        self.nodes.append(Made(operator, result, tuple(inputs), (result,), attributes, "sizes"))
        return result


class Lowering:
    """What the lowering of one node is given.

    ``types`` are those of its results. Results are names of values, in the order of the types.
    """

    def __init__(
        self, graph: OnnxGraph, node: Node, types: tuple[TensorType, ...], path: str = ""
    ) -> None:
        self.graph = graph
        self.node = node
        self.types = types
        self._path = path or node.path

    @property
    def type(self) -> TensorType:
        return self.types[0]

    def emit(self, operator: str, *inputs: Tensor | str, **attributes: object) -> str:
        """Append a node with one result, and give its name."""
        (result,) = self.emit_many(operator, 1, *inputs, **attributes)
        return result

    def emit_many(
        self, operator: str, count: int, *inputs: Tensor | str, **attributes: object
    ) -> tuple[str, ...]:
        """Append a node with several results, and give their names."""
        base = f"{self._path or self.node.word}/{operator}"
        name = self.graph.fresh(base)
        results = (name,) if count == 1 else tuple(f"{name}:{place}" for place in range(count))
        given = tuple(one.name if isinstance(one, Tensor) else one for one in inputs)
        kept = {key: value for key, value in attributes.items() if value is not None}
        self.graph.nodes.append(Made(operator, name, given, results, kept, self._path))
        return results

    def part(self, name: str, term: Term, *tensors: Tensor, **given: object) -> tuple[Tensor, ...]:
        """The results of a cell that this one is made of; ``given`` are its optional tensors, and
        the options of its call."""
        kind = vocabulary().of(CellKind, term.word)
        called = {**dict(kind.usual.items()), **given}
        types = {k: v.type if isinstance(v, Tensor) else v for k, v in called.items()}
        made = kind.infer(term.arguments, *(one.type for one in tensors), **types)
        results = made if isinstance(made, tuple) else (made,)
        path = ".".join(filter(None, (self._path, name)))
        inner = Lowering(self.graph, self.node, results, path)
        found = self.graph.find(term.word)(inner, term.arguments, *tensors, **called)
        names = found if isinstance(found, tuple) else (found,)
        return tuple(
            Tensor(one.name if isinstance(one, Tensor) else one, type)
            for one, type in zip(names, results, strict=True)
        )

    def parts(self, word: str, arguments: Arguments) -> Mapping[str, Term]:
        """The cells that a cell of that word is made of, by their names in it."""
        return vocabulary().of(CellKind, word).parts(arguments)

    def parameter(self, name: str) -> str:
        """A parameter of the cell, as an initializer with MindSpore's name."""
        full = ".".join(part for part in (self._path, name) if part)
        self.graph.parameters[full] = None
        return full

    def constant(self, value: object, dtype: str = "int64") -> str:
        return self.graph.constant(value, dtype)

    def scalar(self, value: float, dtype: DType) -> str:
        """A number as a tensor without axes."""
        return self.graph.constant(value, dtype.numpy)

    def sizes(self, shape: Shape) -> str:
        """A shape as a vector of int64; sizes that are free are computed from the inputs."""
        if all(isinstance(dim, int) for dim in shape):
            return self.constant(list(shape))
        return self.emit("Concat", *(self.graph.size(dim) for dim in shape), axis=0)

    def cast(self, value: Tensor | float, dtype: DType) -> str:
        """A tensor or number in an element type."""
        if isinstance(value, int | float):
            if dtype.is_integer and isinstance(value, float):
                value = int(value)
            return self.scalar(value, dtype)
        if value.type.dtype == dtype:
            return value.name
        return self.emit("Cast", value, to=dtype.numpy)

    def reshape(self, value: str, given: Shape, shape: Shape) -> str:
        """The elements of a value of shape ``given`` in another shape.

        Sizes that are free are copied from the same axis where they are equal there; one more is
        left to the runtime; only others are computed.
        """
        target: list[int] = []
        inferred = False
        for axis, dim in enumerate(shape):
            if isinstance(dim, int):
                target.append(dim)
            elif axis < len(given) and given[axis] == dim:
                target.append(0)
            elif not inferred:
                target.append(-1)
                inferred = True
            else:
                return self.emit("Reshape", value, self.sizes(shape))
        return self.emit("Reshape", value, self.constant(target))


def _numpy(dtype: str) -> np.dtype[np.generic]:
    found = next((known for known in BY_NAME.values() if known.numpy == dtype), None)
    return np.dtype(dtype) if found is None else found.as_numpy()
