"""The library specs: parameter tables and outputs of MindCV and MindSpore's model zoo."""

import gzip
import json

import numpy as np
import pytest

from declspore.check.check import check
from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from declspore.source import Source
from tests.conftest import GOLDEN, SPECS
from tests.oracle import inputs
from tests.oracle.zoo import WHOLE, ZOO


@pytest.fixture(scope="module")
def tables():
    return json.loads(gzip.decompress((GOLDEN / "zoo.json.gz").read_bytes()))


def _network(name):
    spec, call, *_ = ZOO[name]
    text = f'spec 1\nimport "{SPECS / spec}" as zoo\nnetwork Chosen() = zoo.{call}\n'
    return check(Source("zoo", text)).networks["Chosen"]


@pytest.mark.parametrize("name", ZOO)
def test_parameter_table(name, tables):
    """Names, shapes, what is trained, and the order."""
    found = [[p.name, list(p.shape), p.trainable] for p in _network(name).parameters]
    assert found == tables[name]


@pytest.mark.parametrize("name", [name for name, row in ZOO.items() if row[3] is not None])
def test_outputs(name, parity):
    model = compile_network(_network(name))
    for parameter in binding_of(model).parameters:
        parameter.storage.write(inputs.parameter(parameter.name, parameter.shape))
    given = inputs.images(name, ZOO[name][3], name in WHOLE)
    results = model(given if len(given) > 1 else given[0], training=False)
    results = results if isinstance(results, list | tuple) else [results]
    with np.load(GOLDEN / "zoo.npz") as golden:
        for index, result in enumerate(results):
            expected = golden[f"{name}/{index}"]
            parity.close(("network", name), ZOO[name][0], "outputs", result, expected, 1e-5)
