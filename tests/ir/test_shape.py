"""Arithmetic on symbolic dimensions agrees with arithmetic on every number they may stand for."""

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declspore.ir.dtype import FLOAT32
from declspore.ir.shape import (
    Affine,
    Product,
    Quotient,
    Symbol,
    TensorType,
    ceil_divide,
    exact_quotient,
    product,
    solve,
    static,
    symbol,
)

steps = st.lists(
    st.tuples(st.sampled_from(["+", "-", "*", "//", "ceil", "r-"]), st.integers(1, 7)), max_size=6
)


def _value(dim, symbols):
    if isinstance(dim, int):
        return dim
    return dim.constant + sum(c * _atom(atom, symbols) for atom, c in dim.terms)


def _atom(atom, symbols):
    match atom:
        case Symbol(name):
            return symbols[name]
        case Quotient(numerator, divisor):
            return _value(numerator, symbols) // divisor
        case Product(factors):
            return prod(_atom(factor, symbols) for factor in factors)


def _apply(start, operations):
    for operator, amount in operations:
        match operator:
            case "+":
                start = start + amount
            case "-":
                start = start - amount
            case "r-":
                start = amount - start
            case "*":
                start = start * amount
            case "//":
                start = start // amount
            case "ceil":
                start = ceil_divide(start, amount)
    return start


@given(steps, st.integers(1, 500))
def test_like_numbers(operations, number):
    assert _value(_apply(symbol("H"), operations), {"H": number}) == _apply(number, operations)


@given(steps, steps, st.integers(1, 50), st.integers(1, 50))
def test_two_symbols(left, right, h, w):
    symbols = {"H": h, "W": w}
    one, other = _apply(symbol("H"), left), _apply(symbol("W"), right)
    first, second = _apply(h, left), _apply(w, right)
    assert _value(one + other, symbols) == first + second
    assert _value(one - other, symbols) == first - second
    assert _value(one * other, symbols) == first * second


def test_equal_forms_are_equal():
    h = symbol("H")
    assert ceil_divide(ceil_divide(h, 2), 2) == ceil_divide(h, 4)
    assert (4 * h + 2) // 2 == 2 * h + 1
    assert h - h == 0
    assert h * symbol("W") == symbol("W") * h
    assert product((h, 3, symbol("W"))) == product((symbol("W"), h, 3))


@pytest.mark.parametrize(
    ("dim", "text"),
    [
        (symbol("H"), "H"),
        (2 * symbol("H") - 3, "2*H - 3"),
        (7 - symbol("H"), "-H + 7"),
        ((symbol("H") + 1) // 2, "(H + 1) // 2"),
        (symbol("B") * symbol("T"), "B*T"),
    ],
)
def test_shown(dim, text):
    assert str(dim) == text


def test_static():
    assert static((1, 2)) == (1, 2)
    assert static((symbol("B"), 2)) is None
    assert str(TensorType(FLOAT32, (symbol("B"), 2))) == "f32[B, 2]"


def test_division_by_zero_is_a_bug_of_the_caller():
    with pytest.raises(ValueError, match="divided by 0"):
        _ = symbol("H") // 0
    assert isinstance(symbol("H"), Affine)


H, W, B = symbol("H"), symbol("W"), symbol("B")


@pytest.mark.parametrize(
    ("wanted", "found", "sizes"),
    [
        ((B, 3), (5, 3), {"B": 5}),
        ((2 * H, 8 * W), (4, 24), {"H": 2, "W": 3}),
        ((2 * H + 1,), (7,), {"H": 3}),
        ((H * W, H, W), (6, 2, 3), {"H": 2, "W": 3}),
        ((B, 4), (symbol("N"), 4), {"B": symbol("N")}),
        ((H + W,), (5,), {}),
    ],
)
def test_symbols_are_solved(wanted, found, sizes):
    known = {}
    assert solve(wanted, found, known) == ()
    assert known == sizes


@pytest.mark.parametrize(
    ("wanted", "found", "axes"),
    [
        ((B, 2 * H, 3), (1, 5, 3), (1,)),
        ((H, H), (2, 3), (1,)),
        ((H * W, H, W), (7, 2, 3), (0,)),
        ((H + 4,), (4,), (0,)),
        ((2, 4), (symbol("N"), 4), (0,)),
        ((2 * B, 4), (symbol("N"), 4), (0,)),
        ((3, 4), (4, 3), (0, 1)),
    ],
)
def test_axes_that_cannot_be(wanted, found, axes):
    assert solve(wanted, found, {}) == axes


@given(st.integers(1, 50), st.integers(1, 9), st.integers(-3, 3))
def test_every_multiple_is_solved(value, factor, more):
    known = {}
    assert solve((H * factor + more,), (value * factor + more,), known) == ()
    assert known == {"H": value}


@pytest.mark.parametrize(
    ("dim", "divisor", "quotient"),
    [
        (12, 4, 3),
        (12, 5, None),
        (6 * H, 3, 2 * H),
        (H * W * 6, H * 2, 3 * W),
        ((H - 1) * W * B, B * W, H - 1),
        (H * W + W, H, None),
        (4 * H + 2, 2 * H + 1, 2),
        (4 * H + 3, 2 * H + 1, None),
        (H, W, None),
        (6, H, None),
    ],
)
def test_exact_quotient(dim, divisor, quotient):
    assert exact_quotient(dim, divisor) == quotient
