"""ONNX, which ONNX Runtime runs."""

from __future__ import annotations

from collections.abc import Iterable

from declspore.exports.format import ExportFormat, Refusal, drawn
from declspore.ir.network import Network

_LIMIT = 2**31 - 2**20
"""Bytes of a message of Protocol Buffers, with room for the graph."""


def _refusals(network: Network) -> Iterable[Refusal]:
    from declspore.exports.onnx.network import graph_of

    random = list(drawn(network))
    yield from random
    _, refused = graph_of(network)
    for each in refused:
        if all(each.node is not found.node for found in random):
            yield Refusal(each.reason, each.node)
    total = sum(_size(spec.shape) * spec.dtype.itemsize for spec in network.parameters)
    if total > _LIMIT:
        yield Refusal(f"its parameters take {total / 2**30:.1f} GiB, one file holds 2 GiB")


def _size(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total


FORMAT = ExportFormat(
    suffix=".onnx",
    mindspore="ONNX",
    title="ONNX (operator set 18)",
    write="declspore.exports.onnx.file:write",
    open="declspore.exports.onnx.file:open_file",
    modules=("onnx", "onnxruntime"),
    extra="onnx",
    refusals=_refusals,
    data_formats=("channels_first",),
)
