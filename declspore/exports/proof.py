"""Whether a file answers as the network does: run in its own runtime, on inputs of several sizes.

Where it does not, the network is cut after ever fewer of its nodes until the first is found whose
result differs, so that the word at fault can be named.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from declspore.dataclass import dataclass
from declspore.exports.format import Exportable, ExportFormat, arranged
from declspore.exports.preparing import Preparation, pictures
from declspore.ir.network import Input, Network, Node, ValueRef
from declspore.ir.shape import evaluate, symbols
from declspore.ir.tensors import Array
from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from declspore.plan.task import imported

TOLERANCE = {"float32": 1e-5, "float16": 5e-2}
"""The largest difference of an output, relative to the largest output where that is above 1. Files
of int8 are held to an ``ensure`` on what they answer instead."""
_BATCHES = (1, 2, 3)
_PICTURES = ((512, 384), (300, 451), (420, 420))
"""Heights and widths of pictures that a file prepares."""
_SIDES = (16, 32, 64, 96, 128, 160, 192, 224, 256, 299, 320, 384, 448, 512)


@dataclass(frozen=True)
class Proof:
    """The largest difference that was found, relative to the outputs, over so many inputs;
    ``levels`` is how far pictures that the file prepares are from those of the dataset."""

    difference: float
    inputs: int
    levels: float | None = None


class Unproved(Exception):
    """A file does not load, or does not answer as the network does."""


# ---- inputs


def sizes_to_try(network: Network) -> list[dict[str, int]]:
    """Three assignments of sizes to the free sizes of the inputs: three batch sizes and two sizes
    of everything else, large enough for every value of the network."""
    dims = {dim for entry in network.inputs for dim in entry.type.shape}
    names = sorted({name for dim in dims for name in symbols(dim)})
    batch = {name for e in network.inputs if e.type.rank for name in symbols(e.type.shape[0])}
    others = [name for name in names if name not in batch]
    found = []
    sides = _fitting(network, others)
    for place, size in enumerate(_BATCHES):
        sizes = dict.fromkeys(batch, size)
        # the last axis is longer than the one before it, then the other way round
        given = sides if place % 2 == 0 else tuple(reversed(sides))
        sizes |= {name: given[index % 2] for index, name in enumerate(others)}
        found.append(sizes)
    return found


def _fitting(network: Network, names: Sequence[str]) -> tuple[int, int]:
    """Two sizes at which no value of the network is empty."""
    if not names:
        return 1, 1

    def fits(size: int) -> bool:
        sizes = {"": 1, **dict.fromkeys(names, size)}
        dims = (evaluate(dim, sizes) for type in network.types for dim in type.shape)
        return all(not isinstance(dim, int) or dim >= 1 for dim in dims)

    fitting = [size for size in _SIDES if fits(size)]
    first, second, *_ = (*fitting, *_SIDES[-2:])
    return first, second


def inputs_of(network: Network, sizes: Mapping[str, int], seed: int) -> list[Array]:
    """Random inputs; integers are indices of the smallest table they look up, or 0 and 1."""
    rng = np.random.default_rng(seed)
    found = []
    for index, entry in enumerate(network.inputs):
        shape = [int(evaluate(dim, sizes)) for dim in entry.type.shape]  # type: ignore[arg-type]
        dtype = entry.type.dtype
        if dtype.is_float:
            found.append(rng.normal(size=shape).astype(dtype.as_numpy()))
        elif dtype.is_integer:
            limit = _table(network, ValueRef(index), entry, sizes)
            found.append(rng.integers(0, limit, shape).astype(dtype.as_numpy()))
        else:
            found.append(rng.integers(0, 2, shape).astype(dtype.as_numpy()))
    return found


def _entering(exportable: Exportable, sizes: Mapping[str, int], seed: int) -> list[Array]:
    """Random inputs of the file: bytes from 0 to 255 of pictures that it prepares itself."""
    if exportable.preparation is None:
        return inputs_of(exportable.network, sizes, seed)
    if exportable.preparation.changes_items:
        return _pictures(exportable.preparation, seed)
    type, rng = exportable.preparation.entry.type, np.random.default_rng(seed)
    free = {name: _SIDES[2] for dim in type.shape for name in symbols(dim)}
    batch = dict.fromkeys(symbols(type.shape[0]), _BATCHES[seed])
    given = {**free, **sizes, **batch}
    shape = [int(evaluate(dim, given)) for dim in type.shape]  # type: ignore[arg-type]
    if type.dtype.is_float:
        return [rng.normal(size=shape).astype(type.dtype.as_numpy())]
    return [rng.integers(0, 256, shape).astype(type.dtype.as_numpy())]


def _pictures(preparation: Preparation, seed: int) -> list[Array]:
    """A batch of random pictures: files of several sizes, images of one."""
    count = _BATCHES[seed]
    if preparation.takes_files:
        several = pictures(preparation, [_PICTURES[(seed + i) % 3] for i in range(count)], seed)
        return [np.array(several, object)]
    return [np.stack(pictures(preparation, [_size(preparation, seed)] * count, seed))]


def _size(preparation: Preparation, seed: int) -> tuple[int, int]:
    given = preparation.entry.type.shape[-3:-1]
    height, width = (
        size if isinstance(size, int) else other
        for size, other in zip(given, _PICTURES[seed], strict=True)
    )
    return height, width


def _levels(preparation: Preparation | None) -> float | None:
    """How far pictures are from those of the dataset. Raises Unproved where that is too far."""
    if preparation is None or not preparation.changes_items:
        return None
    if preparation.takes_files:
        items = pictures(preparation, _PICTURES, 7)
    else:
        sizes = [_size(preparation, seed) for seed in range(len(_PICTURES))]
        items = pictures(preparation, sizes, 7)
    apart: Any = imported("declspore.exports.formats.saved_model:apart")
    found = float(apart(preparation, items))
    if not found <= preparation.allowed:
        words = ", ".join(preparation.words)
        raise Unproved(f"{words} differ by {found:g} from those of the dataset")
    return found


def _measured(exportable: Exportable) -> list[list[Array]]:
    """Of int8, whose ranges were measured on samples, one, two and three of these; else nothing."""
    if exportable.precision != "int8" or exportable.samples is None:
        return []
    first = next(iter(exportable.samples()))
    return [[value[:count] for value in first] for count in _BATCHES]


def _table(network: Network, ref: ValueRef, entry: Input, sizes: Mapping[str, int]) -> int:
    """The rows of the smallest table that an input of integers looks up."""
    limits = []
    for node in network.nodes:
        if ref in node.inputs and "vocab_size" in node.arguments:
            limits.append(int(node.arguments.vocab_size))
    return min(limits, default=2)


# ---- answers


def expected(
    exportable: Exportable, inputs: Sequence[Array], *, as_they_enter: bool = False
) -> list[Array]:
    """The outputs of the compiled network; ``as_they_enter`` where inputs need no arranging."""
    if exportable.preparation is not None:
        prepared: Any = imported("declspore.exports.formats.saved_model:prepared")
        inputs = prepared(exportable.preparation, inputs)
    given = list(inputs) if as_they_enter else arranged(exportable, inputs)
    found = exportable.model(given if len(given) > 1 else given[0], training=False)
    several = found if isinstance(found, list | tuple) else [found]
    return [keras.ops.convert_to_numpy(one) for one in several]


def difference(found: Array, wanted: Array) -> float:
    """The largest difference, relative to the largest wanted value where that is above 1."""
    if np.shape(found) != np.shape(wanted):
        raise Unproved(f"it answers {list(np.shape(found))}, the network {list(np.shape(wanted))}")
    if not np.size(wanted):
        return 0.0
    one, other = (np.asarray(value, np.float64) for value in (found, wanted))
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    if same.all():
        return 0.0
    with np.errstate(invalid="ignore"):
        apart = np.where(same, 0.0, np.abs(one - other))
    finite = np.abs(other[np.isfinite(other)])
    scale = max(1.0, float(finite.max(initial=0.0)))
    worst = float(apart.max()) / scale
    return float("inf") if np.isnan(worst) else worst


def prove(format: ExportFormat, path: str, exportable: Exportable) -> Proof:
    """Open a file in its own runtime and compare its answers. Raises Unproved."""
    try:
        run = format.opened(path, exportable)
    except Exception as error:
        raise Unproved(f"its runtime does not load it: {_first_line(error)}") from error
    levels = _levels(exportable.preparation)
    worst, tried = 0.0, sizes_to_try(exportable.network)
    limit = TOLERANCE.get(exportable.precision)
    measured = _measured(exportable)
    for seed, sizes in enumerate(tried):
        inputs = measured[seed] if measured else _entering(exportable, sizes, seed)
        try:
            as_they_are = measured or exportable.preparation is not None
            found = run(inputs if as_they_are else arranged(exportable, inputs))
        except Exception as error:
            raise Unproved(f"its runtime does not run it: {_first_line(error)}") from error
        wanted = expected(exportable, inputs, as_they_enter=bool(measured))
        if len(found) != len(wanted):
            raise Unproved(f"it gives {len(found)} outputs, the network {len(wanted)}")
        worst = max(worst, *(difference(*pair) for pair in zip(found, wanted, strict=True)))
        if limit is not None and not worst <= limit:
            raise Unproved(f"its answers differ by {worst:.1e}, more than {limit:.0e}")
    return Proof(worst, len(tried), levels)


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300]


# ---- the word at fault


def at_fault(format: ExportFormat, exportable: Exportable) -> Node | None:
    """The first node after which a file of the network does not answer as the network does; None
    where the whole network alone does not, or the file prepares what enters."""
    if exportable.preparation is not None:
        return None
    nodes = [node for node in exportable.network.nodes if node.outputs]
    low, high = 0, len(nodes)
    while low < high:
        middle = (low + high) // 2
        if _holds(format, exportable, nodes[middle]):
            low = middle + 1
        else:
            high = middle
    return nodes[low] if low < len(nodes) else None


def _holds(format: ExportFormat, exportable: Exportable, node: Node) -> bool:
    """Whether a file of the network up to a node answers as that does."""
    network = exportable.network
    place = next(index for index, each in enumerate(network.nodes) if each is node)
    cut = replace(network, nodes=network.nodes[: place + 1], outputs=node.outputs)
    model = compile_network(cut, data_format=exportable.data_format)
    whole, part = binding_of(exportable.model), binding_of(model)
    assert whole is not None
    assert part is not None
    for name in part:
        part[name].write(whole[name].read())
    shorter = replace(exportable, network=cut, model=model)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"part{'' if format.is_folder else format.suffix}")
        try:
            format.written(shorter, path)
            prove(format, path, shorter)
        except Exception:
            return False
    return True
