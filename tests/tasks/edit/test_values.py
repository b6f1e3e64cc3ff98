"""Values of edits: files written by recipes against NumPy."""

import ml_dtypes
import numpy as np
import pytest

from declspore.plan.planner import make_plan
from declspore.report import DiagnosticError
from declspore.run.run import run_plan
from tests.checkpoint.support import opened, written
from tests.support import checked

RNG = np.random.default_rng(0)


def _f32(*shape):
    return RNG.normal(size=shape).astype(np.float32)


VALUES = {
    "conv.weight": _f32(8, 3, 5, 5),
    "l.0.q": _f32(4, 6),
    "l.0.k": _f32(4, 6),
    "l.1.q": _f32(4, 6),
    "l.1.k": _f32(4, 6),
    "half": _f32(4, 6).astype(np.float16),
    "brain": _f32(4, 6).astype(ml_dtypes.bfloat16),
    "lora_a": _f32(2, 6),
    "lora_b": _f32(4, 2),
    "pos": _f32(1, 17, 6),
    "experts.2": _f32(2, 3),
    "experts.10": _f32(2, 3),
    "experts.0": _f32(2, 3),
    "step": np.array([7], np.int32),
    "rate": np.array(0.5, np.float32),
}


def edited(body, values=None, head=None, tail="", **options):
    """What a recipe over `in.ckpt` writes to `out.ckpt`."""
    written("in.ckpt", VALUES if values is None else values)
    files = head or 'in src = ckpt("in.ckpt")\n  out dst = ckpt("out.ckpt")'
    spec = checked(f"edit e {{\n  {files}\n{body}\n}}\n{tail}")
    run_plan(make_plan(spec, **options))
    return _arrays("out.ckpt") if head is None else None


def _arrays(path):
    with opened(path) as file:
        return {entry.name: np.array(file.array(entry.name)) for entry in file}


def problem(body, **options):
    with pytest.raises(DiagnosticError) as caught:
        edited(body, **options)
    return [f"{d.code} {d.title}" for d in caught.value.diagnostics]


V = VALUES
W = V["conv.weight"]
Q = V["l.0.q"]
CASES = {
    "transpose(it, [1, 0, 2, 3])": W.transpose(1, 0, 2, 3),
    "reshape(it, [8, -1])": W.reshape(8, -1),
    "it[:, 0:1]": W[:, 0:1],
    "it[:, [2, 1, 0][0]]": W[:, 2],
    "it[::2, none]": W[::2, None],
    "gather(it, tensor([2, 1, 0]), 1)": W[:, [2, 1, 0]],
    "squeeze(it[0:1])": W[0],
    "flip(it, axis = 0)": W[::-1],
    "sum(it, axis = 1, keep_dims = true)": W.astype(np.float64).sum(1, keepdims=True),
    "mean(it, axis = [2, 3])": W.astype(np.float64).mean((2, 3)),
    "tile(it, [1, 2, 1, 1])": np.tile(W, (1, 2, 1, 1)),
    "repeat_interleave(it, 2, axis = 1)": np.repeat(W, 2, axis=1),
    "pad(it, [1, 1])": np.pad(W, [(0, 0)] * 3 + [(1, 1)]),
    "place(it, [10, 3, 5, 5], at = [2, 0, 0, 0])": np.concatenate([np.zeros((2, 3, 5, 5)), W]),
    "concat([it, zeros([2, 3, 5, 5])])": np.concatenate([W, np.zeros((2, 3, 5, 5))]),
    "stack([it, it])": np.stack([W, W]),
    "it * 2 + 1": W * np.float32(2) + np.float32(1),
    "-it / 3": -W / np.float32(3),
    "clamp(it, -0.5, 0.5)": W.clip(-0.5, 0.5),
    "where(it > 0, it, 0.0)": np.where(W > 0, W, 0),
    "(it - mean(it)) / std(it)": (W - W.mean()) / W.std(),
    "average([it, it * 3], weights = [3, 1])": W * 1.5,
    "place(it, [8, 4, 5, 5], into = ones([8, 4, 5, 5]))": np.concatenate(
        [W, np.ones((8, 1, 5, 5))], 1
    ),
    "0.25": np.full(W.shape, 0.25),
}


