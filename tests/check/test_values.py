"""What expressions may be: loops that carry values, slices, strings, functions of numbers."""

from math import inf, nan

import pytest

from tests.support import checked, problems


def value(text):
    return checked(f"let n = 3\nlet a = {text}").values["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[for i in 0 ..< 6, carry a = 0 -> b, carry b = 1 -> a + b { a }]", (0, 1, 1, 2, 3, 5)),
        ("[for i in [2, 3], carry s = n -> s * i { s }]", (3, 6)),
        ("[1, 2, 3, 4][1:]", (2, 3, 4)),
        ("[1, 2, 3, 4][::-2]", (4, 2)),
        ("[1, 2, 3, 4][-2:][0]", 3),
        ("(0 ..< 10)[n:n + 2]", (3, 4)),
        ('"model-{n}.ckpt"', "model-3.ckpt"),
        ('"{n + 1}/{n - 1}/{n:03}/{{n}}"', "4/2/003/{n}"),
        ('[for name in ["a", "b"] { "{name}.ckpt" }]', ("a.ckpt", "b.ckpt")),
        ("sqrt(16)", 4.0),
        ("max(2, n)", 3),
        ("min([4, 5.5])", 4),
        ("sum([1, 2]) + prod([2, 3])", 9),
        (
            "[floor(2.7), ceil(2.2), round(2.5), trunc(-2.5), sign(-3), abs(-3)]",
            (2, 3, 2, -2, -1, 3),
        ),
        ("round(log2(8))", 3),
        ("2 ** 3 % 5 + 0x10", 19),
        ("[inf, -inf, 2 * inf, -inf + 1]", (inf, -inf, inf, -inf)),
        ("1 / inf", 0.0),
        ("[max(inf, 2), min([inf, 3])]", (inf, 3)),
        ("if n < inf and inf in [1, inf] then 1 else 2", 1),
    ],
)
def test_values(text, expected):
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[1, 2][::0]", "E310 2 the step of a slice is never 0"),
        ("[1, 2][0, 1]", "E307 2 expected a tensor, found a list"),
        ("sqrt(-1)", "E310 2 sqrt has no finite value there"),
        ("exp(1000)", "E310 2 exp has no finite value there"),
        ("max([])", "E310 2 max has no finite value there"),
        ("sqrt(2, 3)", "E310 2 sqrt takes other numbers"),
        ("relu(3)", "E305 2 `input` of relu: expected a tensor, found `3`"),
        ('"{m}"', "E322 2 `m` of `{m}` is not a name here"),
        ('"{}"', "E322 2 `{}` names no value"),
        ('"{a:03}"', "E204 2 `a` is defined in terms of itself"),
    ],
)
def test_refused(text, problem):
    assert problems(f"let a = {text}") == [problem]


def test_values_are_taken_apart_together():
    spec = """
network N() {
  fc = Dense(2, 2)
  construct(x: f32[B, 2]) {
    u, v = fc(x), x * 2
    u, v = v, u
    return u - v
  }
}
"""
    (network,) = checked(spec).networks.values()
    assert [node.word for node in network.nodes] == ["Dense", "mul", "sub"]
    assert network.nodes[2].inputs == (network.nodes[1].outputs[0], network.nodes[0].outputs[0])
    assert problems(spec.replace("u, v = v, u", "u, v = v, u, x")) == [
        "E307 7 expected 2 values, found 3 values"
    ]


LISTED = """
cell Two() {
  fc = Dense(2, 2)
  layers = CellList(Dense(2, 2), Dense(2, 2), names = ["0", "0.1"])
  construct(x) = layers[1](layers[0](fc(x)))
}
network N() {
  body = SequentialCell(Dense(2, 2), relu, Dense(2, 2), names = ["0", "1", "2"])
  two  = Two()
  construct(x: f32[B, 2]) = two(body(x))
}
"""


def test_cells_of_containers_have_names_of_their_own():
    """A network that is a SequentialCell, and what `append` makes of a CellList, in MindSpore."""
    (network,) = checked(LISTED).networks.values()
    assert [p.name for p in network.parameters if p.name.endswith("weight")] == [
        *("0.weight", "2.weight", "two.fc.weight", "two.0.weight", "two.0.1.weight")
    ]


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ('["0"]', "E306 5 CellList: 1 names for 2 cells"),
        (
            '["0", "a b"]',
            'E306 5 CellList: "a b" is not a path of names and numbers: "0", "layers.0"',
        ),
        ('["fc", "1"]', "E306 5 names: two parameters are called `two.fc.weight`"),
    ],
)
def test_names_that_cannot_be(names, problem):
    assert problems(LISTED.replace('["0", "0.1"]', names))[:1] == [problem]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("inf - inf", "inf - inf is not a number"),
        ("inf * 0", "inf * 0 is not a number"),
        ("inf // 2", "inf // 2 is not a number"),
        ("1e308 * 10", "the result is too large"),
        ("round(inf)", "round has no finite value there"),
        ("0 .. inf", "a range goes from one integer to another"),
    ],
)
def test_no_number_is_nan(text, title):
    assert problems(f"let a = {text}") == [f"E310 2 {title}"]


def test_infinity_is_a_bound_and_a_setting():
    text = "param top: float = 3.0 in 0.0 .. inf\nlet a = top"
    assert checked(text, {"top": "inf"}).values["a"] == inf
    assert checked("param top: float = inf").values["top"] == inf
    for bad in ("nan", nan):
        [found] = problems("param top: float = 3.0", {"top": bad})
        assert found.startswith("E315 the param `top` is set to `nan`, which is not a number")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "optimizer o = Momentum(learning_rate = 0.1, momentum = inf)",
            "E305 2 `momentum` of Momentum: expected a number from 0, a finite one, found `inf`",
        ),
        (
            "network N() {\n  c = Dense(4, inf)\n  construct(x: f32[B, 4]) = c(x)\n}",
            "E305 3 `out_channels` of Dense: expected a positive integer, found `inf`",
        ),
        (
            "network N() {\n  construct(x: i32[B]) = masked_fill(x, x > 0, -inf)\n}",
            "E401 3 -inf is not a value of Int32",
        ),
        (
            "network N() {\n  construct(x: f32[B]) = full([2], inf, dtype = i32)\n}",
            "E306 3 full: inf is not a value of Int32",
        ),
    ],
)
def test_where_infinity_does_not_fit(text, expected):
    assert problems(text) == [expected]
