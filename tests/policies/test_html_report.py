import base64
from pathlib import Path

from declspore.registry.policy import policy
from tests.cli.support import said
from tests.policies.test_csv_log import Finding
from tests.tasks.train.support import written
from tests.training.support import PLAIN, descent, engine_of, trainee_of

PICTURES = """spec 1
network Net() {
  head = Dense(64, 10)
  construct(x: f32[B, 1, 8, 8]) = x |> reshape([B, 64]) |> head
}
dataset digits = Digits() |> Rescale(1 / 16, 0.0) |> HWC2CHW() |> shuffle(100) |> batch(32)
train t {
  network   = Net()
  dataset   = digits
  loss      = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = Momentum(learning_rate = 0.1, momentum = 0.9)
  length    = 4 steps
  log "out/r.html"
}
"""


def _page(epochs=2):
    about, pictures = ["train <t>", "  length  2 epochs"], "data:image/png;base64,AAAA"
    report = policy("HtmlReport", path="out/r.html", about=about, pictures=pictures)
    engine_of(trainee_of(PLAIN, descent), [report, Finding()], epochs=epochs).train()
    return Path("out/r.html").read_text()


def test_it_has_curves_figures_throughput_and_the_plan(here):
    page = _page()
    heads = ("Loss", "accuracy", "Learning rate", "Steps a second", "Epochs", "Samples", "Plan")
    places = [page.index(f"<h2>{head}</h2>") for head in heads]
    assert places == sorted(places)
    assert page.count("<svg") == 4
    assert "<h1>train &lt;t&gt;</h1>" in page
    assert "finished" in page
    assert page.count("<tr>") == 3


def test_it_needs_nothing_from_elsewhere(here):
    page = _page().replace('src="data:image/png;base64,', "")
    for word in ("http:", "https:", "<script", "src=", "@import", "url("):
        assert word not in page


def test_of_many_steps_some_are_drawn(here, monkeypatch):
    monkeypatch.setattr("declspore.policies.history._MOST", 10)
    page = _page(8)
    line = page.partition('<polyline points="')[2].partition('"')[0]
    assert len(line.split()) == 20


def test_it_shows_samples_where_they_are_pictures(here):
    (here / "t.spec").write_text(PICTURES)
    said("run", "t.spec", "--no-lock")
    page = (here / "out" / "r.html").read_text()
    encoded = page.partition('src="data:image/png;base64,')[2].partition('"')[0]
    assert base64.b64decode(encoded).startswith(b"\x89PNG")
    said("run", written(here, more='log "out/r.html"'), "--no-lock")
    assert "Samples" not in (here / "out" / "r.html").read_text()
