"""Initializers: the distribution of many values, and that each follows from seed and path."""

import numpy as np
import pytest

from declspore.ir.dtype import FLOAT32
from declspore.ir.network import ParameterSpec
from declspore.lower.initial import first_value, keras_config
from tests.conftest import GOLDEN
from tests.oracle.initializers import EXACT, INITIALIZERS, QUANTILES, shape_of
from tests.support import checked, problems

SHAPE = (300, 400)
# mean, deviation, bound (None: none)
EXPECTED = {
    "Zero()": (0, 0, 0),
    "One()": (1, 0, 1),
    "Constant(0.5)": (0.5, 0, 0.5),
    "Uniform(0.05)": (0, 0.05 / 3**0.5, 0.05),
    "Normal(0.02, 0.1)": (0.1, 0.02, None),
    "Uniform(0.0)": (0, 0, 0),
    "Normal(0.0, 0.1)": (0.1, 0, 0.1),
    "TruncatedNormal(0.02)": (0, 0.02, None),
    "TruncatedNormal(0.02, a = -0.04, b = 0.04)": (0, 0.02 * 0.87962566, 0.04),
    # far in the tail a normal number falls as an exponential one does
    "TruncatedNormal(1.0, 50.0)": (2 - 1 / 48, 1 / 48, 2),
    "HeUniform(negative_slope = 0.2)": (0, (2 / 1.04 / 400) ** 0.5, (6 / 1.04 / 400) ** 0.5),
    'HeNormal(mode = "fan_out")': (0, (2 / 300) ** 0.5, None),
    "XavierUniform(2.0)": (0, 2 * (2 / 700) ** 0.5, 2 * (6 / 700) ** 0.5),
    "XavierNormal()": (0, (2 / 700) ** 0.5, None),
    "VarianceScaling()": (0, (1 / 400) ** 0.5, 2 / 20 / 0.8796),
    'VarianceScaling(2.0, mode = "fan_avg", distribution = "uniform")': (
        *(0, (2 / 350) ** 0.5, (6 / 350) ** 0.5),
    ),
    'VarianceScaling(distribution = "untruncated_normal")': (0, (1 / 400) ** 0.5, None),
    "Sparse(0.25, 0.5)": (0, 0.5 * 0.75**0.5, None),
}


def _value(text, shape=SHAPE, path="a.weight", seed=1):
    init = checked(f"let init = {text}").values["init"]
    spec = ParameterSpec(path, shape, FLOAT32, init)
    assert keras_config(spec)["class_name"]
    return first_value(spec, seed)


@pytest.mark.parametrize("text", INITIALIZERS)
def test_as_mindspore_draws(text, parity):
    """Exact values, or the quantiles of many."""
    word, why = ("initializer", text.partition("(")[0]), INITIALIZERS[text][1]
    values = _value(text, shape_of(text))
    with np.load(GOLDEN / "initializers.npz") as golden:
        expected = golden[text]
    if why:
        parity.deviation(word, why)
        mean, deviation, _ = EXPECTED[text]
        found = [values.mean() - mean, values.std()]
        parity.close(word, text, "documented moments", found, [0, deviation], 0.01)
    elif text in EXACT:
        parity.close(word, text, "values", values, expected, 1e-6)
    else:
        found = [values.mean(), values.std(), *np.quantile(values, QUANTILES)]
        parity.close(word, text, "quantiles", found, expected, 0.02)


def test_given_values_are_those_of_a_tensor(parity):
    """What MindSpore makes of ``Parameter(Tensor(values))``."""
    text, expected = "Given([[0.0, 1.5], [-1.0, 2.0]])", [[0.0, 1.5], [-1.0, 2.0]]
    parity.close(("initializer", "Given"), text, "values", _value(text, (2, 2)), expected, 1e-9)


@pytest.mark.parametrize("text", EXPECTED)
def test_distribution(text):
    mean, deviation, bound = EXPECTED[text]
    values = _value(text)
    assert values.dtype == np.float32
    assert abs(values.mean() - mean) < 5 * deviation / values.size**0.5 + 1e-6
    assert abs(values.std() - deviation) < 0.01 * deviation + 1e-6
    if bound is not None:
        assert np.abs(values).max() <= bound * 1.001


def test_orthogonal():
    for shape in ((30, 50), (50, 30), (8, 3, 3, 3)):
        flat = _value("Orthogonal(2.0)", shape).reshape(shape[0], -1).astype(np.float64)
        flat = flat if flat.shape[0] <= flat.shape[1] else flat.T
        np.testing.assert_allclose(flat @ flat.T, 4 * np.eye(len(flat)), atol=1e-5)


