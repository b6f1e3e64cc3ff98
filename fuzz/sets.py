"""Doors of sets and of what is kept between runs: strategies, indexes, states, TF_CONFIG."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np

from declspore.checkpoint.sharding.index import index_text, read_index
from declspore.checkpoint.sharding.layout import Layout
from declspore.checkpoint.sharding.strategy import Strategy, as_json, protobuf, read_strategy
from declspore.devices.cluster import VARIABLE, seat_of
from declspore.devices.errors import NotMet
from declspore.tasks.predict import statefile as of_predictions
from declspore.tasks.train.statefile import read_arrays, read_facts, write_state
from fuzz.door import Door, answered


def _strategies() -> list[Strategy]:
    one = {"a.weight": Layout((2, 2), ((0,), (1,))), "a.bias": Layout((2, 2), ((0,),), 2)}
    return [Strategy((one,), 4, ("s",)), Strategy((one, {"b": Layout((4,), ((),))}), 4, ("s",))]


def _indexes() -> list[bytes]:
    shards = {"a.b": "model-00001-of-00002.safetensors", "c": "model-00002-of-00002.safetensors"}
    return [index_text(shards, 40, indent=indent).encode() for indent in (0, 2)]


def _states() -> list[bytes]:
    facts = {
        "recipe": {"seed": "1"},
        "backend": "tensorflow",
        "step": 3,
        "saved": 1,
        "files": ["out/1.ckpt"],
        "removing": [],
        "stop_reason": None,
        "loss": "0.5",
        "seconds": 1.5,
        "unasked": {"loss": [0.5]},
        "policies": {"Save": {"step": 1}},
    }
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "t.state")
        write_state(path, facts, {"variables/a": np.zeros((2, 3), np.float32)})
        return [Path(path).read_bytes()]


def _state(path: str) -> str:
    def read() -> None:
        read_facts(path)
        read_arrays(path)

    return answered(read, ValueError)


def _predictions() -> list[bytes]:
    head = json.dumps({"format": of_predictions.FORMAT, "recipe": {"seed": "1"}}).encode() + b"\n"
    record = of_predictions.Record(2, {"y": np.zeros((2, 3), np.float32)}, {"name": ["a", "b"]})
    return [head + of_predictions.packed(record) * count for count in (1, 3)]


def _prediction(path: str) -> str:
    def read() -> None:
        with of_predictions.open_state(path) as file:
            of_predictions.read_recipe(file)
            for _ in of_predictions.records(file):
                pass

    return answered(read, of_predictions.Unusable)


def _clusters() -> list[bytes]:
    workers = ["a:1", "[::1]:2"]
    ways = [{"worker": workers}, {"chief": workers[:1], "worker": workers[1:]}]
    task = {"type": "worker", "index": 0}
    return [json.dumps({"cluster": each, "task": task}).encode() for each in ways]


def _cluster(path: str) -> str:
    text = Path(path).read_bytes().decode(errors="surrogateescape")
    return answered(lambda: seat_of({VARIABLE: text}), NotMet)


DOORS = {
    "strategy": Door(
        lambda: [protobuf(each) for each in _strategies()],
        lambda path: answered(lambda: read_strategy(path)),
    ),
    "strategy-json": Door(
        lambda: [as_json(each).encode() for each in _strategies()],
        lambda path: answered(lambda: read_strategy(path)),
        "strategy.json",
    ),
    "index": Door(_indexes, lambda path: answered(lambda: read_index(path))),
    "state": Door(_states, _state),
    "prediction": Door(_predictions, _prediction),
    "cluster": Door(_clusters, _cluster),
}
