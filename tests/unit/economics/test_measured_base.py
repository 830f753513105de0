"""The base keeps whole requests together and says what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from studio.economics.measured_base import BETWEEN, MIN_REQUESTS
from studio.economics.replayed import Replay, ReplayedRequest
from studio.economics.service_time import SweepPoint
from studio.records import Stage
from tests.unit.economics.ledger_frames import HOUR_USD, NOON, base_of, call, many, priced, request


def test_a_request_is_the_sum_of_its_stages_and_what_lies_between() -> None:
    base = base_of(priced(request("r", 0.0, out=100)))
    assert base.n_requests == 1
    assert [stage.stage for stage in base.stages] == ["embedding", BETWEEN, "generation"]
    assert base.total_ms[0] == pytest.approx(1115, abs=0.01)
    parts = [stage.total_ms.mean for stage in base.stages]
    assert parts == pytest.approx([10, 5, 1100], abs=0.01)
    assert base.first_token_ms[0] == pytest.approx(125, abs=0.01)


def test_a_local_request_costs_its_share_of_the_machines_hour() -> None:
    base = base_of(priced(request("r", 0.0, out=100)))
    # 1,110 ms of 3,600,000 at 0.10 USD: no factor of a thousand may slip in here.
    assert base.cost_usd[0] == pytest.approx(float(HOUR_USD) * 1110 / 3_600_000)


def test_times_per_token_are_those_after_the_first() -> None:
    base = base_of(priced(request("r", 0.0, out=100)))
    generation = base.stages[-1]
    assert generation.first_token_ms is not None
    assert generation.first_token_ms.p50 == pytest.approx(110)
    assert generation.per_token_ms is not None
    assert generation.per_token_ms.p50 == pytest.approx((1100 - 110) / 99)


def test_percentiles_are_of_requests() -> None:
    base = base_of(many(60))
    assert base.total is not None
    assert base.total.p95 == pytest.approx(np.quantile(base.total_ms, 0.95))
    assert base.cost is not None
    assert base.cost.p99 >= base.cost.p90 >= base.cost.p50 > 0


def test_heavy_requests_cause_most_of_the_cost() -> None:
    calls = [one for i in range(9) for one in request(f"r{i}", i * 1e4, out=10)]
    calls += request("heavy", 1e6, out=1000)
    share = base_of(priced(calls)).heavy_share
    assert share == pytest.approx(10_110 / (10_110 + 9 * 210), rel=0.01)
    assert base_of(many(5)).heavy_share is None


def test_what_is_missing_is_counted() -> None:
    assert base_of(many(MIN_REQUESTS - 5)).n_missing == 5
    assert base_of(many(MIN_REQUESTS)).n_missing == 0


def test_an_empty_ledger_gives_an_empty_base() -> None:
    base = base_of(priced([]))
    assert (base.n_requests, base.n_missing, base.stages) == (0, MIN_REQUESTS, ())
    assert base.total is base.cost is base.first_token is base.heavy_share is base.first_at is None


def test_jobs_and_benches_are_no_requests_and_failures_are_counted() -> None:
    calls = [
        *request("good", 0.0),
        call("job", Stage.EMBEDDING, 1e3, surface="job"),
        call("bench", Stage.EMBEDDING, 2e3, surface="bench"),
        call("bad", Stage.EMBEDDING, 3e3, error="ModelUnavailable"),
    ]
    base = base_of(priced(calls))
    assert (base.n_requests, base.n_failed) == (1, 1)


def test_a_call_without_a_price_leaves_the_requests_cost_unknown() -> None:
    calls = [*request("known", 0.0), *request("unknown", 1e5, device="remote:x", engine="remote",
                                               revision="no-such-model")]  # fmt: skip
    base = base_of(priced(calls))
    assert np.isnan(base.cost_usd).tolist() == [False, True]
    assert base.cost is None
    assert base.stages[-1].cost_usd is None
    assert base.stages[0].cost_usd is not None


def test_a_demo_engine_is_said_to_be_one() -> None:
    assert base_of(priced(request("r", 0.0, engine="fake"))).is_demo
    assert not base_of(many(3)).is_demo


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
    base = base_of(priced(calls), replay=replay)
    assert base.n_requests == 2
    assert base.total_ms.tolist() == pytest.approx([1200, 1115], abs=0.01)
    assert base.arrays[1].stage == BETWEEN
    assert base.arrays[1].total_ms[0] == pytest.approx(90, abs=0.01)


def replayed(*requests: str, version: int, ms: float, callers: tuple[int, ...] = (1,)) -> Replay:
    """One measurement in which each request took so long, alone and beside others."""
    return Replay(
        measured_at=NOON,
        version=version,
        requests=tuple(
            ReplayedRequest(request_id=one, n_concurrent=1, total_ms=ms) for one in requests
        ),
        sweep=tuple(
            SweepPoint(
                n_concurrent=n,
                n_requests=30,
                rate_per_s=1e3 / ms * (1 + 0.5 * (n - 1)),
                mean_ms=ms * n / (1 + 0.5 * (n - 1)),
                p50_ms=ms,
                p95_ms=ms,
            )
            for n in callers
        ),
    )


def test_requests_of_a_model_that_was_replaced_are_left_out() -> None:
    old = [one for i in range(30) for one in request(f"old{i}", i * 1e4, out=500)]
    new = [one for i in range(5) for one in request(f"new{i}", 1e6 + i * 1e4, model="n", version=2)]
    base = base_of(priced([*old, *new]))
    assert (base.n_requests, base.n_outdated, base.outdated_models) == (5, 30, ("m",))
    assert base.total is not None
    assert base.total.maximum == pytest.approx(1115, abs=0.1)
    assert [stage.model for stage in base.stages] == ["m", "", "n"]


def test_another_device_is_another_model_and_a_changed_prompt_is_not() -> None:
    slow = request("cpu", 0.0)
    same = request("prompt", 1e5, version=2, device="cuda")
    fast = request("again", 2e5, version=3, device="cuda")
    base = base_of(priced([*slow, *same, *fast]))
    assert (base.n_requests, base.n_outdated, base.outdated_models) == (2, 1, ("m · cpu",))


def test_a_request_without_a_text_leaves_those_with_one() -> None:
    calls = [*request("asked", 0.0), call("refused", Stage.EMBEDDING, 1e5, version=2)]
    assert base_of(priced(calls)).n_requests == 2


def test_a_reranker_that_was_switched_off_takes_its_requests_along() -> None:
    calls = [
        *request("before", 0.0),
        call("before", Stage.RERANKING, 12.0),
        *request("after", 1e5, version=2),
    ]
    base = base_of(priced(calls))
    assert (base.n_requests, base.n_outdated) == (1, 1)


def test_visitors_of_a_published_older_version_do_not_bring_its_model_back() -> None:
    calls = [*request("owner", 0.0, model="n", version=5), *request("visitor", 1e5, version=1)]
    base = base_of(priced(calls))
    assert (base.n_requests, base.n_outdated) == (1, 1)
    assert base.stages[-1].model == "n"


def test_a_measurement_of_other_models_is_no_longer_one() -> None:
    old = request("replayed", 0.0, surface="bench")
    replay = replayed("replayed", version=1, ms=1115.0, callers=(1, 2))
    assert base_of(priced(old), replay=replay).replay == replay
    new = request("visitor", 1e5, model="n", version=2)
    base = base_of(priced([*old, *new]), replay=replay)
    assert (base.replay, base.n_requests, base.n_outdated) == (None, 1, 1)


def test_customers_are_those_of_accounts_that_begin_so() -> None:
    calls = [*request("owner", 0.0), *request("customer", 1e5, account="key:1", surface="api")]
    embedding = {"account": "key:1", "surface": "api"}
    calls[2] = call("customer", Stage.EMBEDDING, 1e5, **embedding)
    replay = replayed("owner", version=1, ms=1115.0, callers=(1, 2))
    base = base_of(priced(calls), accounts="key:", replay=replay)
    assert (base.n_requests, base.replay) == (1, replay)
