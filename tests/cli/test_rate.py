"""``declspore rate``: from a task to a recommendation, a page and a table."""

import csv
from pathlib import Path

import pytest

from declspore.registry.optimizer import OptimizerKind
from declspore.registry.table import vocabulary
from tests.cli.support import failing, parsed, said
from tests.support import checked
from tests.tasks.train.support import SPEC, written

MORE = 'save "out/{epoch}.ckpt" every 1 epochs\n  log "out/log.csv"'


def test_it_recommends_a_rate_and_leaves_nothing_else(here):
    policies = "ClipByGlobalNorm(5.0), Accumulate(2), Validate(d, metrics = [Loss()])"
    spec = written(here, policies, more=MORE)
    done = said("rate", spec, "--from", "1e-3", "--to", "1e5", "-o", "r.html", "-o", "r.csv")
    *_, first, _, _, page, table = done.splitlines()
    assert first.startswith("t: the loss falls fastest at ")
    assert 1e-3 < float(first.rpartition(" ")[2]) < 10
    assert (page, table) == ("wrote r.html", "wrote r.csv")
    assert "  it diverges at " in done
    rows = list(csv.DictReader(Path("r.csv").read_text().splitlines()))
    rates = [float(row["rate"]) for row in rows]
    assert rates[0] == pytest.approx(1e-3)
    assert rates == sorted(rates)
    assert rates[0] == rates[1] < rates[2]  # two batches an update
    html = Path("r.html").read_text()
    assert html.count("<polyline") == 2
    assert ">falls fastest</text>" in html
    assert not Path("out").exists()
    assert not Path("t.spec.lock").exists()


def test_for_programs(here):
    found = parsed(failing("rate", written(here), "--steps", "20", "--json"))
    assert found["ok"]
    assert found["task"] == "t"
    assert len(found["rates"]) == len(found["losses"]) == len(found["smoothed"]) == 20
    assert found["rates"][-1] == pytest.approx(1.0)


def test_rates_are_the_optimizers_where_groups_have_their_own(here):
    groups = "groups = [Group(`one.*`, lr = 0.05), Group(`**`, lr = 0.2)]"
    spec = written(here, rate=f"0.1, {groups}")
    found = parsed(failing("rate", spec, "--from", "1e-4", "--steps", "20", "--json"))
    assert found["rates"][0] == pytest.approx(1e-4)


def test_a_loss_that_does_not_fall(here):
    done = said("rate", written(here), "--from", "1e-12", "--to", "1e-11", "--steps", "20")
    assert "t: the loss does not fall at any rate from 1e-12 to 1e-11\n" in done


def test_an_interrupted_training_does_not_matter(here):
    (here / "out").mkdir()
    (here / "out" / "t.state").write_text("something")
    said("rate", written(here, more=MORE), "--steps", "20")
    assert (here / "out" / "t.state").read_text() == "something"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--from", "1", "--to", "0.1"), "it must be below --to"),
        (("-o", "x.png"), "a name ends in"),
        (("u",), "does not have the training u; it has `t`"),
        (("--steps", "3"), "3 is not in the range"),
    ],
)
def test_calls_that_are_wrong(here, options, reason):
    done = failing("rate", written(here), *options)
    assert done.exit_code == 2
    assert reason in done.stderr


def test_a_spec_without_a_training(here):
    (here / "n.spec").write_text("spec 1\nnetwork Net() {\n  construct(x: f32[B, 2]) = x\n}\n")
    assert "name one of the trainings of n.spec: it has none" in failing("rate", "n.spec").stderr


@pytest.mark.parametrize("kind", vocabulary().every(OptimizerKind), ids=lambda kind: kind.name)
def test_every_optimizer_has_a_rate_to_sweep(kind):
    from declspore.tasks.train.sweep import swept

    text = SPEC.format(policies="", freeze="", rate="0.1", length="2 epochs", more="")
    given = text.replace("Momentum(learning_rate = 0.1, momentum = 0.9)", kind.example)
    task = checked(given).tasks["t"]
    found = swept(task.optimizer, (0.5, 1.0))
    common = kind.common(found.arguments)
    assert common.learning_rate == (0.5, 1.0)


def test_groups_keep_their_relation():
    from declspore.tasks.train.sweep import swept

    groups = "groups = [Group(`one.*`, lr = 0.05), Group(`**`)]"
    text = SPEC.format(policies="", freeze="", rate=f"0.1, {groups}", length="2 epochs", more="")
    found = swept(checked(text).tasks["t"].optimizer, (0.5, 1.0))
    assert found.arguments.groups[0].arguments.lr == (0.25, 0.5)
    assert found.arguments.groups[1].arguments.lr is None
