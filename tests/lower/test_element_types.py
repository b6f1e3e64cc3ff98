"""Whatever types enter an op, it is refused, or gives the types that its shape rule says."""

import keras
import numpy as np
import pytest

from declspore.ir.dtype import BY_SHORT
from declspore.lower.network import compile_network
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.registry.types import Tensor
from declspore.report import DiagnosticError
from tests.support import checked, problems

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="other backends lack some of the types"
)

TYPES = ("f32", "f16", "f64", "i32", "i64", "u8", "i8", "bool")
PAIRS = (("f32", "f16"), ("i32", "f16"), ("i32", "i64"), ("u8", "i8"), ("bool", "i32"))
PAIRS += (("bool", "bool"), ("f64", "bool"), ("i32", "i32"), ("u8", "u8"))


_SEVERAL = ("sort", "median", "rms_norm", "unstack")
_OF_SOME_VALUES = ("gather_nd", "cholesky", "inverse")


def _kinds(count: int) -> list[str]:
    """Ops of so many tensors, and of nothing else that they need, with one result."""
    found = []
    for kind in vocabulary().every(OpKind):
        if kind.name in _SEVERAL or kind.name in _OF_SOME_VALUES:
            continue
        needed = [argument for argument in kind.signature.arguments if argument.required]
        if len(needed) == count and all(isinstance(a.type, Tensor) for a in needed):
            found.append(kind.name)
    return found


def _given(dtype: str) -> np.ndarray:
    numbers = np.arange(1, 10).reshape(1, 3, 3) % 4 + 1  # no zero that something is divided by
    return numbers.astype(BY_SHORT[dtype].numpy)


def _holds(formals: str, calls: list[str], types: tuple[str, ...]) -> None:
    accepted = [call for call in calls if _accepted(f"construct({formals}) = {call}")]
    assert accepted
    body = "\n".join(f"r{n} = {call}" for n, call in enumerate(accepted))
    names = ", ".join(f"r{n}" for n in range(len(accepted)))
    text = f"network N() {{ construct({formals}) {{\n{body}\nreturn {names}\n}} }}"
    network = checked(text).networks["N"]
    entered = [_given(dtype) for dtype in types]
    found = compile_network(network)(entered if len(entered) > 1 else entered[0])
    for call, ref, value in zip(accepted, network.outputs, found, strict=True):
        told = network.type_of(ref)
        assert keras.backend.standardize_dtype(value.dtype) == told.dtype.numpy, call
        sizes = [1 if not isinstance(dim, int) else dim for dim in told.shape]
        assert list(value.shape) == sizes, call


def _accepted(construct: str) -> bool:
    """Whether a call gives one tensor."""
    try:
        network = checked(f"network N() {{ {construct} }}").networks["N"]
    except DiagnosticError:
        return False
    return len(network.outputs) == 1


@pytest.mark.parametrize("dtype", TYPES)
def test_of_one(dtype):
    more = ["clamp(x, 0, 2)", "clamp(x, 0.5)", "leaky_relu(x, 0.1)", "x ** 2", "x + 2", "x * 0.5"]
    more += ["x % 2", "x // 2", "x / 2", "2.5 - x", "x == 2", "x < 0.5", "maximum(x, 1)"]
    more += ["sum(x, axis = 1)", "mean(x, axis = 1)", "cumprod(x, 1)", "cumsum(x, -1)", "argmax(x)"]
    more += ["sort(x, descending = true)[0]", "topk(x, 2, largest = false)[0]", "max(x, 1)[0]"]
    more += [
        "median(x, 1)[0]",
        "cummax(x, 1)[0]",
        "argsort(x, descending = true)",
        "glu(x[:, :2], 1)",
    ]
    more += ["trace(x[0])", "diag_embed(x)", "pad(x, [1, 1], value = 1.0)", "where(x > 0, x, 2)"]
    more += ["where(x > 0, 0.5, x)", "masked_fill(x, x > 0, 2)", "std(x, axis = 1)", "softmax(x)"]
    single = [f"{word}(x)" for word in _kinds(1) if word not in ("diag", "trace")]
    _holds(f"x: {dtype}[B, 3, 3]", single + more, (dtype,))


