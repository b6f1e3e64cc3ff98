"""Specs made to keep ``check`` busy: each ends, in a time and memory that its bytes justify."""

import pytest

from tests.attacks.support import attacked

ITEMS = f"[{', '.join(['0'] * 90_000)}]"
NET = "\n  construct(x: f32[B, 2]) = f0(x)\n}"
EDIT = 'edit e {{\n  in s = npz("a.npz")\n  out d = npz("b.npz")\n  {}\n}}'
LONG = "x" * (4 << 20)


def lines(count, make):
    return "\n".join(make(index) for index in range(count))


ATTACKS = {
    "rounds without items": f"let l = {ITEMS}\nlet a = [for i in l, j in l, k in [] {{ i }}]",
    "ranges": "let a = [for i in 0 .. 90000, j in 0 .. 90000, k in 0 .. 0 { i }]",
    "a list anew each round": f"let l = {ITEMS}\nlet a = [for i in l, j in {ITEMS} {{ i }}]",
    "five levels": "let l = 0 .. 300\nlet v = [for a in l, b in l, c in l, d in l, e in [] { a }]",
    "nested": "let l = 0 .. 50000\nlet v = [for a in l { for b in l { for c in [] { c } } }]",
    "nested lists": "let l = 0 .. 900\nlet v = [for a in l { [for b in l { for c in [] { c } }] }]",
    "a long round": f"let v = [for a in 0 .. 90000 {{ [{', '.join(['a'] * 2000)}] }}]",
    "doubled lists": "let a0 = [1, 2]\n" + lines(60, lambda n: f"let a{n + 1} = [a{n}, a{n}]"),
    "powers": "let a = 10 ** 10 ** 10",
    "squares": "let a0 = 10\n" + lines(40, lambda n: f"let a{n + 1} = a{n} * a{n}"),
    "edit": f"let l = {ITEMS}\n" + EDIT.format("for i in l, j in l, k in [] { delete s.`a{i}` }"),
    "nested edit": f"let l = {ITEMS}\n"
    + EDIT.format("for i in l { for j in l { for k in [] { delete s.`a{i}` } } }"),
    "unknown names": lines(4000, lambda n: f"let a{n} = unknown_{n}"),
    "unknown cells": "network N() {\n" + lines(3000, lambda n: f"  f{n} = Dense(2, u{n})") + NET,
    "unused cells": "network N() {\n" + lines(3000, lambda n: f"  f{n} = Dense(2, 2)") + NET,
    "keywords": f"let a = Dense(2, 3, {', '.join(f'k{n} = 1' for n in range(4000))})",
    "verbs": EDIT.format(lines(4000, lambda n: f"  verb{n} s.`a` -> `b`")),
    "attributes": "eval e {\n" + lines(4000, lambda n: f"  attr{n} = 1") + "\n}",
    "string": f'let a = "{LONG}"',
    "string of escapes": f'let a = "{chr(92)}n{LONG[: 2 << 20]}{(chr(92) + "n") * (1 << 20)}"',
    "string for a number": f'network N() {{\n  f0 = Dense("{LONG}", 2){NET}',
    "string that does not end": f'let a = "{LONG}',
    "backslashes": f'let a = "{chr(92) * (1 << 20)}',
    "name": f"let a = {LONG}",
    "path": EDIT.format(f"delete s.`{LONG}`"),
    "stars": EDIT.format("delete s.`" + "*." * (1 << 18) + "x`"),
    "regex": EDIT.format('delete s.re"' + "(a|b)*" * (1 << 18) + '"'),
    "repeated regex": EDIT.format('delete s.re"((((a{1000}){1000}){1000}){1000})"'),
    "comment": f"# {LONG}",
    "parentheses": "let a = " + "(" * 100_000,
    "digits": "let a = " + "9" * (1 << 20),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_ends(tmp_path, name):
    """The bound of time is for busy machines; each takes a few seconds alone."""
    (tmp_path / "own.spec").write_text(f"spec 1\n{ATTACKS[name]}\n")
    done = attacked(tmp_path, "check", "own.spec", seconds=120)
    assert done.megabytes < 400
    assert len(done.text) < 100_000


@pytest.mark.parametrize("source", ["[]", "l", "0 .. 0"])
def test_rounds_are_counted(tmp_path, source):
    text = f"spec 1\nlet l = 0 .. 1000\nlet a = [for i in l, j in l, k in {source} {{ i }}]\n"
    (tmp_path / "own.spec").write_text(text)
    assert attacked(tmp_path, "check", "own.spec").codes == ["E321"]
