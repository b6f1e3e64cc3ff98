import pytest

from declspore.ir.amount import Amount
from declspore.ir.timeline import Interval, Timeline


def test_a_point_of_a_training():
    timeline = Timeline(epochs=3, steps_per_epoch=4, steps=10)
    assert [timeline.point(step) for step in (1, 4, 5, 10)] == [(1, 1), (1, 4), (2, 1), (3, 2)]


def test_a_point_needs_the_length_of_an_epoch():
    with pytest.raises(ValueError, match="length of an epoch"):
        Timeline(epochs=3).point(1)


def test_an_interval_of_steps():
    interval = Interval(3, "step")
    assert [interval.next_step(step) for step in (0, 2, 3, 5)] == [3, 3, 6, 6]
    assert [step for step in range(1, 8) if interval.on_step(step)] == [3, 6]
    assert not interval.on_epoch(3)


def test_an_interval_of_epochs():
    interval = Interval(2, "epoch")
    assert interval.next_step(7) is None
    assert [epoch for epoch in range(1, 6) if interval.on_epoch(epoch)] == [2, 4]
    assert not interval.on_step(2)


@pytest.mark.parametrize(("amount", "unit"), [(0, "step"), (1.5, "epoch"), (0, "s"), (1, "KiB")])
def test_other_intervals_do_not_exist(amount, unit):
    with pytest.raises(ValueError, match="steps, epochs or seconds"):
        Interval(amount, unit)


def test_an_interval_of_time():
    interval = Interval.of(Amount(10, "min"))
    assert interval == Interval(600.0, "s")
    assert interval.is_time
    assert interval.next_step(3) is None
    assert not interval.on_step(600)
    assert not interval.on_epoch(600)
    with pytest.raises(ValueError, match="not a number of steps"):
        interval.steps(10)


def test_an_interval_in_steps():
    assert Interval.of(Amount(2, "epoch")).steps(5) == 10
    assert Interval.of(Amount(7, "step")).steps(5) == 7
