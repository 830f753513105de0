from __future__ import annotations

import pytest

from studio.jobs.rate import RateMeter


def test_rate_is_unknown_until_something_moved():
    meter = RateMeter()
    assert meter.update(0, 0.0) is None
    assert meter.update(0, 1.0) is None
    assert meter.remaining_s(100) is None


def test_steady_growth_gives_its_rate_and_the_remaining_time():
    meter = RateMeter()
    for second in range(5):
        meter.update(10 * second, float(second))
    assert meter.update(50, 5.0) == pytest.approx(10)
    assert meter.remaining_s(100) == pytest.approx(5)
    assert meter.remaining_s(None) is None
    assert meter.remaining_s(20) == 0


def test_smoothing_does_not_depend_on_how_often_it_is_updated():
    often, seldom = RateMeter(), RateMeter()
    for meter, step in ((often, 0.125), (seldom, 1.0)):
        meter.update(0, 0.0)
        meter.update(100, 1.0)
        n = int(4 / step)
        for i in range(1, n + 1):
            meter.update(100 + 10 * i * step, 1.0 + i * step)
    assert often.remaining_s(1000) == pytest.approx(seldom.remaining_s(1000))


def test_a_change_of_speed_arrives_within_seconds():
    meter = RateMeter()
    meter.update(0, 0.0)
    meter.update(100, 1.0)
    rate = meter.update(100 + 10 * 15, 16.0)
    assert rate == pytest.approx(10, rel=0.5)


def test_a_count_that_goes_back_starts_anew():
    meter = RateMeter()
    meter.update(0, 0.0)
    meter.update(100, 1.0)
    assert meter.update(0, 2.0) is None
    assert meter.update(5, 3.0) == pytest.approx(5)


def test_two_updates_at_one_time_keep_the_rate():
    meter = RateMeter()
    meter.update(0, 0.0)
    meter.update(8, 2.0)
    assert meter.update(9, 2.0) == pytest.approx(4)


def test_what_passes_in_a_blink_promises_nothing():
    meter = RateMeter()
    for done in range(4):
        assert meter.update(done, done / 10_000) is None
    assert meter.remaining_s(10) is None
    assert meter.update(5, 2.0) == pytest.approx(2.5)


def test_many_updates_within_a_step_do_not_make_it_seem_endless():
    meter = RateMeter()
    for done in range(4):
        meter.update(done, 2.0 * done)  # two seconds a step
    for tenth in range(1, 201):  # and now one of twenty seconds, which tells of each round
        rate = meter.update(3, 6.0 + tenth / 10)
    assert rate == pytest.approx(1 / 20)
    assert meter.remaining_s(6) == pytest.approx(60)
    assert meter.update(4, 26.0) == pytest.approx(1 / 20, rel=0.2)


def test_a_count_that_stands_for_less_than_a_step_keeps_its_rate():
    meter = RateMeter()
    for done in range(4):
        meter.update(done, 2.0 * done)
    assert meter.update(3, 7.5) == pytest.approx(0.5)
    assert meter.remaining_s(6) == pytest.approx(6)
