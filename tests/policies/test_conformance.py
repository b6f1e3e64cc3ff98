"""Every policy keeps its promises, because it is there."""

import json

import pytest

from declspore.registry.policy import OwnPolicyKind, Policy, policies, policy
from declspore.registry.table import vocabulary

KINDS = list(policies())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_is_documented(kind):
    assert kind.summary.endswith(".")
    assert kind.name.lower() in kind.example.lower()
    assert all(argument.help for argument in kind.signature.arguments)
    assert (vocabulary().get(kind.name) is None) == isinstance(kind, OwnPolicyKind)


WITH_DEFAULTS = [
    kind for kind in KINDS if not any(argument.required for argument in kind.signature.arguments)
]


@pytest.mark.parametrize("kind", WITH_DEFAULTS, ids=lambda kind: kind.name)
def test_its_state_is_plain_data(kind):
    made = policy(kind.name)
    assert isinstance(made, Policy)
    assert json.loads(json.dumps(made.start())) == made.start()


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="'scale_window' of DynamicLossScale"):
        policy("DynamicLossScale", scale_window=0)
    with pytest.raises(TypeError, match="Save needs path, every"):
        policy("Save")
