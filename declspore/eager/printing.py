"""A network of Python as a spec."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from numpy.typing import ArrayLike

from declspore.eager.cell import Cell
from declspore.eager.containers import CellList, SequentialCell
from declspore.eager.leaf import VocabularyCell
from declspore.eager.program import CompiledLayout, Programs
from declspore.eager.shared import is_shared
from declspore.eager.tracing import Frame, NeedsValue
from declspore.ir.dtype import DType
from declspore.ir.network import Network, Node, ParameterSpec, ValueRef
from declspore.ir.shape import Affine
from declspore.ir.subscripts import NEW, REST
from declspore.ir.term import Arguments, Term, show
from declspore.language.cells import Leaf
from declspore.registry.kind import Kind
from declspore.registry.table import vocabulary
from declspore.tensor import Tensor


def spec_of(net: Cell, *inputs: Tensor | ArrayLike) -> str:
    """A network of Python as a spec that gives the same network: names, order, types and nodes.

    ``inputs`` are tensors, or arrays, of the kind the network is for; the size of the batch stays
    free where ``construct`` allows that. Loops and conditions are carried out; what a parameter's
    first value is taken from, where that is an array, is not part of a spec, so it is ``zeros``.

    Raises DiagnosticError where shapes do not fit, and TypeError where the cell is not a network by
    itself, or has a cell that is never called.
    """
    if isinstance(net, VocabularyCell):
        raise TypeError("a spec declares networks of cells; put the cell into an nn.Cell")
    programs: Programs = vars(net)["_programs"]
    given = [each if isinstance(each, Tensor) else Tensor(each) for each in inputs]
    if not given:
        raise TypeError("spec_of needs inputs, such as spec_of(net, images)")
    try:
        network, trace = programs.traced(given, {})
    except NeedsValue as error:
        raise TypeError(f"{net.cls_name} is not a network by itself: {error}") from None
    shared = [parameter.name for parameter in net.get_parameters() if is_shared(parameter)]
    if shared or programs.reads:
        names = ", ".join(f"`{name}`" for name in [*shared, *programs.reads])
        raise TypeError(f"a spec does not have parameters that cells share, such as {names}")
    assert trace.top is not None
    return _Printer(net, network, trace.top).text()


class _Printer:
    """Prints the declarations of cells, those that are used first."""

    def __init__(self, net: Cell, network: Network, top: Frame) -> None:
        self._net, self._network, self._top = net, network, top
        self._frames: dict[int, Frame] = {}
        self._names: dict[str, str] = {}
        self._declared: list[str] = []
        self._taken: set[str] = set()
        for frame in _every(top):
            self._frames.setdefault(id(frame.node), frame)
        self._specs = {spec.name: spec for spec in network.parameters}
        self._layout = CompiledLayout(net)

    def text(self) -> str:
        """The whole spec."""
        body = self._body(self._net, self._top, is_network=True)
        name = self._free(_identifier(self._net.cls_name))
        return "\n\n".join(["spec 1", *self._declared, f"network {name}() {body}"]) + "\n"

    def _free(self, name: str) -> str:
        found, number = name, 1
        while found in self._taken or vocabulary().get(found) is not None:
            number += 1
            found = f"{name}_{number}"
        self._taken.add(found)
        return found

    # ---- cells

    def _body(self, cell: Cell, frame: Frame, is_network: bool = False) -> str:
        writer = _Construct(self, cell, frame)
        statements = writer.statements()
        fields = [*self._fields(cell), *writer.made_inside()]
        lines = [f"  {name} = {value}" for name, value in fields]
        lines += ["", *(f"  {line}" for line in writer.construct(statements, is_network))]
        return "{\n" + "\n".join(lines).lstrip("\n") + "\n}"

    def _fields(self, cell: Cell) -> Iterator[tuple[str, str]]:
        """The fields of a cell: parameters of its own, then its cells, in the order they have."""
        for name, parameter in cell.own_parameters().items():
            spec = self._specs[parameter.name]
            own = name if "." in parameter.name or cell is not self._net else parameter.name
            yield own, _parameter(spec)
        seen: dict[int, str] = {}
        for name, inner in cell.children():
            if id(inner) in seen:
                yield name, seen[id(inner)]
                continue
            seen[id(inner)] = name
            yield name, self.made(inner)

    def made(self, cell: Cell) -> str:
        """How a cell is made. Raises TypeError where one of Python is never called."""
        if isinstance(cell, VocabularyCell) and isinstance(cell.node, Leaf):
            return call_text(cell.leaf.kind, cell.given)
        if _is_numbered(cell):
            inner = ", ".join(self.made(each) for _, each in cell.children())
            return f"{'CellList' if isinstance(cell, CellList) else 'SequentialCell'}({inner})"
        frame = self._frames.get(id(cell.node))
        if frame is None:
            raise TypeError(
                f"{cell.cls_name} is never called, so it has no construct that a spec could have"
            )
        body = self._body(cell, frame)
        if body not in self._names:
            name = self._free(_identifier(cell.cls_name))
            self._names[body] = name
            self._declared.append(f"cell {name}() {body}")
        return f"{self._names[body]}()"

    def node(self, number: int) -> Node:
        """A node of the network."""
        return self._network.nodes[number]

    def type_text(self, ref: ValueRef) -> str:
        """The type of a value."""
        type = self._network.type_of(ref)
        return f"{type.dtype.short}[{', '.join(map(str, type.shape))}]"

    def path(self, leaf: Node) -> str:
        """The path of the cell a node uses."""
        return leaf.path


class _Construct:
    """Prints the ``construct`` of one cell."""

    def __init__(self, printer: _Printer, cell: Cell, frame: Frame) -> None:
        self._printer, self._cell, self._frame = printer, cell, frame
        self._names: dict[int, str] = {}
        self._count = 0
        self._inside: dict[str, str] = {}
        self._paths = {id(inner.node): path for path, inner in cell.cells_and_names() if path}
        self._by_path = self._leaves()
        self._formals = self._inputs()

    def _leaves(self) -> dict[str, str]:
        """How leaves are reached from here, by their path in the network."""
        layout = self._printer._layout  # noqa: SLF001
        found: dict[str, str] = {}
        for path, inner in self._cell.cells_and_names():
            if path and id(inner.node) in layout.paths:
                found.setdefault(layout.paths[id(inner.node)], _member(path))
            for name, parameter in inner.own_parameters().items():
                if not isinstance(inner.node, Leaf):
                    own = name if inner is not self._printer._net else parameter.name  # noqa: SLF001
                    found[parameter.name] = _member(".".join(filter(None, (path, own))))
        return found

    def _inputs(self) -> list[int]:
        """The values that come from outside: inputs, and what else is used."""
        made: set[int] = set()
        wanted = list(dict.fromkeys(value.ref.index for value in self._frame.inputs))
        for used, gives in self._uses(self._frame):
            wanted += [index for index in used if index not in made and index not in wanted]
            made |= set(gives)
        return wanted

    def _uses(self, frame: Frame) -> Iterator[tuple[list[int], list[int]]]:
        """What each step takes and gives."""
        for step in frame.steps:
            if isinstance(step, Frame):
                yield from self._uses(step)
            else:
                node = self._printer.node(step)
                yield [ref.index for ref in node.inputs], [ref.index for ref in node.outputs]

    # ---- statements

    def statements(self) -> list[str]:
        """The lines between the brackets."""
        known = _formal_names(self._cell, len(self._formals))
        taken = {name for name, _ in self._cell.children()}
        for name, index in zip(known, self._formals, strict=True):
            self._names[index] = f"{name}_in" if name in taken else name
        lines = [line for step in self._frame.steps for line in self._step(step)]
        results = [self._name(value.ref.index) for value in self._frame.results]
        return [*lines, f"return {', '.join(results)}"]

    def construct(self, statements: Sequence[str], is_network: bool) -> list[str]:
        """The whole ``construct``."""
        sized = is_network or any("B" in line.replace(",", " ").split() for line in statements)
        formals = []
        for index in self._formals:
            type = f": {self._printer.type_text(ValueRef(index))}" if sized else ""
            formals.append(f"{self._names[index]}{type}")
        return [
            f"construct({', '.join(formals)}) {{",
            *(f"  {line}" for line in statements),
            "}",
        ]

    def made_inside(self) -> list[tuple[str, str]]:
        """Fields for cells that ``construct`` makes by itself."""
        return list(self._inside.items())

    def _step(self, step: int | Frame) -> Iterator[str]:
        if not isinstance(step, Frame):
            yield from self._node(self._printer.node(step))
            return
        path = self._paths.get(id(step.node))
        if path is None:  # made in construct: what it does becomes part of this one
            for each in step.steps:
                yield from self._step(each)
            return
        inner = dict(self._cell.cells_and_names())[path]
        if isinstance(inner, CellList) or (_is_numbered(inner) and len(step.inputs) != 1):
            for each in step.steps:
                yield from self._step(each)
            return
        outside = [value.ref.index for value in step.inputs]
        if not _is_numbered(inner):
            outside = _Construct(self._printer, inner, step)._formals  # noqa: SLF001
        given = ", ".join(self._name(index) for index in outside)
        yield self._assigned([v.ref.index for v in step.results], f"{_member(path)}({given})")

    def _node(self, node: Node) -> Iterator[str]:
        outputs = [ref.index for ref in node.outputs]
        match node.family:
            case "cell":
                target = self._by_path.get(node.path)
                if target is None:
                    target = node.path.rpartition(".")[2]
                    kind = vocabulary().of(Kind, node.word)
                    self._inside[target] = call_text(kind, node.arguments)
                if not node.inputs:
                    self._names[outputs[0]] = target
                    return
                yield self._assigned(outputs, f"{target}({self._given(node)})")
            case "tensor":
                kind = vocabulary().of(Kind, node.word)
                yield self._assigned(outputs, call_text(kind, node.arguments))
            case "op" | "loss":
                yield self._assigned(outputs, self._op(node))
            case _:
                assert_never(node.family)

    def _given(self, node: Node) -> str:
        plain = len(node.inputs) - len(node.named)
        parts = [self._name(ref.index) for ref in node.inputs[:plain]]
        pairs = zip(node.named, node.inputs[plain:], strict=True)
        parts += [f"{name} = {self._name(ref.index)}" for name, ref in pairs]
        parts += [f"{name} = {self._value(value)}" for name, value in node.options.items()]
        return ", ".join(parts)

    def _op(self, node: Node) -> str:
        kind = vocabulary().of(Kind, node.word)
        if node.word == "getitem":
            parts = ", ".join(map(_part, node.arguments.parts))
            return f"{self._value(node.arguments.input)}[{parts}]"
        given: list[str] = []
        for argument in kind.signature.arguments:
            value = node.arguments[argument.name]
            if argument.required and not argument.repeats:
                given.append(self._value(value))
            elif argument.repeats:
                given += [self._value(item) for item in value]
            elif value != argument.canonical:
                given.append(f"{argument.name} = {self._value(value)}")
        return f"{kind.name}({', '.join(given)})"

    def _value(self, value: object) -> str:
        if isinstance(value, ValueRef):
            return self._name(value.index)
        if isinstance(value, tuple):
            return f"[{', '.join(map(self._value, value))}]"
        return shown(value)

    def _name(self, index: int) -> str:
        return self._names[index]

    def _assigned(self, outputs: Sequence[int], text: str) -> str:
        for index in outputs:
            self._count += 1
            self._names[index] = f"v{self._count}"
        return f"{', '.join(self._names[index] for index in outputs)} = {text}"


def _every(frame: Frame) -> Iterator[Frame]:
    yield frame
    for step in frame.steps:
        if isinstance(step, Frame):
            yield from _every(step)


def _is_numbered(cell: Cell) -> bool:
    """Whether it is a container as specs have it."""
    if type(cell) not in (SequentialCell, CellList):
        return False
    return all(name == str(n) for n, (name, _) in enumerate(cell.children()))


def _identifier(name: str) -> str:
    return name if name.isidentifier() else "Network"


def _member(path: str) -> str:
    """A path as an expression: ``layers.0.conv`` is ``layers[0].conv``."""
    found = ""
    for part in path.split("."):
        found += f"[{part}]" if part.isdigit() else f".{part}" if found else part
    return found


def _formal_names(cell: Cell, count: int) -> list[str]:
    code = getattr(type(cell).construct, "__code__", None)
    known = [] if code is None else list(code.co_varnames[1 : code.co_argcount])
    return known if len(known) == count else [f"x{n}" for n in range(count)]


def _parameter(spec: ParameterSpec) -> str:
    more = "" if spec.trainable else ", requires_grad = false"
    return f"Parameter({shown(spec.shape)}, init = {shown(spec.init)}{more})"


def call_text(kind: Kind, arguments: Arguments) -> str:
    """A word with its arguments, those at their defaults left out."""
    parts = []
    for argument in kind.signature.arguments:
        value = arguments[argument.name]
        if argument.required:
            parts.append(shown(value))
        elif value != argument.canonical:
            parts.append(f"{argument.name} = {shown(value)}")
    return f"{kind.name}({', '.join(parts)})"


def shown(value: object) -> str:
    """A value as the language writes it."""
    if isinstance(value, DType):
        return value.short
    if isinstance(value, Affine):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, Term):
        return call_text(vocabulary().of(Kind, value.word), value.arguments)
    return show(value)


def _part(part: object) -> str:
    if part == REST:
        return "..."
    if part == NEW:
        return "none"
    if not isinstance(part, tuple):
        return str(part)
    start, stop, step = part
    text = f"{'' if start is None else start}:{'' if stop is None else stop}"
    return text if step is None else f"{text}:{step}"
