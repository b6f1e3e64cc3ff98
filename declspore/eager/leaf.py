"""Cells of the vocabulary in Python: ``nn.Conv2d(1, 6, 5)``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from inspect import Parameter as Formal
from inspect import Signature
from typing import Any, ClassVar

from declspore.eager.cell import Cell, own_parameter
from declspore.eager.initial import draw
from declspore.eager.place import caller
from declspore.eager.shared import as_ops, is_shared
from declspore.eager.tracing import Results, Trace, current_trace, matched, options_of
from declspore.ir.term import Arguments, Term
from declspore.language.cells import Cell as Node
from declspore.language.cells import Leaf
from declspore.lower.immediate import as_tensor, immediate, run_cell
from declspore.numerics.initial import InitialValue, initializer
from declspore.registry.cell import CellKind, OwnParameter
from declspore.registry.kind import Misfit
from declspore.registry.python import bind_call
from declspore.registry.signature import REQUIRED
from declspore.registry.types import ArgumentType, parts_of
from declspore.tensor import Array, LazyStorage, Parameter, Tensor, as_array


class VocabularyCell(Cell):
    """A cell of the vocabulary with its arguments and parameters."""

    kind: ClassVar[CellKind]
    given: Arguments
    """The arguments as they were given, before what MindSpore derives is filled in."""

    def __init__(self, *positional: object, **keywords: object) -> None:
        super().__init__()
        given, arrays = _without_arrays(self.kind, positional, keywords)
        arguments = bind_call(self.kind, (), given)
        self.__dict__["given"] = arguments
        try:
            if self.kind.complete is not None:
                arguments = self.kind.complete(arguments)
            owned = self.kind.parameters(arguments)
        except Misfit as error:
            help = f"; {error.help}" if error.help else ""
            raise ValueError(f"{self.kind.name}: {error}{help}") from None
        self.__dict__["_node"] = Leaf(self.kind, arguments, caller())
        self.__dict__["_arguments"] = arguments
        for own in owned:
            self._take_parameter(own.name, _made(own, arrays))

    def traced(self, trace: Trace, inputs: tuple[object, ...], named: dict[str, object]) -> object:
        if type(self).construct is not VocabularyCell.construct:
            return super().traced(trace, inputs, named)
        return self.construct(*inputs, **named)

    def construct(self, *inputs: Any, **named: Any) -> Any:
        """The cell of the vocabulary."""
        trace = current_trace()
        if any(trace.reads(p) if trace else is_shared(p) for p in self._params.values()):
            given = matched(self.kind.name, self.kind.taken, self.kind.inputs, inputs, named)
            return as_ops(self.kind, self.leaf.arguments, self._params, [*given.values()])
        if trace is not None:
            return trace.leaf(self.leaf, inputs, named)
        return self._at_once(inputs, named)

    def _at_once(self, inputs: Sequence[object], named: dict[str, object]) -> Results:
        """The result for tensors, of a cell without parameters. Raises ValueError."""
        kind = self.kind
        if self._params:
            raise ValueError(f"{kind.name} takes tensors of at least one axis")
        given = matched(kind.name, kind.taken, kind.inputs, inputs, named)
        tensors = [immediate(_tensor(given[name])) for name in kind.inputs]
        more = {
            name: immediate(_tensor(given[name]))
            for name in kind.optional_inputs
            if given.get(name) is not None
        }
        try:
            options = options_of(self.leaf, given)
            results = run_cell(kind, self.leaf.arguments, tensors, more, options)
        except Misfit as error:
            help = f"; {error.help}" if error.help else ""
            raise ValueError(f"{kind.name}: {error}{help}") from None
        found = tuple(map(as_tensor, results))
        return found[0] if len(found) == 1 else found

    def __call__(self, *inputs: object, **named: object) -> Any:
        if self.kind.pair is None:
            return self._called(*inputs, **named)
        found = self._called(*_apart(self.kind, inputs, named), **named)
        return found if len(found) == 2 else (*found[:-2], found[-2:])

    def _called(self, *inputs: object, **named: object) -> Any:
        own = type(self).construct is VocabularyCell.construct
        if own and current_trace() is None:
            if not self._params and not self.training:
                return self._at_once(inputs, named)
            if any(map(is_shared, self._params.values())):
                return self.construct(*inputs, **named)
        return super().__call__(*inputs, **named)

    @property
    def leaf(self) -> Leaf:
        """The cell as networks know it."""
        node: Node = self.node
        assert isinstance(node, Leaf)
        return node

    def __getattr__(self, name: str) -> Any:
        arguments: Arguments | None = self.__dict__.get("_arguments")
        if arguments is not None and name in arguments and name not in self._params:
            return arguments[name]
        return super().__getattr__(name)

    def extend_repr(self) -> str:
        needed = [a.name for a in self.kind.signature.arguments if a.required]
        return ", ".join(f"{name}={self.leaf.arguments[name]}" for name in needed)


def _apart(
    kind: CellKind, inputs: tuple[object, ...], named: dict[str, object]
) -> tuple[object, ...]:
    """The inputs of a call, two states that MindSpore takes as one tuple, ``hx``, apart."""
    assert kind.pair is not None
    at = kind.taken.index(kind.pair[0])
    if "hx" in named:
        named.update(zip(kind.pair, _two(named.pop("hx")), strict=True))
    if len(inputs) > at and (inputs[at] is None or isinstance(inputs[at], tuple | list)):
        return (*inputs[:at], *_two(inputs[at]), *inputs[at + 1 :])
    return inputs


def _two(states: object) -> tuple[object, object]:
    """Raises TypeError where it is no pair."""
    if states is None:
        return None, None
    if not isinstance(states, tuple | list) or len(states) != 2:
        raise TypeError(f"hx is (h, c), found {type(states).__name__}")
    return states[0], states[1]


def _tensor(given: object) -> Tensor:
    return given if isinstance(given, Tensor) else Tensor(as_array(given))


def _without_arrays(
    kind: CellKind, positional: Sequence[object], keywords: dict[str, object]
) -> tuple[dict[str, object], dict[int, Tensor]]:
    """The arguments by name, initializers in the place of tensors that are given as first values,
    and those tensors by the identity of what stands for them."""
    names = kind.signature.names
    if len(positional) > len(names):
        raise TypeError(
            f"{kind.name} takes at most {len(names)} arguments, found {len(positional)}"
        )
    given = dict(zip(names, positional, strict=False))
    for name, value in keywords.items():
        if name in given:
            raise TypeError(f"{kind.name} is given '{name}' twice")
        given[name] = value
    arrays: dict[int, Tensor] = {}
    for name, value in given.items():
        argument = kind.signature.get(name)
        if argument is not None and _is_first_value(argument.type):
            given[name] = _first_value(value, arrays)
        elif isinstance(value, Cell):
            given[name] = _word_of(value)
        elif isinstance(value, type) and issubclass(value, VocabularyCell):
            given[name] = value.kind.name.lower()
    return given, arrays


def _is_first_value(type: ArgumentType) -> bool:
    return any(isinstance(each, InitialValue) for each in (type, *parts_of(type)))


def _first_value(value: object, arrays: dict[int, Tensor]) -> object:
    if not isinstance(value, Tensor):
        return value
    if value.init is not None:
        return value.init
    stands_for = initializer("Zero")
    arrays[id(stands_for)] = value
    return stands_for


def _word_of(cell: Cell) -> str:
    """An activation that is given as a cell, by its name. Raises TypeError for other cells."""
    if isinstance(cell, VocabularyCell) and not cell.get_parameters():
        return cell.kind.name.lower()
    raise TypeError(f"a cell as argument must be an activation, not {type(cell).__name__}")


def _made(own: OwnParameter, arrays: dict[int, Tensor]) -> Parameter:
    """A parameter of a cell; its values are drawn, or read, when they are first used."""
    array = arrays.get(id(own.init))
    if array is not None and tuple(array.shape) != own.shape:
        raise ValueError(f"{own.name} has shape {own.shape}, the tensor given {array.shape}")
    term: Term | None = None if array is not None else own.init

    def load() -> Array:
        if array is not None:
            return array.asnumpy().astype(own.dtype.as_numpy(), copy=False)
        return draw(own.init, own.shape, own.dtype, parameter.name)

    storage = LazyStorage(own.shape, own.dtype, load)
    parameter = Parameter.backed(own.name, storage, own.trainable)
    parameter.init = term
    own_parameter(parameter)
    return parameter


@cache
def cell_class(kind: CellKind) -> type[VocabularyCell]:
    """The class of a cell of the vocabulary."""
    formals = [
        Formal(
            argument.name,
            Formal.POSITIONAL_OR_KEYWORD,
            default=Formal.empty if argument.default is REQUIRED else argument.default,
        )
        for argument in kind.signature.arguments
    ]
    body = {
        "kind": kind,
        "__doc__": f"{kind.summary}\n\nArguments: {kind.signature}",
        "__module__": "declspore.nn",
        "__signature__": Signature(formals),
    }
    return type(kind.name, (VocabularyCell,), body)