@pytest.mark.parametrize("expression", CASES)
def test_values(here, expression):
    found = edited(f"set src.`conv.weight` = {expression}")["conv.weight"]
    expected = np.asarray(CASES[expression])
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-6)


def test_products_of_matrices(here):
    found = edited("set src.`l.0.q` = it + 2.0 * (src.`lora_b` @ src.`lora_a`)")["l.0.q"]
    exact = Q.astype(np.float64) + 2.0 * (V["lora_b"].astype(np.float64) @ V["lora_a"])
    np.testing.assert_allclose(found, exact, rtol=1e-6, atol=1e-6)


def test_half_precision_is_rounded_once(here):
    found = edited("set src.`half` = it * 1.1 + it\nset src.`brain` = it * 1.1 + it")
    for name in ("half", "brain"):
        wide = V[name].astype(np.float32)
        expected = (wide * np.float32(1.1) + wide).astype(V[name].dtype)
        assert found[name].dtype == V[name].dtype
        assert found[name].tobytes() == expected.tobytes()


def test_a_plain_number_fills_and_keeps_the_type(here):
    found = edited("set src.`step` = 0\nset src.`rate` = 0.1\nset src.`half` = 1")
    assert (found["step"].dtype, found["step"].tolist()) == (np.int32, [0])
    assert (found["rate"].shape, found["rate"].dtype) == ((), np.float32)
    assert found["half"].tobytes() == np.ones((4, 6), np.float16).tobytes()


def test_infinity_is_a_value_of_floats(here):
    found = edited(
        "set src.`rate` = -inf\nset src.`half` = inf\nset src.`pos` = clamp(it, -inf, 0)"
    )
    assert found["rate"] == -np.inf
    assert np.isposinf(found["half"]).all()
    assert found["pos"].tobytes() == np.minimum(V["pos"], np.float32(0)).tobytes()


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("set src.`step` = inf", "inf is not a value of i32"),
        ("set src.`step` = 0.5", "0.5 is not a value of i32"),
        ("set src.`step` = 3000000000", "3000000000 is not a value of i32"),
        ("set src.`step` = [2.5]", "2.5 is not a value of i32"),
        ("set src.`half` = 1e6", "1000000.0 is too large for f16"),
        ("set src.`step` = masked_fill(it, it > 0, inf)", "inf is not a value of Int32"),
        ("add `new` = full([2], inf, dtype = i32)", "inf is not a value of Int32"),
    ],
)
def test_a_number_must_be_a_value_of_the_type(here, rule, reason):
    [found] = problem(rule)
    assert found.partition(" ")[2] == reason


def test_join_unifies_names(here):
    found = edited("join src.`l.{i:int}.q`, src.`l.{i}.k` -> `l.{i}.qk` = concat(them) exactly 2")
    for i in (0, 1):
        expected = np.concatenate([V[f"l.{i}.q"], V[f"l.{i}.k"]])
        assert found[f"l.{i}.qk"].tobytes() == expected.tobytes()
        assert f"l.{i}.q" not in found


def test_join_takes_entries_in_the_order_of_numbers(here):
    found = edited("join src.`experts.{e:int}` -> `experts` = stack(them)")
    expected = np.stack([V["experts.0"], V["experts.2"], V["experts.10"]])
    assert found["experts"].tobytes() == expected.tobytes()


def test_split_into_names_and_numbers(here):
    found = edited(
        "split src.`l.{i}.q` -> `l.{i}.a`, `l.{i}.b` = split(it, [1, 3])\n"
        "split src.`conv.weight` -> `conv.{part}.weight` = unstack(it, axis = 1)"
    )
    assert found["l.1.a"].tobytes() == V["l.1.q"][:1].tobytes()
    assert found["l.1.b"].tobytes() == V["l.1.q"][1:].tobytes()
    assert [found[f"conv.{i}.weight"].shape for i in range(3)] == [(8, 5, 5)] * 3
    assert found["conv.2.weight"].tobytes() == W[:, 2].tobytes()


