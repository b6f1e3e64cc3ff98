"""An edit and its reverse give the original back: entries, types, bytes, order where it says."""

import json
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declspore.check.check import check
from declspore.cli import main
from declspore.invert.invert import invert
from declspore.plan.planner import make_plan
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.report import DiagnosticError
from declspore.run.run import run_plan
from declspore.source import Source
from tests.checkpoint.support import opened, written
from tests.conftest import GOLDEN, ROOT

NET = {
    "layer1.conv.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "layer1.conv.bias": np.array([1, np.nan, -0.0, np.inf], np.float32),
    "layer2.conv.weight": -np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "layer2.conv.bias": np.arange(4, dtype=np.float32),
    "head.weight": np.arange(12, dtype=np.float16).reshape(4, 3),
    "head.bias": np.arange(3, dtype=np.float16),
    "moments.layer1.conv.weight": np.ones((2, 3, 4), np.float32),
    "moments.layer2.conv.weight": np.full((2, 3, 4), 2, np.float32),
    "moments.head.weight": np.arange(12, dtype=np.float32).reshape(4, 3),
    "global_step": np.array([7], np.int32),
}


def planned(rules, more=""):
    files = f'  in src = ckpt("in.ckpt")\n{more}  out dst = ckpt("out.ckpt")\n'
    text = f"spec 1\nedit e {{\n{files}{rules}\n}}\n"
    (plan,) = make_plan(check(Source("e.spec", text))).tasks
    return plan


def there_and_back(rules, more="", **options):
    """The inverse, after both edits were run and the values compared."""
    plan = planned(rules, more)
    run_plan(make_plan(check(plan.task.span.source)))
    inverse = invert(plan, **options)
    run_plan(make_plan(check(Source("back.spec", inverse.text))))
    with opened("in.ckpt") as before, opened("in.back.ckpt") as after:
        assert {e.name: e.header for e in before} == {e.name: e.header for e in after}
        for entry in before:
            data = before.array(entry.name).tobytes()
            assert after.array(entry.name).tobytes() == data, entry.name
        order = [e.name for e in before] == [e.name for e in after]
    assert inverse.ordered == order
    if order:
        assert Path("in.ckpt").read_bytes() == Path("in.back.ckpt").read_bytes()
    return inverse


def body(inverse):
    """The rules alone."""
    lines = inverse.text.splitlines()
    return [
        " ".join(line.split()) for line in lines[lines.index("") + 3 :] if line.startswith("  ")
    ][2:]


@pytest.fixture
def net(here):
    written("in.ckpt", NET)
    return here


RULES = [
    # by pattern, where that takes back these names and no others
    (
        "rename src.`layer{i:int}.conv.{p}` -> `block{i + 1}.{p}`",
        ["rename src.`block{i:int}.{p}` -> `layer{i - 1}.conv.{p}` exactly 4"],
    ),
    ("rename src.`{m**}.bias` -> `b.{m}`", ["rename src.`b.{m**}` -> `{m}.bias` exactly 3"]),
    # else by name: `head.weight` would match too
    (
        (
            "rename src.`layer{i:int}.conv.weight` -> `w{i}.weight`\n"
            "  rename src.`head.bias` -> `w3.weight`"
        ),
        [
            "rename src.`w1.weight` -> `layer1.conv.weight`",
            "rename src.`w2.weight` -> `layer2.conv.weight`",
            "rename src.`w3.weight` -> `head.bias`",
        ],
    ),
    # two names that change places
    (
        (
            "rename src.`layer1.conv.bias` -> `layer2.conv.bias`\n"
            "  rename src.`layer2.conv.bias` -> `layer1.conv.bias`"
        ),
        [
            "rename src.`layer2.conv.bias` -> `layer1.conv.bias`",
            "rename src.`layer1.conv.bias` -> `layer2.conv.bias`",
        ],
    ),
    ("add `new` = zeros([2])", ["delete src.`new`"]),
    ("copy src.`head.bias` -> `new`", ["delete src.`new`"]),
    # a copy of what is deleted becomes it again
    (
        "copy src.`head.bias` -> `new`\n  delete src.`head.bias`",
        ["rename src.`new` -> `head.bias`"],
    ),
    (
        "set src.`head.weight` = transpose(reshape(it, [2, 2, 3]), [2, 0, 1])",
        ["set src.`head.weight` = reshape(transpose(it, [1, 2, 0]), [4, 3])"],
    ),
    (
        "set src.`layer1.conv.weight` = roll(flip(swapaxes(it, 0, 2), 1), 1, 0)",
        ["set src.`layer1.conv.weight` = swapaxes(flip(roll(it, -1, 0), 1), 0, 2)"],
    ),
    (
        "set src.`head.weight` = it[::-1, none, ::-1]",
        ["set src.`head.weight` = reshape(it, [4, 3])[::-1, ::-1]"],
    ),
    ("set src.`head.*` = cast(it, f32)", None),
    ("set src.`layer1.conv.weight` = squeeze(expand_dims(it, 0), 0)", None),
    (
        "split src.`head.weight` -> `a`, `b` = chunk(it, 2)",
        ["join src.`a`, src.`b` -> `head.weight` = concat(them, axis = 0)"],
    ),
    (
        "split src.`head.weight` -> `b`, `a` = [it[:, 1:], it[:, :1]]",
        ["join src.`a`, src.`b` -> `head.weight` = concat(them, axis = 1)"],
    ),
    (
        "split src.`head.weight` -> `row{part}` = unstack(transpose(it, [1, 0]))",
        [
            (
                "join src.`row0`, src.`row1`, src.`row2` -> `head.weight` = "
                "transpose(stack(them, axis = 0), [1, 0])"
            )
        ],
    ),
    (
        "join src.`layer{i:int}.conv.weight` -> `both` = stack(them, axis = 1)",
        ["split src.`both` -> `layer1.conv.weight`, `layer2.conv.weight` = [it[:, 0], it[:, 1]]"],
    ),
    (
        (
            "join src.`layer1.conv.bias`, src.`layer2.conv.bias` -> `both` ="
            " concat([flip(them[1], 0), them[0]])"
        ),
        None,
    ),
    # a slot that was told otherwise
    (
        "rename src.`head.weight` -> `neck.weight`\n  keep src.`moments.head.weight`",
        ["rename src.`neck.weight` -> `head.weight`"],
    ),
]


