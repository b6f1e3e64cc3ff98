"""JSON that somebody else wrote: every value replaced by every other kind ends in a diagnostic."""

import json
import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from declspore.checkpoint.sharding.index import read_index
from declspore.checkpoint.sharding.strategy import read_strategy
from declspore.devices.cluster import seat_of
from declspore.devices.errors import NotMet
from declspore.registry.data import Unavailable
from declspore.report import DiagnosticError
from declspore.tasks.train.statefile import read_facts
from declspore.untrusted_json import parsed
from tests.attacks.test_sources import read
from tests.checkpoint.sharding import Cut, strategy_of
from tests.conftest import GOLDEN

VALUES = [
    "null",
    "true",
    "-1",
    "1e999",
    "NaN",
    "1.5",
    '"x\\u0000"',
    '"\\ud800"',
    "[]",
    "{}",
    "[[]]",
]


def damaged(text: str):
    """The text with each value replaced by others in turn."""
    whole = json.loads(text)
    for path in list(_paths(whole)):
        for value in VALUES:
            copy = place = json.loads(text)
            for step in path[:-1]:
                place = place[step]
            if path:
                place[path[-1]] = "HERE"
            else:
                copy = "HERE"
            yield json.dumps(copy).replace('"HERE"', value)
    yield from ("", "{", "\0", "[" * 100_000, '{"a":' * 100_000, text.replace("1", "9" * 6000, 1))


def _paths(value, path=()):
    yield path
    for step, part in value.items() if isinstance(value, dict) else []:
        yield from _paths(part, (*path, step))
    for step, part in enumerate(value if isinstance(value, list) else []):
        yield from _paths(part, (*path, step))


@pytest.mark.parametrize("text", ["1e999", "[NaN]", "-Infinity", "[" * 100_000, "", "9" * 6000])
def test_what_is_no_json(text):
    with pytest.raises(ValueError, match=r"."):
        parsed(text)


def test_a_text_of_empty_lists():
    """20 MB of them would take 400 MB."""
    with pytest.raises(ValueError, match="empty lists"):
        parsed(b"[" + b"[]," * 7_000_000 + b"0]")
    assert parsed(b'{"dtype": "F32"}') == {"dtype": "F32"}


def test_strategies(here):
    from declspore.checkpoint.sharding.strategy import as_json

    for text in damaged(as_json(strategy_of([{"w": Cut((2, 2), (1, -1))}]))):
        Path("s.json").write_text(text)
        with suppress(DiagnosticError):
            assert read_strategy("s.json").devices == 4


def test_indices(here):
    text = '{"metadata": {"total_size": 12}, "weight_map": {"a": "m1.safetensors"}}'
    for each in damaged(text):
        Path("i.json").write_text(each)
        with suppress(DiagnosticError):
            assert set(read_index("i.json").shards) <= {"a"}


def test_places_among_workers():
    workers = ["localhost:23456", "localhost:23457"]
    task = {"type": "worker", "index": 1}
    for text in damaged(json.dumps({"cluster": {"worker": workers}, "task": task})):
        with suppress(NotMet):
            seat_of({"TF_CONFIG": text})


def test_heads_of_mindrecord(here):
    whole = (GOLDEN / "scalars.mindrecord").read_bytes()
    (length,) = struct.unpack_from("<Q", whole)
    head = json.loads(whole[8 : 8 + length])
    head["page"] = head["page"][::5]
    for text in damaged(json.dumps(head)):
        data = struct.pack("<Q", len(text)) + text.encode()
        Path("a.mindrecord").write_bytes(data.ljust(16384, b"\0")[:16384] + whole[16384:])
        with pytest.raises(Unavailable):
            read('MindRecord("a.mindrecord", [Column("x", dtype = i64)])')


@pytest.mark.parametrize("name", ["state.json", "dataset_info.json", "dataset_dict.json"])
def test_folders_of_hugging_face(here, name):
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"x": [[1.0, 2.0], [3.0, 4.0]], "kind": [0, 1]})
    with pa.OSFile("data.arrow", "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)
    texts = {
        "state.json": '{"_data_files": [{"filename": "data.arrow"}], "n": 1}',
        "dataset_info.json": '{"features": {"kind": {"names": ["a", "b"], "_type": "ClassLabel"}}}',
        "dataset_dict.json": '{"splits": ["train"]}',
    }
    for other in ("state.json", "dataset_info.json"):
        Path(other).write_text(texts[other])
    for text in damaged(texts[name]):
        Path(name).write_text(text)
        with suppress(Unavailable):
            assert read('Arrow(".", [Column("x", [2])], [Column("kind", dtype = i32)])') == 2


def test_states_of_trainings(here):
    from declspore.checkpoint.safetensors import SAFETENSORS
    from tests.checkpoint.support import written

    for text in damaged('{"format": 2, "step": 1, "policies": [[]]}'):
        facts = np.frombuffer(text.encode() or b" ", np.uint8)
        written("t.state", {"training": facts}, format=SAFETENSORS)
        with suppress(ValueError, DiagnosticError):
            assert read_facts("t.state")["format"] == 2
