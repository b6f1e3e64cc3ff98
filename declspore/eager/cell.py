"""``nn.Cell``: networks written in Python, and compiled when they are called.

A cell of Python is carried out once for each kind of input: its ``construct`` is traced into the
values a spec's network has (:mod:`declspore.eager.tracing`), and compiled to the same Keras model
(:mod:`declspore.eager.program`). Where ``construct`` needs the value of a tensor, or does what is
no part of a network, such as calling a loss, it is run as it stands, and the cells in it are
compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from declspore.eager.initial import draw
from declspore.eager.place import caller
from declspore.eager.program import Programs
from declspore.eager.shared import take
from declspore.eager.tracing import Trace, current_trace
from declspore.ir.dtype import DType
from declspore.language.cells import Cell as Node
from declspore.lower.binding import MovableStorage
from declspore.porting.names import refused_member
from declspore.source import Span
from declspore.tensor import DEFAULT_NAME, Parameter

C = TypeVar("C", bound="Cell")


class ParameterTuple(tuple[Parameter, ...]):
    """Parameters in order (mindspore.ParameterTuple)."""

    __slots__ = ()


class PythonNode(Node):
    """A cell of Python in a network: where it is made, and what its class is called."""

    def __init__(self, word: str, span: Span) -> None:
        self._word, self.span = word, span

    @property
    def word(self) -> str:
        return self._word

    def __str__(self) -> str:
        return f"{self._word}(...)"


class Cell:
    """A network, or a part of one (mindspore.nn.Cell): cells and parameters are its attributes,
    ``construct`` says what it computes of its inputs.

    Parameters are named by the attributes they are under (``conv1.weight``), as MindSpore names
    them, unless ``auto_prefix`` is False. ``flags`` have no effect.
    """

    def __init__(self, auto_prefix: bool = True, flags: dict[str, object] | None = None) -> None:
        self.__dict__["_cells"] = {}
        self.__dict__["_params"] = {}
        self.__dict__["_auto_prefix"] = auto_prefix
        self.training = False
        self.__dict__["_node"] = PythonNode(type(self).__name__, caller())
        self.__dict__["_programs"] = Programs(self)

    def construct(self, *inputs: Any, **named: Any) -> Any:
        """What the cell computes; to be overridden."""
        raise NotImplementedError(f"{type(self).__name__} does not have construct")

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        trace = current_trace()
        if trace is not None:
            return self.traced(trace, inputs, named)
        return self._programs.call(inputs, named)

    def traced(self, trace: Trace, inputs: tuple[object, ...], named: dict[str, object]) -> object:
        """The cell as a part of a network that is being traced."""
        with trace.within(self.node, [*inputs, *named.values()]) as frame:
            result = self.construct(*inputs, **named)
            frame.results = trace.values_in(result)
            return result

    @property
    def node(self) -> Node:
        """The cell as networks know it."""
        found: Node = self.__dict__["_node"]
        return found

    @property
    def _programs(self) -> Programs:
        found: Programs = self.__dict__["_programs"]
        return found

    # ---- attributes

    def __setattr__(self, name: str, value: Any) -> None:
        self._check_made(value)
        if isinstance(value, Parameter):
            self._take_parameter(name, value)
        elif isinstance(value, Cell):
            self._take_cell(name, value)
        elif isinstance(value, ParameterTuple):
            for parameter in value:
                self._take_parameter(parameter.name, parameter)
            self.__dict__[name] = value
        elif isinstance(value, list | tuple) and value and all(isinstance(v, Cell) for v in value):
            self.__dict__[name] = value  # as in MindSpore, cells in a plain list are not its own
        elif name in self.__dict__.get("_params", {}) and value is not None:
            self._params[name].set_data(value)
        else:
            self._forget(name)
            self.__dict__[name] = value

    def _check_made(self, value: object) -> None:
        if "_cells" not in self.__dict__ and isinstance(value, Cell | Parameter):
            raise AttributeError(
                f"{type(self).__name__}.__init__ must call super().__init__() before it assigns "
                "cells and parameters"
            )

    def _take_cell(self, name: str, value: Cell) -> None:
        self._forget(name)
        self._cells[name] = value
        if self.__dict__["_auto_prefix"]:
            value.update_parameters_name(f"{name}.")

    def _take_parameter(self, name: str, value: Parameter) -> None:
        self._forget(name)
        if value.name == DEFAULT_NAME:
            value.name = name
        own_parameter(value)
        self._params[name] = value
        take(self, value)

    def _forget(self, name: str) -> None:
        self.__dict__.pop(name, None)
        self.__dict__.get("_cells", {}).pop(name, None)
        self.__dict__.get("_params", {}).pop(name, None)

    @property
    def _cells(self) -> dict[str, Cell]:
        found: dict[str, Cell] = self.__dict__["_cells"]
        return found

    @property
    def _params(self) -> dict[str, Parameter]:
        found: dict[str, Parameter] = self.__dict__["_params"]
        return found

    def __getattr__(self, name: str) -> Any:
        for held in ("_cells", "_params"):
            if name in self.__dict__.get(held, {}):
                return self.__dict__[held][name]
        if name.startswith("_"):
            raise AttributeError(name)
        raise refused_member("mindspore.nn.Cell", name, self._known())

    def _known(self) -> list[str]:
        return [*self.__dict__.get("_cells", ()), *self.__dict__.get("_params", ())]

    def __delattr__(self, name: str) -> None:
        if name not in self.__dict__ and name not in self._known():
            raise AttributeError(name)
        self._forget(name)

    def insert_child_to_cell(self, child_name: str, child_cell: Cell) -> None:
        """Add a cell under a name that need not be an identifier."""
        self._take_cell(child_name, child_cell)

    def insert_param_to_cell(
        self, param_name: str, param: Parameter, check_name_contain_dot: bool = True
    ) -> None:
        """Add a parameter under a name that need not be an identifier."""
        self._take_parameter(param_name, param)

    # ---- what it is made of

    def children(self) -> list[tuple[str, Cell]]:
        """The cells it is made of under each of their names."""
        return list(self._cells.items())

    def name_cells(self) -> dict[str, Cell]:
        """The cells it is made of, by name, each once."""
        return dict(self._distinct(self._cells.items()))

    def cells(self) -> list[Cell]:
        """The cells it is made of."""
        return list(self.name_cells().values())

    @staticmethod
    def _distinct(named: Iterable[tuple[str, Cell]]) -> Iterator[tuple[str, Cell]]:
        seen: set[int] = set()
        for name, cell in named:
            if id(cell) not in seen:
                seen.add(id(cell))
                yield name, cell

    def cells_and_names(self, name_prefix: str = "") -> Iterator[tuple[str, Cell]]:
        """It and every cell in it with their paths, each once."""
        yield from self._walk(name_prefix, set())

    def _walk(self, path: str, seen: set[int]) -> Iterator[tuple[str, Cell]]:
        if id(self) in seen:
            return
        seen.add(id(self))
        yield path, self
        for name, cell in self._cells.items():
            yield from cell._walk(f"{path}.{name}" if path else name, seen)  # noqa: SLF001

    def own_parameters(self) -> dict[str, Parameter]:
        """The parameters of the cell itself, without those of the cells in it."""
        return dict(self._params)

    def parameters_and_names(
        self, name_prefix: str = "", expand: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Every parameter with its path from here, in MindSpore's order, each once."""
        seen: set[int] = set()
        cells = self.cells_and_names(name_prefix) if expand else [(name_prefix, self)]
        for path, cell in cells:
            for name, parameter in cell.own_parameters().items():
                if id(parameter) not in seen:
                    seen.add(id(parameter))
                    yield ".".join(filter(None, (path, name))), parameter

    def get_parameters(self, expand: bool = True) -> list[Parameter]:
        """Every parameter, in MindSpore's order."""
        return [parameter for _, parameter in self.parameters_and_names(expand=expand)]

    def parameters_dict(self, recurse: bool = True) -> dict[str, Parameter]:
        """Every parameter by the name it is saved under."""
        return {parameter.name: parameter for parameter in self.get_parameters(recurse)}

    def trainable_params(self, recurse: bool = True) -> list[Parameter]:
        """The parameters that an optimizer may update."""
        return [p for p in self.get_parameters(recurse) if p.requires_grad]

    def untrainable_params(self, recurse: bool = True) -> list[Parameter]:
        """The parameters that no optimizer updates."""
        return [p for p in self.get_parameters(recurse) if not p.requires_grad]

    def update_parameters_name(self, prefix: str = "", recurse: bool = True) -> None:
        """Put a prefix before the path of every parameter, which becomes its name."""
        for name, parameter in self.parameters_and_names(expand=recurse):
            rename(parameter, prefix + name)

    def state_dict(self) -> dict[str, Parameter]:
        """Every parameter by its path."""
        return dict(self.parameters_and_names())

    def apply(self: C, fn: Callable[[Cell], object]) -> C:
        """Call a function with every cell, from within."""
        for cell in self.cells():
            cell.apply(fn)
        fn(self)
        return self

    def init_parameters_data(self, auto_parallel_mode: bool = False) -> dict[str, Parameter]:
        """Nothing to do: first values are drawn when they are first used."""
        return {}

    def check_names(self) -> None:
        """Raises ValueError where two parameters have one name."""
        names = [parameter.name for parameter in self.get_parameters()]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two parameters have the name {', '.join(twice)}")

    # ---- modes

    def set_train(self: C, mode: bool = True) -> C:
        """Compute as in training: dropout drops, normalization uses the batch's statistics."""
        for _, cell in self.cells_and_names():
            cell.__dict__["training"] = bool(mode)
        return self

    def set_grad(self: C, requires_grad: bool = True) -> C:
        """Nothing to do: gradients are taken where they are asked for."""
        return self

    def to_float(self: C, dst_type: DType) -> C:
        """Compute in another float type; parameters stay float32.

        Raises TypeError for other types than float32, float16 and bfloat16.
        """
        policy = {"Float16": "mixed_float16", "BFloat16": "mixed_bfloat16", "Float32": "float32"}
        if not isinstance(dst_type, DType) or dst_type.name not in policy:
            raise TypeError(f"to_float takes float32, float16 or bfloat16, not {dst_type!r}")
        self.set_policy(policy[dst_type.name])
        return self

    def set_policy(self, policy: str | None) -> None:
        """Compile under a dtype policy of Keras; None is the one in force."""
        self._programs.policy = policy

    def set_inputs(self, *inputs: object, **named: object) -> None:
        """Nothing to do: inputs of any batch are taken."""

    def flatten_weights(self, *_: object) -> None:
        """Nothing to do: it arranges memory for devices that do not exist here."""

    # ---- as text

    @property
    def cls_name(self) -> str:
        """The name of its class."""
        return type(self).__name__

    def extend_repr(self) -> str:
        """What is between the brackets of ``repr``."""
        return ""

    def __repr__(self) -> str:
        more = self.extend_repr()
        lines = [f"({name}): {cell!r}".replace("\n", "\n  ") for name, cell in self._cells.items()]
        inner = "\n  ".join([more, *lines] if more else lines)
        if not lines:
            return f"{self.cls_name}({more})"
        return f"{self.cls_name}(\n  {inner}\n)"


def own_parameter(parameter: Parameter) -> MovableStorage:
    """The place of a parameter of a cell, which may move from model to model."""
    storage = parameter.storage
    if isinstance(storage, MovableStorage):
        return storage
    shape, dtype, term = tuple(parameter.shape), parameter.dtype, parameter.init
    if term is None:
        moved = MovableStorage(shape, dtype, storage.read)
    else:
        moved = MovableStorage(shape, dtype, lambda: draw(term, shape, dtype, parameter.name))
    moved.name = parameter.name
    moved.train(parameter.requires_grad)
    parameter.live_in(moved)
    return moved


def rename(parameter: Parameter, name: str) -> None:
    """Give a parameter the name it is saved under."""
    parameter.name = name
    if isinstance(parameter.storage, MovableStorage):
        parameter.storage.name = name