@pytest.mark.parametrize(("rules", "expected"), RULES, ids=[rules for rules, _ in RULES])
def test_there_and_back(net, rules, expected):
    inverse = there_and_back("  " + rules)
    assert inverse.restored == ()
    if expected is not None:
        assert body(inverse) == expected


LOST = {
    "delete src.`head.*`": "`head.weight`, `head.bias`, `moments.head.weight`: it is deleted",
    "keep src.`head.*`\n  rest delete": "it is deleted",
    "set src.`head.bias` = it * 2": "`head.bias`: `mul` keeps no way back",
    "set src.`head.bias` = zeros([3])": "its old values are replaced",
    "set src.`head.bias` = src.`layer1.conv.bias`": "its old values are replaced",
    "set src.`layer1.conv.bias` = cast(it, f16)": "f16 does not hold every f32",
    "set src.`global_step` = cast(it, f32)": "f32 does not hold every i32",
    "set src.`head.bias` = it[1:]": "a slice leaves elements out",
    "set src.`head.bias` = tile(it, [2])": "`tile` keeps no way back",
    "split src.`head.bias` -> `a` = [chunk(it, 3)[1]]": "a part of it is left out",
    "split src.`head.bias` -> `a`, `b` = [it[0:2], it[1:3]]": "its parts are not all of it",
    "join src.`layer{i:int}.conv.bias` -> `b` = them[0] + them[1]": "keeps no way back",
}


@pytest.mark.parametrize("rules", LOST)
def test_what_is_lost(net, rules):
    """Each is told why; with the original it comes back from there."""
    with pytest.raises(DiagnosticError) as caught:
        invert(planned("  " + rules))
    (problem,) = caught.value.diagnostics
    assert problem.code == "E591"
    assert LOST[rules] in problem.title
    inverse = there_and_back("  " + rules, original=True)
    assert inverse.restored
    assert 'use original = ckpt("in.ckpt")' in inverse.text


def test_all_that_is_lost_is_told_at_once(net):
    with pytest.raises(DiagnosticError) as caught:
        invert(planned("  delete src.`head.*`\n  set src.`layer1.conv.bias` = it + 1"))
    assert [d.code for d in caught.value.diagnostics] == ["E591", "E591"]


def test_the_rule_that_loses_an_entry_is_named(net):
    """Not one that copies it."""
    copied = "  copy src.`head.bias` -> `new` = it * 2\n"
    for rule, place in (
        ("  delete src.`head.bias`", "e.spec:6:3"),
        ("  set src.`head.bias` = zeros([3])", "e.spec:6:3"),
    ):
        with pytest.raises(DiagnosticError) as caught:
            invert(planned(copied + rule))
        (problem,) = caught.value.diagnostics
        assert str(problem.labels[0].place) == place


def test_other_inputs_are_only_used(net):
    written("other.ckpt", {"x": np.ones(2, np.float32)})
    inverse = there_and_back("  copy o.`x` -> `y`", '  use o = ckpt("other.ckpt")\n')
    assert body(inverse) == ["delete src.`y`"]


