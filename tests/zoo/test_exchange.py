"""Checkpoints of networks go from MindSpore to declspore and back, by MindSpore's own functions."""

import json

import numpy as np
import pytest

from declspore import load_checkpoint, save_checkpoint
from declspore.lower.network import compile_network
from tests.conftest import GOLDEN
from tests.oracle import inputs
from tests.oracle.zoo import WHOLE, ZOO
from tests.support import closeness
from tests.zoo.support import network

EXCHANGED = ("UNet", "Siamese", "WideDeep", "LstmClassifier", "GruTagger", "Bert", "Transformer")
_SIDE = """
import sys
from pathlib import Path
from tests.oracle import generate, generate_zoo
generate_zoo.exchange(Path(sys.argv[1]), generate.fill, sys.argv[2:])
"""


@pytest.mark.long
@pytest.mark.mindspore
def test_checkpoints_go_there_and_back(mindspore, tmp_path):
    mindspore(_SIDE, tmp_path, *EXCHANGED)
    for name in EXCHANGED:
        model = compile_network(network(ZOO[name]))
        load_checkpoint(str(tmp_path / f"{name}.ckpt"), net=model)
        given = inputs.images(name, ZOO[name][3], name in WHOLE)
        results = model(given if len(given) > 1 else given[0], training=False)
        results = results if isinstance(results, list | tuple) else [results]
        with np.load(GOLDEN / "zoo.npz") as golden:
            for index, result in enumerate(results):
                assert closeness(result, golden[f"{name}/{index}"]) < 1e-5, name
        save_checkpoint(model, str(tmp_path / f"{name}-back.ckpt"))
    lines = mindspore(_SIDE, tmp_path, *EXCHANGED).splitlines()
    answers = [json.loads(line) for line in lines if line.startswith('["')]
    assert answers == [[name, [], [], True] for name in EXCHANGED]
