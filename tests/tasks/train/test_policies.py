"""What a task says of policies and of parameters that are frozen, from text to file."""

import json

import numpy as np
import pytest

from declspore import load_checkpoint
from tests.cli.support import failing
from tests.support import problems
from tests.tasks.train.support import with_policies, written

SAVE = 'save "{epoch}.ckpt" every 1 epochs'


@pytest.fixture
def run(declspore, here):
    source = np.random.default_rng(0)
    x = source.normal(size=(20, 2)).astype(np.float32)
    np.savez("d.npz", x=x, y=(x[:, 0] > 0).astype(np.int32))

    def run(text, *options):
        (here / "t.spec").write_text(f"spec 1\n{text}")
        done = declspore("run", "t.spec", *options)
        assert done.returncode == 0, done.stderr
        return done

    return run


def test_all_of_them_together(run, here):
    policies = (
        "Validate(d, metrics = [Accuracy(), Loss()]), ClipByGlobalNorm(0.5), Accumulate(2),"
        'EMA(0.9), DynamicLossScale(1024.0), ReduceLROnPlateau("eval_loss", patience = 1),'
        'EarlyStopping("accuracy", patience = 2), Unfreeze(`one.*`, after = 1 epochs)'
    )
    text = with_policies(policies, "[`one.*`]", length="9 epochs", more=SAVE)
    done = run(text)
    assert "epoch 1, step 5: accuracy " in done.stderr
    assert "  stopped: accuracy was not better than " in done.stdout
    found = list(load_checkpoint("1.ckpt"))
    assert found[:4] == ["one.weight", "one.bias", "two.weight", "two.bias"]
    assert found[4:6] == ["scale_sense", "global_step"]
    assert found[-7:] == [
        *("updates", "ema.one.weight", "ema.one.bias", "ema.two.weight", "ema.two.bias"),
        *("current_iterator_step", "last_overflow_iterator_step"),
    ]


def test_the_plan_tells_what_the_file_will_hold(run, declspore):
    text = with_policies("EMA(0.9), DynamicLossScale()", "[`one.*`]", more=SAVE)
    run(text)
    plan = json.loads(declspore("plan", "t.spec", "--json").stdout)["tasks"][0]
    assert [entry["name"] for entry in plan["entries"]] == list(load_checkpoint("2.ckpt"))
    assert plan["frozen"] == ["one.bias", "one.weight"]
    assert plan["policies"] == ["EMA(decay = 0.9)", "DynamicLossScale()"]
    lines = declspore("plan", "t.spec").stdout
    assert "  frozen     2 of 4 parameters\n" in lines
    assert "  policy     EMA(decay = 0.9)\n" in lines


def test_frozen_parameters_stay_and_have_no_state(run):
    """MindSpore's file: what is trained, the others, and state of what is trained alone."""
    run(with_policies("", "[`one.*`]", more=SAVE))
    found = load_checkpoint("2.ckpt")
    assert list(found) == [
        *("two.weight", "two.bias", "one.weight", "one.bias"),
        *("global_step", "learning_rate", "momentum", "moments.two.weight", "moments.two.bias"),
    ]
    run(with_policies("", more='save "all-{epoch}.ckpt" every 1 epochs'))
    first = load_checkpoint("1.ckpt")
    for name in ("one.weight", "one.bias"):
        np.testing.assert_array_equal(found[name].asnumpy(), first[name].asnumpy())
    assert (found["two.weight"].asnumpy() != first["two.weight"].asnumpy()).any()


def test_what_is_frozen_must_be_there_and_leave_something():
    assert problems(with_policies("", "[`three.*`]")) == [
        "E318 15 `freeze` has `three.*`, which matches no parameter of Net"
    ]
    assert problems(with_policies("", "[`**`]")) == [
        "E318 15 `freeze` leaves no parameter to train"
    ]
    assert problems(with_policies("", '["one"]'))[0].startswith("E307 15")


def test_only_policies_are_in_the_list():
    assert problems(with_policies("Accuracy()"))[0].startswith(
        "E307 16 expected a policy or a list"
    )
    assert problems(with_policies("ClipByGlobalNorm"))[0].startswith("E307 16 expected a policy")
    assert problems(with_policies("Clip(1.0)"))[0].startswith("E201 16")


def test_a_plan_tells_what_begins_too_late(here):
    """Ten steps in two epochs: the last that a policy may begin at is step 10."""
    late = "Validate(d, metrics = [Accuracy()], every = {}), Unfreeze(`one.*`, after = {})"
    for every, after, told in (
        ("2 epochs", "9 steps", []),
        ("3 epochs", "1 epochs", ["Validate begins at step 15"]),
        ("11 steps", "2 epochs", ["Validate begins at step 11", "Unfreeze begins at step 11"]),
    ):
        spec = written(here, late.format(every, after), freeze="[`one.*`]")
        lines = failing("plan", spec).stderr.splitlines()
        found = [line for line in lines if line.startswith("warning[W555]")]
        assert found == [f"warning[W555]: {each}, and the training has 10 steps" for each in told]


def test_what_a_policy_saves_is_saved_once():
    assert problems(with_policies("EMA(0.9), ClipByNorm(1.0), EMA(0.8)")) == [
        "E306 16 EMA: EMA before it already saves entries `ema.*`"
    ]


@pytest.mark.parametrize("wrong", ["EMA(2.0)", "EMAA(0.9)", "EMA(0.9"])
def test_policies_that_are_not_known_are_the_only_mistake(wrong):
    """Figures that they measure, and parameters that they unfreeze, may be there."""
    policies = f"Validate(d, metrics = [Accuracy()]), Unfreeze(`**`, after = 1 epochs), {wrong}"
    best = 'save "best.ckpt" best accuracy'
    (problem,) = problems(with_policies(policies, "[`**`]", more=best))
    assert problem.startswith(("E305 16 `decay`", "E201 16", "E101 16"))


def test_a_training_with_state_of_policies_is_resumed(run):
    """The average and the loss scale go on, too."""
    run(with_policies("EMA(0.9), DynamicLossScale(8.0)", more=SAVE))
    resumed = with_policies(
        "EMA(0.9), DynamicLossScale(8.0)", more='save "more.ckpt" every 9 steps'
    )
    run(resumed.replace("  length ", '  resume = ckpt("2.ckpt")\n  length '))
    found = load_checkpoint("more.ckpt")
    assert float(found["updates"].asnumpy()) == 20.0
    assert float(found["scale_sense"].asnumpy()) == 8.0
