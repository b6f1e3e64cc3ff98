"""Depth belongs to what is nested, not to what is long."""

import sys

import pytest

from declspore.check.check import check_file
from tests.support import checked, problems


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("let a0 = 1\n", 201),
        (f"let a200 = {' + '.join(['1'] * 500)}", 500),
        (f"let a200 = {'-' * 500}2", 2),
        (f"let a200 = {'if true then 1 else ' * 300}2", 1),
        (f"let a200 = {'(' * 150}1{')' * 150}", 1),
    ],
)
def test_what_is_long(text, value):
    if text.startswith("let a0"):
        text += "".join(f"let a{i} = a{i - 1} + 1\n" for i in range(200, 0, -1))
        lines = text.splitlines()
        text = "\n".join([*reversed(lines)])
    limit = sys.getrecursionlimit()
    assert checked(text).values["a200"] == value
    assert sys.getrecursionlimit() == limit


def test_a_long_pipe_and_many_blocks():
    pipe = f"network N() {{ construct(x: f32[B, 4]) = x{' |> relu' * 500} }}"
    assert len(checked(pipe).networks["N"].nodes) == 500
    blocks = """
cell Block() {
  fc = Dense(4, 4)
  construct(x) = x + fc(x)
}
network N() {
  body = SequentialCell(for i in 0 ..< 1000 { Block() })
  construct(x: f32[B, 4]) = body(x)
}
"""
    assert len(checked(blocks).networks["N"].nodes) == 2000


def test_a_long_chain_of_imports(tmp_path):
    for i in range(200):
        line = f'import "s{i + 1}.spec" as next\nlet a = next.a + 1\n' if i < 199 else "let a = 1\n"
        (tmp_path / f"s{i}.spec").write_text(f"spec 1\n{line}")
    assert check_file(tmp_path / "s0.spec").values["a"] == 200


def test_what_is_nested_has_its_place():
    text = f"let a = {'[' * 300}1{']' * 300}\nlet b = lost"
    assert problems(text) == ["E105 2 the text is nested too deeply"]