def test_copy_and_captures_as_numbers(here):
    found = edited(
        "copy src.`l.{i:int}.q` -> `l.{i + 2}.q` = it * i\nset src.`l.{i:int}.k` where i > 0 = -it"
    )
    assert found["l.3.q"].tobytes() == V["l.1.q"].tobytes()
    assert not found["l.2.q"].any()
    assert found["l.0.k"].tobytes() == V["l.0.k"].tobytes()
    assert found["l.1.k"].tobytes() == (-V["l.1.k"]).tobytes()


def test_loops_tables_and_texts(here):
    found = edited(
        'for [old, new] in [["lora_a", "down"], ["lora_b", "up"]] {\n'
        "  rename src.`{old}` -> `lora.{new}`\n}\n"
        "for i in 0 ..< 2 {\n  set src.`l.{i}.q` = it * i\n}"
    )
    assert found["lora.up"].tobytes() == V["lora_b"].tobytes()
    assert not found["l.0.q"].any()
    assert found["l.1.q"].tobytes() == V["l.1.q"].tobytes()


def test_when(here):
    body = (
        "when exists(src.`{0}`) {{\n  delete src.`lora_a`\n}} else {{\n"
        "  delete src.`lora_b`\n}}\nrest keep"
    )
    assert "lora_a" not in edited(body.format("half"))
    assert "lora_b" not in edited(body.format("nothing"))


def test_position_embeddings(here):
    """The class row kept, the grid of the others interpolated."""
    found = edited(
        "set src.`pos` = concat([it[:, 0:1], reshape(resize(reshape(it[:, 1:], [1, 4, 4, 6]),"
        ' [6, 6], axes = [1, 2], mode = "cubic"), [1, 36, 6])], axis = 1)'
    )["pos"]
    assert found.shape == (1, 37, 6)
    assert found[:, 0].tobytes() == V["pos"][:, 0].tobytes()


def test_files_of_numbers(here):
    np.save("head.npy", W[:, 0])
    found = edited('add `head` = npy("head.npy")')
    assert found["head"].tobytes() == W[:, 0].tobytes()


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (b"nothing", "this is not a .npy file"),
        (b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4'", "its head is cut off"),
    ],
)
def test_damaged_files_of_numbers(here, content, title):
    (here / "bad.npy").write_bytes(content)
    assert any(title in p for p in problem('add `x` = npy("bad.npy")'))


def test_first_values(here):
    tail = (
        "network Net() {\n  fc = Dense(3, 2)\n  norm = LayerNorm([2])\n"
        "  construct(x: f32[B, 3]) = x |> fc |> norm\n}"
    )
    found = edited("add `fc.*` from Net() exactly 2\nadd `norm.**` from Net()", tail=tail)
    assert np.abs(found["fc.weight"]).max() <= 1 / np.sqrt(3)
    assert (found["norm.gamma"].tolist(), found["norm.beta"].tolist()) == ([1, 1], [0, 0])
    again = edited("add `fc.weight` from Net()", tail=tail)
    assert again["fc.weight"].tobytes() == found["fc.weight"].tobytes()


def test_used_files_do_not_flow(here):
    written("other.ckpt", {"a": Q, "b": W})
    files = (
        'in src = ckpt("in.ckpt")\n  use other = ckpt("other.ckpt")\n  out dst = ckpt("out.ckpt")'
    )
    edited("copy other.`b` -> `conv2.weight`\nset src.`l.0.q` = it - other.`a`", head=files)
    found = _arrays("out.ckpt")
    assert set(found) == {*V, "conv2.weight"}
    assert not found["l.0.q"].any()


def test_average_of_files(here):
    for index in (1, 2, 3):
        written(f"{index}.ckpt", {"w": Q * index, "step": V["step"]})
    files = 'in all = ckpts("[123].ckpt")\n  out dst = ckpt("out.ckpt")'
    edited("set all.`**` = average(it)", head=files)
    found = _arrays("out.ckpt")
    np.testing.assert_allclose(found["w"], Q * 2, rtol=1e-6)
    assert found["step"].tolist() == [7]