def test_several_files(net):
    written("other.ckpt", {"x": np.ones(2, np.float32)})
    with pytest.raises(DiagnosticError, match="E592"):
        invert(planned("", '  in o = ckpt("other.ckpt")\n'))
    with pytest.raises(DiagnosticError, match="E592"):
        invert(planned("", '  out more = ckpt("more.ckpt")\n'))


def test_in_place(net):
    """The input that is replaced is no place to copy from."""
    for rules, code in (
        ("rename src.`head.bias` -> `b`", None),
        ("delete src.`head.bias`", "E592"),
    ):
        text = 'spec 1\nedit e {\n  in src = ckpt("in.ckpt")\n  out dst = ckpt("in.ckpt")\n'
        (plan,) = make_plan(check(Source("e", f"{text}  {rules}\n}}\n")), in_place=True).tasks
        if code is None:
            assert 'out dst = ckpt("in.back.ckpt")' in invert(plan, original=True).text
        else:
            with pytest.raises(DiagnosticError, match=code):
                invert(plan, original=True)


UNDONE = {
    "cast": ["cast(it, f64)"],
    "concat": ["concat(them)", "concat([them[1], them[0]], -2)"],
    "expand_dims": ["expand_dims(it, -1)"],
    "flatten": ["flatten(it)", "flatten(it, 0, 1)"],
    "flip": ["flip(it, -1)", "flip(it, [0, -1])", "flip(it, none)"],
    "getitem": ["it[::-1, none, ..., ::-1]"],
    "reshape": ["reshape(it, [4, -1])"],
    "roll": ["roll(it, 2, -1)", "roll(it, [1, -2], [0, 2])"],
    "squeeze": ["squeeze(it[none])"],
    "stack": ["stack(them)", "stack([them[1], them[0]], -1)"],
    "swapaxes": ["swapaxes(it, 0, -1)"],
    "transpose": ["transpose(it, [2, -3, 1])"],
}
"""Values of an entry f32[2, 3, 4], or of two, by the word that is undone."""
REJOINED = {
    "chunk": "chunk(it, 3, axis = 1)",
    "getitem": "[it[:, 1:], it[:, :1]]",
    "split": "split(it, [1, 3], axis = -1)",
    "unstack": "unstack(it, axis = 2)",
}


def test_every_word_that_is_undone_is_tested():
    ops = vocabulary().every(OpKind)
    assert UNDONE.keys() == {kind.name for kind in ops if kind.undo}
    assert REJOINED.keys() == {kind.name for kind in ops if kind.rejoin}


@pytest.mark.parametrize("value", [value for values in UNDONE.values() for value in values])
def test_words_are_undone(net, value):
    if "them" in value:
        rule = f"join src.`layer{{i:int}}.conv.weight` -> `both` = {value}"
    else:
        rule = f"set src.`layer1.conv.weight` = {value}"
    assert not there_and_back("  " + rule).restored


@pytest.mark.parametrize("value", REJOINED.values(), ids=REJOINED)
def test_parts_are_rejoined(net, value):
    there_and_back(f"  split src.`layer1.conv.weight` -> `part{{part}}` = {value}")


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("float16", "f32"),
        ("bfloat16", "f32"),
        ("float32", "f64"),
        ("int8", "i32"),
        ("uint8", "i16"),
        ("int16", "f32"),
        ("uint8", "bf16"),
        ("bool", "u8"),
    ],
)
def test_casts_that_hold_every_value(here, narrow, wide):
    dtype = ml_dtypes.bfloat16 if narrow == "bfloat16" else np.dtype(narrow)
    bits = np.arange(2 if narrow == "bool" else 1 << min(8 * np.dtype(dtype).itemsize, 16))
    kind = {1: np.uint8, 2: np.uint16, 4: np.uint32}[np.dtype(dtype).itemsize]
    values = (bits.astype(kind) << (16 if narrow == "float32" else 0)).view(dtype)
    with np.errstate(invalid="ignore"):
        wider = values.astype(np.float64)
    values = values[~np.isnan(wider)]  # what a NaN carries is not told to be kept
    written("in.ckpt", {"x": values})
    there_and_back(f"  set src.`x` = cast(it, {wide})")


# ---- the command


def command(*arguments, status=0):
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == status, done.output
    return done