def test_exact_values():
    np.testing.assert_array_equal(_value("IdentityMatrix()", (3, 4)), np.eye(3, 4))
    dirac = _value("Dirac()", (4, 4, 3, 3))
    image = np.random.default_rng(0).normal(size=(4, 3, 3))
    np.testing.assert_allclose(np.einsum("oihw,ihw->o", dirac, image), image[:, 1, 1])
    zeros = (_value("Sparse(0.3)", (10, 6)) == 0).sum(axis=0)
    assert zeros.tolist() == [3] * 6


@pytest.mark.parametrize("text", [text for text in INITIALIZERS if text not in EXACT])
def test_every_initializer_draws_by_seed_and_path(text):
    first, shape = _value(text), SHAPE
    np.testing.assert_array_equal(first, _value(text, shape))
    assert not np.array_equal(first, _value(text, shape, "b.weight"))
    assert not np.array_equal(first, _value(text, shape, seed=2))


def test_what_else_a_network_holds_changes_nothing():
    """Cells before, after and within, another order of calls, a block around: each parameter of the
    same path starts from the same numbers."""
    small = """network N() {
  head = Dense(6, 4, weight_init = Orthogonal(), bias_init = Normal(0.1))
  construct(x: f32[B, 6]) = x |> head
}"""
    large = """network N() {
  norm = LayerNorm([6])
  body = Dense(6, 6, weight_init = Normal(0.02))
  rest = SequentialCell(Dense(4, 4), PReLU(4))
  head = Dense(6, 4, weight_init = Orthogonal(), bias_init = Normal(0.1))
  construct(x: f32[B, 6]) = x |> norm |> body |> head |> rest
}"""
    alone, among = (
        {p.name: first_value(p, seed=3) for p in checked(text).networks["N"].parameters}
        for text in (small, large)
    )
    assert set(alone) == {"head.weight", "head.bias"} < set(among)
    for name, value in alone.items():
        np.testing.assert_array_equal(among[name], value)


def test_truncated_and_sparse_keep_their_support():
    """What MindSpore documents: nothing beyond the bounds; so many zeros in each column."""
    values = _value("TruncatedNormal(0.5, mean = 1.0, a = -1.0, b = 0.5)")
    assert values.min() >= -1.0
    assert values.max() <= 0.5
    zeros = (_value("Sparse(0.25, 0.5)") == 0).sum(axis=0)
    assert set(zeros.tolist()) == {75}


def test_the_row_of_padding_starts_from_zeros():
    text = """network N() {
  table = Embedding(5, 3, embedding_table = Uniform(0.5), padding_idx = 2)
  construct(ids: i32[B]) = ids |> table
}"""
    (parameter,) = checked(text).networks["N"].parameters
    rows = np.abs(first_value(parameter, seed=0)).max(axis=1)
    assert (rows > 0).tolist() == [True, True, False, True, True]


def test_seed_and_path_decide():
    first = _value("Normal(0.02)")
    np.testing.assert_array_equal(first, _value("Normal(0.02)"))
    assert not np.array_equal(first, _value("Normal(0.02)", seed=2))
    assert not np.array_equal(first, _value("Normal(0.02)", path="b.weight"))


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("Dense(6, 4, bias_init = HeUniform())", "HeUniform: it cannot fill `head.bias`"),
        ("Dense(6, 4, bias_init = Orthogonal())", "Orthogonal: it cannot fill `head.bias`"),
        ("Dense(6, 4, weight_init = Dirac())", "it takes parameters of 3 or 4 or 5 axes"),
        ("Dense(6, 4, bias_init = Sparse(0.5))", "it takes parameters of 2 axes"),
        ("Dense(6, 4, bias_init = TruncatedNormal(a = 1.0, b = 1.0))", "nothing lies between"),
    ],
)
def test_what_cannot_be_filled_is_told_before_anything_runs(cell, reason):
    (found,) = problems(f"""network N() {{
  head = {cell}
  construct(x: f32[B, 6]) = x |> head
}}""")
    assert found.startswith("E306 3 ")
    assert reason in found


def test_groups_of_dirac_divide_what_it_fills():
    """As in MindSpore, which refuses others too."""
    (found,) = problems("""network N() {
  conv = Conv1d(4, 8, 3, weight_init = Dirac(3))
  construct(x: f32[B, 4, 9]) = x |> conv
}""")
    assert "is not a multiple of groups = 3" in found
