"""``declspore predict``: a network, a checkpoint and pictures become a spec, which is run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

import click

from declspore.check.check import check
from declspore.cli.keys import reading
from declspore.cli.networks import one_network
from declspore.cli.output import echo, echo_document, print_diagnostics, print_json, reporting
from declspore.cli.progress import Noted, Progress
from declspore.cli.run import carry_out
from declspore.ir.dtype import BY_NUMPY
from declspore.ir.network import Input, Network
from declspore.ir.term import show
from declspore.lock.record import Recorder
from declspore.plan.files import open_any, word_for
from declspore.plan.planner import make_plan
from declspore.plan.roles import role
from declspore.run.engine import require_engine
from declspore.source import Source
from declspore.syntax.format import format_text
from declspore.syntax.parse import parse

_ARRAYS = ".npz"


@reporting
def predict_command(
    network: str,
    checkpoint: str,
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    prepare: str | None,
    answers: str | None,
    classes: str | None,
    size: int | None,
    batch: int,
    recipe: bool,
    fresh: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    checked = one_network(network, "FILE:NAME", {})
    with open_any(checkpoint, reading(None, None)) as opened:
        state = [e.name for e in opened.header if role(e, opened.header) in ("slot", "scalar")]
    steps = prepare or _preparing(checked, inputs, size)
    lines = [
        *_dataset(checked, inputs, steps, batch),
        "predict answers {",
        f"  network = {_called(network)}",
        f"  load    = {word_for(checkpoint)}({show(checkpoint)})",
        *_ignored(checked, state),
        "  dataset = samples",
        f"  outputs = {answers or _answers(checked, inputs)}",
        *([] if classes is None else [f"  classes = {show(classes)}"]),
        f"  save {', '.join(map(show, outputs))}",
        "}",
    ]
    file = f"{network.partition('.spec:')[0]}.spec"
    where = os.path.abspath(file) if os.path.exists(file) else file
    given = "\n".join(["spec 1", f"import {show(where)} as it", *lines, ""])
    parse(Source("predict", given))
    text = format_text(given)
    if recipe:
        echo_document(text)
        return
    plan = make_plan(check(Source("predict", text)), restarts=fresh)
    require_engine(plan)
    if not as_json:
        print_diagnostics(plan.warnings)
    if not (quiet or as_json or prepare or _is_arrays(inputs)):
        echo(f"prepared by {steps}; --prepare says otherwise", err=True)
    recorder = Recorder(os.getcwd(), records=False)
    try:
        reporter = Noted() if as_json else Progress(quiet=quiet, stream=sys.stderr)
        results = carry_out(plan, recorder, reporter, jobs=1)
    finally:
        recorder.close()
    if as_json:
        print_json({"ok": True, "results": [result.facts() for result in results]})


def _called(network: str) -> str:
    """``NAME(arguments)`` of the imported file."""
    name = network.partition(".spec:")[2]
    return f"it.{name}" if "(" in name else f"it.{name}()"


def _ignored(network: Network, state: Sequence[str]) -> Iterator[str]:
    """The entries of an optimizer, which a prediction does not use."""
    names = [name for name in state if name not in network.shapes]
    if names:
        yield f"  ignore  = [{', '.join(f'`{name}`' for name in names)}]"


def _is_arrays(inputs: Sequence[str]) -> bool:
    return len(inputs) == 1 and inputs[0].endswith(_ARRAYS)


def _dataset(network: Network, inputs: Sequence[str], steps: str, batch: int) -> Iterator[str]:
    if _is_arrays(inputs):
        columns = ", ".join(map(_column, network.inputs))
        source = f"NumpySlices({show(inputs[0])}, [{columns}])"
        yield f"dataset samples = {source} |> batch({batch})"
        return
    paths = f"[{', '.join(map(show, inputs))}]" if len(inputs) > 1 else show(inputs[0])
    yield f"dataset samples = Pictures({paths})"
    yield f"  {steps} |> batch({batch})"


def _column(entry: Input) -> str:
    """A column of arrays in the type of an input. Raises click.UsageError where sizes are free."""
    sizes = entry.type.shape[1:]
    if not all(isinstance(size, int) for size in sizes):
        raise click.UsageError(
            f"{entry.name} is {entry.type}: arrays of free sizes need a spec with their sizes"
        )
    dtype = BY_NUMPY[entry.type.dtype.numpy].short
    return f"Column({show(entry.name)}, {show(list(sizes))}, dtype = {dtype})"


def _preparing(network: Network, inputs: Sequence[str], size: int | None) -> str:
    """The steps that make of a picture what the network takes: its size, its channels, values from
    0 to 1. Raises click.UsageError where that is not known."""
    if _is_arrays(inputs):
        return ""
    shapes = [entry.type.shape for entry in network.inputs]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][1] not in (1, 3):
        types = ", ".join(str(entry.type) for entry in network.inputs)
        raise click.UsageError(f"pictures do not fit {types}; give a .npz file with an array each")
    _, channels, height, width = shapes[0]
    if not (isinstance(height, int) and isinstance(width, int)):
        if size is None:
            raise click.UsageError("the network takes pictures of any size; --size 224 says which")
        height = width = size
    grey = " |> Grayscale()" if channels == 1 else ""
    return f"|> Resize([{height}, {width}]){grey} |> Rescale(1 / 255, 0.0) |> HWC2CHW()"


def _answers(network: Network, inputs: Sequence[str]) -> str:
    """The best class where there is one score per class, else the outputs as they are."""
    types = [network.type_of(ref) for ref in network.outputs]
    scores = len(types) == 1 and types[0].rank == 2 and types[0].dtype.is_float
    file = [] if _is_arrays(inputs) else ["File()"]
    return f"[{', '.join([*file, 'TopK(1)' if scores else 'Raw()'])}]"
