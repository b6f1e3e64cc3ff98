"""``declspore specs``"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from math import prod

from declspore.check.check import check_file
from declspore.cli.output import echo, print_json, reporting
from declspore.dataclass import dataclass
from declspore.ir.network import Network
from declspore.resources import specs_folder
from declspore.text import size, table


@dataclass(frozen=True)
class Shipped:
    """A network of a shipped spec; ``parameters``, ``values`` and ``bytes`` are of the network with
    its default arguments, None where it needs some."""

    spec: str
    network: str
    arguments: tuple[str, ...]
    parameters: int | None
    values: int | None
    bytes: int | None


@reporting
def specs_command(as_json: bool) -> None:
    found = [each for path in sorted(specs_folder().glob("*.spec")) for each in _shipped(path.name)]
    if as_json:
        print_json({"ok": True, "specs": [asdict(each) for each in found]})
        return
    header = ("spec", "network", "parameters", "values", "size", "arguments")
    echo(*table([header, *map(_row, found)], right=(2, 3, 4)))


def _shipped(name: str) -> Iterator[Shipped]:
    spec = check_file(specs_folder() / name)
    for network, arguments in spec.templates.items():
        yield _measured(name, network, arguments, spec.networks.get(network))


def _measured(spec: str, name: str, arguments: tuple[str, ...], network: Network | None) -> Shipped:
    if network is None:
        return Shipped(spec, name, arguments, None, None, None)
    values = [prod(parameter.shape) for parameter in network.parameters]
    widths = [parameter.dtype.itemsize for parameter in network.parameters]
    nbytes = sum(many * width for many, width in zip(values, widths, strict=True))
    return Shipped(spec, name, arguments, len(values), sum(values), nbytes)


def _row(each: Shipped) -> tuple[str, ...]:
    arguments = ", ".join(each.arguments) or "-"
    if each.values is None or each.bytes is None:
        return each.spec, each.network, "-", "-", "-", arguments
    own = str(each.parameters), f"{each.values:,}", size(each.bytes)
    return each.spec, each.network, *own, arguments
