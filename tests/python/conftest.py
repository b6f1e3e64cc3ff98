"""What tests of the doors in Python share."""

import pytest

from declspore.api import load
from tests.conftest import SPECS


@pytest.fixture(scope="module")
def zoo():
    return load(SPECS / "lenet.spec")


@pytest.fixture
def net(zoo):
    return zoo.LeNet5(seed=1)
