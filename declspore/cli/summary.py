"""``declspore summary``"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import click

from declspore.cli.networks import networks_of
from declspore.cli.output import echo, print_json, reporting
from declspore.cli.settings import parse_settings
from declspore.dataclass import dataclass
from declspore.ir.network import Network, Node, ParameterSpec
from declspore.ir.shape import Dim, TensorType, evaluate, symbols
from declspore.registry.cell import CellKind
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.spelling import count
from declspore.text import size, table


@dataclass(frozen=True)
class Call:
    """A use of a cell or op with what it costs."""

    path: str
    word: str
    outputs: tuple[TensorType, ...]
    work: Dim


@reporting
def summary_command(
    network: str, sizes: tuple[str, ...], settings: tuple[str, ...], as_json: bool
) -> None:
    given = _sizes(sizes)
    found = networks_of(network, parse_settings(settings))
    unknown = set(given) - set().union(*(_symbols(each) for each in found.values()))
    if unknown:
        raise click.BadParameter(f"no network has the size {min(unknown)}", param_hint="--size")
    if as_json:
        print_json({"ok": True, "networks": {n: _as_json(x, given) for n, x in found.items()}})
        return
    lines: list[str] = []
    for name, each in found.items():
        lines += ["", *_lines(name, each, given)]
    echo(*lines[1:])


def _sizes(texts: tuple[str, ...]) -> dict[str, int]:
    found = {}
    for text in texts:
        name, _, number = text.partition("=")
        if not number.strip().isdigit() or int(number) < 1:
            raise click.BadParameter(f"write NAME=NUMBER, not {text!r}", param_hint="--size")
        found[name.strip()] = int(number)
    return found


def _symbols(network: Network) -> set[str]:
    return set().union(*(symbols(d) for entry in network.inputs for d in entry.type.shape))


def _calls(network: Network, sizes: Mapping[str, int]) -> list[Call]:
    return [_call(network, node, sizes) for node in network.nodes]


def _call(network: Network, node: Node, sizes: Mapping[str, int]) -> Call:
    kind: object = vocabulary().get(node.word)
    inputs = tuple(_sized(network.type_of(value), sizes) for value in node.inputs)
    outputs = tuple(_sized(network.type_of(value), sizes) for value in node.outputs)
    rule = kind.multiply_adds if isinstance(kind, CellKind | OpKind) else None
    work = 0 if rule is None else rule(node.arguments, inputs, outputs)
    return Call(node.path or node.block, node.word, outputs, work)


def _sized(type: TensorType, sizes: Mapping[str, int]) -> TensorType:
    return type.with_shape(tuple(evaluate(dim, sizes) for dim in type.shape))


def _lines(name: str, network: Network, sizes: Mapping[str, int]) -> list[str]:
    inputs = ", ".join(str(_sized(entry.type, sizes)) for entry in network.inputs)
    outputs = ", ".join(str(_sized(network.type_of(ref), sizes)) for ref in network.outputs)
    calls = _calls(network, sizes)
    lines = [f"network {name}: {inputs} -> {outputs}", ""]
    lines += table(
        [("parameter", "type", "values", "size"), *map(_row, network.parameters)], (2, 3)
    )
    lines += ["", _totals(network.parameters), ""]
    lines += table([("cell", "word", "output", "multiply-adds"), *map(_cost, calls)], (3,))
    work = _total(calls)
    lines += ["", f"{_number(work)} multiply-adds"]
    free = sorted(symbols(work))
    if free:
        lines[-1] += f"; --size {free[0]}=1 fixes a size"
    return lines


def _row(parameter: ParameterSpec) -> tuple[str, ...]:
    type = TensorType(parameter.dtype, parameter.shape)
    values = prod(parameter.shape)
    name = parameter.name if parameter.trainable else f"{parameter.name} (not trained)"
    return name, str(type), f"{values:,}", size(_bytes(parameter))


def _bytes(parameter: ParameterSpec) -> int:
    return prod(parameter.shape) * parameter.dtype.itemsize


def _totals(parameters: tuple[ParameterSpec, ...]) -> str:
    values = sum(prod(p.shape) for p in parameters)
    trained = sum(prod(p.shape) for p in parameters if p.trainable)
    total = size(sum(map(_bytes, parameters)))
    return (
        f"{count(len(parameters), 'parameter')}, {values:,} values ({trained:,} trained), {total}"
    )


def _cost(call: Call) -> tuple[str, ...]:
    outputs = ", ".join(str(type) for type in call.outputs)
    return call.path, call.word, outputs, _number(call.work) if call.work != 0 else "-"


def _total(calls: list[Call]) -> Dim:
    total: Dim = 0
    for call in calls:
        total = call.work + total
    return total


def _number(work: Dim) -> str:
    return f"{work:,}" if isinstance(work, int) else str(work)


def _as_json(network: Network, sizes: Mapping[str, int]) -> dict[str, object]:
    calls = _calls(network, sizes)
    return {
        "inputs": {entry.name: str(_sized(entry.type, sizes)) for entry in network.inputs},
        "outputs": [str(_sized(network.type_of(ref), sizes)) for ref in network.outputs],
        "parameters": [
            {
                "name": p.name,
                "shape": list(p.shape),
                "dtype": p.dtype.name,
                "values": prod(p.shape),
                "bytes": _bytes(p),
                "trainable": p.trainable,
            }
            for p in network.parameters
        ],
        "calls": [
            {
                "path": call.path,
                "word": call.word,
                "outputs": [str(type) for type in call.outputs],
                "multiply_adds": call.work if isinstance(call.work, int) else str(call.work),
            }
            for call in calls
        ],
        "multiply_adds": _total(calls) if isinstance(_total(calls), int) else str(_total(calls)),
    }
