from pathlib import Path

from declspore.registry.policy import policy
from tests.policies.test_csv_log import Finding
from tests.training.support import PLAIN, descent, engine_of, trainee_of


def _page(epochs=2):
    report = policy("HtmlReport", path="out/r.html", about=["train <t>", "  length  2 epochs"])
    engine_of(trainee_of(PLAIN, descent), [report, Finding()], epochs=epochs).train()
    return Path("out/r.html").read_text()


def test_it_has_curves_figures_throughput_and_the_plan(here):
    page = _page()
    heads = ("Loss", "accuracy", "Learning rate", "Steps a second", "Epochs", "Plan")
    places = [page.index(f"<h2>{head}</h2>") for head in heads]
    assert places == sorted(places)
    assert page.count("<svg") == 4
    assert "<h1>train &lt;t&gt;</h1>" in page
    assert "finished" in page
    assert page.count("<tr>") == 3


def test_it_needs_nothing_from_elsewhere(here):
    page = _page()
    for word in ("http:", "https:", "<script", "src=", "@import", "url("):
        assert word not in page


def test_of_many_steps_some_are_drawn(here, monkeypatch):
    monkeypatch.setattr("declspore.policies.history._MOST", 10)
    page = _page(8)
    line = page.partition('<polyline points="')[2].partition('"')[0]
    assert len(line.split()) == 20
