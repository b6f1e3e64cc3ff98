"""Rules over groups, values and several files, planned from headers; what slots do."""

import numpy as np
import pytest

from declspore.ir.dtype import FLOAT16, FLOAT32, INT32
from declspore.ir.header import Header, HeaderEntry
from declspore.plan.planner import make_plan
from declspore.report import DiagnosticError, Sink
from declspore.tasks.edit.decide import plan_edit
from tests.checkpoint.support import written
from tests.support import checked

SHAPES = {
    "l.0.q": (4, 6),
    "l.0.k": (4, 6),
    "l.1.q": (4, 6),
    "l.1.k": (4, 6),
    "bn.gamma": (4,),
    "bn.running_var": (4,),
    "ln.gamma": (4,),
}


def _header(extra=(), shapes=None):
    shapes = SHAPES if shapes is None else shapes
    entries = [HeaderEntry.of(name, FLOAT32, shape) for name, shape in shapes.items()]
    entries += [HeaderEntry.of(f"moments.{name}", FLOAT32, shapes[name]) for name in shapes]
    return Header.of("in.ckpt", [*entries, HeaderEntry.of("step", INT32, (1,)), *extra])


def planned(body, tail="", inputs=None, files=None):
    head = files or 'in src = ckpt("in.ckpt")\n  out dst = ckpt("out.ckpt")'
    task = checked(f"edit e {{\n  {head}\n{body}\n}}\n{tail}").tasks["e"]
    sink = Sink()
    return plan_edit(task, inputs or {"src": _header()}, sink), sink


def types(body, **options):
    plan, sink = planned(body, **options)
    assert plan is not None, sink.diagnostics
    return {entry.name: entry.type for entry in plan.header}


def problems(body, **options):
    plan, sink = planned(body, **options)
    assert plan is None
    return [f"{d.code} {d.title}" for d in sink.diagnostics]


# ---- slots


def test_slots_follow_where_elements_only_move():
    found = types("set src.`l.0.q` = transpose(it[1:], [1, 0])")
    assert found["l.0.q"] == found["moments.l.0.q"] == "f32[6, 3]"
    found = types("set src.`l.0.q` = gather(it, tensor([0, 2]), 1)")
    assert found["moments.l.0.q"] == "f32[4, 2]"


def test_slots_keep_their_own_type():
    header = _header(
        [HeaderEntry.of("w", FLOAT16, (2, 3)), HeaderEntry.of("moments.w", FLOAT32, (2, 3))]
    )
    found = types("set src.`w` = transpose(it, [1, 0])", inputs={"src": header})
    assert (found["w"], found["moments.w"]) == ("f16[3, 2]", "f32[3, 2]")


def test_slots_stay_where_the_shape_does():
    plan, _ = planned("set src.`l.0.q` = it * 2")
    (outcome,) = [o for o in plan.outcomes if o.entry and o.entry.name == "moments.l.0.q"]
    assert outcome.action == "keep"


def test_slots_that_cannot_follow_are_told():
    (found,) = problems("set src.`l.0.q` = sum(it, axis = 0)")
    assert found == "E548 optimizer slots of 1 entry cannot follow this rule"
    (found,) = problems("join src.`l.{i}.q`, src.`l.{i}.k` -> `l.{i}.qk` = them[0] + them[1]")
    assert found.startswith("E548 optimizer slots of 2 entries")


@pytest.mark.parametrize(
    ("rule", "stuck"),
    [
        ("rename src.`w` -> `v`", False),
        ("delete src.`w`", False),
        ("set src.`w` = it * 2", False),
        ("set src.`w` = transpose(it, [1, 0])", True),
        ("set src.`w` = it[1:]", True),
        ("split src.`w` -> `a`, `b` = chunk(it, 2)", True),
    ],
)
def test_slots_with_a_shape_of_their_own(rule, stuck):
    """AdaFactor's rows and columns follow a name; where elements move they would be wrong."""
    shapes = {"w": (4, 6), "exp_avg_sq_row_w": (4,), "exp_avg_sq_col_w": (6,), "eta_w": ()}
    header = Header.of("in.ckpt", [HeaderEntry.of(n, FLOAT32, s) for n, s in shapes.items()])
    if stuck:
        many = 3 if "split" in rule else 2
        (found,) = problems(rule, inputs={"src": header})
        assert found == f"E548 optimizer slots of {many} entries cannot follow this rule"
        return
    new = {"rename": "v", "delete": None, "set": "w"}[rule.split()[0]]
    expected = [] if new is None else [name[:-1] + new for name in shapes]
    assert list(types(rule, inputs={"src": header})) == expected


