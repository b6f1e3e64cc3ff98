"""``declspore check``"""

from __future__ import annotations

from math import prod
from typing import Any

from declspore.cli.output import echo, print_diagnostics, print_json, reporting
from declspore.cli.settings import checked_spec
from declspore.ir.network import Network
from declspore.render import to_json
from declspore.spelling import count


@reporting
def check_command(spec: str, settings: tuple[str, ...], as_json: bool) -> None:
    checked = checked_spec(spec, settings)
    if as_json:
        networks = {name: _network(network) for name, network in checked.networks.items()}
        datasets = {
            name: {
                "data": {column.name: str(column.type) for column in d.element.inputs},
                "labels": {column.name: str(column.type) for column in d.element.labels},
            }
            for name, d in checked.datasets.items()
        }
        print_json(
            {
                "ok": True,
                "diagnostics": [to_json(warning) for warning in checked.warnings],
                "networks": networks,
                "datasets": datasets,
                "tasks": list(checked.tasks),
            }
        )
        return
    print_diagnostics(checked.warnings)
    parts = [
        count(len(checked.networks), "network"),
        count(len(checked.datasets), "dataset"),
        count(len(checked.tasks), "task"),
    ]
    echo(f"{spec}: ok ({', '.join(parts)})")
    for name, network in checked.networks.items():
        values = sum(prod(p.shape) for p in network.parameters)
        outputs = ", ".join(str(network.type_of(ref)) for ref in network.outputs)
        inputs = ", ".join(str(entry.type) for entry in network.inputs)
        entries = count(len(network.parameters), "parameter")
        echo(f"  network {name}: {inputs} -> {outputs}, {entries}, {values:,} values")


def _network(network: Network) -> dict[str, Any]:
    return {
        "inputs": {entry.name: str(entry.type) for entry in network.inputs},
        "outputs": [str(network.type_of(ref)) for ref in network.outputs],
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