def test_ranks_joined_and_sharded(here):
    files = 'in src = ckpt("in.ckpt")\n  out r = [ckpt("rank_0.ckpt"), ckpt("rank_1.ckpt")]'
    edited("set src.`l.*.*` = chunk(it, 2)", head=files)
    assert _arrays("rank_1.ckpt")["l.0.q"].tobytes() == Q[2:].tobytes()
    files = 'in r = ckpts("rank_*.ckpt")\n  out dst = ckpt("out.ckpt")'
    edited("set r.`l.*.*` = concat(it)\nset r.`**` except r.`l.*.*` = same(it)", head=files)
    found = _arrays("out.ckpt")
    assert {n: v.tobytes() for n, v in found.items()} == {n: v.tobytes() for n, v in V.items()}


def test_several_outputs(here):
    files = 'in src = ckpt("in.ckpt")\n  out body = ckpt("body.ckpt")\n  out head = ckpt("h.ckpt")'
    edited(
        "rename src.`experts.{e}` -> head.`{e}`\ncopy src.`step` -> head.`step`\n"
        "add head.`new` = zeros([2])",
        head=files,
    )
    assert set(_arrays("h.ckpt")) == {"0", "2", "10", "step", "new"}
    assert set(_arrays("body.ckpt")) == {n for n in V if not n.startswith("experts")}


def test_nothing_is_written_where_values_do_not_fit(here):
    files = 'in src = ckpt("in.ckpt")\n  out a = ckpt("a.ckpt")\n  out b = ckpt("b.ckpt")'
    body = "copy src.`l.0.q` -> b.`big` = cast(it * 1e9, f16)"
    (found,) = problem(body, head=files)
    assert found.startswith("E704 `big`: 2")
    assert " values too large for f16: " in found
    assert not (here / "a.ckpt").exists()
    assert not (here / "b.ckpt").exists()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("set src.`half` = cast(it * 1000, i8)", "values cannot be i8"),
        ("set src.`l.0.q` = same([it, src.`l.0.k`])", "the values differ: number 0 and number 1"),
        (
            "set src.`step` = average([it, it + 1])",
            "the values differ",
        ),
    ],
)
def test_values_that_do_not_fit(here, body, expected):
    (found,) = problem(body)
    assert found.startswith("E704")
    assert expected in found


def test_python_is_off_unless_allowed(here):
    body = 'set src.`l.0.q` = apply("numpy:fliplr", [it])'
    assert problem(body) == ["E563 `apply` runs code that is not in the spec"]
    assert edited(body, allow_python=True)["l.0.q"].tobytes() == Q[:, ::-1].tobytes()
    wrong = 'set src.`l.0.q` = apply("numpy:{0}", [it])'
    assert "E704" in problem(wrong.format("no_such"), allow_python=True)[0]
    assert "not float32[4, 6]" in problem(wrong.format("sum"), allow_python=True)[0]


def test_conditions_over_values(here):
    ensures = (
        "ensure equals(dst.`l.0.q`, src.`l.0.q`)\nensure close(dst.`l.0.k`, src.`l.0.k`, atol = 1)"
    )
    edited(f"set src.`l.0.k` = it + 0.5\n{ensures}")
    assert problem(f"set src.`l.0.q` = it + 0.5\n{ensures}") == ["E601 ensure failed"]
    assert problem(f"set src.`l.0.k` = it + 2\n{ensures}") == ["E601 ensure failed"]


