"""``declspore check``"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from declspore.check.spec import CheckedSpec
from declspore.cli.output import echo, print_diagnostics, print_json, reporting
from declspore.cli.settings import checked_spec
from declspore.cli.several import Show, are_several, over
from declspore.ir.network import Network
from declspore.plan.errors import unavailable
from declspore.registry.data import Unavailable
from declspore.render import to_json
from declspore.report import Sink
from declspore.spelling import Json, count

if TYPE_CHECKING:
    from declspore.data.verify import Verified


@reporting
def check_command(
    specs: tuple[str, ...], with_data: bool, settings: tuple[str, ...], as_json: bool
) -> None:
    if are_several(specs):

        def work(spec: str) -> tuple[Show, dict[str, Json]]:
            checked = checked_spec(spec, settings)
            verified = _verified(checked) if with_data else {}
            facts = _facts(checked, verified) if as_json else {}
            return lambda: _show(spec, checked, verified, whole=with_data), facts

        over(specs, work, as_json=as_json)
        return
    (spec,) = specs
    checked = checked_spec(spec, settings)
    verified = _verified(checked) if with_data else {}
    if as_json:
        print_json(_facts(checked, verified))
    else:
        _show(spec, checked, verified)


def _facts(checked: CheckedSpec, verified: dict[str, Verified]) -> dict[str, Json]:
    """What is known of a spec, for programs."""
    datasets: dict[str, Json] = {
        name: {
            "data": {column.name: str(column.type) for column in d.element.inputs},
            "labels": {column.name: str(column.type) for column in d.element.labels},
            **({"items": verified[name].count} if name in verified else {}),
        }
        for name, d in checked.datasets.items()
    }
    return {
        "ok": True,
        "diagnostics": [to_json(warning) for warning in checked.warnings],
        "networks": {name: _network(network) for name, network in checked.networks.items()},
        "losses": {name: _loss(loss.network) for name, loss in checked.losses.items()},
        "datasets": datasets,
        "tasks": list(checked.tasks),
    }


def _show(
    spec: str, checked: CheckedSpec, verified: dict[str, Verified], *, whole: bool = True
) -> None:
    """What is known of a spec, for people: one line, or the ``whole``."""
    print_diagnostics(checked.warnings)
    parts = [
        count(len(checked.networks), "network"),
        *([count(len(checked.losses), "loss", "losses")] if checked.losses else []),
        count(len(checked.datasets), "dataset"),
        count(len(checked.tasks), "task"),
    ]
    echo(f"{spec}: ok ({', '.join(parts)})")
    if not whole:
        return
    for name, each in verified.items():
        skipped = f", {count(each.left_out, 'damaged item')} skipped" if each.left_out else ""
        echo(f"  dataset {name}: {count(each.count, 'item')} read{skipped}")
    for name, network in checked.networks.items():
        values = sum(prod(p.shape) for p in network.parameters)
        entries = count(len(network.parameters), "parameter")
        echo(f"  network {name}: {_types(network)}, {entries}, {values:,} values")
    for name, loss in checked.losses.items():
        echo(f"  loss {name}: {_types(loss.network)}")


def _types(network: Network) -> str:
    outputs = ", ".join(str(network.type_of(ref)) for ref in network.outputs)
    return f"{', '.join(str(entry.type) for entry in network.inputs)} -> {outputs}"


def _verified(checked: CheckedSpec) -> dict[str, Verified]:
    """Every item of every dataset, each read once. Raises DiagnosticError with all that are
    damaged."""
    from declspore.data.verify import labels_out_of_range, verify

    found: dict[str, Verified] = {}
    by_pipeline: dict[str, Verified] = {}
    sink = Sink()
    for name, dataset in checked.datasets.items():
        pipeline = str(dataset.pipeline)
        if pipeline in by_pipeline:
            found[name] = by_pipeline[pipeline]
            continue
        try:
            found[name] = by_pipeline[pipeline] = verify(dataset)
        except Unavailable as error:
            sink.report(unavailable(dataset.span, str(error), error.helps))
            continue
        for problem in found[name].damaged:
            sink.report(unavailable(dataset.pipeline.source.span, problem, ()))
    for task in checked.tasks.values():
        for each in task.labels():
            for problem in labels_out_of_range(each):
                sink.report(unavailable(each.dataset.pipeline.source.span, problem, ()))
    sink.raise_errors()
    return found


def _loss(network: Network) -> dict[str, Json]:
    return {
        "inputs": {entry.name: str(entry.type) for entry in network.inputs},
        "outputs": [str(network.type_of(ref)) for ref in network.outputs],
    }


def _network(network: Network) -> dict[str, Json]:
    return {
        **_loss(network),
        "parameters": [
            {
                "name": p.name,
                "shape": list(p.shape),
                "dtype": p.dtype.name,
                "trainable": p.trainable,
            }
            for p in network.parameters
        ],
    }
