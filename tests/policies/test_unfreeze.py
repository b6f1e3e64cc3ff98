import numpy as np

from declspore.ir.amount import Amount
from declspore.ir.pattern import path_pattern
from declspore.registry.policy import policy
from tests.support import problems
from tests.tasks.train.support import with_policies
from tests.training.support import NETWORK, Looking, engine_of, momentum, trainee_of, values

ONE = (path_pattern("one.*"),)


def _weights(after, steps):
    """The weight of the layer `one` and its moments after so many steps."""
    engine = engine_of(
        trainee_of(NETWORK, momentum), [policy("Unfreeze", params=ONE, after=after)], steps=steps
    )
    engine.train()
    parameters = engine.parameters
    return parameters["one.weight"].asnumpy(), parameters["moments.one.weight"].asnumpy()


def test_parameters_stay_until_then_and_move_afterwards():
    first = engine_of(trainee_of(NETWORK, momentum)).parameters["one.weight"].asnumpy()
    for after, last in ((Amount(1, "epoch"), 5), (Amount(7, "step"), 7)):
        still, moments = _weights(after, last)
        np.testing.assert_array_equal(still, first)
        assert not moments.any()
        moved, moments = _weights(after, last + 1)
        assert (moved != first).any()
        assert moments.any()


def test_the_others_are_trained_from_the_start():
    engine = engine_of(
        trainee_of(NETWORK, momentum),
        [policy("Unfreeze", params=ONE, after=Amount(1, "epoch"))],
        steps=1,
    )
    before = engine.parameters["two.weight"].asnumpy().copy()
    engine.train()
    assert (engine.parameters["two.weight"].asnumpy() != before).any()


def test_a_training_that_is_continued_ends_with_the_same_bits():
    def engine(steps):
        freed = policy("Unfreeze", params=ONE, after=Amount(7, "step"))
        return engine_of(trainee_of(NETWORK, momentum), [freed, Looking(3)], steps=steps)

    whole = engine(10)
    whole.train()
    for at in (4, 7, 8):
        first = engine(at)
        first.train()
        second = engine(10)
        second.restore(first.state)
        second.train()
        for name, value in values(whole).items():
            np.testing.assert_array_equal(values(second)[name], value, err_msg=name)


def test_it_is_of_parameters_that_freeze_names():
    assert problems(with_policies("Unfreeze(`one.*`, after = 1 epochs)", "[`one.*`]")) == []
    assert problems(with_policies("Unfreeze(`two.*`, after = 1 epochs)", "[`one.*`]")) == [
        "E306 16 Unfreeze: `freeze` names no parameter that `two.*` matches"
    ]
