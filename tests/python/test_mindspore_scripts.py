"""Scripts of MindSpore's kind, unchanged, here and under MindSpore: they print the same.

The scripts are our own; their calls are those of MindSpore's guides on loading and saving, and of
the sample programs these link to.
"""

import pytest

from tests import warm
from tests.conftest import mindspore_python
from tests.python.record_scripts import (
    NAMES,
    digest,
    environment,
    lines,
    prepare,
    recorded,
    there,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path):
    return prepare(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_here(name, folder):
    command = ["-m", "declspore.compat", f"{name}.py"]
    done = warm.ours().run(*command, cwd=folder, env=environment())
    assert lines(done) == recorded()[name]["lines"]


def test_what_is_recorded_is_of_these_scripts():
    """``python -m tests.python.record_scripts`` records them anew."""
    assert {name: recorded()[name]["script"] for name in NAMES} == {
        name: digest(name) for name in NAMES
    }


@pytest.mark.mindspore
@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_there(name, folder):
    python = mindspore_python()
    if python is None:
        pytest.skip("MindSpore is not installed; see CONTRIBUTING.md")
    assert there(python, name, folder) == recorded()[name]["lines"]
