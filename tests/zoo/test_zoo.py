"""The library specs: parameter tables and outputs of MindCV and MindSpore's model zoo."""

import gzip
import json

import numpy as np
import pytest

from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from tests.conftest import GOLDEN, SPECS
from tests.oracle import inputs
from tests.oracle.zoo import APPENDED, SOURCES, WHOLE, ZOO
from tests.support import keep_plain, opened_without_declspore
from tests.zoo.support import network

pytestmark = pytest.mark.slow

OPENED = (
    *("ResNet18", "EfficientNetB0", "ViT", "UNet", "Siamese", "WideDeep"),
    *("LstmClassifier", "GruTagger", "Bert", "Transformer"),
)
"""Networks whose plain files are written and opened: one of each kind, as big ones take long."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("plain")


@pytest.fixture(scope="module")
def tables():
    return json.loads(gzip.decompress((GOLDEN / "zoo.json.gz").read_bytes()))


@pytest.mark.parametrize("name", ZOO)
def test_parameter_table(name, tables):
    """Names, shapes, what is trained, and the order."""
    found = [[p.name, list(p.shape), p.trainable] for p in network(ZOO[name]).parameters]
    expected = tables[name]
    if name in APPENDED:
        found, expected = ([row[1:] for row in rows] for rows in (found, expected))
    assert found == expected


@pytest.mark.parametrize("name", [name for name, row in ZOO.items() if row[3] is not None])
def test_outputs(name, tables, parity, kept):
    model = compile_network(network(ZOO[name]))
    for parameter, (theirs, *_) in zip(binding_of(model).parameters, tables[name], strict=True):
        parameter.storage.write(inputs.parameter(theirs, parameter.shape))
    given = inputs.images(name, ZOO[name][3], name in WHOLE)
    results = model(given if len(given) > 1 else given[0], training=False)
    results = results if isinstance(results, list | tuple) else [results]
    variant = f"{ZOO[name][0].rpartition('/')[2]} {ZOO[name][1]}"
    with np.load(GOLDEN / "zoo.npz") as golden:
        for index, result in enumerate(results):
            expected = golden[f"{name}/{index}"]
            parity.close(("network", name), variant, "outputs", result, expected, 1e-5)
    if name in OPENED:
        keep_plain(model, given, results, kept / f"{name}.keras")


def test_plain_files_open_without_declspore(kept):
    """Those kept by the tests above: the same outputs, where declspore cannot be imported."""
    there = {path.stem for path in kept.glob("*.keras")}
    if there != set(OPENED):
        pytest.skip("not all of the tests that keep them have run")
    errors = opened_without_declspore(kept)
    assert set(errors) == there
    assert max(errors.values()) < 1e-6, errors


@pytest.mark.parametrize("spec", SOURCES)
def test_no_longer_than_its_source(spec, tables):
    """Lines of code, without comments, docstrings and blank lines."""
    lines = (SPECS / spec).read_text().splitlines()
    code = [line for line in lines if line.strip() and not line.strip().startswith("#")]
    assert len(code) <= tables["lengths"][spec]


def test_every_network_of_the_library_has_a_row():
    rows = {spec for spec, *_ in ZOO.values()}
    elsewhere = {"lenet.spec", "resnet50.spec", "tutorial_resnet50.spec", "quickstart.spec"}
    assert set(SOURCES) == rows
    library = {row for row in rows if "/" not in row}
    assert {path.name for path in SPECS.glob("*.spec")} == library | elsewhere
