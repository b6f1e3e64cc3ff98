"""Several columns of data, outputs and labels: pairs, triplets and two heads, trained."""

import json

import numpy as np
import pytest

from declspore import Model, nn
from declspore.api import load
from tests.support import checked, problems

SPEC = """\
spec 1

cell Encoder() = SequentialCell(Dense(6, 8), relu, Dense(8, 4))

network Pairs() {
  encoder = Encoder()
  construct(left: f32[B, 6], right: f32[B, 6]) -> f32[B, 4], f32[B, 4] {
    return encoder(left), encoder(right)
  }
}
network Triplets() {
  encoder = Encoder()
  construct(anchor: f32[B, 6], near: f32[B, 6], far: f32[B, 6]) {
    return encoder(anchor), encoder(near), encoder(far)
  }
}
network Heads() {
  body  = Dense(6, 8)
  kind  = Dense(8, 3)
  angle = Dense(8, 1)
  construct(x: f32[B, 6]) -> f32[B, 3], f32[B] {
    h = x |> body |> relu
    return kind(h), angle(h)[:, 0]
  }
}

dataset pairs = NumpySlices("data.npz",
  data = [Column("right", [6]), Column("left", [6])], labels = [Column("same")])
  |> repeat(10) |> batch(8)
dataset triplets = NumpySlices("data.npz",
  [Column("anchor", [6]), Column("near", [6]), Column("far", [6])])
  |> shuffle(32) |> repeat(10) |> batch(8)
dataset heads = NumpySlices("data.npz",
  [Column("left", [6])], [Column("angle"), Column("kind", dtype = i32)])
  |> repeat(30) |> batch(8)

optimizer momentum = Momentum(learning_rate = 0.1, momentum = 0.9)

train pairing {
  network = Pairs()  dataset = pairs  optimizer = momentum  length = 1 epochs
  loss = CosineEmbeddingLoss(margin = 0.3)
  save "pairs.ckpt" every 1 epochs
}
train placing {
  network = Triplets()  dataset = triplets  optimizer = momentum  length = 1 epochs
  loss = TripletMarginLoss()
  save "triplets.ckpt" every 1 epochs
}
train both {
  network = Heads()  dataset = heads  optimizer = momentum  length = 1 epochs
  loss = [
    On(CrossEntropyLoss(), outputs = [0], labels = ["kind"]),
    On(MSELoss(), outputs = [1], labels = ["angle"], weight = 0.5),
  ]
  save "heads.ckpt" every 1 epochs
}

let optimizer_state = [`moments.**`, `momentum`, `learning_rate`, `global_step`]

eval judged {
  network = Heads()  dataset = heads  load = both.last  ignore = optimizer_state
  loss = [
    On(CrossEntropyLoss(), outputs = [0], labels = ["kind"]),
    On(MSELoss(), outputs = [1], labels = ["angle"], weight = 0.5),
  ]
  metrics = [
    Loss(),
    On(Accuracy(), outputs = [0], labels = ["kind"]),
    On(MSE(), outputs = [1], labels = ["angle"], name = "angle"),
  ]
  ensure accuracy > 60%
  ensure angle < 0.6
}
"""


@pytest.fixture
def data(here):
    """Vectors whose neighbours are near, their kind and angle a function of them."""
    random = np.random.Generator(np.random.Philox(3))
    left, other = random.standard_normal((2, 32, 6)).astype(np.float32)
    near = left + 0.1 * random.standard_normal((32, 6)).astype(np.float32)
    same = np.where(np.arange(32) % 2, 1, -1).astype(np.float32)
    arrays = {
        "left": left,
        "right": np.where(same[:, None] > 0, near, other),
        "same": same,
        "anchor": left,
        "near": near,
        "far": other,
        "kind": left[:, :3].argmax(axis=1).astype(np.int32),
        "angle": left[:, 4],
    }
    np.savez(here / "data.npz", **arrays)
    return here


def test_pairs_triplets_and_heads(data, declspore):
    (data / "feeding.spec").write_text(SPEC)
    done = declspore("run", "feeding.spec", "--json")
    assert done.returncode == 0, done.stderr
    results = {result["task"]: result for result in json.loads(done.stdout)["results"]}
    assert results["pairing"]["loss"] < 0.1
    assert results["placing"]["loss"] < 0.1
    assert set(results["judged"]["figures"]) == {"loss", "accuracy", "angle"}


