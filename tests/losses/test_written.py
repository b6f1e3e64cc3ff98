"""Losses that a spec declares: their numbers, gradients, checks, and every place that takes one."""

import json

import keras
import numpy as np
import pytest

import declspore
from declspore.lower.written_loss import CompiledLoss
from tests.gradients import gradients
from tests.support import problems

SPEC = """spec 1
loss Contrastive(margin: float = 1.0) {
  construct(left: f32[B, D], right: f32[B, D], same: f32[B]) -> f32[] {
    squares = sum((left - right) * (left - right), axis = 1)
    apart = relu(margin - sqrt(squares + 1e-12))
    return mean(same * squares + (1.0 - same) * apart * apart) / 2
  }
}

loss Elbo(beta: float = 1.0) {
  bce = BCELoss(reduction = "sum")
  construct(found: f32[B, D], centre: f32[B, L], log_var: f32[B, L], image: f32[B, D]) {
    kl = -0.5 * sum(1.0 + log_var - centre * centre - exp(log_var))
    return (bce(found, image) + beta * kl) / B
  }
}

loss Focal(gamma: float = 2.0) {
  construct(logits: f32[B, C], classes: i32[B]) -> f32[B] {
    logs = log_softmax(logits, 1)
    own = squeeze(gather_elements(logs, 1, expand_dims(classes, 1)), 1)
    return -(1.0 - exp(own)) ** gamma * own
  }
}

loss Both(weight: float) {
  first = Contrastive(margin = 0.5)
  second = MSELoss()
  construct(left: f32[B, D], right: f32[B, D], same: f32[B]) =
    first(left, right, same) + weight * second(left, right)
}
"""


@pytest.fixture
def spec(here):
    (here / "own.spec").write_text(SPEC)
    return declspore.load("own.spec")


def numbers(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def contrastive(left, right, same, margin):
    squares = ((left - right) ** 2).sum(1)
    apart = np.maximum(margin - np.sqrt(squares + 1e-12), 0)
    return (same * squares + (1 - same) * apart**2).mean() / 2


def pairs():
    return numbers(1, 6, 4), numbers(2, 6, 4) * 0.2, np.float32([1, 0, 1, 0, 0, 1])


def test_value_and_gradient_are_those_of_the_formula(spec):
    loss = spec.Contrastive(margin=1.5)
    given = pairs()
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(loss.values(*given)), contrastive(*given, 1.5), rtol=1e-6
    )
    (left, right, _), _ = gradients(lambda x: loss.values(*x), given)
    wide = [part.astype(np.float64) for part in given]
    for place, found in ((0, left), (1, right)):
        expected = np.zeros_like(wide[place])
        for index in np.ndindex(expected.shape):
            moved = [part.copy() for part in wide]
            moved[place][index] += 1e-6
            up = contrastive(*moved, 1.5)
            moved[place][index] -= 2e-6
            expected[index] = (up - contrastive(*moved, 1.5)) / 2e-6
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_loss_in_a_loss(spec):
    left, right, same = pairs()
    expected = contrastive(left, right, same, 0.5) + 0.25 * ((left - right) ** 2).mean()
    found = spec.Both(0.25).values(left, right, same)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(found), expected, rtol=1e-6)