@pytest.mark.parametrize(
    ("ensure", "reasons"),
    [
        (
            "finite(dst.`**`)",
            ["`a`: 1 of 4 values is not finite, the first is nan at [1, 0]"],
        ),
        (
            "close(dst.`b`, src.`a`, atol = 0.1)",
            [
                (
                    "`b`: 2 of 4 values are too far apart, most of all 3.0 and nan at [1, 0], a "
                    "distance of nan"
                )
            ],
        ),
        (
            "close(dst.`b`, src.`c`, atol = 0.1)",
            [
                (
                    "`b`: 1 of 4 values is too far apart, most of all 4.0 and 8.0 at [1, 1], a "
                    "distance of 4"
                )
            ],
        ),
        (
            "equals(dst.`b`, src.`c`)",
            [
                (
                    "`b`: 1 of 4 values is different, the first are 4.0 and 8.0 at [1, 1], the "
                    "largest distance is 4"
                )
            ],
        ),
        ("equals(dst.`n`, src.`b`)", ["`n` is i32[1], the other is f32[2, 2]"]),
        (
            "alike(dst.`*`, old.`*`)",
            [
                "only dst.`*` matches `b`",
                "`c` is f32[2, 2] in dst.`*` and f32[3] in old.`*`",
                "only dst.`*` matches `n`",
            ],
        ),
        ("absent(dst.`n`)", ["dst.`n` matches `n`"]),
        ("count(dst.`{x}`) == 3", ["dst.`{x}` matches `a`, `b`, `c`, `n`"]),
        ("exists(dst.`nn`)", ["dst.`nn` matches no entry", "the entry most like it is `n`"]),
        (
            "exists(dst.`n`) and absent(dst.`a`)",
            ["absent(dst.`a`) is false", "dst.`a` matches `a`"],
        ),
    ],
)
def test_a_condition_that_fails_names_the_place_the_values_and_the_distance(here, ensure, reasons):
    f = np.float32
    values = {
        "a": f([[1, 2], [np.nan, 4]]),
        "b": f([[1, 2], [3, 4]]),
        "c": f([[1, 2], [3, 8]]),
        "n": np.array([7], np.int32),
    }
    values["a"][0, 1] = 2.5
    written("old.ckpt", {"a": values["a"], "c": f([1, 2, 3])})
    head = 'in src = ckpt("in.ckpt")\n  use old = ckpt("old.ckpt")\n  out dst = ckpt("out.ckpt")'
    with pytest.raises(DiagnosticError) as caught:
        edited(f"ensure {ensure}", values=values, head=head)
    (found,) = caught.value.diagnostics
    assert list(found.notes) == reasons


def test_equivalent_networks(here):
    tail = (
        "network One() {\n  fc = Dense(6, 4)\n  construct(x: f32[B, 6]) = x |> fc\n}\n"
        "network Two() {\n  a = Dense(6, 4)\n  construct(x: f32[B, 6]) = x |> a\n}"
    )
    values = {"fc.weight": Q, "fc.bias": np.zeros(4, np.float32)}
    ensure = "ensure equivalent(src, One(), dst, Two(), on = uniform([3, 6], seed = 1))"
    rename = "rename src.`fc.{p}` -> `a.{p}`"
    edited(f"{rename}\n{ensure}", values=values, tail=tail)
    changed = problem(f"{rename}\nset src.`fc.bias` = 1\n{ensure}", values=values, tail=tail)
    assert changed == ["E601 ensure failed"]


def test_networks_that_do_not_fit_are_told_before_anything_runs(here):
    tail = "network One() {\n  fc = Dense(6, 4)\n  construct(x: f32[B, 6]) = x |> fc\n}"
    values = {"fc.weight": Q, "fc.bias": np.zeros(4, np.float32)}
    ensure = "ensure equivalent(src, One(), dst, One(), on = uniform({0}, seed = 1))"
    for body, shape, told in (
        ("", "[3, 5]", "One takes f32[B, 6], `on` gives f32[3, 5]"),
        ("delete src.`fc.bias`", "[3, 6]", "dst has no fc.bias of the shape that One has"),
    ):
        spec = checked(
            'edit e {\n  in src = ckpt("in.ckpt")\n  out dst = ckpt("out.ckpt")\n'
            f"{body}\n{ensure.format(shape)}\n}}\n{tail}"
        )
        written("in.ckpt", values)
        with pytest.raises(DiagnosticError) as caught:
            make_plan(spec)
        assert told in caught.value.diagnostics[0].title


def test_a_rename_may_set_a_value(here):
    """Slots follow in both: where elements only move, they move with their weight."""
    values = {"fc.w": Q, "fc.b": np.ones(4, np.float32), "moments.fc.w": Q * 2}
    found = edited(
        "rename src.`fc.w` -> `head.w` = transpose(it, [1, 0])\nrename src.`fc.b` -> `c` = it * 2",
        values=values,
    )
    assert list(found) == ["head.w", "c", "moments.head.w"]
    assert found["head.w"].tobytes() == Q.T.tobytes()
    assert found["moments.head.w"].tobytes() == (Q * 2).T.tobytes()
    assert (found["c"] == 2).all()
