"""Short runs of the fuzzer of each door; ``python -m fuzz.doors DOOR`` is the long one."""

import pytest

from fuzz import doors


@pytest.mark.parametrize("name", doors.DOORS)
def test_a_short_run(name):
    found = doors.run(name, 20, seed=1, most=400 if name != "tables" else 30)
    assert found.total() > 10
