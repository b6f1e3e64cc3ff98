"""The state of a training from a stranger: it is refused, and no file goes that is not a save's."""

import json
from pathlib import Path

import numpy as np
import pytest

from declspore.ir.timeline import Interval
from declspore.registry.policy import policy
from declspore.tasks.train.statefile import read_arrays, read_facts, write_state
from declspore.training.chain import Chain
from tests.cli.support import failing
from tests.tasks.train.support import interrupted, written

MORE = 'save "out/{epoch}_{step}.ckpt" every 2 steps keep 2'
STATE = "out/t.state"
EVERY = Interval(2, "step")


@pytest.fixture
def spec(here):
    path = written(here, length="3 epochs", more=MORE)
    interrupted(path, 5)
    return path


def changed(facts: dict, name: str, value: object) -> dict:
    """Facts with one of them replaced; a name with dots leads into the policies."""
    first, *more = name.split(".")
    found = json.loads(json.dumps(facts))
    place = found
    for key in [first, *more][:-1]:
        place = place[key]
    place[[first, *more][-1]] = value
    return found


DAMAGED = [
    ("files", [7]),
    ("policies", []),
    ("recipe", []),
    ("step", float("inf")),
    ("step", -1),
    ("step", "7"),
    ("loss", "x"),
    ("loss", 1),
    ("seconds", float("inf")),
    ("unasked", {"loss": ["x"]}),
    ("unasked", {"loss": 1}),
    ("stop_reason", {}),
]
OTHERS = [("removing", "own.txt"), ("removing", "out/../own.txt"), ("files", "/etc/passwd")]
AT_RUN = [("policies.Save.files", [["own.txt", 0.0]] * 3), ("policies.Save", [])]


def test_states_that_are_changed(spec):
    """One test, since the training that makes the state takes seconds."""
    own = Path("own.txt")
    own.write_text("mine")
    facts, arrays = read_facts(STATE), read_arrays(STATE)
    for name, value in DAMAGED:
        write_state(STATE, changed(facts, name, value), arrays)
        with pytest.raises(ValueError, match="it is damaged"):
            read_facts(STATE)
    for name, path in OTHERS:
        write_state(STATE, changed(facts, name, [path]), arrays)
        assert f"names {path}, which this training does not save" in failing("plan", spec).stderr
    for name, value in AT_RUN:
        write_state(STATE, changed(facts, name, value), arrays)
        assert "what it says of Save is damaged" in failing("run", spec).stderr
    write_state(STATE, facts, {**arrays, "more/x": np.zeros(2, np.float32)})
    assert "its entry more/x is no part of a training" in failing("run", spec).stderr
    assert own.read_text() == "mine"


@pytest.mark.parametrize(
    ("word", "given", "state"),
    [
        ("Save", {"path": "out/{step}.ckpt", "every": EVERY}, {"files": [["out/a/b.ckpt", 0.0]]}),
        ("Save", {"path": "out/{step}.ckpt", "every": EVERY}, {"files": [["other/1.ckpt", 0.0]]}),
        ("Save", {"path": "last.ckpt", "every": EVERY}, {"files": [["last_ckpt", 0.0]]}),
        ("SaveBest", {"path": "b-{figure}.ckpt", "figure": "loss"}, {"best": [[0.5, "own"]]}),
        ("SaveBest", {"path": "b.ckpt", "figure": "loss"}, {"best": [["x", "b.ckpt"]]}),
        ("History", {}, {"curves": []}),
        ("StopFile", {"path": "STOP"}, {"asked": 7}),
    ],
)
def test_states_of_policies(word, given, state):
    own = policy(word, **given)
    chain = Chain([own])
    chain.restore({word: own.start()})
    with pytest.raises(ValueError, match="damaged"):
        chain.restore({word: {**own.start(), **state}})


def test_states_that_are_well():
    own = policy("Save", path="out/{epoch}_{step}.ckpt", every=EVERY)
    state = {"step": 3, "files": [["out/1_3.ckpt", 0.0]], "saved": 0}
    assert own.accepts(state)
    best = policy("SaveBest", path="out/b-{figure:.3f}.ckpt", figure="loss")
    assert best.accepts({"best": [[-0.5, "out/b--0.500.ckpt"], [1, "out/b-1.0.ckpt"]]})
