from declspore.registry.policy import policy
from tests.policies.support import assert_follows
from tests.support import problems
from tests.tasks.train.support import with_policies


def test_it_clips_as_mindspore_does():
    assert_follows("ClipByValue", policy("ClipByValue", clip_value_min=-0.1, clip_value_max=0.2))


def test_bounds_must_be_given_and_in_order():
    assert problems(with_policies("ClipByValue()")) == ["E306 16 ClipByValue: it has no bound"]
    assert problems(with_policies("ClipByValue(2.0, 1.0)")) == [
        "E306 16 ClipByValue: clip_value_min is 2, above clip_value_max, 1"
    ]
