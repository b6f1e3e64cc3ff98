"""Parsing: what is accepted, where it stands, and that no text does worse than a diagnostic."""

from contextlib import suppress
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declspore.check.check import check_file
from declspore.report import DiagnosticError
from declspore.source import Source, Span
from declspore.syntax import ast
from declspore.syntax.parse import parse, parser, read_source
from tests.conftest import ROOT, SPECS
from tests.support import checked, problems

FILES = sorted([*SPECS.glob("*.spec"), *(ROOT / "examples").rglob("*.spec")])


def _parse(text: str) -> ast.Spec:
    return parse(Source("test.spec", f"spec 1\n{text}"))


def _nodes(node):
    if is_dataclass(node) and not isinstance(node, Span | Source):
        yield node
        for entry in fields(node):
            yield from _nodes(getattr(node, entry.name))
    elif isinstance(node, tuple):
        for item in node:
            yield from _nodes(item)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_node_knows_its_place(path):
    source = read_source(path)
    spec = parse(source)
    for node in _nodes(spec):
        assert node.span.source is source
        assert 0 <= node.span.start <= node.span.end <= len(source.text)
        match node:
            case ast.Name(name=name):
                assert node.span.text == name
            case ast.Word(text=text):
                assert node.span.text == text
            case ast.Call():
                assert node.span.text.endswith(")")


def _value(text: str) -> ast.Expression:
    (declaration,) = _parse(f"let x = {text}").declarations
    return declaration.value


def _shown(node) -> str:
    """An expression with every bracket written."""
    match node:
        case ast.Binary(operator=operator):
            return f"({_shown(node.left)} {operator} {_shown(node.right)})"
        case ast.Unary(operator=operator):
            return f"({operator} {_shown(node.value)})"
        case ast.Name(name=name):
            return name
        case ast.Literal(value=value):
            return repr(value)
        case ast.Call():
            return f"{_shown(node.function)}({', '.join(_shown(a.value) for a in node.arguments)})"
        case ast.Conditional():
            parts = (node.condition, node.then, node.otherwise)
            return "[{} ? {} : {}]".format(*map(_shown, parts))
        case ast.Maybe():
            return f"{_shown(node.value)}?"
        case ast.Index():
            return f"{_shown(node.value)}[]"
        case ast.Member(name=name):
            return f"{_shown(node.value)}.{name.text}"
    return type(node).__name__


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a + b * c - d", "((a + (b * c)) - d)"),
        ("a * b // c / d", "(((a * b) // c) / d)"),
        ("-a * b", "((- a) * b)"),
        ("not a == b and c or d", "(((not (a == b)) and c) or d)"),
        ("a |> f |> g(1)", "((a |> f) |> g(1))"),
        ("a + b |> f", "((a + b) |> f)"),
        ("0 ..< n + 1", "(0 ..< (n + 1))"),
        ("1 .. 3", "(1 .. 3)"),
        ("1..3", "(1 .. 3)"),
        ("if a then b else c |> d", "[a ? b : (c |> d)]"),
        ("f?(x)[0].y", "f?(x)[].y"),
        ("1.5e-3", "0.0015"),
        ("0x10", "16"),
        ('"a\\"b\\\\"', "'a\"b\\\\'"),
    ],
)
def test_precedence(text, shown):
    assert _shown(_value(text)) == shown


def test_quantities_and_paths():
    assert (_value("10 epochs").value, _value("10 epochs").unit) == (10, "epoch")
    assert (_value("1 step").value, _value("1 step").unit) == (1, "step")
    assert _value("98.5%").unit == "%"
    assert _value("512 MiB").unit == "MiB"
    assert _value("`a.**`").text == "a.**"
    assert _value('re"a\\.b"').text == "a\\.b"
    assert _value('re"a"').is_regex


@pytest.mark.parametrize(
    "word",
    [
        *("import", "param", "let", "cell", "network", "dataset", "optimizer", "train", "eval"),
        *("edit", "save", "ensure", "out", "rest", "spec"),
    ],
)
def test_words_of_statements_may_be_names(word):
    """A cell may be called as a statement begins."""
    spec = checked(f"""
network Net(width: int = 4) {{
  {word} = Dense(width, width)
  construct(x: f32[B, width]) = {word}(x) |> {word}
}}
let {word}_2 = 1
""")
    assert spec.networks["Net"].parameters[0].name == f"{word}.weight"


def test_layout_is_free():
    text = "network Net(a:int=1,){fc=Dense(a,2,) when a==1 construct(x:f32[B,a])=fc?(x)}# end"
    assert len(checked(text).networks["Net"].parameters) == 2


def test_windows_line_ends_and_byte_order_mark(tmp_path):
    path = tmp_path / "w.spec"
    path.write_bytes("\ufeffspec 1\r\nlet a = b\r\n".encode())
    source = read_source(path)
    parse(source)
    assert source.line(2) == "let a = b"


def _problems(text: str) -> list[tuple[str, int]]:
    with pytest.raises(DiagnosticError) as caught:
        _parse(text)
    return [(d.code, d.labels[0].place.line) for d in caught.value.diagnostics]


def test_every_declaration_is_looked_at_after_a_mistake():
    text = "let a = \nlet b = 1 +\nlet c = 3\nparam d int\nlet e = (1\nlet f = ]\n"
    assert _problems(text) == [("E101", 2), ("E101", 3), ("E101", 5), ("E101", 6), ("E101", 7)]


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_any_text(text):
    for source in (text, f"spec 1\n{text}"):
        with suppress(DiagnosticError):
            parse(Source("any", source))


@settings(max_examples=200)
@given(st.data())
def test_mutated_specs(data):
    text = (SPECS / "quickstart.spec").read_text()
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 30))
        piece = data.draw(st.sampled_from(["", "(", "}", '"', "`", "=", "|>", "x ", "\n"]))
        text = text[:at] + piece + text[at + cut :]
    with suppress(DiagnosticError):
        parse(Source("any", text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 in [1, 2]", True),
        ("3 not in [1, 2]", True),
        ('"a" in "cat"', True),
        ("1 + 1 in 0 ..< 3 and true", True),
        ("true in [1]", False),
    ],
)
def test_in(text, value):
    assert checked(f"let a = {text}").values["a"] is value


def test_a_param_has_bounds_with_and_without_a_default():
    found = checked("param a: int = 3 in 1 .. 5\nparam b: int in [1, 2]", {"b": 2})
    assert found.values == {"a": 3, "b": 2}
    assert problems("param a: int = 7 in 1 .. 5") == ["E313 2 `a` is 7, outside 1 .. 5"]


def test_an_input_behind_a_condition_is_no_operator():
    text = """edit e {
  in a = ckpt("a.ckpt")
  out b = ckpt("b.ckpt")
  delete a.`x.{i:int}` where i in [0, 2]
  use c = ckpt("c.ckpt")
}
"""
    assert problems(text) == []


def test_no_name_of_the_parser_reaches_a_message():
    names = {terminal.name for terminal in parser().terminals}
    assert not [name for name in names if "ANON" in name]


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("lenet5.spec", ("did you mean lenet.spec?",)),
        ("trian.spec", ("did you mean train.spec?",)),
        ("away/trian.spec", ()),
    ],
)
def test_a_spec_that_is_not_there_names_a_near_one(here, path, near):
    (here / "train.spec").write_text("spec 1\n")
    with pytest.raises(DiagnosticError) as caught:
        check_file(path)
    assert [(d.code, d.helps) for d in caught.value.diagnostics] == [("E511", near)]
