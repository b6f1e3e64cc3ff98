"""What is left of a text that does not parse, and what is told of it."""

import pytest

from declspore.source import Source
from declspore.syntax import ast
from declspore.syntax.parse import parse_partly
from declspore.syntax.walk import descendants
from tests.support import problems


def _read(text: str):
    found = parse_partly(Source("partly.spec", f"spec 1\n{text}"))
    return found.spec, [(d.code, d.labels[0].place.line) for d in found.diagnostics]


def _damaged(spec: ast.Spec) -> list[str]:
    found = [node.span for node in descendants(spec) if isinstance(node, ast.Damaged)]
    return [span.text for span in sorted(found, key=lambda span: span.start)]


def _named(spec: ast.Spec) -> list[str]:
    kinds = (ast.Field, ast.Attribute, ast.Formal, ast.File, ast.CellDeclaration, ast.Let)
    return [node.name.text for node in descendants(spec) if isinstance(node, kinds)]


def test_several_mistakes_of_one_declaration():
    """Each is told, at its own place; the statements around them are in the tree."""
    spec, found = _read("""
network Net(a: int b: int, c: int = 3) {
  conv  Conv2d(3, 8)
  norm  = BatchNorm2d(8
  fc    = Dense(8 8)
  head  = Dense(8, c)

  construct(x: f32[B, c, y: i32[B]) -> f32[B {
    y = = x
    z = relu(x)
    for i in 0 ..< 3 {
      z = z + * i
      w = z
    }
    return head(z) fc
  }
}
let after = 1
""")
    assert found == [("E101", line) for line in (3, 4, 6, 6, 9, 9, 10, 13, 16)]
    assert _named(spec) == ["Net", "c", "norm", "fc", "head", "after"]
    assert _damaged(spec) == [
        *("a: int b: int", "conv  Conv2d(3, 8)", "BatchNorm2d(8", "Dense(8 8)"),
        *("x: f32[B, c, y: i32[B]", "f32[B", "= x", "z + * i", "fc"),
    ]
    construct = spec.declarations[0].body.construct
    first, second, loop = construct.statements[:3]
    assert [statement.names[0].text for statement in (first, second)] == ["y", "z"]
    assert [statement.names[0].text for statement in loop.statements] == ["z", "w"]


@pytest.mark.parametrize(
    ("text", "lines", "damaged", "named"),
    [
        ("network N() {\n  construct(x) {\n    return x\n}\nlet a = 1", [5], [], ["N", "x", "a"]),
        ("cell N() {\n  a = relu\n}\nlet b = 1", [4], [""], ["N", "a", "b"]),
        ("cell N() {\n  construct(x) {\n    y = x\n  }\n}", [5], [""], ["N", "x"]),
        ("let a = \nlet b = (1\nlet c = 3 4\nlet d", [2, 3, 4, 5], None, ["a", "b", "c"]),
        ("netwrk N() { a = 1 }\nlet a = 1", [2], ["netwrk N() { a = 1 }"], ["a"]),
        ("let a = 'x'\nlet b = 1;", [2, 3], ["1", ";"], ["a", "b"]),
        ("let a = 1 < 2 < 3\nlet b = 1e999", [2, 3], ["1 < 2 < 3", "1e999"], ["a", "b"]),
        (
            'train t {\n  network = N(\n  dataset d\n  save "x" 3 epochs\n  seed = 1 +\n}',
            [4, 5, 7],
            ["N(\n  dataset d", "3 epochs", "1 +"],
            ["network", "seed"],
        ),
        (
            (
                'edit e {\n  in a ckpt("a")\n  out b = ckpt("b"\n  keep a.`x` exactl 2\n  '
                "when true {\n    keep a.`y` => 3\n    keep a.`z`\n  }\n  rest keep\n}"
            ),
            [3, 5, 5, 7],
            ['in a ckpt("a")', 'ckpt("b"', "exactl 2", "keep a.`y` => 3"],
            ["b"],
        ),
        ('edit e {\n  in a = ckpt("a")\n', [3], None, ["a"]),
        ("cell N() { a = Dense(1 2) construct(x) = a(x) }\nlet b = 1", [2], None, ["N", "a", "b"]),
        ("cell N {\n  construct(x) = x\n}\nlet b = 1", [2], None, ["b"]),
    ],
)
def test_what_is_left(text, lines, damaged, named):
    spec, found = _read(text)
    assert [line for _, line in found] == lines
    assert damaged is None or _damaged(spec) == damaged
    assert _named(spec) == named


def test_a_text_without_its_edition_is_read_all_the_same():
    found = parse_partly(Source("partly.spec", "let a = 1\nlet b = ]\n"))
    assert [(d.code, d.labels[0].place.line) for d in found.diagnostics] == [
        ("E103", 1),
        ("E101", 2),
    ]
    assert _named(found.spec) == ["a", "b"]


def test_mistakes_without_number_end():
    for line in ("let a = (\n", "  a = (\n", "}\n", "for i in {\n", "  (\n"):
        for head in ("", "network N() {\n", "edit e {\n", "cell A() {\n  construct(x) {\n"):
            spec, found = _read(head + line * 200)
            assert 0 < len(found) <= 201
            assert isinstance(spec, ast.Spec)


# ---- what the checker says of it


def test_what_only_damage_declares_is_not_unknown():
    """One mistake each, and no word of what follows from it."""
    assert problems("""
import "lenet.spec" zoo
param rate float = 0.5
let size = 3 4
cell Body(cin: int cout: int) {
  fc Dense(cin, cout)
  construct(x) = fc(x) + more
}
network Net() {
  body   = Body(size, 4)
  head Dense(4, 2)
  tail   = zoo.Net(3)

  construct(x: f32[B, size]) -> f32[B, 2] {
    y body(x)
    return head(y) + tail(y)
  }
}
optimizer sgd = SGD(rate
train go {
  network = Net()
  loss MSELoss()
  optimizer = sgd
}
eval see {
  network = Net()
  load = go.last
}
edit e {
  in src ckpt("a")
  out dst = ckpt("b")
  rename src.`a`  -> -> `b`
  keep src.`c`
}
""") == [
        *("E101 3 unexpected `zoo`", "E101 4 unexpected `float`", "E101 5 unexpected `4`"),
        *("E101 6 unexpected `cout`", "E101 7 unexpected `Dense`"),
        *("E201 8 unknown name `more`", "E101 12 unexpected `Dense`", "E101 16 unexpected `body`"),
        *("E101 20 the declaration is not finished", "E312 21 `go` needs `dataset`, `length`"),
        "E101 23 unexpected `MSELoss`",
        *("E312 26 `see` needs `dataset`, `metrics`", "E101 31 unexpected `ckpt`"),
        "E101 33 unexpected `->`",
    ]


def test_what_is_not_damaged_is_checked():
    """Names, arguments and shapes, in the damaged declaration and beside it."""
    assert problems("""
network Net() {
  conv = Conv2d(3, 8 3)
  fc   = Dense(5, 2)
  norm = BatchNorm2d(8, epsilon = 1)

  construct(x: f32[B, 4]) {
    y = fc(x)
    z = conv(w)
    return z z
  }
}
network Other() {
  fc = Dense(3, 4)
  construct(x: f32[B, 4]) = fc(x)
}
""") == [
        "E101 4 unexpected `3`",
        "E301 6 BatchNorm2d has no argument `epsilon`",
        "E401 9 in_channels is 5, the last axis of f32[B, 4] is 4",
        "E201 10 unknown name `w`",
        "E101 11 unexpected `z`",
        "E401 16 in_channels is 3, the last axis of f32[B, 4] is 4",
    ]
