"""Outcomes in columns say what outcomes one by one would."""

import numpy as np

from declspore.ir.dtype import FLOAT32, INT64
from declspore.ir.header import Entries, EntriesInMaking, Header, HeaderEntry
from declspore.report import Sink
from declspore.tasks.edit.decide import plan_edit
from tests.checkpoint.support import opened, written
from tests.support import checked

RULES = """edit e {
  in src = ckpt("a.ckpt")
  out dst = ckpt("b.ckpt")
  rename src.`layer{i:int}.weight` -> `block{i + 1}.weight`
  delete src.`gone.*`
  set src.`scale` = it * 2
  split src.`qk` -> `q`, `k` = chunk(it, 2)
  copy src.`rest.a` -> `again`
  add `new` = zeros([3])
}"""
ENTRIES = [
    HeaderEntry.of("layer1.weight", FLOAT32, (2, 3)),
    HeaderEntry.of("gone.a", FLOAT32, (2, 3)),
    HeaderEntry.of("scale", FLOAT32, (4,)),
    HeaderEntry.of("qk", FLOAT32, (4, 2)),
    HeaderEntry.of("rest.a", INT64, ()),
    HeaderEntry.of("moments.layer1.weight", FLOAT32, (2, 3)),
    HeaderEntry.of("layer2.weight", FLOAT32, (2, 3)),
]
EXPECTED = [
    ("rename", "layer1.weight", "block2.weight", None),
    ("delete", "gone.a", None, None),
    ("set", "scale", "scale", None),
    ("split", None, "q", None),
    ("split", None, "k", None),
    ("keep", "rest.a", "rest.a", None),
    ("rename", "moments.layer1.weight", "moments.block2.weight", "layer1.weight"),
    ("rename", "layer2.weight", "block3.weight", None),
    ("copy", "rest.a", "again", None),
    ("add", None, "new", None),
]


def _columns(entries):
    making = EntriesInMaking()
    for entry in entries:
        making.add(*entry)
    return making.made()


def _planned(entries):
    (task,) = checked(RULES).tasks.values()
    sink = Sink()
    plan = plan_edit(task, {"src": Header.of("a.ckpt", entries)}, sink)
    assert not sink.diagnostics
    return plan


def _row(outcome):
    return (
        outcome.action,
        outcome.entry and outcome.entry.name,
        outcome.result and outcome.result.name,
        outcome.rules[0].follows if outcome.rules else None,
    )


def test_every_kind_of_outcome():
    plan = _planned(ENTRIES)
    assert list(map(_row, plan.outcomes)) == EXPECTED
    assert [_row(plan.outcomes[row]) for row in range(len(EXPECTED))] == EXPECTED
    assert [_row(one) for one in plan.outcomes[1:3]] == EXPECTED[1:3]
    assert _row(plan.outcomes[-1]) == EXPECTED[-1]
    assert plan.outcomes.counts() == {
        "rename": 3,
        "split": 2,
        "delete": 1,
        "set": 1,
        "keep": 1,
        "copy": 1,
        "add": 1,
    }
    lines = [None if not one.rules else one.rules[0].rule.span.line for one in plan.outcomes]
    assert lines == [5, 6, 7, 8, 8, 9, 5, 5, 9, 10]


def test_the_header_is_that_of_the_results():
    plan = _planned(ENTRIES)
    results = [one.result for one in plan.outcomes if one.result is not None]
    assert list(plan.header) == results
    assert plan.written == plan.header.nbytes == sum(entry.nbytes for entry in results)
    copied = [o for o in plan.outcomes if o.result is not None and o.value is None]
    assert plan.outcomes.copied_bytes == sum(o.entry.nbytes for o in copied)


def test_columns_of_entries_are_read_as_entries_are():
    one, other = _planned(ENTRIES), _planned(_columns(ENTRIES))
    assert isinstance(other.inputs["src"][0].entries, Entries)
    assert list(map(_row, one.outcomes)) == list(map(_row, other.outcomes))
    assert one.header == other.header


def test_columns_are_a_sequence():
    made = _columns(ENTRIES)
    assert len(made) == len(ENTRIES)
    assert made == ENTRIES
    assert made != ENTRIES[1:]
    assert list(made[2:4]) == ENTRIES[2:4]
    assert made[-1] == ENTRIES[-1]
    assert Header.of("x", made) == Header.of("x", _columns(ENTRIES))
    assert hash(made) == hash(_columns(ENTRIES))


def test_names_are_found_by_their_ends_however_often_that_is_asked():
    names = [f"{end}.{i}.{start}" for i in range(50) for start in "ab" for end in ("x", "yy")]
    entries = [HeaderEntry.of(name, FLOAT32, (1,)) for name in names]
    header = Header.of("f", _columns(entries))
    for prefix, suffix in [("x", ""), ("", ".a"), ("yy.1", "b"), ("z", ""), ("", "")] * 3:
        right = [n for n in names if n.startswith(prefix) and n.endswith(suffix)]
        found = [entry.name for entry in header.between(prefix, suffix)]
        assert set(right) <= set(found)
        assert found == [name for name in names if name in found]
        assert [header.name(p) for p in header.places_between(prefix, suffix)] == found
    assert header.place("yy.1.b") == names.index("yy.1.b")
    assert header.place("no") is None


def test_a_file_gives_its_header_in_columns(here):
    written("x.ckpt", {f"n{i}": np.zeros(2, np.float32) for i in range(5)})
    assert isinstance(opened("x.ckpt").header.entries, Entries)