def test_what_flows():
    element = checked(SPEC.removeprefix("spec 1\n")).datasets["heads"].element
    assert [str(column) for column in element.inputs] == ["left: f32[B, 6]"]
    assert [str(column) for column in element.labels] == ["angle: f32[B]", "kind: i32[B]"]


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [
        (
            'Column("right", [6])',
            'Column("rigth", [6])',
            "Pairs takes left, right, the dataset gives rigth, left",
        ),
        ('Column("right", [6])', 'Column("right", [5])', "the dataset gives f32[B, 5] as right"),
        (
            'Column("same")]',
            'Column("same"), Column("more")]',
            "1 label (labels), and is given 2 and 2",
        ),
        (
            'labels = ["kind"]',
            'labels = ["kin"]',
            "no label is called 'kin'; there are angle, kind",
        ),
        (
            "outputs = [1]",
            "outputs = [2]",
            "output 2 is out of range: the network has 2 outputs, numbered from 0",
        ),
        (
            "On(CrossEntropyLoss(),",
            'On(CrossEntropyLoss(reduction = "none"),',
            "added up as numbers",
        ),
        (
            'outputs = [1], labels = ["angle"], name = "angle"',
            'outputs = [1], labels = ["angle"], name = "accuracy"',
            "two figures are called `accuracy`",
        ),
        (
            "TripletMarginLoss()",
            "CosineEmbeddingLoss()",
            "2 outputs (logits_x1, logits_x2) and 1 label",
        ),
        (
            "loss = TripletMarginLoss()",
            "loss = [TripletMarginLoss(), 3]",
            "expected a loss or a list of them",
        ),
    ],
)
def test_what_does_not_fit_is_told(before, after, answer):
    assert before in SPEC
    told = problems(SPEC.removeprefix("spec 1\n").replace(before, after))
    assert told
    assert any(answer in line for line in told), told


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"same": None}, "data.npz has no array 'same'"),
        ({"same": np.ones(32)}, "holds f64[], the column is f32[]"),
        ({"same": np.ones(31, np.float32)}, "are not equally long: right 32, left 32, same 31"),
        ({"same": np.array(list("ab"))}, "same of data.npz is not a column"),
    ],
)
def test_a_file_that_is_not_as_promised(data, declspore, change, answer):
    with np.load(data / "data.npz") as arrays:
        kept = {**arrays, **change}
    np.savez(data / "data.npz", **{k: v for k, v in kept.items() if v is not None})
    (data / "feeding.spec").write_text(SPEC)
    done = declspore("plan", "feeding.spec", "pairing")
    assert done.returncode == 2
    assert answer in done.stderr + done.stdout


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    path = tmp_path_factory.mktemp("feeding") / "feeding.spec"
    path.write_text(SPEC)
    return load(path)


def test_pairs_in_python(data, networks):
    """Batches as tuples, and a loss of two outputs."""
    with np.load(data / "data.npz") as arrays:
        batch = ((arrays["left"], arrays["right"]), arrays["same"])
    net = networks.Pairs(seed=1)
    loss = nn.CosineEmbeddingLoss(margin=0.3)
    optimizer = nn.Momentum(net.trainable_params(), 0.1, 0.9)
    model = Model(net, loss, optimizer, metrics={"loss"})
    before = model.eval([batch])["loss"]
    model.train(3, [batch, batch])
    assert model.eval([batch])["loss"] < before
    left, right = model.predict(*batch[0])
    assert left.shape == right.shape == (32, 4)


def test_heads_in_python(data, networks):
    """The value of several losses is their weighted sum; metrics see what they are fed."""
    with np.load(data / "data.npz") as arrays:
        batch = (arrays["left"], (arrays["angle"], arrays["kind"]))
    net = networks.Heads(seed=1)
    kind, angle = nn.CrossEntropyLoss(), nn.MSELoss()
    losses = [nn.On(kind, [0], [1]), nn.On(angle, outputs=[1], labels=[0], weight=0.5)]
    metrics = {"loss": nn.Loss(), "kind": nn.On(nn.Accuracy(), [0], [1])}
    optimizer = nn.Momentum(net.trainable_params(), 0.1, 0.9)
    figures = Model(net, losses, optimizer, metrics=metrics).eval([batch])
    outputs = Model(net).predict(batch[0])
    expected = kind.values(outputs[0].asnumpy(), batch[1][1]) + 0.5 * angle.values(
        outputs[1].asnumpy(), batch[1][0]
    )
    assert figures["loss"] == pytest.approx(float(expected), rel=1e-5)
    assert figures["kind"] == (outputs[0].asnumpy().argmax(axis=1) == batch[1][1]).mean()
    with pytest.raises(ValueError, match="index 2 is out of range for length 2"):
        Model(net, nn.On(angle, [2], [0]), metrics={"loss"}).eval([batch])
    with pytest.raises(ValueError, match="several losses are added up"):
        Model(net, [losses[0], nn.L1Loss(reduction="none")])
    with pytest.raises(TypeError, match="a loss or a metric"):
        nn.On("accuracy")


HALVES = """\
spec 1
network Halves() {
  down = Conv2d(1, 4, 2, stride = 2, pad_mode = "valid")
  up   = Conv2dTranspose(4, 1, 2, stride = 2, pad_mode = "valid")
  construct(image: f32[B, 1, 2 * H, 2 * W]) -> f32[B, 1, 2 * H, 2 * W] = image |> down |> up
}
dataset images = NumpySlices("images.npz", data = [Column("image", [1, 4, 6])],
                             labels = [Column("y", [1, 4, 6])]) |> batch(2)
train more {
  network = Halves()  dataset = images  loss = MSELoss()  optimizer = SGD(0.1)
  length = 2 steps
}
eval error { network = Halves()  load = none  dataset = images  metrics = [MAE()] }
"""


def test_sizes_that_are_multiples_are_those_of_the_data(here):
    (here / "halves.spec").write_text(HALVES)
    image = np.ones((4, 1, 4, 6), "f4")
    np.savez("images.npz", image=image, y=image)
    spec = load("halves.spec")
    assert np.isfinite(spec.more().loss)
    assert np.isfinite(spec.error().figures["mae"])


def test_a_first_axis_of_another_size_is_refused():
    text = HALVES.removeprefix("spec 1\n").replace("[B, 1, 2", "[3, 1, 2")
    found = problems(text)
    assert len(found) == 2
    assert all("E404" in line and "first axis must count samples" in line for line in found)
