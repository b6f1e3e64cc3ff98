"""Edits planned from headers: what happens to each entry, and what is refused."""

import random

import pytest

from declspore.ir.dtype import FLOAT32, INT32
from declspore.ir.header import Header, HeaderEntry
from declspore.report import Sink
from declspore.tasks.edit.decide import plan_edit
from tests.support import checked

WEIGHTS = {
    "conv1.weight": (6, 1, 5, 5),
    "fc1.weight": (120, 400),
    "fc1.bias": (120,),
    "fc2.weight": (10, 120),
    "fc2.bias": (10,),
}


def _training_header(origin="in.ckpt") -> Header:
    entries = [HeaderEntry.of(name, FLOAT32, shape) for name, shape in WEIGHTS.items()]
    entries.append(HeaderEntry.of("global_step", INT32, (1,)))
    entries += [HeaderEntry.of(name, FLOAT32, ()) for name in ("learning_rate", "momentum")]
    entries += [HeaderEntry.of(f"moments.{n}", FLOAT32, shape) for n, shape in WEIGHTS.items()]
    return Header.of(origin, entries)


def _edit(body: str):
    text = f'edit e {{\n  in src = ckpt("in.ckpt")\n  out dst = ckpt("out.ckpt")\n{body}\n}}'
    return checked(text).tasks["e"]


def _plan(body: str):
    sink = Sink()
    return plan_edit(_edit(body), {"src": _training_header()}, sink), sink


def _names(body: str) -> list[str]:
    plan, sink = _plan(body)
    assert plan is not None, sink.diagnostics
    return [entry.name for entry in plan.header]


def _problems(body: str) -> list[str]:
    plan, sink = _plan(body)
    assert plan is None
    return [f"{d.code} {d.title}" for d in sink.diagnostics]


ALL = [entry.name for entry in _training_header()]


def test_nothing_said_nothing_changed():
    assert _names("rest keep") == ALL
    assert _names("") == ALL


def test_delete():
    assert _names("delete src.`moments.**` exactly 5") == ALL[:8]
    assert _names("delete `moments.**`, `momentum`") == [n for n in ALL[:8] if n != "momentum"]
    assert _names("delete src.`**` except src.`fc1.*`, src.`moments.fc1.*`") == [
        *("fc1.weight", "fc1.bias", "moments.fc1.weight", "moments.fc1.bias")
    ]


def test_slots_go_with_their_weight():
    assert _names("delete src.`fc2.*` exactly 2") == [n for n in ALL if "fc2" not in n]
    renamed = _names("rename src.`fc2.{p}` -> `head.{p}` exactly 2")
    assert renamed == [name.replace("fc2", "head") for name in ALL]


def test_a_slot_may_be_told_otherwise():
    kept = _names("delete src.`fc2.*`\nkeep src.`moments.fc2.*`")
    assert kept == [n for n in ALL if n not in ("fc2.weight", "fc2.bias")]
    own = _names("rename src.`fc2.bias` -> `b`\nrename src.`moments.fc2.bias` -> `c`")
    assert own[4] == "b"
    assert own[-1] == "c"


def test_a_slot_of_another_shape_is_no_slot():
    header = Header.of(
        "x", [HeaderEntry.of("a", FLOAT32, (3,)), HeaderEntry.of("moments.a", FLOAT32, (4,))]
    )
    plan = plan_edit(_edit("delete `a`"), {"src": header}, Sink())
    assert [entry.name for entry in plan.header] == ["moments.a"]


def test_renames_are_simultaneous():
    swapped = _names("rename src.`fc1.{p}` -> `fc2.{p}`\nrename src.`fc2.{p}` -> `fc1.{p}`")
    table = {"fc1": "fc2", "fc2": "fc1"}
    assert swapped == [
        name.replace(old, table[old]) if (old := name.split(".")[-2:][0]) in table else name
        for name in ALL
    ]


def test_numbers_in_names():
    assert _names("rename src.`fc{i:int}.{p}` -> `fc{i + 1}.{p}`")[1] == "fc2.weight"
    assert _names('rename src.re"fc(?P<i>[0-9])\\.(?P<p>.*)" -> `dense{i}.{p}`')[1] == (
        "dense1.weight"
    )


def test_a_delete_frees_the_name():
    names = _names("delete src.`fc1.*`\nrename src.`fc2.{p}` -> `fc1.{p}`")
    assert names[:3] == ["conv1.weight", "fc1.weight", "fc1.bias"]


