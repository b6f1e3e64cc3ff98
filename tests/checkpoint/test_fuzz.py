"""A short run of the fuzzer; `python -m fuzz.checkpoint` is the long one."""

import sys

import pytest

from fuzz import checkpoint


@pytest.mark.skipif(sys.platform != "linux", reason="files in memory are Linux's")
def test_only_diagnostics():
    found = checkpoint.run(3000, seed=7)
    assert sum(found.values()) == 3000
    assert {"whole", "E503", "E504", "E505", "E506", "E507", "E516"} <= set(found)
