"""What `resume` takes from a checkpoint: told where it is not what the spec says, refused where it
is another optimizer's, and exact where it is the same."""

import numpy as np
import pytest

from declspore import open_checkpoint
from declspore.lock.record import Recorder
from declspore.plan.planner import make_plan
from declspore.report import DiagnosticError
from declspore.run.task import run_task
from tests.support import checked

SPEC = """
network Net() {{
  body = Dense(64, 6)
  head = Dense(6, 10)
  construct(x: f32[B, 1, 8, 8]) = x |> flatten |> body |> relu |> head
}}
dataset d = Digits() |> Rescale(1 / 16, 0.0) |> HWC2CHW() |> batch(700, drop_remainder = true)
train t {{
  network = Net()  dataset = d  loss = CrossEntropyLoss()
  optimizer = {optimizer}
  length = {steps} steps
  {load}
  save "{out}" every {steps} steps
}}
"""
GROUPS = "groups = [Group(`head.*`, lr = {head}, weight_decay = {decay}), Group(`**`)]"
SCHEDULED = "Momentum(WarmUpLR(0.2, 4), 0.9, " + GROUPS.format(
    head="CosineDecayLR(0.01, 0.1, 4)", decay="CosineDecayLR(0.0, 0.5, 4)"
)
LISTED = "Adam(0.01, " + GROUPS.format(head="[0.01, 0.03, 0.02, 0.01]", decay="0.1")


class Notes:
    """A reporter that keeps what it is told."""

    def __init__(self):
        self.said = []

    def progress(self, done, total, text, numbers=None):
        pass

    def note(self, text):
        self.said.append(text)


def _train(optimizer, out, steps=2, load=""):
    """Train and save; what was told but for what was loaded and saved."""
    text = SPEC.format(optimizer=optimizer, out=out, steps=steps, load=load)
    (plan,) = make_plan(checked(text)).tasks
    notes = Notes()
    run_task(plan, notes, Recorder())
    return [text for text in notes.said if not text.startswith(("loaded", "saved"))]


def _entries(path):
    with open_checkpoint(path) as file:
        return {entry.name: np.array(file.array(entry.name)) for entry in file}


@pytest.mark.parametrize("optimizer", [SCHEDULED + ")", LISTED + ")"])
def test_resumed_in_the_middle_it_ends_where_it_would_have(here, optimizer):
    _train(optimizer, "whole.ckpt", steps=4)
    _train(optimizer, "half.ckpt")
    # an epoch has two steps, so that the second half reads what the whole does
    said = _train(optimizer, "more.ckpt", load='resume = ckpt("half.ckpt")')
    assert said == []
    whole, more = _entries("whole.ckpt"), _entries("more.ckpt")
    assert list(whole) == list(more)
    assert more["global_step"].tolist() == whole["global_step"].tolist() == [4]
    for name, value in whole.items():
        np.testing.assert_allclose(more[name], value, rtol=1e-6, atol=1e-8, err_msg=name)


def test_a_spec_scales_its_loss(here):
    """The optimizer's loss scale leaves the training as it is."""
    _train("Momentum(0.1, 0.9)", "plain.ckpt")
    _train("Momentum(0.1, 0.9, loss_scale = 1024.0)", "scaled.ckpt")
    plain, scaled = _entries("plain.ckpt"), _entries("scaled.ckpt")
    for name, value in plain.items():
        np.testing.assert_allclose(scaled[name], value, rtol=1e-4, atol=1e-6, err_msg=name)


def test_settings_of_the_checkpoint_are_told(here):
    _train("Momentum(0.1, 0.9, groups = [Group(`head.*`, lr = 0.3), Group(`**`)])", "first.ckpt")
    resume = 'resume = ckpt("first.ckpt")'
    changed = "Momentum(0.05, 0.5, groups = [Group(`head.*`, lr = 0.2), Group(`**`)])"
    said = _train(changed, "next.ckpt", load=resume)
    assert [text.partition(" is the checkpoint's, ")[::2] for text in said] == [
        (
            "`learning_rate_group_0`",
            "0.3, not the spec's; fresh = [`learning_rate_group_0`] takes the spec's",
        ),
        ("`learning_rate`", "0.1, not the spec's; fresh = [`learning_rate`] takes the spec's"),
        ("`momentum`", "0.9, not the spec's; fresh = [`momentum`] takes the spec's"),
    ]
    assert _entries("next.ckpt")["learning_rate"] == np.float32(0.1)
    fresh = "  fresh = [`learning_rate`, `learning_rate_group_0`, `momentum`]"
    ignored = "  ignore = [`learning_rate`, `learning_rate_group_0`, `momentum`]"
    assert _train(changed, "fresh.ckpt", load=resume + fresh + ignored) == []
    assert _entries("fresh.ckpt")["learning_rate"] == np.float32(0.05)


def test_rates_must_last_from_where_the_checkpoint_is(here, momentum):
    """MindSpore's list is not an entry of a checkpoint that had one rate: it starts anew."""
    rates = "Momentum([0.1, 0.1, 0.1], 0.9)"
    load = f'resume = ckpt("{momentum}")  fresh = [`learning_rate`]  ignore = [`learning_rate`]'
    with pytest.raises(DiagnosticError, match="3 values for 4 steps"):
        _train(rates, "next.ckpt", load=load)


@pytest.fixture(scope="module")
def momentum(tmp_path_factory):
    """A checkpoint of two steps of plain Momentum."""
    path = tmp_path_factory.mktemp("resumed") / "momentum.ckpt"
    _train("Momentum(0.1, 0.9)", path)
    return path


@pytest.mark.parametrize(
    ("other", "missing"),
    [
        ("Adam(0.01)", "beta1_power"),
        ("SGD(0.1, momentum = 0.9)", "accum.body.weight"),
        ("Momentum(WarmUpLR(0.2, 4), 0.9)", "learning_rate"),
        ("Momentum([0.1, 0.1], 0.9)", "learning_rate"),
        ("Momentum(0.1, 0.9, groups = [Group(`**`, lr = 0.1)])", "learning_rate_group_0"),
    ],
)
def test_another_optimizers_checkpoint_is_refused(here, momentum, other, missing):
    """Before anything runs."""
    load = f'resume = ckpt("{momentum}")'
    text = SPEC.format(optimizer=other, out="next.ckpt", steps=2, load=load)
    with pytest.raises(DiagnosticError) as raised:
        make_plan(checked(text))
    told = [f"{d.title} {d.notes}" for d in raised.value.diagnostics]
    assert any(missing in text for text in told), told