def test_command(here):
    (here / "lenet.ckpt").write_bytes((GOLDEN / "lenet-1_5.ckpt").read_bytes())
    (here / "e.spec").write_text(
        'spec 1\nedit e {\n  in src = ckpt("lenet.ckpt")\n'
        '  out dst = ckpt("new.ckpt", crc = true)\n'
        "  rename src.`fc3.{p}` -> `head.{p}`\n  delete src.`momentum`\n}\n"
    )
    assert (
        "help: --original takes what is lost from lenet.ckpt"
        in command("invert", "e.spec", status=2).stderr
    )
    printed = command("invert", "e.spec", "--original")
    assert "1 entry copied from the original" in printed.stderr
    assert "another order" in printed.stderr
    command("invert", "e.spec", "e", "--original", "-o", "back.spec")
    assert (here / "back.spec").read_text() == printed.stdout
    assert command("fmt", "back.spec", "--check")
    told = json.loads(command("invert", "e.spec", "--original", "--json").stdout)
    assert told == {
        "ok": True,
        "task": "e_back",
        "ordered": False,
        "restored": ["momentum"],
        "recipe": printed.stdout,
    }
    command("invert", "e.spec", "--original", "-o", "back.spec", status=2)
    command("run", "e.spec")
    command("run", "back.spec")
    command("diff", "lenet.ckpt", "lenet.back.ckpt")


def test_the_page_shows_what_is_printed(here):
    page = (ROOT / "docs" / "reproducibility.md").read_text()
    shown = page.split("$ declspore invert edit.spec\n")[1].split("```")[0]
    (here / "lenet.ckpt").write_bytes((GOLDEN / "lenet-1_5.ckpt").read_bytes())
    (here / "edit.spec").write_text(
        'spec 1\nedit blocks {\n  in src = ckpt("lenet.ckpt")\n  out dst = ckpt("new.ckpt")\n'
        "  rename src.`fc{i:int}.{p}` -> `dense{i + 1}.{p}`\n"
        "  set src.`conv1.weight` = transpose(it, [3, 2, 0, 1])\n  add `marker` = zeros([1])\n}\n"
    )
    assert command("invert", "edit.spec").stdout == shown


# ---- any recipe

NAMES = st.lists(
    st.from_regex(r"(layer[0-9]{1,2}|enc|dec)(\.[a-c]){0,2}\.(weight|bias)", fullmatch=True),
    min_size=2,
    max_size=8,
    unique=True,
)
VALUES = (
    "transpose(it, [2, 0, 1])",
    "reshape(it, [4, 6])",
    "flip(it, 1)",
    "roll(it, 2, 0)",
    "cast(it, f64)",
    "it[::-1, :, ::-1]",
    "it[..., ::-1]",
    "flatten(swapaxes(it, 0, 2))",
    "concat([it[1:], it[:1]])[::-1]",
)


@st.composite
def recipes(draw):
    """Names, and rules over them that can be undone."""
    names = draw(NAMES)
    slots = draw(st.booleans())
    free = list(names)
    rules = []
    if draw(st.booleans()):
        rule, pattern = draw(
            st.sampled_from(
                [
                    ("rename src.`layer{i:int}.{p**}` -> `block{i + 3}.{p}` optional", "layer"),
                    ("rename src.`enc.{p**}` -> `net.encoder.{p}` optional", "enc."),
                    ("rename src.`dec.{p**}` -> `{p}.dec` optional", "dec."),
                ]
            )
        )
        rules.append(rule)
        free = [name for name in free if not name.startswith(pattern)]
    for index, name in enumerate(free):
        match draw(st.sampled_from(["keep", "rename", "set", "split", "copy", "drop"])):
            case "rename":
                rules.append(f"rename src.`{name}` -> `renamed{index}`")
            case "set":
                value = draw(st.sampled_from(VALUES[:-1]))
                rules.append(f"set src.`{name}` = {value}")
            case "split":
                rules.append(f"split src.`{name}` -> `s{index}.{{part}}` = unstack(it, axis = 1)")
            case "copy":
                rules.append(f"copy src.`{name}` -> `copy{index}`")
            case "drop":
                rules.append(f"copy src.`{name}` -> `dropped{index}`\n  delete src.`{name}`")
    if draw(st.booleans()):
        rules.append("add `added` = ones([2])")
    return names, slots, rules


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(recipes())
def test_any_recipe(net, recipe):
    names, slots, rules = recipe
    rng = np.random.default_rng(len(names))
    arrays = {name: rng.standard_normal((2, 3, 4)).astype(np.float32) for name in names}
    if slots:
        arrays |= {f"moments.{name}": value + 1 for name, value in arrays.items()}
    written("in.ckpt", arrays)
    try:
        planned("  " + "\n  ".join(rules))
    except DiagnosticError:
        return  # two of the names became one
    # what was copied and then deleted loses its slots, which nothing holds
    lossy = slots and any("delete" in rule for rule in rules)
    there_and_back("  " + "\n  ".join(rules), original=lossy)
