"""The base keeps whole requests together and says what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from studio.economics.measured_base import BETWEEN, MIN_REQUESTS, measured_base
from studio.economics.replayed import Replay, ReplayedRequest
from studio.economics.service_time import SweepPoint
from studio.records import Stage
from tests.unit.economics.ledger_frames import HOUR_USD, NOON, call, many, priced, request


def test_a_request_is_the_sum_of_its_stages_and_what_lies_between() -> None:
    base = measured_base(priced(request("r", 0.0, out=100)))
    assert base.n_requests == 1
    assert [stage.stage for stage in base.stages] == ["embedding", BETWEEN, "generation"]
    assert base.total_ms[0] == pytest.approx(1115, abs=0.01)
    parts = [stage.total_ms.mean for stage in base.stages]
    assert parts == pytest.approx([10, 5, 1100], abs=0.01)
    assert base.first_token_ms[0] == pytest.approx(125, abs=0.01)


def test_a_local_request_costs_its_share_of_the_machines_hour() -> None:
    base = measured_base(priced(request("r", 0.0, out=100)))
    # 1,110 ms of 3,600,000 at 0.10 USD: no factor of a thousand may slip in here.
    assert base.cost_usd[0] == pytest.approx(float(HOUR_USD) * 1110 / 3_600_000)


def test_times_per_token_are_those_after_the_first() -> None:
    base = measured_base(priced(request("r", 0.0, out=100)))
    generation = base.stages[-1]
    assert generation.first_token_ms is not None
    assert generation.first_token_ms.p50 == pytest.approx(110)
    assert generation.per_token_ms is not None
    assert generation.per_token_ms.p50 == pytest.approx((1100 - 110) / 99)


def test_percentiles_are_of_requests() -> None:
    base = measured_base(many(60))
    assert base.total is not None
    assert base.total.p95 == pytest.approx(np.quantile(base.total_ms, 0.95))
    assert base.cost is not None
    assert base.cost.p99 >= base.cost.p90 >= base.cost.p50 > 0


def test_heavy_requests_cause_most_of_the_cost() -> None:
    calls = [one for i in range(9) for one in request(f"r{i}", i * 1e4, out=10)]
    calls += request("heavy", 1e6, out=1000)
    share = measured_base(priced(calls)).heavy_share
    assert share == pytest.approx(10_110 / (10_110 + 9 * 210), rel=0.01)
    assert measured_base(many(5)).heavy_share is None


def test_what_is_missing_is_counted() -> None:
    assert measured_base(many(MIN_REQUESTS - 5)).n_missing == 5
    assert measured_base(many(MIN_REQUESTS)).n_missing == 0


def test_an_empty_ledger_gives_an_empty_base() -> None:
    base = measured_base(priced([]))
    assert (base.n_requests, base.n_missing, base.stages) == (0, MIN_REQUESTS, ())
    assert base.total is base.cost is base.first_token is base.heavy_share is base.first_at is None


def test_jobs_and_benches_are_no_requests_and_failures_are_counted() -> None:
    calls = [
        *request("good", 0.0),
        call("job", Stage.EMBEDDING, 1e3, surface="job"),
        call("bench", Stage.EMBEDDING, 2e3, surface="bench"),
        call("bad", Stage.EMBEDDING, 3e3, error="ModelUnavailable"),
    ]
    base = measured_base(priced(calls))
    assert (base.n_requests, base.n_failed) == (1, 1)


def test_a_call_without_a_price_leaves_the_requests_cost_unknown() -> None:
    calls = [*request("known", 0.0), *request("unknown", 1e5, device="remote:x", engine="remote",
                                               revision="no-such-model")]  # fmt: skip
    base = measured_base(priced(calls))
    assert np.isnan(base.cost_usd).tolist() == [False, True]
    assert base.cost is None
    assert base.stages[-1].cost_usd is None
    assert base.stages[0].cost_usd is not None


def test_a_demo_engine_is_said_to_be_one() -> None:
    assert measured_base(priced(request("r", 0.0, engine="fake"))).is_demo
    assert not measured_base(many(3)).is_demo


def test_replayed_requests_take_as_long_as_their_caller_waited() -> None:
    requests = (
        ReplayedRequest(request_id="alone", n_concurrent=1, total_ms=1200.0, first_token_ms=130.0),
        ReplayedRequest(request_id="beside", n_concurrent=8, total_ms=9000.0),
    )
    sweep = (SweepPoint(n_concurrent=1, n_requests=1, rate_per_s=1, mean_ms=1, p50_ms=1, p95_ms=1),)
    replay = Replay(measured_at=NOON, version=1, requests=requests, sweep=sweep)
    calls = [
        *(one for r in ("alone", "beside") for one in request(r, 0.0, surface="bench")),
        *request("visitor", 5e4),
    ]
    for one, surface in (("alone", "bench"), ("beside", "bench")):
        calls[0 if one == "alone" else 2] = call(one, Stage.EMBEDDING, 0.0, surface=surface)
    base = measured_base(priced(calls), replay=replay)
    assert base.n_requests == 2
    assert base.total_ms.tolist() == pytest.approx([1200, 1115], abs=0.01)
    assert base.arrays[1].stage == BETWEEN
    assert base.arrays[1].total_ms[0] == pytest.approx(90, abs=0.01)
