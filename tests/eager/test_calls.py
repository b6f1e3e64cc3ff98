"""Operators, methods and functions of tensors, each as MindSpore has it."""

import numpy as np
import pytest

import declspore
from declspore import Parameter, Tensor, Unsupported, ops

X = Tensor([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("t == 2", [False, True, False]),
        ("t != 2", [True, False, True]),
        ("t + 1", [2, 3, 4]),
        ("2 - t", [1, 0, -1]),
        ("t / 2", [0.5, 1.0, 1.5]),
        ("t // 2", [0, 1, 1]),
        ("t % 2", [1, 0, 1]),
        ("2 ** t", [2, 4, 8]),
        ("t @ t", 14),
        ("-t", [-1, -2, -3]),
        ("np.float32(2) * t", [2, 4, 6]),
        ("t[1:]", [2, 3]),
        ("t[-1]", 3),
        ("x.T", [[1, 3], [2, 4]]),
        ("x.mean(axis=0)", [2, 3]),
        ("x.max()", 4),
        ("x.max(axis=1)", [2, 4]),
        ("x.argmax(axis=1)", [1, 1]),
        ("x.sum(axis=1, keepdims=True)", [[3], [7]]),
        ("x.reshape(4)", [1, 2, 3, 4]),
        ("x.view(1, -1)", [[1, 2, 3, 4]]),
        ("x.transpose(1, 0)", [[1, 3], [2, 4]]),
        ("x.astype(ms.int32)", [[1, 2], [3, 4]]),
        ("x.expand_dims(0).shape", (1, 2, 2)),
        ("x.clip(2, 3)", [[2, 2], [3, 3]]),
        ("ops.cat((x, x)).shape", (4, 2)),
        ("ops.ReduceMean(keep_dims=True)(x, 1)", [[1.5], [3.5]]),
        ("ops.MatMul(transpose_b=True)(x, x)", [[5, 11], [11, 25]]),
        ("ops.Concat(1)((x, x)).shape", (2, 4)),
        ("ops.Cast()(x, ms.int32)", [[1, 2], [3, 4]]),
        ("ops.Argmax()(x)", [1, 1]),
        ("ops.max(x, axis=1)[1]", [1, 1]),
        ("ops.zeros((2,), ms.int32)", [0, 0]),
        ("ops.arange(3)", [0, 1, 2]),
        ("ops.cross_entropy(x, Tensor([0, 1]))", 0.8132617),
        ("ops.mse_loss(x, x + 1)", 1.0),
        ("ops.addn([t, t, t])", [3, 6, 9]),
        ("x.item(3)", 4.0),
        ("x.int()", [[1, 2], [3, 4]]),
        ("(t > 1) & (t < 3)", [False, True, False]),
    ],
)
def test_values(expression, value):
    """The values are those MindSpore 2.10 gives: see test_mindspore_scripts.py."""
    names = {"t": Tensor([1, 2, 3]), "x": X, "ops": ops, "np": np, "ms": declspore}
    found = eval(expression, {**names, "Tensor": Tensor})
    found = found.asnumpy() if isinstance(found, Tensor) else found
    np.testing.assert_allclose(found, value, rtol=1e-6)


def test_element_types():
    t = Tensor([1, 2, 3])
    assert (t == 2).dtype == declspore.bool_
    assert (t + 1).dtype == declspore.int64
    assert (t / 2).dtype == declspore.float32
    assert (t * 0.5).dtype == declspore.float32


def test_a_parameter_computes_as_a_tensor():
    p = Parameter(np.ones(2, np.float32), name="p")
    assert (p + 1).asnumpy().tolist() == [2, 2]
    assert {p: 1}[p] == 1


def test_items_are_assigned():
    t = Tensor([1, 2, 3])
    t[1] = 7
    assert t.asnumpy().tolist() == [1, 7, 3]


def test_what_mindspore_alone_has_is_refused_by_name():
    with pytest.raises(Unsupported, match=r"ops\.AllReduce: .*distribution.*mindspore\.md"):
        ops.AllReduce  # noqa: B018
    with pytest.raises(Unsupported, match=r"Tensor\.svd"):
        X.svd()
    with pytest.raises(ImportError, match="sparse tensors"):
        from declspore import COOTensor  # noqa: F401
    with pytest.raises(NotImplementedError, match="MindIR"):
        declspore.load_mindir("x.mindir")


def test_what_neither_has_is_an_attribute_error():
    with pytest.raises(AttributeError, match="did you mean 'relu'"):
        ops.rellu  # noqa: B018
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        X.nothing  # noqa: B018


def test_wrong_calls():
    with pytest.raises(ValueError, match="the last axis of f32"):
        ops.matmul(X, Tensor(np.ones((3, 3), np.float32)))
    with pytest.raises(TypeError, match="did you mean 'axis'"):
        ops.softmax(X, axs=1)
    with pytest.raises(TypeError, match="softmax needs input"):
        ops.softmax()


def test_gradients():
    value, (by_a, by_b) = ops.value_and_grad(lambda a, b: (a * b).sum(), (0, 1))(X, X + 1)
    assert float(value) == 40
    np.testing.assert_array_equal(by_a.asnumpy(), (X + 1).asnumpy())
    np.testing.assert_array_equal(by_b.asnumpy(), X.asnumpy())
    both = ops.GradOperation(get_all=True)(lambda a, b: a * b)(X, X)
    assert len(both) == 2
    scaled = ops.GradOperation(sens_param=True)(lambda a: a * a)(X, Tensor(2.0))
    np.testing.assert_array_equal(scaled.asnumpy(), 4 * X.asnumpy())


def test_no_vocabulary_file_hides_a_name_of_mindspore():
    """A module of the room of ops would stand where scripts expect an op."""
    import pkgutil

    from declspore.porting.names import table

    modules = {info.name for info in pkgutil.iter_modules(ops.__path__)}
    assert not modules & set(table()["mindspore.ops"])
