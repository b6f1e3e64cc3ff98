"""Shards with an index: those of Hugging Face, and MindSpore's unified ones."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from declspore.checkpoint.safetensors import SAFETENSORS
from tests.checkpoint.sharding import opened_set, said_of
from tests.checkpoint.support import written


def _indexed(folder="hf", index="model.safetensors.index.json", **shards):
    os.makedirs(folder, exist_ok=True)
    listed, total = {}, 0
    for shard, values in shards.items():
        written(f"{folder}/{shard}.safetensors", values, format=SAFETENSORS)
        listed |= dict.fromkeys(values, f"{shard}.safetensors")
        total += sum(value.nbytes for value in values.values())
    table = {"metadata": {"total_size": total}, "weight_map": listed}
    Path(folder, index).write_text(json.dumps(table))
    return table


def _rewrite(table, path="hf/model.safetensors.index.json"):
    Path(path).write_text(json.dumps(table))
    return said_of("hf", None)


@pytest.fixture
def indexed(here):
    return _indexed(
        m1={"a": np.arange(3, dtype=np.float32), "b": np.ones((2, 2), np.float16)},
        m2={"c": np.arange(5, dtype=np.int8)},
    )


@pytest.mark.parametrize("path", ["hf", "hf/model.safetensors.index.json"])
def test_an_index(indexed, path):
    found = opened_set(path)
    assert [entry.name for entry in found] == ["a", "b", "c"]
    assert found.load()["c"].tolist() == [0, 1, 2, 3, 4]


def test_unified_safetensors(here):
    """MindSpore's index lists all but what has no layout."""
    _indexed("hf", "param_name_map.json", part0={"a": np.arange(3)}, part1={"b": np.arange(2)})
    written("hf/hyper_param.safetensors", {"step": np.array(1)}, format=SAFETENSORS)
    assert [entry.name for entry in opened_set("hf")] == ["a", "b", "step"]


def test_every_way_an_index_can_be_wrong(indexed):
    shards = indexed["weight_map"]

    def said(**changed):
        return _rewrite({**indexed, "weight_map": {**shards, **changed}})

    assert "says that the entry is in m1.safetensors, it is in m2" in said(c="m1.safetensors")
    assert "the shard m3.safetensors is missing" in said(d="m3.safetensors")
    moved = said(c="m3.safetensors")  # one mistake, one error
    assert "some of them are in `m2.safetensors`" in moved
    assert moved.count("error[") == 1
    assert "is in m2.safetensors, which does not have it" in said(d="m2.safetensors")
    less = {name: shard for name, shard in shards.items() if name != "b"}
    assert "m1.safetensors has an entry that the index does not list" in _rewrite(
        {**indexed, "weight_map": less}
    )
    wrong = _rewrite({**indexed, "metadata": {"total_size": 1}})
    assert "states a total of 1 bytes, the entries have 25" in wrong
    assert "E576" in said(a="../m1.safetensors")
    assert "E576" in said(a=3)
    assert "E576" in _rewrite({"weight_map": []})
    assert "E576" in _rewrite([])
    written(
        "hf/m2.safetensors",
        {"c": np.arange(5, dtype=np.int8), "a": np.arange(3)},
        format=SAFETENSORS,
    )
    assert "the entry is in m1.safetensors and in m2.safetensors" in _rewrite(indexed)


def test_an_index_that_lists_an_entry_twice(indexed):
    text = json.dumps(indexed).replace('"c":', '"a": "m2.safetensors", "c":')
    Path("hf/model.safetensors.index.json").write_text(text)
    assert "E572" in said_of("hf", None)


def test_a_shard_that_the_index_does_not_list(indexed):
    """As the index of an older save leaves it behind."""
    written("hf/m3.safetensors", {"d": np.arange(2)}, format=SAFETENSORS)
    assert "m3.safetensors is named like a shard of the set" in said_of("hf", None)