def test_slots_of_a_group_make_a_group():
    found = types("join src.`l.{i}.q`, src.`l.{i}.k` -> `l.{i}.qk` = concat(them)")
    assert list(found) == [
        *("l.0.qk", "l.1.qk", "bn.gamma", "bn.running_var", "ln.gamma"),
        *("moments.l.0.qk", "moments.l.1.qk", "moments.bn.gamma", "moments.bn.running_var"),
        *("moments.ln.gamma", "step"),
    ]
    assert found["moments.l.1.qk"] == "f32[8, 6]"


def test_slots_of_parts_are_parts():
    found = types("split src.`l.0.q` -> `a`, `b` = chunk(it, 2, axis = 1)")
    assert (found["moments.a"], found["moments.b"]) == ("f32[4, 3]", "f32[4, 3]")
    assert "moments.l.0.q" not in found


def test_a_slot_is_never_taken_for_a_weight():
    """A pattern that matches both is about the weight; its slots follow."""
    plan, _ = planned("set src.`**.q` = it * 0\nrename src.`{p**}.gamma` -> `{p}.weight`")
    actions = {o.entry.name: o.action for o in plan.outcomes}
    assert actions["l.0.q"] == "set"
    assert actions["moments.l.0.q"] == "keep"
    assert "moments.bn.weight" in {e.name for e in plan.header}
    chosen, _ = planned('set src.`**` where role(it) == "slot" = 0')
    assert sum(o.action == "set" for o in chosen.outcomes) == 7


# ---- selection


def test_conditions_of_rules():
    def renamed(condition):
        found = types(f"rename src.`{{p}}.gamma` where {condition} -> `{{p}}.weight`")
        return [name for name in found if name.endswith("weight") and "moments" not in name]

    assert renamed("exists(src.`{p}.running_var`)") == ["bn.weight"]
    assert renamed("not exists(src.`{p}.running_var`)") == ["ln.weight"]
    assert renamed('p == "ln" or rank(it) > 1') == ["ln.weight"]
    assert renamed("shape(it) == [4] and dtype(it) == f32") == ["bn.weight", "ln.weight"]


def test_a_network_selects():
    tail = (
        "network Net() {\n  fc = Dense(6, 4)\n  ln = LayerNorm([4])\n"
        "  construct(x: f32[B, 6]) = x |> fc |> ln\n}"
    )
    assert list(types("keep src.`**` from Net()\nrest delete", tail=tail)) == ["ln.gamma"]
    kept = types("keep src.`**` where has(Net(), it)\nrest delete", tail=tail)
    assert list(kept) == ["ln.gamma"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "set src.`l.0.q` = it @ src.`l.0.k`",
            "E401 the last axis of f32[4, 6] is 6, the rows of f32[4, 6] are 4",
        ),
        (
            "set src.`l.*.q` = it + src.`nothing`",
            "E401 src.`nothing` matches 0 entries, expected one",
        ),
        ("set src.`l.0.q` = erfinv(it)", "E308 the op `erfinv` in an edit cannot be called"),
        ("set src.`l.0.q` = dtype(it)", "E557 this is not a tensor"),
        (
            "split src.`l.0.q` -> `a`, `b` = chunk(it, 4)",
            "E558 2 new names for a list of 4 values",
        ),
        (
            "join src.`l.{i}.q`, src.`bn.{i}` -> `x.{i}` = concat(them)",
            "E559 4 groups of entries to join would be incomplete",
        ),
        ("set src.`l.0.q` = chunk(it, 2)", "E560 a list of 2 values for 1 file"),
        ("join src.`l.{i}.q` -> `x` = stack(them) exactly 2", "E541 the rule matches"),
    ],
)
def test_refused(body, expected):
    found = problems(body)
    assert any(problem.startswith(expected) for problem in found), found


def test_errors_of_an_expression_are_told_once_a_rule():
    found = problems("set src.`l.*.*` = it @ it\nset src.`bn.*` = reshape(it, [3])")
    assert [problem[:4] for problem in found] == ["E401", "E401"]


def test_conditions_of_all_entries_share_what_loops_may_cost():
    inputs = {"src": _header([HeaderEntry.of(f"x{i}", FLOAT32, ()) for i in range(20)])}
    rounds = "[for i in 0 ..< 9000 { i }][0]"
    found = problems(f"delete src.`x*` where {rounds} == 0", inputs=inputs)
    assert any("loops run too often" in problem for problem in found)


def test_a_condition_without_an_answer_is_told_once_with_the_entry():
    plan, sink = planned("set src.`**` where shape(it)[1] > 2 = it * 2")
    assert plan is None
    assert [d.code for d in sink.diagnostics] == ["E310"]
    assert sink.diagnostics[0].notes == ("asked of src.`bn.gamma` f32[4]",)