@pytest.mark.parametrize("pair", PAIRS, ids=" ".join)
def test_of_two(pair):
    left, right = pair
    more = ["addcmul(x, y, y)", "addcdiv(x, y, x)", "lerp(x, y, 0.5)", "where(x > 0, x, y)"]
    more += ["kron(x[0], y[0])", "cross(x, y, 1)", "isclose(x, y)", "baddbmm(x, y, y)"]
    more += [
        "tensor_dot(x, y, 1)",
        "concat([x, y], axis = 1)",
        "stack([x, y])",
        "outer(x[0, 0], y[0, 0])",
    ]
    both = [f"{word}(x, y)" for word in _kinds(2)]
    _holds(f"x: {left}[B, 3, 3], y: {right}[B, 3, 3]", both + more, pair)


@pytest.mark.parametrize(
    ("call", "title"),
    [
        ("neg(cast(x, u8))", "u8[B, 4] has no negative numbers"),
        ("cast(x, i32) ** -2", "i32[B, 4] has no negative powers"),
        ("(x > 0) // (x > 1)", "expected a number type, found bool[B, 4]"),
        ("cast(x, i32) @ x[0]", "have different element types"),
        ("gather(x, cast(x, u8)[0], 1)", "indices are i32 or i64, found u8[4]"),
        ("pad(x, [-2, -2])", "of an axis of 4 nothing is left where 4 are taken away"),
        ('pad(x, [4, 0], mode = "reflect")', "an axis of 4 cannot be mirrored by 4"),
        ('pad(x, [5, 0], mode = "circular")', "an axis of 4 cannot be mirrored by 5"),
        ("gather_elements(x, 0, zeros([1, 5], dtype = i32))", "axis 1 of i32[1, 5] reaches beyond"),
        ("layer_norm(cast(x, i32), [4])", "expected a float type, found i32[B, 4]"),
        ("cosine_similarity(x, cast(x, f16))", "have different element types"),
        (
            "tensor_scatter_add(ones([3]), zeros([1, 1], dtype = i32), ones([1], dtype = i32))",
            "updates",
        ),
    ],
)
def test_what_does_not_compute_is_told(call, title):
    (found,) = problems(f"network N() {{ construct(x: f32[B, 4]) = {call} }}")
    assert title in found


@pytest.mark.parametrize("dtype", ["i32", "u8"])
def test_relu_leaves_whole_numbers(dtype):
    text = f"network N() {{ a = ReLU()\n construct(x: {dtype}[B, 3]) {{ return a(x), relu(x) }} }}"
    network = checked(text).networks["N"]
    assert {network.type_of(ref).dtype.short for ref in network.outputs} == {dtype}


WHOLE = {
    "trunc(x)": [-3, -1, 0, 2],
    "frac(x)": [0, 0, 0, 0],
    "floor(x)": [-3, -1, 0, 2],
    "hardtanh(x, -1.5, 1.5)": [-1, -1, 0, 1],
    "threshold(x, -0.5, 7.5)": [7, 7, 0, 2],
    "leaky_relu(x)": [0, 0, 0, 2],
    "leaky_relu(x, 2.5)": [-6, -2, 0, 2],
}


@pytest.mark.parametrize("dtype", ["i8", "i32", "i64"])
def test_what_keeps_whole_numbers(dtype):
    """As MindSpore does; cells too, whose functions these are."""
    cells = "a = Hardtanh(-1.5, 1.5)\nb = Threshold(-0.5, 7.5)\nc = LeakyReLU()\n"
    calls = [*WHOLE, "a(x)", "b(x)", "c(x)"]
    text = f"network N() {{ {cells} construct(x: {dtype}[B]) {{ return {', '.join(calls)} }} }}"
    network = checked(text).networks["N"]
    found = compile_network(network)(np.array([-3, -1, 0, 2], BY_SHORT[dtype].numpy))
    expected = [*WHOLE.values(), *list(WHOLE.values())[3:6]]
    for call, values, wanted in zip(calls, found, expected, strict=True):
        assert keras.backend.standardize_dtype(values.dtype) == BY_SHORT[dtype].numpy, call
        assert np.asarray(values).tolist() == wanted, call


def test_whole_numbers_are_rounded_to_themselves():
    calls = "trunc(x), floor(x), ceil(x), round(x)"
    network = checked(f"network N() {{ construct(x: i64[B]) {{ return {calls} }} }}")
    given = np.array([2**60 + 1, -(2**60) - 1])
    for found in compile_network(network.networks["N"])(given):
        np.testing.assert_array_equal(found, given)


def test_nothing_is_left_to_resize():
    cell = 'Upsample(scale_factor = 0.7, mode = "trilinear")'
    text = f"network N() {{ a = {cell}\n construct(x: f32[B, 2, 3, 3, 1]) = a(x) }}"
    (found,) = problems(text)
    assert "nothing would be left of an axis" in found
