"""A checked network as an ONNX graph: each word is lowered by the one function that knows it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache, partial
from typing import assert_never

import numpy as np

from declspore.dataclass import dataclass
from declspore.exports.onnx import words
from declspore.exports.onnx.graph import Lower, Lowering, OnnxGraph, Tensor, WithoutForm
from declspore.ir.network import Network, Node, ValueRef
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind


@dataclass(frozen=True)
class Refused:
    """A node that cannot be in an ONNX file, and why."""

    node: Node
    reason: str


@cache
def lowerings() -> dict[str, Lower]:
    """The lowering of every word that has one, from the modules of ``words``."""
    found: dict[str, Lower] = {}
    for info in pkgutil.iter_modules(words.__path__):
        module = importlib.import_module(f"{words.__name__}.{info.name}")
        for word, lower in getattr(module, "LOWERINGS", {}).items():
            if word in found:
                raise ValueError(f"the word {word!r} is lowered twice")
            found[word] = lower
    return found


def lowering_of(word: str) -> Lower:
    """The lowering of a word. Raises WithoutForm where it has none."""
    lower = lowerings().get(word)
    if lower is None:
        reason = reasons().get(word, "it does not have an ONNX form")
        raise WithoutForm(f"`{word}`: {reason}")
    return lower


@cache
def reasons() -> dict[str, str]:
    """Why a word has no lowering, of every one that has none; words that draw random numbers are
    refused for all formats."""
    found: dict[str, str] = {}
    for info in pkgutil.iter_modules(words.__path__):
        module = importlib.import_module(f"{words.__name__}.{info.name}")
        found |= getattr(module, "REASONS", {})
    return found


def graph_of(network: Network) -> tuple[OnnxGraph, tuple[Refused, ...]]:
    """The graph of a network, and the nodes that could not be lowered, without which it is not
    whole."""
    graph = OnnxGraph(network, lowering_of)
    refused: list[Refused] = []
    flowing: dict[ValueRef, Tensor] = {}
    for index, entry in enumerate(network.inputs):
        flowing[ValueRef(index)] = Tensor(entry.name, entry.type)
    for node in network.nodes:
        types = tuple(network.type_of(ref) for ref in node.outputs)
        try:
            results = _lowered(graph, node, types, flowing)
        except WithoutForm as error:
            refused.append(Refused(node, str(error)))
            results = tuple("" for _ in types)
        for ref, name, type in zip(node.outputs, results, types, strict=True):
            flowing[ref] = Tensor(name, type)
    several = len(network.outputs) > 1
    for place, ref in enumerate(network.outputs):
        name = graph.fresh(f"output_{place}" if several else "output")
        end = Lowering(graph, Node("op", "output", Arguments(), (), ()), ())
        graph.outputs.append(_renamed(graph, end, flowing[ref].name, name))
    return graph, tuple(refused)


def _renamed(graph: OnnxGraph, end: Lowering, value: str, name: str) -> str:
    from declspore.exports.onnx.graph import Made

    graph.nodes.append(Made("Identity", name, (value,), (name,), {}, ""))
    return name


def _flowing(flowing: Mapping[ValueRef, Tensor], leaf: object) -> object:
    return flowing[leaf] if isinstance(leaf, ValueRef) else leaf


def _lowered(
    graph: OnnxGraph, node: Node, types: tuple[TensorType, ...], flowing: dict[ValueRef, Tensor]
) -> tuple[str, ...]:
    n = Lowering(graph, node, types)
    match node.family:
        case "tensor":
            array = vocabulary().of(TensorKind, node.word).compute(np, node.arguments)
            return (n.constant(array, types[0].dtype.numpy),)
        case "cell":
            given = [flowing[ref] for ref in node.inputs]
            plain = len(given) - len(node.named)
            named = dict(zip(node.named, given[plain:], strict=True))
            lower = lowering_of(node.word)
            found = lower(n, node.arguments, *given[:plain], **named, **node.options)
        case "op" | "loss":
            found = lowering_of(node.word)(n, node.arguments.map(partial(_flowing, flowing)))
        case _:
            assert_never(node.family)
    results = found if isinstance(found, tuple) else (found,)
    return tuple(one.name if isinstance(one, Tensor) else one for one in results)
