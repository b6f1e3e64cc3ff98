"""How many samples a plan counts: those of an epoch, not those of the source."""

import json

import pytest

SPEC = """spec 1
network N() {
  fc = Dense(64, 10)
  construct(x: f32[B, 8, 8, 1]) = x |> flatten |> fc
}
dataset digits = Digits(usage = "test") |> Rescale(1 / 16, 0.0)
train e {
  network = N()
  loss      = CrossEntropyLoss()
  optimizer = Adam()
  length    = 1 epochs
  save "n.ckpt" every 1 epochs
  dataset = digits |> STEPS
}
"""

FOLDER = (
    'ImageFolder("flowers") |> Decode() |> Resize([8, 8]) |> Grayscale() |> Rescale(1 / 255, 0.0)'
)


@pytest.mark.parametrize(
    ("steps", "samples", "batches"),
    [
        ("batch(100)", 359, 4),
        ("part([0.9, 0.1], 1) |> batch(10)", 36, 4),
        ("take(50) |> repeat(3) |> batch(100)", 150, 2),
        ("skip(9) |> batch(100, drop_remainder = true)", 350, 3),
    ],
)
def test_samples(declspore, here, steps, samples, batches):
    (here / "e.spec").write_text(SPEC.replace("STEPS", steps))
    done = declspore("plan", "e.spec", "--json")
    (task,) = json.loads(done.stdout)["tasks"]
    assert (task["samples"], task["steps_per_epoch"]) == (samples, batches)


def test_a_folder_with_more_classes_than_the_network(declspore, here):
    """How many classes there are is known once the folder is listed."""
    for name in ("daisy", "rose", "tulip"):
        folder = here / "flowers" / name
        folder.mkdir(parents=True)
        (folder / "0.jpg").write_bytes(b"")
    text = SPEC.replace('Digits(usage = "test") |> Rescale(1 / 16, 0.0)', FOLDER)
    (here / "e.spec").write_text(text.replace("STEPS", "batch(3)").replace("64, 10", "64, 2"))
    assert declspore("check", "e.spec").returncode == 0
    done = declspore("plan", "e.spec")
    assert "error[E404]: the labels come from 3 classes, N has 2 outputs" in done.stderr
    (here / "e.spec").write_text(text.replace("STEPS", "batch(3)"))
    assert declspore("plan", "e.spec").returncode == 0
