"""Measurements that add up: rates by all answers over all time, percentiles of single requests."""

from __future__ import annotations

import pytest

from studio.economics.replayed import Replay, ReplayedRequest, sweep_point
from tests.unit.economics.ledger_frames import NOON


def measured(*times_ms: float, rate_per_s: float, load: float | None = None) -> Replay:
    requests = tuple(
        ReplayedRequest(request_id=f"{rate_per_s} {ms}", n_concurrent=1, total_ms=ms)
        for ms in times_ms
    )
    return Replay(
        measured_at=NOON,
        version=3,
        requests=requests,
        sweep=(sweep_point(requests, 1, rate_per_s),),
        n_failed=1,
        load=load,
        n_inputs=len(times_ms),
    )


def test_two_measurements_are_as_one() -> None:
    earlier = measured(100, 100, 100, 100, rate_per_s=10, load=0.1)
    both = measured(500, 500, rate_per_s=2, load=0.4).after(earlier)
    (point,) = both.sweep
    assert point.n_requests == 6
    assert point.rate_per_s == pytest.approx(6 / (4 / 10 + 2 / 2))
    assert point.mean_ms == pytest.approx(1400 / 6)
    assert point.p50_ms == 100
    assert (both.n_runs, both.n_failed, both.n_inputs) == (2, 2, 4)
    assert both.load == pytest.approx((0.1 * 4 + 0.4 * 2) / 6)
    assert Replay.from_json(both.to_json()) == both


def test_a_load_that_nobody_knows_counts_for_nothing() -> None:
    later = measured(100, rate_per_s=10)
    assert later.after(measured(100, rate_per_s=10, load=0.2)).load == pytest.approx(0.2)
    assert later.after(measured(100, rate_per_s=10)).load is None


def test_a_kept_measurement_from_before_they_added_up_is_one() -> None:
    stored = measured(100, rate_per_s=10).to_json()
    del stored["n_runs"]
    assert Replay.from_json(stored).n_runs == 1
