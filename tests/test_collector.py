"""The collector is as it was, whatever happens within."""

import gc

import pytest

from declspore.collector import passed_over, paused, rarely, usually


def _fails():
    raise ValueError("within")


@pytest.mark.parametrize("enabled", [True, False])
def test_nothing_is_collected_within(enabled):
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        with paused(), paused():
            assert not gc.isenabled()
        assert gc.isenabled() is enabled
        with pytest.raises(ValueError, match="within"), paused():
            _fails()
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()


def test_what_is_there_is_passed_over_within():
    before = gc.get_freeze_count()
    with passed_over():
        assert gc.get_freeze_count() > before
    assert gc.get_freeze_count() == 0
    with pytest.raises(ValueError, match="within"), passed_over():
        _fails()
    assert gc.get_freeze_count() == 0


def test_a_command_is_looked_through_rarely_until_it_computes(monkeypatch):
    at_end = []
    monkeypatch.setattr("atexit.register", at_end.append)
    before = gc.get_threshold()
    try:
        rarely()
        assert gc.get_threshold() == (10_000, *before[1:])
        assert at_end == [gc.freeze]
    finally:
        usually()
    assert gc.get_threshold() == before
