from declspore.registry.policy import policy
from tests.policies.support import assert_follows
from tests.training.support import PLAIN, assert_same, trained, weights


def test_it_clips_as_mindspore_does():
    assert_follows("ClipByGlobalNorm", policy("ClipByGlobalNorm", clip_norm=0.7))


def test_the_list_says_whether_the_sum_or_its_parts_are_clipped():
    clip, collect = (
        lambda: policy("ClipByGlobalNorm", clip_norm=0.1),
        lambda: policy("Accumulate", steps=2),
    )
    parts = weights(trained(PLAIN, [clip(), collect()], steps=4))
    whole = weights(trained(PLAIN, [collect(), clip()], steps=4))
    assert any((parts[path] != whole[path]).any() for path in whole if "accum" not in path)
    assert_same(parts, weights(trained(PLAIN, [clip(), collect()], steps=4)))