def test_set_and_add():
    plan, _ = _plan(
        "set src.`fc1.bias` = ones([3], dtype = f16)\ndelete src.`moments.fc1.bias`\n"
        "add `new` = [[1, 2], [3, 4]]"
    )
    types = {entry.name: entry.type for entry in plan.header}
    assert types["fc1.bias"] == "f16[3]"
    assert types["new"] == "i64[2, 2]"
    assert plan.header.entries[-1].name == "new"


def test_rest():
    assert _names("keep src.`fc1.*`\nrest delete") == ["fc1.weight", "fc1.bias"]
    assert _names("rename src.`fc1.bias` -> `b`\nrest delete") == ["b", "moments.b"]
    assert _problems("keep src.`fc1.*`\nrest error")[0] == (
        "E544 `rest error`: no rule names 11 entries"
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            "delete src.`fc1.*` exactly 3",
            "E541 the rule matches 2 entries, expected `exactly 3`",
        ),
        ("delete src.`fc9.*`", "E542 the rule matches no entry"),
        (
            "delete src.`fc9.*` exactly 2",
            "E541 the rule matches 0 entries, expected `exactly 2`",
        ),
        (
            "delete src.`fc1.*`\nrename src.`fc1.bias` -> `b`",
            "E543 two rules contradict each other for `fc1.bias`",
        ),
        ("rename src.`fc1.bias` -> `fc2.bias`", "E545 two entries would be named `fc2.bias`"),
        ("rename src.`fc{i}.bias` -> `bias`", "E545 two entries would be named `bias`"),
        ("add `fc1.bias` = zeros([1])", "E547 `fc1.bias` already exists"),
        ("add `x` = 1\nadd `x` = 2", "E545 two entries would be named `x`"),
    ],
)
def test_refused(body, problem):
    assert problem in _problems(body)


def test_optional():
    assert _names("delete src.`fc9.*` optional") == ALL


def test_the_order_of_rules_means_nothing():
    rules = [
        "delete src.`conv1.*`",
        "rename src.`fc1.{p}` -> `fc2.{p}`",
        "rename src.`fc2.{p}` -> `fc3.{p}`",
        "set src.`momentum` = full([], 0.5)",
        "keep src.`moments.conv1.weight`",
        "add `x` = zeros([2])",
    ]
    expected = _names("\n".join(rules))
    generator = random.Random(0)
    for _ in range(20):
        generator.shuffle(rules)
        assert _names("\n".join(rules)) == expected


def test_several_inputs():
    text = """
edit e {
  in a = ckpt("a.ckpt")
  in b = ckpt("b.ckpt")
  out dst = ckpt("out.ckpt")
  delete b.`**` except b.`fc2.*`
  rename b.`fc2.{p}` -> `other.{p}`
}
"""
    sink = Sink()
    inputs = {"a": _training_header("a"), "b": _training_header("b")}
    plan = plan_edit(checked(text).tasks["e"], inputs, sink)
    assert plan is not None, sink.diagnostics
    assert [entry.name for entry in plan.header] == [*ALL, "other.weight", "other.bias"]
    clash = plan_edit(checked(text.replace("delete", "keep")).tasks["e"], inputs, sink)
    assert clash is None
    (found,) = (d for d in sink.errors if d.code == "E545")
    assert found.title == "8 names would be given to more than one entry"
    assert "`conv1.weight`" in found.notes[0]
    assert "from b.`conv1.weight`" in found.notes[0]


def test_entries_that_get_one_name_are_one_error_with_a_table():
    _, sink = _plan("rename src.`{m}.{p}` -> `one`")
    (found,) = sink.errors
    assert found.title == "5 entries would be named `one`"
    assert [line.split()[-1] for line in found.notes[0].splitlines()] == [
        f"src.`{name}`" for name in WEIGHTS
    ]
    assert found.helps == ("the new name must distinguish them: repeat a capture, such as {i}",)


def test_two_rules_over_an_entry_are_told_apart_by_except():
    _, sink = _plan("delete src.`fc1.*`\nset src.`fc1.bias` = 0")
    assert sink.errors[0].helps == ("delete src.`fc1.*` except src.`fc1.bias`",)
    _, sink = _plan("delete src.`fc1.bias`\nset src.`fc1.bias` = 0")
    assert sink.errors[0].helps == ()