def test_mindspore_gives_the_same(spec, mindspore):
    code = """
import json, sys
import numpy as np, mindspore as ms
from mindspore import nn, ops
class Contrastive(nn.LossBase):
    def construct(self, left, right, same):
        squares = ((left - right) * (left - right)).sum(axis=1)
        apart = ops.relu(1.0 - ops.sqrt(squares + 1e-12))
        return (same * squares + (1.0 - same) * apart * apart).mean() / 2
class Elbo(nn.LossBase):
    def __init__(self):
        super().__init__()
        self.bce = nn.BCELoss(reduction="sum")
    def construct(self, found, centre, log_var, image):
        kl = -0.5 * (1.0 + log_var - centre * centre - ops.exp(log_var)).sum()
        return (self.bce(found, image) + 0.5 * kl) / found.shape[0]
given = json.loads(sys.argv[1])
for name, cell in (("Contrastive", Contrastive()), ("Elbo", Elbo())):
    tensors = [ms.Tensor(np.float32(x)) for x in given[name]]
    value, grads = ms.value_and_grad(cell, (0, 1))(*tensors)
    print(json.dumps([float(value), *[g.asnumpy().tolist() for g in grads]]))
"""
    probabilities = [1 / (1 + np.exp(-numbers(seed, 5, 3))) for seed in (3, 4)]
    elbo = [probabilities[0], numbers(5, 5, 2), numbers(6, 5, 2), probabilities[1]]
    given = {"Contrastive": pairs(), "Elbo": elbo}
    text = json.dumps({name: [x.tolist() for x in each] for name, each in given.items()})
    lines = mindspore(code, text).splitlines()
    for loss, line in zip((spec.Contrastive(), spec.Elbo(beta=0.5)), lines, strict=True):
        value, *expected = json.loads(line)
        tensors = [np.float32(x) for x in given[loss.word]]
        found, _ = gradients(lambda x, loss=loss: loss.values(*x), tensors)
        got = keras.ops.convert_to_numpy(loss.values(*tensors))
        np.testing.assert_allclose(got, value, rtol=2e-6)
        for ours, theirs in zip(found, expected, strict=False):
            np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_a_value_per_sample(spec):
    loss = spec.Focal()
    logits, classes = numbers(7, 5, 3), np.array([0, 2, 1, 1, 0])
    found = keras.ops.convert_to_numpy(loss.values(logits, classes))  # int64 labels of NumPy
    softmax = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    own = softmax[np.arange(5), classes]
    np.testing.assert_allclose(found, -((1 - own) ** 2) * np.log(own), rtol=2e-5)
    assert float(loss(classes, logits)) == pytest.approx(found.sum(), rel=1e-5)
    assert loss.gives_samples


def test_tensors_of_declspore_enter(spec):
    left, right, same = pairs()
    given = [declspore.Tensor(x) for x in (left, right, same)]
    found = spec.Contrastive()(*given)
    np.testing.assert_allclose(found.asnumpy(), contrastive(left, right, same, 1.0), rtol=1e-6)


def test_what_does_not_fit_is_said(spec):
    left, right, same = pairs()
    with pytest.raises(ValueError, match=r"`right` is f32\[B, D\] \(B being 6, D being 4\)"):
        spec.Contrastive().values(left, right[:, :2], same)
    with pytest.raises(ValueError, match="takes left, right, same; 2 are given"):
        spec.Contrastive().values(left, right)
    with pytest.raises(AttributeError, match="Contrastive"):
        _ = spec.Contrastiv
    with pytest.raises(declspore.DiagnosticError, match="needs `weight`"):
        spec.Both()


def test_a_saved_keras_model_keeps_its_loss(spec, here):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile(optimizer="sgd", loss=spec.Focal(gamma=1.0))
    x, y = numbers(8, 16, 4), np.arange(16) % 3
    model.fit(x, y, epochs=2, verbose=0)
    model.save("own.keras")
    again = keras.saving.load_model("own.keras")
    assert isinstance(again.loss, CompiledLoss)
    assert again.evaluate(x, y, verbose=0) == pytest.approx(model.evaluate(x, y, verbose=0))
    kept = declspore.load("own.spec").Focal(gamma=1.0).values(model(x), y)
    np.testing.assert_allclose(
        *map(keras.ops.convert_to_numpy, (again.loss.values(model(x), y), kept)), rtol=1e-6
    )


TASKS = """
network Vae() {
  encoder = Dense(6, 4)
  centre  = Dense(4, 2)
  spread  = Dense(4, 2)
  decoder = Dense(2, 6)
  construct(image: f32[B, 6]) {
    h = relu(encoder(image))
    c, s = centre(h), spread(h)
    return sigmoid(decoder(c)), c, s
  }
}
dataset rows = NumpySlices("rows.npz", [Column("image", [6])], [Column("target", [6])]) |> batch(8)
train vae {
  network = Vae()
  dataset = rows
  loss = Elbo(beta = 0.5)
  optimizer = Adam(learning_rate = 0.05)
  length = 4 epochs
  save "vae.ckpt" every 4 epochs
}
eval measured {
  network = Vae()
  load = vae.last
  ignore = "optimizer"
  dataset = rows
  loss = [
    On(Elbo(beta = 0.5), outputs = [0, 1, 2], labels = ["target"], weight = 2.0),
    On(MSELoss(), outputs = [0], labels = ["target"]),
  ]
  metrics = [Loss()]
  ensure loss < 20.0
}
"""


