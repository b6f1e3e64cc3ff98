"""A spec is bounded whatever it says: each of these asks for more than any machine has."""

import pytest

from declspore.report import DiagnosticError
from tests.support import checked

_CELL = "cell L0(c: int) {\n  fc = Dense(c, c)\n  construct(x) = fc(x)\n}\n"
_NETWORK = "network N() {\n  a = L40(3)\n  construct(x: f32[B, 3]) = a(x)\n}\n"


def _levels(fields: str, flow: str, first: str = _CELL) -> str:
    """Forty blocks, each of which uses the one before twice."""
    blocks = "".join(
        f"cell L{i}(c: int) {{\n{fields.format(i - 1)}\n  construct(x) = {flow}\n}}\n"
        for i in range(1, 41)
    )
    return first + blocks + _NETWORK


def _lets(first: str, following: str) -> str:
    return f"let a0 = {first}\n" + "".join(
        f"let a{i} = {following.replace('A', f'a{i - 1}')}\n" for i in range(1, 61)
    )


TWO = "  a = L{0}(c)\n  b = L{0}(c)"
WRONG = _CELL.replace("Dense(c, c)", "Dense(c, none)")
HOSTILE = {
    "cells": _levels(TWO, "x |> a |> b"),
    "wrong cells": _levels(TWO, "x |> a |> b", WRONG),
    "wrong flow": _levels(TWO, "a(x) + b(x)", _CELL.replace("fc(x)", "fc(concat([x, x], 1))")),
    "calls": _levels("  a = L{0}(c)", "x |> a |> a"),
    "list": _lets("[1, 2]", "A + A"),
    "list of lists": _lets("[1, 2]", "[A, A]"),
    "ranges": "".join(f"let a{i} = 0 ..< 100000\n" for i in range(100)),
    "rates": "".join(
        f"let a{i} = cosine_decay_lr(0.0, 0.1, 1000000, 10, 10)\n" for i in range(100)
    ),
    "loops": "let a = [" + "for i in 0 ..< 1000 { " * 6 + "1" + " }" * 6 + "]\n",
    "many loops": "".join(f"let a{i} = [for k in 0 ..< 9999 {{ k }}]\n" for i in range(99)),
    "statements": "network N() {\n  construct(x: f32[B]) {\n"
    + "    for i in 0 ..< 100 {\n" * 5
    + "      x = x * 2\n"
    + "    }\n" * 5
    + "    return x\n  }\n}\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile(text):
    with pytest.raises(DiagnosticError) as caught:
        checked(text)
    assert {d.code for d in caught.value.diagnostics if not d.warning} <= {
        "E305",
        "E310",
        "E321",
        "E401",
    }
    assert len(str(caught.value)) < 20_000


def test_a_cell_under_two_names_is_looked_at_once():
    """Forty levels of two names each: a billion paths, of which one is told."""
    network = checked(_levels("  a = L{0}(c)\n  b = a", "x |> a")).networks["N"]
    assert [p.name for p in network.parameters] == [
        f"{'a.' * 41}fc.{w}" for w in ("weight", "bias")
    ]


def test_long_values_are_cut_in_messages():
    with pytest.raises(DiagnosticError) as caught:
        checked("let a = (0 ..< 9999) * 2")
    assert len(caught.value.diagnostics[0].title) < 200