@pytest.mark.parametrize(
    ("pattern", "help"),
    [
        ("l.0", "`l.0.**` matches 2 entries"),
        ("m.**", "`optional` after the rule allows that it matches nothing"),
        ("momens.**", "did you mean `moments.**`?"),
        ("moments.*", "`moments.**` matches 7 entries"),
        ("b*", "`b*.**` matches 2 entries"),
        ("bn.gama", "did you mean `bn.gamma`, `ln.gamma`, `moments.bn.gamma`?"),
    ],
)
def test_what_a_pattern_without_a_match_may_have_meant(pattern, help):
    plan, sink = planned(f"delete src.`{pattern}`")
    assert plan is None
    assert sink.diagnostics[0].helps[0] == help


@pytest.mark.parametrize("body", ["add `x` = it", "join src.`l.{i}.q` -> `x` = concat(it)"])
def test_it_where_there_is_none(body):
    plan, sink = planned(body)
    assert plan is None
    (found,) = sink.diagnostics
    assert (found.code, found.title) == ("E201", "unknown name `it`")
    assert "join has `them`, add has none" in found.helps[0]


# ---- several files

MANY = 'in all = [ckpt("a.ckpt"), ckpt("b.ckpt")]\n  out dst = ckpt("out.ckpt")'


def test_values_of_several_files_must_be_made_one():
    two = {"all": (_header(), _header())}
    found = problems("set all.`l.**` = average(it)", files=MANY, inputs=two)
    assert len(found) == 11
    assert all(problem.startswith("E549") for problem in found)
    assert types("set all.`**` = same(it)", files=MANY, inputs=two) == types("rest keep")


def test_a_condition_about_several_files_asks_about_one():
    two = {"all": (_header(), _header())}
    body = "set all.`**` where {} = same(it)\ndelete all.`step`"
    plan, sink = planned(body.format("dtype(it) == f32"), files=MANY, inputs=two)
    assert plan is None
    assert [(d.code, d.helps) for d in sink.diagnostics] == [
        ("E305", ("it[0] is that of the first",))
    ]
    assert types(body.format("dtype(it[0]) == f32"), files=MANY, inputs=two)


def test_what_one_file_lacks_is_told():
    two = {"all": (_header(), _header([HeaderEntry.of("more", FLOAT32, (2,))]))}
    found = problems("set all.`**` = same(it)", files=MANY, inputs=two)
    assert found == ["E401 all[0].`more` matches 0 entries, expected one"]


def test_used_files():
    files = 'in src = ckpt("in.ckpt")\n  use old = ckpt("old.ckpt")\n  out dst = ckpt("out.ckpt")'
    two = {"src": _header(), "old": _header()}
    found = problems("delete old.`step`", files=files, inputs=two)
    assert found == ["E556 `delete` matches entries of old, which is named by `use`"]
    assert list(types("copy old.`step` -> `old_step`", files=files, inputs=two))[-1] == "old_step"


# ---- cost


def test_a_plan_states_what_it_reads_and_needs():
    plan, _ = planned("delete src.`moments.**`\nset src.`l.0.q` = it * 2")
    assert (
        plan.written
        == sum(4 * (24 if "." in n and n[0] == "l" and n != "ln.gamma" else 4) for n in SHAPES) + 4
    )
    assert plan.read == plan.written
    assert plan.peak >= 3 * 4 * 24
    assert planned("delete src.`moments.**`")[0].peak == 0


def test_a_loop_chooses_outputs_and_conditions_ask_of_new_names(here):
    text = """
network Body() {
  fc = Dense(4, 3)
  construct(x: f32[B, 4]) = fc(x)
}
edit parts {
  in src   = ckpt("in.ckpt")
  out body = ckpt("body.ckpt")
  out head = ckpt("head.ckpt")
  for [old, part] in [["a", "body"], ["b", "head"]] {
    rename src.`{old}.{p}` where has(Body(), it, `fc.{p}`) -> part.`fc.{p}`
  }
  rest delete
}
"""
    values = {f"{n}.{p}": np.zeros(s, np.float32) for n in "ab" for p, s in SIZES.items()}
    written("in.ckpt", values)
    (plan,) = make_plan(checked(text)).tasks
    found = {name: [e.name for e in files[0]] for name, files in plan.edit.headers.items()}
    assert found == {"body": ["fc.weight", "fc.bias"], "head": ["fc.weight", "fc.bias"]}
    with pytest.raises(DiagnosticError) as caught:
        checked(text.replace('"head"]]', '"lost"]]'))
    assert "the edit does not have `part`" in str(caught.value)


SIZES = {"weight": (3, 4), "bias": (3,), "scale": (7,)}