def test_train_and_eval_use_it(here, declspore):
    (here / "vae.spec").write_text(SPEC + TASKS)
    rows = np.random.default_rng(0).random((32, 6), dtype=np.float32)
    np.savez(here / "rows.npz", image=rows, target=rows)
    checked = declspore("check", "vae.spec", "--json")
    assert json.loads(checked.stdout)["losses"]["Elbo"] == {
        "inputs": {
            "found": "f32[B, D]",
            "centre": "f32[B, L]",
            "log_var": "f32[B, L]",
            "image": "f32[B, D]",
        },
        "outputs": ["f32[]"],
    }
    assert "loss Focal: f32[B, C], i32[B] -> f32[B]" in declspore("check", "vae.spec").stdout
    done = declspore("run", "vae.spec")
    assert done.returncode == 0, done.stderr
    assert "measured: loss" in done.stdout
    drawn = declspore("graph", "vae.spec:Elbo(beta = 3)")
    assert "BCELoss" in drawn.stdout
    kept = declspore("fmt", "vae.spec", "--check")
    assert "loss Contrastive" in (here / "vae.spec").read_text(), kept.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "loss L() {\n  d = Dense(3, 3)\n  construct(x: f32[B, 3]) = mean(d(x))\n}",
            "E306 3 L: a loss has no parameters, and `d.weight` is one",
        ),
        (
            "loss L() {\n  construct(x: f32[B, 3]) = x * x\n}",
            "E306 3 L: a loss is a number, or one per sample, and this one is f32[B, 3]",
        ),
        (
            "loss L() {\n  construct(x: f32[B], y: f32[B]) {\n    return mean(x), mean(y)\n  }\n}",
            "E306 4 L: a loss returns one value, this one 2",
        ),
        (
            "loss L() {\n  construct(x: i32[B], y: i32[B]) = sum(x - y)\n}",
            "E306 3 L: a loss is a float, this one is i64[]",
        ),
        (
            "loss L(x: f32[B], y: f32[B]) = mean(x - y)",
            "E307 2 expected a loss in braces, found a value",
        ),
        (
            "loss L() {\n  s = SmoothL1Loss()\n  construct(x: f32[B], y: f32[B]) = s(x, y)\n}",
            (
                'E401 4 SmoothL1Loss with reduction = "none" gives a value per sample; within a '
                "loss it must give a number"
            ),
        ),
        (
            "network N() {\n  m = MSELoss()\n  construct(x: f32[B, 3]) = m(x, x)\n}",
            "E307 3 expected a cell, found the loss `MSELoss`",
        ),
    ],
)
def test_each_mistake_is_one_error(text, expected):
    assert problems(text) == [expected]


def test_what_enters_is_checked(here):
    text = SPEC.removeprefix("spec 1\n") + TASKS
    few = (
        "E306 59 Elbo: it takes 4 tensors (found, centre, log_var, image), outputs and then "
        "labels, and is given 3 and 0"
    )
    assert problems(text.replace('labels = ["target"], weight', "labels = [], weight")) == [few]
    assert problems(text.replace('Column("target", [6])', 'Column("target", [5])')) == [
        "E306 48 Elbo: `image` is f32[B, D] (D being 6, L being 2), and f32[B, 5] enters",
        "E306 59 Elbo: `image` is f32[B, D] (D being 6, L being 2), and f32[B, 5] enters",
        "E306 60 MSELoss: values are f32[B, 6], targets f32[B, 5]: their shapes differ",
    ]
    assert problems(text.replace("loss = Elbo(beta = 0.5)", "loss = Elbo")) == [
        "E307 48 expected a loss or a list of them, found the loss `Elbo` without its arguments"
    ]


def test_numbers_that_a_network_returns_enter(here, declspore):
    """A network may compute a part of the loss itself, such as the divergence of a VAE."""
    (here / "own.spec").write_text(
        """spec 1
network Net() {
  fc = Dense(6, 6)
  construct(x: f32[B, 6]) {
    y = fc(x)
    return y, mean(y * y)
  }
}
loss Both() {
  construct(y: f32[B, D], penalty: f32[], target: f32[B, D]) = mean(abs(y - target)) + 0.1 * penalty
}
dataset rows = NumpySlices("rows.npz", [Column("x", [6])], [Column("target", [6])]) |> batch(8)
train t {
  network = Net()
  dataset = rows
  loss = Both()
  optimizer = SGD(0.1)
  length = 2 epochs
  save "net.ckpt" every 2 epochs
}
eval e {
  network = Net()
  load = t.last
  ignore = "optimizer"
  dataset = rows
  loss = Both()
  metrics = [Loss()]
}
"""
    )
    rows = np.random.default_rng(0).random((32, 6), dtype=np.float32)
    np.savez(here / "rows.npz", x=rows, target=rows)
    done = declspore("run", "own.spec")
    assert done.returncode == 0, done.stderr
    assert "e: loss" in done.stdout
