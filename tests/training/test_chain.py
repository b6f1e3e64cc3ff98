"""Policies in their order, with their states."""

import pytest

from declspore.ir.timeline import Timeline
from declspore.registry.policy import Phase, Policy
from declspore.training.chain import Chain
from declspore.training.moment import Moment, SilentTraining


class Early(Policy):
    phase = Phase.WATCH

    def start(self):
        return {"asked": 0}

    def after_steps(self, state, run):
        return {"asked": state["asked"] + 1}


class Late(Policy):
    phase = Phase.SAVE

    def next_pause(self, state, run):
        return 7


def test_policies_have_keys_in_the_order_of_their_phases():
    assert list(Chain([Late(), Early(), Late()]).policies) == ["Early", "Late", "Late#2"]


def test_each_policy_has_a_state_of_its_own():
    chain, run = Chain([Early(), Early()]), Moment(Timeline(1), SilentTraining())
    chain.ask("after_steps", run)
    chain.states["Early"] = {"asked": 5}
    chain.ask("after_steps", run)
    assert chain.states == {"Early": {"asked": 6}, "Early#2": {"asked": 2}}


def test_states_are_those_of_the_same_policies():
    chain = Chain([Early(), Late()])
    chain.restore({"Late": {}, "Early": {"asked": 3}})
    assert chain.states["Early"] == {"asked": 3}
    with pytest.raises(ValueError, match="expected the states of Early, Late; found Early"):
        chain.restore({"Early": {"asked": 3}})


def test_the_first_pause_counts():
    run = Moment(Timeline(1), SilentTraining())
    assert Chain([Early()]).next_pause(run) is None
    assert Chain([Early(), Late()]).next_pause(run) == 7
