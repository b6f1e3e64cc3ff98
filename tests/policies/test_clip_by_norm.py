from declspore.registry.policy import policy
from tests.policies.support import assert_follows


def test_it_clips_as_mindspore_does():
    assert_follows("ClipByNorm", policy("ClipByNorm", clip_norm=0.5))
